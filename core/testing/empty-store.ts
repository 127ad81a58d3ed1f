import { openSqlite } from "../storage/sqlite.ts";
import type { Store } from "../storage/store.ts";

let open = () => openSqlite("sqlite::memory:");

/** A store for one test, in memory and empty. */
export function emptyStore(): Promise<Store> {
  return open();
}

/** Has every store of a test made in another way, such as on PostgreSQL; empty they must be. */
export function makeStoresBy(other: () => Promise<Store>): void {
  open = other;
}
