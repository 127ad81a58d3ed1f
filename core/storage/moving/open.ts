import { resolve } from "node:path";
import { isPostgres } from "../open.ts";
import { StoreError } from "../store-error.ts";
import type { Hold } from "./hold.ts";
import { fillSqlite, readSqlite } from "./sqlite.ts";

/** The database of a store as it is now; a service may be using it. Throws a StoreError. */
export async function openToRead(url: string): Promise<Hold> {
  return isPostgres(url) ? (await import("./postgres.ts")).readPostgres(url) : readSqlite(fileOf(url));
}

/** The database of a store, made where it is missing, for nobody else meanwhile. Throws a StoreError. */
export async function openToFill(url: string): Promise<Hold> {
  return isPostgres(url) ? (await import("./postgres.ts")).fillPostgres(url) : fillSqlite(fileOf(url));
}

function fileOf(url: string): string {
  const file = url.replace(/^sqlite:/, "");
  if (file === ":memory:") throw new StoreError("The storage is in memory: there is nothing of it to be moved.");
  return resolve(file);
}
