import type { Logger } from "../host/plugin.ts";
import { BROKEN, type Failure } from "./batch.ts";
import type { Outcome, Write } from "./changes.ts";
import type { Line } from "./line.ts";
import type { ReadName } from "./reads.ts";
import type { Change, Failures, HistoryQuery, Store, StoredChannel } from "./store.ts";
import { StoreError } from "./store-error.ts";
import type { Reply } from "./wire.ts";

interface Waiting<T> {
  resolve(value: T): void;
  reject(error: StoreError): void;
}

interface Call extends Waiting<Outcome> {
  readonly writes: readonly Write[];
  readonly line: object | undefined;
}

/** Bounds a transaction, and so the wait of whoever reads behind it, to some tens of milliseconds. */
const MOST_CALLS = 1000;

function failed({ error, isPassing }: Failure): StoreError {
  return new StoreError(error, { isPassing });
}

/** For each call the number of its line within the batch, 0 for none: another thread knows no objects of this one. */
function numbered(calls: readonly Call[]): number[] {
  const numbers = new Map<object, number>();
  return calls.map(({ line }) => {
    if (!line) return 0;
    const number = numbers.get(line) ?? numbers.size + 1;
    numbers.set(line, number);
    return number;
  });
}

/** The near end of the line to an engine: while it commits one batch of calls the next gathers. */
export class GatheringStore implements Store {
  #line: Line;
  #log: Logger | undefined;
  /** Lines of which something was refused. */
  readonly #broken = new WeakSet<object>();
  #gathering: Call[] = [];
  #committing: Call[] = [];
  #isScheduled = false;
  #reading: Waiting<unknown>[] = [];
  #calls = 0;
  #transactions = 0;
  #failures: Failures = { count: 0 };
  /** Why nothing is taken at the moment. */
  #trouble: string | undefined;
  /** Why nothing more is taken. */
  #ended: StoreError | undefined;
  #closed: Promise<void> | undefined;
  #sayClosed: () => void = () => {};

  constructor(line: Line, log: Logger | undefined) {
    this.#line = line;
    this.#log = log;
    line.listen(
      (reply) => this.#hear(reply),
      (error) => this.#fail(error),
    );
  }

  async put(changes: readonly Change[], line?: object): Promise<void> {
    await this.#write(changes, line);
  }

  create(channel: Omit<StoredChannel, "key">): Promise<number | "taken"> {
    return this.#write([{ put: "new channel", channel }]) as Promise<number | "taken">;
  }

  channel = (name: string) => this.#read("channel", [name]);
  census = (after: string, limit: number) => this.#read("census", [after, limit]);
  listed = (jid: string, after: string, limit: number) => this.#read("listed", [jid, after, limit]);
  former = (channel: number, jid: string) => this.#read("former", [channel, jid]);
  known = (channel: number, id: string) => this.#read("known", [channel, id]);
  history = (query: HistoryQuery) => this.#read("history", [query]);
  extent = (channel: number, node: string) => this.#read("extent", [channel, node]);
  archives = (after: number, limit: number) => this.#read("archives", [after, limit]);
  items = (channel: number, node: string) => this.#read("items", [channel, node]);
  values = (space: string) => this.#read("values", [space]);

  written(): { calls: number; transactions: number } {
    return { calls: this.#calls, transactions: this.#transactions };
  }

  failures(): Failures {
    return this.#trouble === undefined ? this.#failures : { ...this.#failures, now: this.#trouble };
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    if (!this.#ended) {
      const everything = this.#write([]);
      this.#ended = new StoreError("The storage is closed.");
      // A thread that dies meanwhile has rejected every call already: there is nothing left to wait for.
      await everything.then(
        () => this.#bye(),
        () => undefined,
      );
    }
    await this.#line.end();
  }

  #bye(): Promise<void> {
    return new Promise((resolve) => {
      this.#sayClosed = resolve;
      this.#line.send({ kind: "close" });
    });
  }

