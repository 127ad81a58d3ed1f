import { NOW, versionOf } from "../postgres/migrations.ts";
import { cannotOpen } from "../postgres/open.ts";
import { prepare } from "../postgres/opening.ts";
import { Session } from "../postgres/session.ts";
import { reason } from "../postgres/trouble.ts";
import { type Hold, placeOf, type Row, requireNow, selection } from "./hold.ts";

/** A PostgreSQL database as it is now, also while a Masque writes to it. */
export async function readPostgres(url: string): Promise<Hold> {
  return begun(url, async (db) => {
    await db.exec("begin transaction isolation level repeatable read, read only");
    requireNow(await versionOf(db), NOW);
  });
}

/** A PostgreSQL database, for this process alone. */
export async function fillPostgres(url: string): Promise<Hold> {
  return begun(url, async (db) => {
    await prepare(db);
    await db.exec("begin");
  });
}

async function begun(url: string, begin: (db: Session) => Promise<void>): Promise<Hold> {
  let db: Session | undefined;
  try {
    db = await Session.open(url, () => {});
    await begin(db);
    return hold(db, await typesOf(db));
  } catch (error) {
    await db?.end();
    throw cannotOpen(url, error);
  }
}

/** The types of columns, by table and column. */
type Types = ReadonlyMap<string, ReadonlyMap<string, string>>;

async function typesOf(db: Session): Promise<Types> {
  const rows = await db.all(
    "select table_name, column_name, data_type from information_schema.columns where table_schema = current_schema()",
  );
  const types = new Map<string, Map<string, string>>();
  for (const { table_name: table, column_name: column, data_type: type } of rows as Record<string, string>[]) {
    const columns = types.get(table!) ?? new Map();
    types.set(table!, columns.set(column!, type!));
  }
  return types;
}

function hold(db: Session, types: Types): Hold {
  const isTruth = (table: string, column: string) => types.get(table)?.get(column) === "boolean";
  return {
    reason,
    async columns() {
      return new Map([...types].map(([table, columns]) => [table, [...columns.keys()]]));
    },
    async read(table, last, limit) {
      const { name, columns } = table;
      const expressions = columns.map((column) => (isTruth(name, column) ? `${column}::int as ${column}` : column));
      let values = 0;
      const sql = selection(table, expressions, last).replaceAll("?", () => `$${++values}`);
      const rows = await db.all(sql, ...(last ? placeOf(table, last) : []), limit);
      return rows.map((row) => columns.map((column) => row[column] as Row[number]));
    },
    async write({ name, columns }, rows) {
      const lists = columns.map(
        (column, i) => `$${i + 1}::${isTruth(name, column) ? "int" : types.get(name)!.get(column)}[]`,
      );
      const values = columns.map((column) => (isTruth(name, column) ? `${column}::boolean` : column));
      await db.run(
        `insert into ${name} (${columns.join(", ")}) select ${values.join(", ")}
         from unnest(${lists.join(", ")}) as row (${columns.join(", ")})`,
        ...columns.map((_, i) => rows.map((row) => row[i]!)),
      );
    },
    async lastKey() {
      const [row] = await db.all("select case when is_called then last_value else 0 end as key from channels_key_seq");
      return row!.key as number;
    },
    async setLastKey(key) {
      await db.run("select setval('channels_key_seq', greatest($1::bigint, 1), $1::bigint > 0)", key);
      // Rows that came with their keys have taken none from these.
      for (const table of ["archives", "items"])
        await db.exec(`select setval('${table}_key_seq', coalesce(max(key), 1), max(key) is not null) from ${table}`);
    },
    async commit() {
      await db.exec("commit");
    },
    async close() {
      await db.end();
    },
  };
}
