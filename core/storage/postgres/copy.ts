import { StoreError } from "../store-error.ts";
import type { Session } from "./session.ts";
import { reason } from "./trouble.ts";

/**
 * Keeps all tables as they are in a schema of their own, where a Masque of that time can use them. Returns its name.
 * To be called inside a transaction, which is to be undone when it throws.
 * @param version of what is copied
 * @param steps SQL that makes the tables of that version
 */
export async function keepCopy(db: Session, version: number, steps: readonly string[]): Promise<string> {
  const [row] = await db.all("select current_schema() as name");
  const old = row!.name as string;
  const copy = `${old.slice(0, 40)}_schema_${version}`;
  try {
    await copyTables(db, quoted(old), quoted(copy), steps);
    return copy;
  } catch (error) {
    const what = `It must be brought to a new schema, and it could not be kept as it is, in one named ${copy}`;
    throw new StoreError(`${what}: ${reason(error)}.`, { cause: error });
  }
}

async function copyTables(db: Session, old: string, copy: string, steps: readonly string[]): Promise<void> {
  await db.exec(`create schema ${copy}; set local search_path to ${copy}; ${steps.join(";")}`);
  // Those that others refer to were made before them.
  const tables = await db.all(
    "select relname as name from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r' order by oid",
  );
  for (const { name } of tables)
    await db.work(`delete from ${name}; insert into ${name} overriding system value select * from ${old}.${name}`);
  const sequences = await db.all("select sequencename as name from pg_sequences where schemaname = current_schema()");
  for (const { name } of sequences)
    await db.exec(`select setval('${copy}.${name}', last_value, is_called) from ${old}.${name}`);
  await db.exec(`set local search_path to ${old}`);
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
