import { describe, expect, it } from "vitest";
import { openDriver } from "../../../core/storage/driver.ts";
import { openSqlite } from "../../../core/storage/sqlite.ts";
import type { Change, Store } from "../../../core/storage/store.ts";
import { NODE } from "../../../core/xmpp/ns.ts";
import { folder } from "./folder.ts";

const home = folder();

describe("the archive of a channel that is gone", () => {
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

describe("what is forgotten", () => {
  it("is swept out while the store goes on, the rest staying, and the archive goes on where it ended", async () => {
    const file = `${home}/forgetful.db`;
    const store = await openSqlite(`sqlite:${file}`);
    const coven = await filled(store, "coven", 1200);
    await store.put([{ put: "expiry", channel: coven, node: NODE.MESSAGES, keep: 100 }]);
    await expect.poll(() => rows(file), { interval: 20 }).toEqual({ messages: 100, archives: 1 });
    await store.put([{ put: "expiry", channel: coven, node: NODE.MESSAGES, keep: 0 }]);
    await expect.poll(() => rows(file), { interval: 20 }).toEqual({ messages: 0, archives: 1 });
    await store.put([said(coven, 1200), said(coven, 1201)]);
    const query = { channel: coven, node: NODE.MESSAGES, max: 10 };
    expect(await store.history({ ...query, after: "m1200" })).toMatchObject({ count: 2, index: 1 });
    await store.close();
  });

  it("is swept out after a restart, and stays forgotten", async () => {
    const file = `${home}/forgetful-again.db`;
    const first = await openSqlite(`sqlite:${file}`);
    const coven = await filled(first, "coven", 1200);
    await first.put([{ put: "expiry", channel: coven, node: NODE.MESSAGES, keep: 0 }]);
    await first.close();
    const second = await openSqlite(`sqlite:${file}`);
    const query = { channel: coven, node: NODE.MESSAGES, max: 10 };
    expect(await second.history(query)).toMatchObject({ messages: [], count: 0 });
    await expect.poll(() => rows(file), { interval: 20 }).toEqual({ messages: 0, archives: 1 });
    await second.close();
    const third = await openSqlite(`sqlite:${file}`);
    await third.put([said(coven, 1200)]);
    expect(await third.history(query)).toMatchObject({ messages: [{ id: "m1200" }], count: 1 });
    await third.close();
  });
});

async function filled(store: Store, name: string, size: number): Promise<number> {
  const channel = (await store.create({ name, created: 1, listed: true, state: "{}" })) as number;
  await store.put(Array.from({ length: size }, (_, i) => said(channel, i)));
  return channel;
}

function said(channel: number, i: number): Change {
  const sender = { sender: "123456", nick: "hecate", shown: false };
  return { put: "message", message: { channel, node: NODE.MESSAGES, id: `m${i}`, at: 1, ...sender, payload: "" } };
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
