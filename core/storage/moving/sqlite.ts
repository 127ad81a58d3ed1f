import { existsSync } from "node:fs";
import { type Driver, openDriver } from "../driver.ts";
import { NOW, versionOf } from "../migrations.ts";
import { cannotOpen, openDatabase } from "../opening.ts";
import { StoreError } from "../store-error.ts";
import { reason } from "../trouble.ts";
import { type Hold, placeOf, requireNow, selection } from "./hold.ts";

/** A database in a file as it is now, also while a Masque writes to it. */
export function readSqlite(file: string): Hold {
  if (!existsSync(file)) throw new StoreError(`There is no database ${file}.`);
  let db: Driver | undefined;
  try {
    db = openDriver(file);
    db.exec("pragma busy_timeout = 5000; pragma query_only = on; begin");
    requireNow(versionOf(db), NOW);
    return hold(db, db.close);
  } catch (error) {
    db?.close();
    throw cannotOpen(file, error);
  }
}

/** A database in a file, for this process alone. */
export function fillSqlite(file: string): Hold {
  const { db, close } = openDatabase(file);
  db.exec("begin immediate");
  return hold(db, close);
}

function hold(db: Driver, close: () => void): Hold {
  let isOpen = true;
  return {
    reason,
    async columns() {
      const tables = db.all(
        "select name from sqlite_master where type = 'table' and name not like 'sqlite\\_%' escape '\\'",
      );
      return new Map(
        tables.map(({ name }) => [
          name as string,
          db.all(`pragma table_info(${name})`).map((column) => column.name as string),
        ]),
      );
    },
    async read(table, last, limit) {
      const place = last ? placeOf(table, last) : [];
      const rows = db.all(selection(table, table.columns, last), ...place, limit);
      return rows.map((row) => table.columns.map((column) => row[column]!));
    },
    async write({ name, columns }, rows) {
      const sql = `insert into ${name} (${columns.join(", ")}) values (${columns.map(() => "?").join(", ")})`;
      for (const row of rows) db.run(sql, ...row);
    },
    async lastKey() {
      return (db.all("select seq from sqlite_sequence where name = 'channels'")[0]?.seq ?? 0) as number;
    },
    async setLastKey(key) {
      db.run("delete from sqlite_sequence where name = 'channels'");
      db.run("insert into sqlite_sequence (name, seq) values ('channels', ?)", key);
    },
    async commit() {
      db.exec("commit");
      isOpen = false;
    },
    async close() {
      // libsql's closing alone would leave it locked.
      if (isOpen) db.exec("rollback");
      close();
    },
  };
}
