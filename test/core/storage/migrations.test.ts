import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openDriver } from "../../../core/storage/driver.ts";
import { openSqlite } from "../../../core/storage/sqlite.ts";
import { NODE } from "../../../core/xmpp/ns.ts";
import { folder } from "./folder.ts";

const SCHEMA_1 = readFileSync(new URL("./schema-1.sql", import.meta.url), "utf8");

describe("a database of an earlier schema", () => {
  const home = folder();
  let files = 0;

  /** A database as the first Masque left it. */
  function ofSchema1(): string {
    const file = `${home}/${files++}.db`;
    const db = openDriver(file);
    db.exec(SCHEMA_1);
    db.close();
    return file;
  }

  it("is brought forward with everything that is in it", async () => {
    const store = await openSqlite(`sqlite:${ofSchema1()}`);
    const { channel, participants } = (await store.channel("coven"))!;
    expect(channel).toEqual({
      key: 3,
      name: "coven",
      created: 1_300_000_000_000,
      listed: true,
      state: '{"owners":["hecate"]}',
    });
    expect(participants.map(({ jid }) => jid)).toEqual(["hecate@shakespeare.example"]);
    expect(await store.former(3, "hag66@shakespeare.example")).toMatchObject({ id: "654321" });
    const said = { channel: 3, node: NODE.MESSAGES };
    expect(await store.history({ ...said, max: 10 })).toEqual({
      messages: [
        {
          ...said,
          id: "a",
          at: 20,
          sender: "123456",
          nick: "hecate",
          shown: true,
          payload: "<body>double, double</body>",
        },
        {
          ...said,
          id: "b",
          at: 10,
          sender: "654321",
          nick: "hag66",
          shown: false,
          payload: "<body>toil and trouble</body>",
        },
      ],
      count: 2,
      index: 0,
      complete: true,
    });
    expect(await store.history({ ...said, start: 15, max: 10 })).toMatchObject({ count: 1 });
    expect(await store.values("presence/asked")).toEqual(new Map([["coven", "1"]]));
    await store.close();
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
