import type { Logger } from "../host/plugin.ts";
import { BROKEN, type Failure, type Result } from "./batch.ts";
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

interface Call {
  readonly writes: readonly Write[];
  readonly line: object | undefined;
  settled(error: StoreError | undefined, outcome?: Outcome): void;
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
  /** Reads that wait for the calls before them, each with how many those are. */
  #waiting: { readonly behind: number; readonly send: () => void; readonly reject: (error: StoreError) => void }[] = [];
  #begun = 0;
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

  put(changes: readonly Change[], line?: object): Promise<void> {
    return this.#promised(changes, line) as Promise<void>;
  }

  commit(changes: readonly Change[], line: object, settled: (error?: StoreError) => void): void {
    this.#write({ writes: changes, line, settled });
  }

  create(channel: Omit<StoredChannel, "key">): Promise<number | "taken"> {
    return this.#promised([{ put: "new channel", channel }]) as Promise<number | "taken">;
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
      const everything = this.#promised([]);
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

  #promised(writes: readonly Write[], line?: object): Promise<Outcome> {
    return new Promise((resolve, reject) =>
      this.#write({ writes, line, settled: (error, outcome) => (error ? reject(error) : resolve(outcome)) }),
    );
  }

  #write(call: Call): void {
    const error = this.#ended ?? (call.line && this.#broken.has(call.line) ? failed(BROKEN) : undefined);
    if (error) return queueMicrotask(() => call.settled(error));
    this.#gathering.push(call);
    this.#begun++;
    this.#schedule();
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
      const results = this.#committing.map(() => result);
      queueMicrotask(() => this.#settle({ kind: "written", results, transactions: 0 }));
    }
  }

  /** Finds all that was put before: whoever has said something and looks into the archive sees it there. */
  #read<K extends ReadName>(name: K, args: Parameters<Store[K]>): ReturnType<Store[K]> {
    const answer = new Promise((resolve, reject) => {
      if (this.#ended) throw this.#ended;
      const send = () => {
        this.#line.send({ kind: "read", name, args });
        this.#reading.push({ resolve, reject });
      };
      if (this.#begun === this.#calls) send();
      else this.#waiting.push({ behind: this.#begun, send, reject });
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
    this.#transactions += transactions;
    const late = results.some((result) => "error" in result) ? this.#break(calls, results) : [];
    this.#calls += calls.length + late.length;
    // The engine has its next batch before anybody is told what became of this one: that takes a while.
    this.#commit();
    calls.forEach((call, i) => {
      const result = results[i]!;
      if ("error" in result) call.settled(failed(result));
      else call.settled(undefined, result.outcome);
    });
    for (const call of late) call.settled(failed(BROKEN));
    while (this.#waiting.length > 0 && this.#waiting[0]!.behind <= this.#calls) this.#waiting.shift()!.send();
  }

  #count(reason: string): void {
    this.#failures = { count: this.#failures.count + 1, last: { at: Date.now(), reason } };
  }

  /** Takes note of what was refused; returns the calls that must not be committed any more. */
  #break(calls: readonly Call[], results: readonly Result[]): Call[] {
    results.forEach((result, i) => {
      if (!("error" in result)) return;
      // What waits behind a failure is no other one.
      if (result.error !== BROKEN.error) this.#count(result.error);
      const { line } = calls[i]!;
      if (line) this.#broken.add(line);
    });
    const isLate = ({ line }: Call) => line !== undefined && this.#broken.has(line);
    const late = this.#gathering.filter(isLate);
    if (late.length > 0) this.#gathering = this.#gathering.filter((call) => !isLate(call));
    return late;
  }

  #fail(error: StoreError): void {
    this.#ended = error;
    this.#trouble = error.message;
    this.#count(error.message);
    this.#log?.error(error.message);
    const calls = [...this.#committing, ...this.#gathering];
    const reading = [...this.#reading, ...this.#waiting];
    this.#committing = [];
    this.#gathering = [];
    this.#reading = [];
    this.#waiting = [];
    for (const call of calls) call.settled(error);
    for (const waiting of reading) waiting.reject(error);
    this.#sayClosed();
  }
}
