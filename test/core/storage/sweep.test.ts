import { describe, expect, it } from "vitest";
import { openDriver } from "../../../core/storage/driver.ts";
import { openSqlite } from "../../../core/storage/sqlite.ts";
import type { Change, Store } from "../../../core/storage/store.ts";
import { NODE } from "../../../core/xmpp/ns.ts";
import { folder } from "./folder.ts";

describe("the archive of a channel that is gone", () => {
  const home = folder();

  it("is swept out while the store goes on, the others' staying", async () => {
    const file = `${home}/running.db`;
    const store = await openSqlite(`sqlite:${file}`);
    const coven = await filled(store, "coven", 1200);
    const heath = await filled(store, "heath", 10);
    await store.put([{ put: "no channel", key: coven }]);
    await expect.poll(() => rows(file), { interval: 20 }).toEqual({ messages: 10, archives: 1 });
    expect(await store.history({ channel: heath, node: NODE.MESSAGES, max: 0 })).toMatchObject({ count: 10 });
    await store.close();
  });

  it("is swept out after a restart", async () => {
    const file = `${home}/restarted.db`;
    const first = await openSqlite(`sqlite:${file}`);
    const coven = await filled(first, "coven", 1200);
    await first.put([{ put: "no channel", key: coven }]);
    await first.close();
    expect(rows(file).messages).toBeGreaterThan(0);
    const second = await openSqlite(`sqlite:${file}`);
    await expect.poll(() => rows(file), { interval: 20 }).toEqual({ messages: 0, archives: 0 });
    await second.close();
  });
});

async function filled(store: Store, name: string, size: number): Promise<number> {
  const channel = (await store.create({ name, created: 1, listed: true, state: "{}" })) as number;
  const message = { channel, node: NODE.MESSAGES, at: 1, sender: "123456", nick: "hecate", shown: false, payload: "" };
  const put = (_: unknown, i: number): Change => ({ put: "message", message: { ...message, id: `m${i}` } });
  await store.put(Array.from({ length: size }, put));
  return channel;
}

/** What lies in the file, as an operator's sqlite3 would see it beside the running store. */
function rows(file: string) {
  const db = openDriver(file);
  const [row] = db.all(
    "select (select count(*) from messages) as messages, (select count(*) from archives) as archives",
  );
  db.close();
  return row!;
}
