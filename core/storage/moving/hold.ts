import { StoreError } from "../store-error.ts";
import { STAYING, TABLES, type Table } from "./tables.ts";

/** What a column holds: truth is 0 or 1. */
export type Cell = string | number | null;
export type Row = readonly Cell[];

/** Columns of a table, in alphabetical order. */
export interface Columns extends Table {
  readonly columns: readonly string[];
}

/** A whole database, table by table, within one transaction: as it is at one moment, or as it is to be. */
export interface Hold {
  /** The columns of every table there is. */
  columns(): Promise<ReadonlyMap<string, readonly string[]>>;
  /** At most `limit` rows in their order, from the one after `last` on. */
  read(table: Columns, last: Row | undefined, limit: number): Promise<Row[]>;
  write(table: Columns, rows: readonly Row[]): Promise<void>;
  /** The highest key that a channel ever had: none is given twice. */
  lastKey(): Promise<number>;
  setLastKey(key: number): Promise<void>;
  commit(): Promise<void>;
  /** Why something of the above failed, in words that end a sentence. */
  reason(error: unknown): string;
  /** What was not committed is as if it had never been. */
  close(): Promise<void>;
}

/** Throws unless the schema of a database is that of now: an export says what is, and no step is taken on the way. */
export function requireNow(found: number, now: number): void {
  if (found === now) return;
  if (found === 0) throw new StoreError("It is empty: no Masque has used it yet.");
  throw new StoreError(
    `Its schema is ${found}, and that of this Masque is ${now}: start this one on it, which brings it forward, or export ` +
      "it by the one that made it.",
  );
}

/** All tables that are moved. Throws where there is one of which nobody has said whether it is: nothing is forgotten. */
export async function tablesOf(hold: Hold): Promise<Columns[]> {
  const found = await hold.columns();
  const unknown = [...found.keys()].find((name) => !STAYING.has(name) && !TABLES.some((table) => table.name === name));
  if (unknown !== undefined) throw new StoreError(`The database has a table "${unknown}", which is none of Masque's.`);
  return TABLES.map((table) => ({ ...table, columns: [...found.get(table.name)!].sort() }));
}

/** SQL for `read`: its values are those of `last` in the columns of `by`, and the limit. */
export function selection(table: Columns, expressions: readonly string[], last: Row | undefined): string {
  const { name, by, where } = table;
  const conditions = [
    ...(last ? [`(${by.join(", ")}) > (${by.map(() => "?").join(", ")})`] : []),
    ...(where ? [where] : []),
  ];
  const restriction = conditions.length > 0 ? ` where ${conditions.join(" and ")}` : "";
  return `select ${expressions.join(", ")} from ${name}${restriction} order by ${by.join(", ")} limit ?`;
}

/** The place of a row in the order of its table. */
export function placeOf({ by, columns }: Columns, row: Row): Cell[] {
  return by.map((column) => row[columns.indexOf(column)]!);
}
