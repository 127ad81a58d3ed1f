import type { Store } from "./store.ts";

/** Values by key that outlive the program: read from memory, written through. */
export interface Values<T> {
  get(key: string): T | undefined;
  keys(): Iterable<string>;
  /** Resolves once it is durable. `undefined` removes. */
  set(key: string, value: T | undefined): Promise<void>;
}

export async function keptValues<T>(store: Store, space: string): Promise<Values<T>> {
  const values = new Map<string, T>();
  for (const [key, text] of await store.values(space)) values.set(key, JSON.parse(text) as T);
  return {
    get: (key) => values.get(key),
    keys: () => values.keys(),
    async set(key, value) {
      if (value === undefined) values.delete(key);
      else values.set(key, value);
      await store.put([{ put: "value", space, key, value: value === undefined ? undefined : JSON.stringify(value) }]);
    },
  };
}
