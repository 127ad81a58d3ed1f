import type { Change, Store, ValueNews } from "./store.ts";

/** Values by key that outlive the program: read from memory, written through. */
export interface Values<T> {
  get(key: string): T | undefined;
  /** Those set longest ago come first. */
  keys(): Iterable<string>;
  /** In force at once; resolves once it is durable. `undefined` removes. What cannot be stored is as it was before. */
  set(key: string, value: T | undefined): Promise<void>;
  /** Calls `listener` when another process has changed a value, with what it was before. */
  onChange(listener: (key: string, before: T | undefined) => void): void;
  /** In force at once, too, and durable with the turn of a channel that writes what is returned. */
  noted(key: string, value: T | undefined): Noted;
}

export type Noted = Extract<Change, { readonly put: "value" }>;

/** @param until told how to end what goes on until then */
export async function keptValues<T>(store: Store, space: string, until: (end: () => void) => void): Promise<Values<T>> {
  const values = new Map<string, T>();
  const listeners: ((key: string, before: T | undefined) => void)[] = [];
  const own = new OwnWrites();
  const place = (key: string, value: T | undefined) => {
    values.delete(key);
    if (value !== undefined) values.set(key, value);
  };
  const hear = ({ by, values: news }: ValueNews) => {
    if (by === "this process") return own.done(news.keys());
    const gone = by === "all" ? [...values.keys()].filter((key) => !news.has(key)) : [];
    for (const [key, text] of [...gone.map((key) => [key, undefined] as const), ...news]) {
      // What this process has written itself and not heard of yet comes later.
      if (own.has(key)) continue;
      const before = values.get(key);
      place(key, text === undefined ? undefined : (JSON.parse(text) as T));
      for (const listener of listeners) listener(key, before);
    }
  };
  // Before they are read, so that nothing is missed in between.
  if (store.watch) until(store.watch(space, hear));
  for (const [key, text] of await store.values(space)) values.set(key, JSON.parse(text) as T);
  const noted = (key: string, value: T | undefined): Noted => {
    place(key, value);
    if (store.watch) own.begun(key);
    return { put: "value", space, key, value: value === undefined ? undefined : JSON.stringify(value) };
  };
  return {
    noted,
    get: (key) => values.get(key),
    keys: () => values.keys(),
    onChange: (listener) => void listeners.push(listener),
    async set(key, value) {
      const before = values.get(key);
      try {
        await store.put([noted(key, value)]);
      } catch (error) {
        if (values.get(key) === value) place(key, before);
        throw error;
      }
    },
  };
}

/** Nothing is on its way for so long, in milliseconds: it could not be stored. */
const LONGEST = 60_000;

/** What this process has written, and not heard of yet among what all have written. */
class OwnWrites {
  readonly #underWay = new Map<string, { count: number; at: number }>();

  has(key: string): boolean {
    const { at } = this.#underWay.get(key) ?? {};
    if (at !== undefined && performance.now() - at > LONGEST) this.#underWay.delete(key);
    return this.#underWay.has(key);
  }

  begun(key: string): void {
    const { count } = this.#underWay.get(key) ?? { count: 0 };
    this.#underWay.set(key, { count: count + 1, at: performance.now() });
  }

  done(keys: Iterable<string>): void {
    for (const key of keys) {
      const write = this.#underWay.get(key);
      if (write && --write.count === 0) this.#underWay.delete(key);
    }
  }
}
