import type { Change, Store } from "./store.ts";

/** Values by key that outlive the program: read from memory, written through. */
export interface Values<T> {
  get(key: string): T | undefined;
  /** Those set longest ago come first. */
  keys(): Iterable<string>;
  /** In force at once; resolves once it is durable. `undefined` removes. What cannot be stored is as it was before. */
  set(key: string, value: T | undefined): Promise<void>;
  /** In force at once, too, and durable with the turn of a channel that writes what is returned. */
  noted(key: string, value: T | undefined): Noted;
}

export type Noted = Extract<Change, { readonly put: "value" }>;

export async function keptValues<T>(store: Store, space: string): Promise<Values<T>> {
  const values = new Map<string, T>();
  for (const [key, text] of await store.values(space)) values.set(key, JSON.parse(text) as T);
  const place = (key: string, value: T | undefined) => {
    values.delete(key);
    if (value !== undefined) values.set(key, value);
  };
  const noted = (key: string, value: T | undefined): Noted => {
    place(key, value);
    return { put: "value", space, key, value: value === undefined ? undefined : JSON.stringify(value) };
  };
  return {
    noted,
    get: (key) => values.get(key),
    keys: () => values.keys(),
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
