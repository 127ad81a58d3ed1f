// Loaded before each file of tests where MASQUE_STORE names a PostgreSQL: what they store is stored there.
import { afterEach, beforeEach } from "vitest";
import { openPostgres } from "../core/storage/postgres/open.ts";
import { Session } from "../core/storage/postgres/session.ts";
import type { Store } from "../core/storage/store.ts";
import { makeStoresBy } from "../core/testing/empty-store.ts";
import { within } from "./core/storage/postgres.ts";
import { makeUrlsBy } from "./fresh-url.ts";

const address = process.env.MASQUE_STORE!;
const session = await Session.open(address, () => {});
/** Schemas that were used, and can be again: to empty one takes less time than to make one. */
const used: string[] = [];
let schemas = 0;
let open: { readonly store: Store; readonly schema: string }[] = [];
let before = open;

makeStoresBy(async () => {
  const schema = await emptySchema();
  const store = await openPostgres(within(schema, address));
  open.push({ store, schema });
  return store;
});
makeUrlsBy(async () => within(await emptySchema(), address));

async function emptySchema(): Promise<string> {
  const schema = used.pop();
  if (schema === undefined) {
    const fresh = `t${process.pid}_${schemas++}`;
    await session.exec(`create schema ${fresh}`);
    return fresh;
  }
  await session.exec(
    ["messages", "archives", "items", "participants", "channels", "plugin_values"]
      .map((table) => `delete from ${schema}.${table}`)
      .join(";"),
  );
  return schema;
}

beforeEach(() => {
  before = open;
  open = [];
});

// Few tests close theirs: in memory that costs nothing.
afterEach(async () => {
  await Promise.all(open.map(({ store }) => store.close()));
  used.push(...open.map(({ schema }) => schema));
  open = before;
});
