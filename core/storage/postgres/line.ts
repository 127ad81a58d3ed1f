import { setTimeout as sleep } from "node:timers/promises";
import type { Result } from "../batch.ts";
import type { Write } from "../changes.ts";
import type { Line } from "../line.ts";
import { StoreError } from "../store-error.ts";
import { leavesDust, type Reply, type Request } from "../wire.ts";
import { commit, failureOf } from "./batch.ts";
import type { Link } from "./link.ts";
import { Lost, type Session } from "./session.ts";
import { sweep } from "./sweep.ts";
import { InDoubt, wasCommitted } from "./transaction.ts";
import { reason } from "./trouble.ts";

/** Between two attempts to connect again, in milliseconds: at first, and at most. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;
/** How long those wait whose commit is in doubt. */
const DOUBT = 10_000;
/** Pauses between chunks leave the writer to those who wait for an answer. */
const SWEEP_PAUSE = 10;

/** An engine in this thread, since the server waits for the disk. What is lost comes back, and nothing is done twice. */
export class PostgresLine implements Line {
  /** Connects anew; `lost` is called with what was connected. */
  readonly #connect: (lost: (error: Error) => void) => Promise<Link>;
  readonly #ending = new AbortController();
  #link: Link | undefined;
  #returning: Promise<void> = Promise.resolve();
  #writing: Promise<unknown> = Promise.resolve();
  #reading: Promise<unknown> = Promise.resolve();
  #broom: NodeJS.Timeout | undefined;
  #hear: (reply: Reply) => void = () => {};
  #died: (error: StoreError) => void = () => {};

  constructor(connect: (lost: (error: Error) => void) => Promise<Link>) {
    this.#connect = connect;
  }

  async open(): Promise<void> {
    await this.#join();
  }

  listen(hear: (reply: Reply) => void, died: (error: StoreError) => void): void {
    this.#hear = hear;
    this.#died = died;
  }

  send(request: Request): void {
    switch (request.kind) {
      case "write":
        this.#writing = this.#writing.then(() => this.#write(request));
        break;
      case "read":
        this.#reading = this.#reading.then(() => this.#read(request));
        break;
      case "close":
        void Promise.all([this.#writing, this.#reading]).then(async () => {
          await this.end();
          this.#hear({ kind: "closed" });
        });
    }
  }

  /** What it has written to is written to by another process from now on. */
  distrust(): void {
    this.#link?.changes.distrust();
  }

  async end(): Promise<void> {
    this.#ending.abort();
    clearTimeout(this.#broom);
    await this.#writing;
    const link = this.#link;
    this.#link = undefined;
    await link?.end();
  }

  async #write({ calls, lines }: Request & { kind: "write" }): Promise<void> {
    const [results, transactions] = await this.#commit(calls, lines);
    this.#hear({ kind: "written", results, transactions });
    if (calls.some((call) => call.some(leavesDust))) this.#sweepSoon();
  }

  async #commit(calls: readonly (readonly Write[])[], lines: readonly number[]): Promise<[Result[], number]> {
    const link = this.#link;
    if (!link) return [calls.map((writes) => (writes.length > 0 ? failureOf(GONE) : { outcome: undefined })), 0];
    try {
      return await commit(link.writer, link.changes, calls, lines);
    } catch (error) {
      if (!(error instanceof InDoubt)) return [calls.map(() => failureOf(error)), 0];
      this.#lose(link, error);
      const isDone = await this.#settle(error.number);
      return isDone ? [error.result as Result[], 1] : [calls.map(() => failureOf(GONE)), 0];
    }
  }

  /** Whether a transaction was committed of which the server could not tell us any more. Late is no. */
  async #settle(number: string): Promise<boolean> {
    await Promise.race([this.#returning, sleep(DOUBT, undefined, { ref: false })]);
    const link = this.#link;
    if (!link) return false;
    return wasCommitted(link.writer, number).catch(() => false);
  }

  async #read({ name, args }: Request & { kind: "read" }): Promise<void> {
    const link = this.#link;
    try {
      if (!link) throw GONE;
      const read = link.answers[name] as (...args: readonly unknown[]) => Promise<unknown>;
      this.#hear({ kind: "read", value: await read(...args) });
    } catch (error) {
      if (link && error instanceof Lost) this.#lose(link, error);
      this.#hear({
        kind: "not read",
        error: `Cannot read ${name}: ${reason(error)}.`,
        isPassing: error instanceof Lost,
      });
    }
  }

  async #join(): Promise<void> {
    let link: Link | undefined;
    let wasLost: Error | undefined;
    link = await this.#connect((error) => {
      if (link) this.#lose(link, error);
      else wasLost = error;
    });
    if (wasLost || this.#ending.signal.aborted) {
      await link.end();
      throw wasLost ?? GONE;
    }
    this.#link = link;
    this.#sweepSoon();
  }

  #lose(link: Link, error: Error): void {
    if (this.#link !== link) return;
    this.#link = undefined;
    // One of the two may be whole.
    void link.end().catch(() => {});
    if (this.#ending.signal.aborted) return;
    this.#hear({ kind: "offline", error: reason(error) });
    this.#returning = this.#return();
  }

  async #return(): Promise<void> {
    const { signal } = this.#ending;
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      await sleep(pause, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      try {
        await this.#join();
        return this.#hear({ kind: "online" });
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof StoreError && !error.isPassing) return this.#died(error);
        this.#hear({ kind: "offline", error: reason(error) });
      }
    }
  }

  #sweepSoon(): void {
    if (this.#ending.signal.aborted) return;
    this.#broom ??= setTimeout(() => {
      this.#broom = undefined;
      this.#writing = this.#writing.then(() => this.#sweep(this.#link?.writer));
    }, SWEEP_PAUSE);
  }

  async #sweep(writer: Session | undefined): Promise<void> {
    try {
      if (writer && (await sweep(writer))) this.#sweepSoon();
    } catch (error) {
      // The next deletion, and whoever connects next, takes it up again.
      if (writer) this.#hear({ kind: "trouble", error: reason(error) });
    }
  }
}

const GONE = new Lost("The database is not connected");