  #write(writes: readonly Write[], line?: object): Promise<Outcome> {
    if (this.#ended) return Promise.reject(this.#ended);
    if (line && this.#broken.has(line)) return Promise.reject(failed(BROKEN));
    return new Promise((resolve, reject) => {
      this.#gathering.push({ writes, line, resolve, reject });
      this.#schedule();
    });
  }

  /** At the end of what is being done now: what one read of the stream brings is committed together. */
  #schedule(): void {
    if (this.#isScheduled || this.#committing.length > 0) return;
    this.#isScheduled = true;
    process.nextTick(() => {
      this.#isScheduled = false;
      if (this.#committing.length === 0) this.#commit();
    });
  }

  #commit(): void {
    this.#committing = this.#gathering.splice(0, MOST_CALLS);
    if (!this.#committing.length) return;
    try {
      this.#line.send({
        kind: "write",
        calls: this.#committing.map(({ writes }) => writes),
        lines: numbered(this.#committing),
      });
    } catch (error) {
      // Another thread takes plain data only.
      const result = { error: `Cannot store what is not plain data: ${(error as Error).message}`, isPassing: false };
      this.#settle({ kind: "written", results: this.#committing.map(() => result), transactions: 0 });
    }
  }

  #read<K extends ReadName>(name: K, args: Parameters<Store[K]>): ReturnType<Store[K]> {
    const answer = new Promise((resolve, reject) => {
      if (this.#ended) throw this.#ended;
      this.#line.send({ kind: "read", name, args });
      this.#reading.push({ resolve, reject });
    });
    return answer as ReturnType<Store[K]>;
  }

  #hear(reply: Reply): void {
    switch (reply.kind) {
      case "written":
        this.#settle(reply);
        break;
      case "read":
        this.#reading.shift()!.resolve(reply.value);
        break;
      case "not read":
        this.#count(reply.error);
        this.#reading.shift()!.reject(failed(reply));
        break;
      case "trouble":
        this.#log?.warn(`Messages that are forgotten could not be removed yet: ${reply.error}.`);
        break;
      case "offline":
        if (this.#trouble === undefined) this.#log?.error(`The storage cannot be reached: ${reply.error}.`);
        this.#trouble = reply.error;
        break;
      case "online":
        this.#trouble = undefined;
        this.#log?.info("The storage can be reached again.");
        break;
      case "closed":
        this.#sayClosed();
    }
  }

  #settle({ results, transactions }: Reply & { kind: "written" }): void {
    const calls = this.#committing;
    this.#calls += calls.length;
    this.#transactions += transactions;
    calls.forEach((call, i) => {
      const result = results[i]!;
      if ("error" in result) this.#refuse(call, result);
      else call.resolve(result.outcome);
    });
    this.#commit();
  }

  #count(reason: string): void {
    this.#failures = { count: this.#failures.count + 1, last: { at: Date.now(), reason } };
  }

  /** Refuses a call, and with it those of its line that wait behind it. */
  #refuse({ line, reject }: Call, failure: Failure): void {
    // What waits behind a failure is no other one.
    if (failure.error !== BROKEN.error) this.#count(failure.error);
    reject(failed(failure));
    if (!line || this.#broken.has(line)) return;
    this.#broken.add(line);
    const late = this.#gathering.filter((call) => call.line === line);
    if (late.length === 0) return;
    this.#gathering = this.#gathering.filter((call) => call.line !== line);
    this.#calls += late.length;
    for (const call of late) call.reject(failed(BROKEN));
  }

  #fail(error: StoreError): void {
    this.#ended = error;
    this.#trouble = error.message;
    this.#count(error.message);
    this.#log?.error(error.message);
    for (const waiting of [...this.#committing, ...this.#gathering, ...this.#reading]) waiting.reject(error);
    this.#committing = [];
    this.#gathering = [];
    this.#reading = [];
    this.#sayClosed();
  }
}
