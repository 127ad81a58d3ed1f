import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openDriver } from "../../../core/storage/driver.ts";
import { NOW } from "../../../core/storage/migrations.ts";
import { openDatabase } from "../../../core/storage/opening.ts";
import { openSqlite } from "../../../core/storage/sqlite.ts";
import { NODE } from "../../../core/xmpp/ns.ts";
import { expectCoven } from "./coven.ts";
import { folder } from "./folder.ts";

/** A database as a Masque of this schema left it. There is one of each: whoever adds a schema adds the next. */
const sample = (schema: number) => readFileSync(new URL(`./schema-${schema}.sql`, import.meta.url), "utf8");
const RELEASED = Array.from({ length: NOW }, (_, i) => i + 1);

describe("a database of an earlier schema", () => {
  const home = folder();
  let files = 0;

  function ofSchema(schema: number): string {
    const file = `${home}/${files++}.db`;
    const db = openDriver(file);
    db.exec(sample(schema));
    db.close();
    return file;
  }
  const ofSchema1 = () => ofSchema(1);

  it.each(RELEASED)("%i is brought forward with everything that is in it", async (schema) => {
    const store = await openSqlite(`sqlite:${ofSchema(schema)}`);
    await expectCoven(store);
    await store.close();
  });

  it("becomes what a new one is", () => {
    const tables = (file: string) => {
      const { db, close } = openDatabase(file);
      const columns = db.all(
        "select t.name, c.name as column, c.type, c.pk, c.dflt_value from sqlite_master t, pragma_table_info(t.name) c order by 1, 2",
      );
      const indexes = db.all("select name from sqlite_master where type = 'index' order by name");
      close();
      return { columns, indexes };
    };
    const fresh = tables(`${home}/fresh.db`);
    for (const schema of RELEASED) expect(tables(ofSchema(schema))).toEqual(fresh);
  });

  it("takes what the schema of now is for", async () => {
    const store = await openSqlite(`sqlite:${ofSchema1()}`);
    const item = { channel: 3, node: NODE.INFO, id: "a", payload: "" };
    await store.put([
      { put: "expiry", channel: 3, node: NODE.MESSAGES, keep: 1 },
      { put: "item", item },
    ]);
    expect(await store.history({ channel: 3, node: NODE.MESSAGES, max: 10 })).toMatchObject({ count: 1 });
    expect(await store.items(3, NODE.INFO)).toEqual([item]);
    await store.close();
  });

  it("is kept as it was in a file beside it, for nobody else's eyes", async () => {
    const file = ofSchema1();
    await (await openSqlite(`sqlite:${file}`)).close();
    const copy = `${file}.schema-1`;
    if (process.platform !== "win32") expect(statSync(copy).mode & 0o077).toBe(0);
    const db = openDriver(copy);
    expect(db.all("pragma user_version")).toEqual([{ user_version: 1 }]);
    expect(db.all("pragma application_id")).toEqual([{ application_id: 0x4d415351 }]);
    expect(db.all("select id from messages order by place")).toEqual([{ id: "a" }, { id: "b" }]);
    expect(db.all("pragma table_info(archives)").map(({ name }) => name)).not.toContain("floor");
    db.close();
    expect(existsSync(`${copy}.part`)).toBe(false);
  });

  it("is copied anew when an earlier copy was cut off, and never again once it is brought forward", async () => {
    const file = ofSchema1();
    writeFileSync(`${file}.schema-1.part`, "When shall we three");
    await (await openSqlite(`sqlite:${file}`)).close();
    const copy = statSync(`${file}.schema-1`);
    await (await openSqlite(`sqlite:${file}`)).close();
    expect(statSync(`${file}.schema-1`).ino).toBe(copy.ino);
    const beside = readdirSync(home).filter((name) => name.startsWith(file.slice(home.length + 1)));
    expect(beside.filter((name) => name.includes("schema"))).toHaveLength(1);
  });

  it("stays as it is when no copy of it can be kept", async () => {
    const file = ofSchema1();
    mkdirSync(`${file}.schema-1/cauldron`, { recursive: true });
    await expect(openSqlite(`sqlite:${file}`)).rejects.toThrow(
      /must be brought to a new schema, and .*schema-1 could not be written/,
    );
    const after = openDriver(file);
    expect(after.all("pragma user_version")).toEqual([{ user_version: 1 }]);
    after.close();
  });
});
