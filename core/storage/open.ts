import type { Logger } from "../host/plugin.ts";
import { openSqlite } from "./sqlite.ts";
import type { Store } from "./store.ts";

/** Opens the store at "sqlite:FILE", "sqlite::memory:" or "postgres://USER@HOST/DATABASE". Throws a StoreError. */
export async function openStore(url: string, log?: Logger): Promise<Store> {
  if (!isPostgres(url)) return openSqlite(url, log);
  // Loaded only here: most never need it.
  const { openPostgres } = await import("./postgres/open.ts");
  return openPostgres(url, log);
}

export function isPostgres(url: string): boolean {
  return /^postgres(ql)?:\/\/./.test(url);
}
