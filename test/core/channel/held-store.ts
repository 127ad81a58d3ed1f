import { setTimeout as sleep } from "node:timers/promises";
import type { Change, HistoryQuery, Store, StoredChannel } from "../../../core/storage/store.ts";
import type { StoreError } from "../../../core/storage/store-error.ts";

/** A real store whose writes a test can hold up, in their order, or let fail. */
export class HeldStore implements Store {
  readonly #real: Store;
  #gate = Promise.resolve();
  #open = () => {};
  #failures = 0;
  #reading = 0;

  constructor(real: Store) {
    this.#real = real;
  }

  /** From now on nothing becomes durable. */
  hold(): void {
    this.#gate = new Promise((open) => {
      this.#open = open;
    });
  }

  /** What was held up becomes durable. */
  release(): void {
    this.#open();
  }

  /** The next so many writes fail. */
  fail(writes: number): void {
    this.#failures = writes;
  }

  /** Lets everything happen that waits for its turn, or for what it reads: a held disk gives that still. */
  async turns(): Promise<void> {
    await turns();
    for (; this.#reading > 0; await turns()) await sleep(1);
  }

  async put(changes: readonly Change[], line?: object): Promise<void> {
    const fails = changes.length > 0 && this.#failures > 0;
    if (fails) this.#failures--;
    await this.#gate;
    return this.#real.put(fails ? [...changes, IMPOSSIBLE] : changes, line);
  }

  commit(changes: readonly Change[], line: object, settled: (error?: StoreError) => void): void {
    this.put(changes, line).then(() => settled(), settled);
  }

  create = (channel: Omit<StoredChannel, "key">) => this.#real.create(channel);
  channel = (name: string) => this.#read(this.#real.channel(name));
  census = (after: string, limit: number) => this.#read(this.#real.census(after, limit));
  listed = (jid: string, after: string, limit: number) => this.#read(this.#real.listed(jid, after, limit));
  former = (channel: number, jid: string) => this.#read(this.#real.former(channel, jid));
  known = (channel: number, id: string) => this.#read(this.#real.known(channel, id));
  history = (query: HistoryQuery) => this.#read(this.#real.history(query));
  extent = (channel: number, node: string) => this.#read(this.#real.extent(channel, node));
  archives = (after: number, limit: number) => this.#read(this.#real.archives(after, limit));
  items = (channel: number, node: string) => this.#read(this.#real.items(channel, node));
  values = (space: string) => this.#read(this.#real.values(space));
  written = () => this.#real.written();
  failures = () => this.#real.failures();
  close = () => this.#real.close();

  async #read<T>(answer: Promise<T>): Promise<T> {
    this.#reading++;
    try {
      return await answer;
    } finally {
      this.#reading--;
    }
  }
}

/** What no store can do. */
const IMPOSSIBLE: Change = {
  put: "channel",
  channel: { key: -1, name: "birnam", created: 0, listed: false, state: "{}" },
};

/** Lets everything happen that waits for nothing but its turn. */
export async function turns(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}
