import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openDriver } from "../../../core/storage/driver.ts";
import { openSqlite } from "../../../core/storage/sqlite.ts";
import { NODE } from "../../../core/xmpp/ns.ts";
import { folder } from "./folder.ts";

describe("opening a SQLite store", () => {
  const home = folder();
  let files = 0;
  const path = () => `${home}/${files++}.db`;

  it("creates the file, and the folders it lies in", async () => {
    const file = `${home}/var/lib/masque.db`;
    await (await openSqlite(`sqlite:${file}`)).close();
    expect(existsSync(file)).toBe(true);
  });

  it.skipIf(process.platform === "win32")("lets nobody else on the machine read who is who", async () => {
    const file = path();
    const store = await openSqlite(`sqlite:${file}`);
    for (const name of [file, `${file}-wal`]) expect(statSync(name).mode & 0o077).toBe(0);
    await store.close();
  });

  it("finds again what was stored", async () => {
    const file = path();
    const first = await openSqlite(`sqlite:${file}`);
    const key = await first.create({ name: "coven", created: 1, listed: true, state: "{}" });
    await first.close();
    const second = await openSqlite(`sqlite:${file}`);
    expect((await second.channel("coven"))?.channel.key).toBe(key);
    await second.close();
  });

  it("goes on where an archive ended", async () => {
    const file = path();
    for (const id of ["a", "b", "c"]) {
      const store = await openSqlite(`sqlite:${file}`);
      await store.create({ name: "coven", created: 1, listed: true, state: "{}" });
      const { key: channel } = (await store.channel("coven"))!.channel;
      const message = {
        channel,
        node: NODE.MESSAGES,
        id,
        at: 1,
        sender: "123456",
        nick: "",
        shown: false,
        payload: "",
      };
      await store.put([{ put: "message", message }]);
      const page = await store.history({ channel, node: NODE.MESSAGES, before: "", max: 1 });
      expect(page).toMatchObject({ messages: [{ id }], count: "abc".indexOf(id) + 1, index: "abc".indexOf(id) });
      await store.close();
    }
  });

  it("says what a storage address looks like", async () => {
    await expect(openSqlite("masque.db")).rejects.toThrow('"masque.db" should read sqlite:FILE or sqlite::memory:');
    await expect(openSqlite("sqlite:")).rejects.toThrow("should read sqlite:FILE");
  });

  it("says when the folder cannot be made", async () => {
    writeFileSync(`${home}/file`, "");
    await expect(openSqlite(`sqlite:${home}/file/masque.db`)).rejects.toThrow(/Cannot create the folder .*file/);
  });

  it("says when it is given a folder, and leaves nothing beside it", async () => {
    mkdirSync(`${home}/heath`);
    await expect(openSqlite(`sqlite:${home}/heath`)).rejects.toThrow(
      `Cannot open the database ${home}/heath. It is a folder; name a file in it (EISDIR).`,
    );
    expect(existsSync(`${home}/heath-lock`)).toBe(false);
  });

  // Nothing is forbidden to root.
  it.skipIf(process.platform === "win32" || process.getuid?.() === 0)("says when it has no right to it", async () => {
    const file = path();
    writeFileSync(file, "", { mode: 0o000 });
    await expect(openSqlite(`sqlite:${file}`)).rejects.toThrow(
      `Cannot open the database ${file}. Masque has no right to; look at the rights of the file and its folder (EACCES).`,
    );
  });

  it("says when the file is no database", async () => {
    const file = path();
    writeFileSync(file, "When shall we three meet again? ".repeat(100));
    await expect(openSqlite(`sqlite:${file}`)).rejects.toThrow("The file is not a SQLite database");
  });

  it("leaves the database of another program alone", async () => {
    const file = path();
    const other = openDriver(file);
    other.exec("create table prosody (host, user, store)");
    other.close();
    await expect(openSqlite(`sqlite:${file}`)).rejects.toThrow("It belongs to another program");
  });

  it("leaves the database of a newer Masque alone", async () => {
    const file = path();
    await (await openSqlite(`sqlite:${file}`)).close();
    const newer = openDriver(file);
    newer.exec("pragma user_version = 7");
    newer.close();
    await expect(openSqlite(`sqlite:${file}`)).rejects.toThrow(
      "made by a newer Masque (schema 7, this one knows 2): run that one, or go back to the copy",
    );
  });

  it("lets one store have a file, and the next one when it is done", async () => {
    const file = path();
    const first = await openSqlite(`sqlite:${file}`);
    await expect(openSqlite(`sqlite:${file}`)).rejects.toThrow("Another Masque is using it");
    await first.close();
    await (await openSqlite(`sqlite:${file}`)).close();
  });

  it("does not keep a file it could not open", async () => {
    const file = path();
    writeFileSync(file, "Thunder and lightning. ".repeat(100));
    await expect(openSqlite(`sqlite:${file}`)).rejects.toThrow("not a SQLite database");
    writeFileSync(file, "");
    await (await openSqlite(`sqlite:${file}`)).close();
  });
});
