import { NODE, NS, xml } from "masque";
import { type Actor, emptyStore, type TestHost, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import type { Store } from "../../core/storage/store.ts";
import { COVEN, outcome, publishes, reason, sheet } from "../core/channel/replies.ts";

const PLUGINS = { channels: {}, participants: {}, messages: {}, info: {}, admin: {} };
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

async function coven(archive: object = {}, name = "coven") {
  const host = testHost([], { plugins: { ...PLUGINS, archive } });
  return { host, ...(await inhabited(host, name)) };
}

async function inhabited(host: TestHost, name = "coven") {
  const hecate = host.actor("hecate");
  await hecate.creates(name);
  await hecate.joins(name);
  return { hecate };
}

/** What the archive of a channel still has to tell. */
async function kept(reader: Actor, query: { node?: string; to?: string } = {}): Promise<string[]> {
  const before = reader.received().length;
  const reply = await reader.asks("set", query.to ?? COVEN, xml("query", { xmlns: NS.MAM, node: query.node }));
  expect(outcome(reply)).toBe("result");
  const results = reader
    .received()
    .slice(before)
    .flatMap((each) => each.getChild("result", NS.MAM) ?? []);
  return results.map((result) => {
    const message = result.getChild("forwarded", NS.FORWARD)!.getChild("message")!;
    return message.getChildText("body") ?? "an item";
  });
}

/** An hour on the clock after the other, so that what is done every hour is done. */
async function later(host: TestHost, hours: number): Promise<void> {
  for (let i = 0; i < hours; i++) {
    const { waiting } = host.clock;
    host.clock.advance(HOUR);
    // What is done every hour waits for the next one when it is done.
    do await host.settled();
    while (host.clock.waiting < waiting);
  }
}

describe("what is kept of a channel (XEP-0313 §3.2)", () => {
  it("is everything, unless the operator or an owner says otherwise", async () => {
    const { host, hecate } = await coven();
    await hecate.says("double, double");
    host.clock.advance(5000 * DAY);
    await later(host, 2);
    expect(await kept(hecate)).toEqual(["double, double"]);
  });

  it("is what is not older than the operator's option says", async () => {
    const { host, hecate } = await coven({ keep_for: "2 h" });
    await hecate.says("double, double");
    await later(host, 2);
    await hecate.says("toil and trouble");
    expect(await kept(hecate)).toEqual(["double, double", "toil and trouble"]);
    await later(host, 1);
    expect(await kept(hecate)).toEqual(["toil and trouble"]);
    await later(host, 3);
    expect(await kept(hecate)).toEqual([]);
  });

  it("is as many messages as the operator's option says, the newest", async () => {
    const { host, hecate } = await coven({ keep: 2 });
    for (const line of ["Fire burn", "and cauldron", "bubble"]) await hecate.says(line);
    await later(host, 1);
    expect(await kept(hecate)).toEqual(["and cauldron", "bubble"]);
  });

  it.each([{ keep: 1 }, { keep_for: "1 h" }])(
    "asks the store for nothing that it has no number for: %o",
    async (archive) => {
      const store = await emptyStore();
      const bounds: (number | undefined)[] = [];
      const note = (changes: Parameters<Store["put"]>[0]) => {
        for (const each of changes) if (each.put === "expiry") bounds.push(each.before, each.keep);
      };
      const put: Store["put"] = (changes, line) => {
        note(changes);
        return store.put(changes, line);
      };
      const commit: Store["commit"] = (changes, line, settled) => {
        note(changes);
        store.commit(changes, line, settled);
      };
      const watched = new Proxy(store, {
        get(target, name) {
          if (name === "put") return put;
          if (name === "commit") return commit;
          const value = Reflect.get(target, name);
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
      const host = testHost([], { plugins: { ...PLUGINS, archive }, store: watched });
      const { hecate } = await inhabited(host);
      for (const line of ["Fire burn", "and cauldron bubble"]) await hecate.says(line);
      await later(host, 2);
      expect(bounds.length).toBeGreaterThan(0);
      for (const each of bounds) expect(each === undefined || Number.isFinite(each)).toBe(true);
      await host.stop();
      await store.close();
    },
  );

  it("begins, says the metadata, where what is forgotten ends; that is no place to ask from any more", async () => {
    const { host, hecate } = await coven({ keep: 1 });
    const ids: string[] = [];
    for (const line of ["Fire burn", "and cauldron"]) {
      await hecate.says(line);
      ids.push(hecate.received().at(-1)!.attrs.id!);
    }
    await later(host, 1);
    expect(await kept(hecate)).toEqual(["and cauldron"]);
    const metadata = await hecate.asks("get", COVEN, xml("metadata", { xmlns: NS.MAM }));
    expect(metadata.getChild("metadata")?.getChild("start")?.attrs.id).toBe(ids[1]);
    const set = xml("set", { xmlns: NS.RSM }, xml("after", {}, ids[0]!));
    expect(outcome(await hecate.asks("set", COVEN, xml("query", { xmlns: NS.MAM }, set)))).toBe("item-not-found");
  });

  it("is forgotten of its other nodes, too", async () => {
    const { host, hecate } = await coven({ keep: 1 });
    for (const Name of ["Witches Coven", "Dunsinane"]) await publishes(hecate, NODE.INFO, { Name });
    await later(host, 1);
    expect(await kept(hecate, { node: NODE.INFO })).toEqual(["an item"]);
    expect((await sheet(hecate)).values.Name).toEqual(["Dunsinane"]);
  });

  it("is forgotten in each of many channels, also in those that nobody has used since the start", async () => {
    const store = await emptyStore();
    const first = testHost([], { store, plugins: { ...PLUGINS, archive: {} } });
    const names = Array.from({ length: 120 }, (_, i) => `heath${i}`);
    for (const name of names) {
      const { hecate } = await inhabited(first, name);
      await hecate.says("When shall we three");
      await hecate.says("meet again?");
    }
    await first.stop();
    const second = await testHost([], { store, plugins: { ...PLUGINS, archive: { keep: 1 } } }).start();
    await later(second, 1);
    expect((await store.archives(0, 1000)).map(({ count }) => count)).toEqual(names.map(() => 1));
    expect([...second.engine.registry.loaded()]).toEqual([]);
    await second.stop();
    await store.close();
  });
});

describe("what an owner wants to be kept of his channel", () => {
  const HISTORY = ["History Days", "History Messages"];

  it("is less than the operator would, in his channel alone", async () => {
    const { host, hecate } = await coven({ keep: 5 });
    await inhabited(host, "heath");
    for (const line of ["one", "two", "three"]) await hecate.says(line);
    await hecate.joins("coven");
    for (const line of ["one", "two", "three"]) await hecate.says(line);
    expect(outcome(await publishes(hecate, NODE.CONFIG, { "History Messages": "1" }))).toBe("result");
    await later(host, 1);
    expect(await kept(hecate)).toEqual(["three"]);
    expect(await kept(hecate, { to: "heath@mix.shakespeare.example" })).toEqual(["one", "two", "three"]);
  });

  it("may be so many days", async () => {
    const { host, hecate } = await coven();
    await publishes(hecate, NODE.CONFIG, { "History Days": "1" });
    await hecate.says("Anon!");
    await later(host, 24);
    expect(await kept(hecate)).toEqual(["Anon!"]);
    await later(host, 1);
    expect(await kept(hecate)).toEqual([]);
  });

  it("is never more: he is told how much at most", async () => {
    const { hecate } = await coven({ keep: 5, keep_for: "3 d" });
    const reply = await publishes(hecate, NODE.CONFIG, { "History Days": "4", "History Messages": "6" });
    expect(outcome(reply)).toBe("not-acceptable");
    expect(reason(reply)).toBe(
      '"History Days" can be 3 at most: the service keeps no more days. ' +
        '"History Messages" can be 5 at most: the service keeps no more messages.',
    );
  });

  it("is no more than the operator keeps later", async () => {
    const { host, hecate } = await coven();
    await publishes(hecate, NODE.CONFIG, { "History Messages": "100" });
    for (const line of ["one", "two", "three"]) await hecate.says(line);
    await host.engine.host.enable("archive", { keep: 2 });
    await later(host, 1);
    expect(await kept(hecate)).toEqual(["two", "three"]);
  });

  it.each(["0", "-1", "many", "1.5"])("is a whole number from 1 up, and not %s", async (value) => {
    const { hecate } = await coven();
    const reply = await publishes(hecate, NODE.CONFIG, { "History Days": value });
    expect(reason(reply)).toBe(`"History Days" takes a whole number from 1 up, or nothing, not "${value}".`);
  });

  it("can be taken back", async () => {
    const { hecate } = await coven();
    await publishes(hecate, NODE.CONFIG, { "History Days": "1", "History Messages": "1" });
    expect(outcome(await publishes(hecate, NODE.CONFIG, { "History Days": "", "History Messages": "" }))).toBe(
      "result",
    );
    const { values } = await sheet(hecate, NODE.CONFIG);
    expect(HISTORY.map((name) => values[name])).toEqual([[], []]);
  });

  it("is not asked for while there is no archive, and is known again after", async () => {
    const { host, hecate } = await coven();
    await publishes(hecate, NODE.CONFIG, { "History Days": "7" });
    await host.engine.host.disable("archive");
    const without = await sheet(hecate, NODE.CONFIG);
    expect(HISTORY.filter((name) => name in without.values)).toEqual([]);
    await host.engine.host.enable("archive");
    expect((await sheet(hecate, NODE.CONFIG)).values["History Days"]).toEqual(["7"]);
  });
});
