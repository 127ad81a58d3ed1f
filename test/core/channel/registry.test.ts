import { type Channel, Channels, NODE, NS, type Participant, xml } from "masque";
import { type Actor, emptyStore, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { StoreError } from "../../../core/storage/store-error.ts";
import { COVEN, events, outcome, publishes, reason, SERVICE, sheet } from "./replies.ts";

const PLUGINS = { channels: {}, participants: {}, messages: {}, archive: {}, info: {}, admin: {} };
const DESTROY = () => xml("destroy", { xmlns: NS.MIX_CORE_1, channel: "coven" });

async function coven(...names: string[]) {
  const { host } = await testHost([], { plugins: PLUGINS }).coven("hecate", ...names);
  const channels = host.use(Channels);
  return { host, channels, channel: (await channels.find("coven"))! };
}

function witch(nick: string): Participant {
  const delivery = { mode: "bare", full: [] } as const;
  const nodes = new Set([NODE.MESSAGES]);
  return {
    id: `id-of-${nick}`,
    jid: `${nick}@shakespeare.example`,
    nick,
    generation: 1,
    nodes,
    delivery,
    clients: {},
    traits: {},
  };
}

describe("finding a channel", () => {
  it("gives everybody the same one, at once when it is loaded", async () => {
    const { channels, channel } = await coven();
    expect(channels.find("coven")).toBe(channel);
  });

  it("finds none that was never created", async () => {
    const { channels } = await coven();
    expect(await channels.find("heath")).toBeUndefined();
  });

  it("loads it once, however many ask while it is being loaded, as it was left", async () => {
    const store = await emptyStore();
    const first = testHost([], { store, plugins: PLUGINS });
    const { hag66 } = await first.coven("hecate", "hag66");
    await publishes(first.actor("hecate"), NODE.INFO, { Name: "Witches Coven" });
    await first.stop();
    const second = await testHost([], { store, plugins: PLUGINS }).start();
    const found = await Promise.all([1, 2, 3].map(() => second.use(Channels).find("coven")));
    expect(new Set(found).size).toBe(1);
    expect(found[0]?.size).toBe(2);
    expect(found[0]?.participant(hag66.jid)?.id).toBe(hag66.id);
    expect((await sheet(second.actor("hecate"))).values.Name).toEqual(["Witches Coven"]);
    expect((await sheet(second.actor("hecate"), NODE.CONFIG)).values.Owner).toEqual(["hecate@shakespeare.example"]);
  });

  it("says so when the store cannot be read, and finds it when it can again", async () => {
    const store = await emptyStore();
    const first = testHost([], { store });
    await first.coven("hecate");
    await first.stop();
    const read = store.channel.bind(store);
    store.channel = () => Promise.reject(new Error("The disk is away."));
    const second = testHost([], { store });
    const hecate = second.actor("hecate");
    const ping = () => xml("leave", { xmlns: NS.MIX_CORE_1 });
    expect(outcome(await hecate.asks("set", COVEN, ping()))).toBe("internal-server-error");
    store.channel = read;
    expect(outcome(await hecate.asks("set", COVEN, ping()))).toBe("result");
  });
});

describe("the list of channels", () => {
  it("is as long as was asked for, however many are left out on the way", async () => {
    const { host, channels } = await coven();
    for (const name of ["alpha", "beta", "delta", "epsilon"]) await host.actor("hecate").creates(name);
    host.engine.host.core.guard("channel/admit", ({ channel }) => (channel.name === "beta" ? "refuse" : "admit"));
    const listed = (after: string, limit: number) => channels.listed("macbeth@shakespeare.example", after, limit);
    expect(await listed("", 2)).toEqual(["alpha", "coven"]);
    expect(await listed("coven", 2)).toEqual(["delta", "epsilon"]);
    expect(await listed("", 9)).toEqual(["alpha", "coven", "delta", "epsilon"]);
    expect(await listed("epsilon", 2)).toEqual([]);
  });

  it("is read a page at a time, and loads none of those on it", async () => {
    const store = await emptyStore();
    const host = await testHost([], { store }).start();
    const [hecate, macbeth] = [host.actor("hecate"), host.actor("macbeth")];
    await hecate.creates("coven");
    const state = JSON.stringify((await host.engine.registry.find("coven"))?.state);
    const names = Array.from({ length: 250 }, (_, i) => `heath${1000 + i}`);
    for (const name of names) await store.create({ name, created: 0, listed: true, state });
    host.engine.host.core.guard("channel/admit", ({ channel: { name } }) => (name < "heath1240" ? "refuse" : "admit"));
    const pages: number[] = [];
    const read = store.listed.bind(store);
    store.listed = async (...asked) => {
      const page = await read(...asked);
      pages.push(page.length);
      return page;
    };
    const { registry } = host.engine;
    expect(await registry.listed(macbeth.jid, "", 5)).toEqual(names.slice(240, 245));
    expect(pages).toEqual([100, 100, 51]);
    expect(await registry.listed(hecate.jid, "heath1002", 2)).toEqual(["heath1003", "heath1004"]);
    expect([...registry.loaded()].map(({ name }) => name)).toEqual(["coven"]);
    await host.stop();
    await store.close();
  });

  it("has the channels one is in, loaded or not, whatever the voters say", async () => {
    const store = await emptyStore();
    const first = testHost([], { store });
    await first.coven("hecate", "hag66");
    await first.stop();
    const second = await testHost([], { store }).start();
    const { registry, host } = second.engine;
    host.core.guard("channel/admit", () => "refuse");
    const seenBy = (name: string) => registry.listed(`${name}@shakespeare.example`, "", 9);
    for (const _ of ["before it is loaded", "after"]) {
      expect(await seenBy("hag66")).toEqual(["coven"]);
      expect(await seenBy("macbeth")).toEqual([]);
      await registry.find("coven");
    }
    await second.stop();
    await store.close();
  });
});

describe("creating and destroying", () => {
  it("are facts that plugins hear of, with who did it", async () => {
    const { host, channels } = await coven();
    const heard: string[] = [];
    host.engine.host.on("channel/created", ({ channel, by }) => void heard.push(`${by} made ${channel.name}`));
    host.engine.host.on("channel/destroyed", ({ channel, by }) => void heard.push(`${by} ended ${channel.name}`));
    const heath = await channels.create({
      name: "heath",
      by: "hag66@shakespeare.example",
      generation: 1,
      listed: true,
    });
    await channels.destroy(heath, "prospero@shakespeare.example");
    expect(heard).toEqual(["hag66@shakespeare.example made heath", "prospero@shakespeare.example ended heath"]);
  });

  it("happen once for a channel that two destroy at once", async () => {
    const { host, channels, channel } = await coven();
    const heard: Channel[] = [];
    host.engine.host.on("channel/destroyed", ({ channel }) => void heard.push(channel));
    await Promise.allSettled([channels.destroy(channel, "a@b.example"), channels.destroy(channel, "c@d.example")]);
    expect(heard).toEqual([channel]);
  });

  it("do not mistake the channel that comes for the one that goes under the same name", async () => {
    const { channels, channel } = await coven();
    // While something is being committed, what follows is gathered into one transaction.
    const heath = channels.create({ name: "heath", by: "hecate@shakespeare.example", generation: 1, listed: true });
    const [, created] = await Promise.all([
      channels.destroy(channel, "hecate@shakespeare.example"),
      channels.create({ name: "coven", by: "hag66@shakespeare.example", generation: 1, listed: true }),
    ]);
    await heath;
    expect(created.key).not.toBe(channel.key);
    expect(await channels.find("coven")).toBe(created);
    await created.update((turn) => turn.put(witch("hag66")));
    expect(created.size).toBe(1);
  });

  it("leave the new channel in place when somebody destroys the old one late", async () => {
    const { channels, channel } = await coven();
    await channels.destroy(channel, "hecate@shakespeare.example");
    const created = await channels.create({
      name: "coven",
      by: "hag66@shakespeare.example",
      generation: 1,
      listed: true,
    });
    await channels.destroy(channel, "prospero@shakespeare.example").catch(() => {});
    expect(await channels.find("coven")).toBe(created);
  });

  it("confirm no change that comes after the end, and keep nothing of it", async () => {
    const { channels, channel, host } = await coven("hag66");
    const told: string[] = [];
    const destroyed = channels.destroy(channel, "hecate@shakespeare.example");
    const joined = channel.update((turn) => {
      turn.put(witch("thirdwitch"));
      turn.after(() => void told.push("joined"));
    });
    const said = channel.post({
      sender: "hag66@shakespeare.example",
      payload: "<body>Hail!</body>",
      id: "1",
      keep: true,
    });
    const outcomes = await Promise.allSettled([destroyed, joined, said]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
    await host.settled();
    expect(told).toEqual([]);
    expect(host.actor("hag66").heard()).toEqual([]);
    expect(await channels.find("coven")).toBeUndefined();
    expect(host.complaints).toEqual([]);
  });
});

describe("a change that cannot be stored", () => {
  /** A coven on a store whose next change fails once `breaks` was called. */
  async function fragile(failure: Error = new Error("The disk failed.")) {
    const store = await emptyStore();
    const commit = store.commit.bind(store);
    let isBroken = false;
    const broken = new Set<object>();
    store.commit = (changes, line, settled) => {
      if (!isBroken && !broken.has(line)) return commit(changes, line, settled);
      isBroken = false;
      broken.add(line);
      commit([], line, () => settled(failure as StoreError));
    };
    const host = testHost([], { store, plugins: PLUGINS, operators: ["prospero@shakespeare.example"] });
    const actors = await host.coven("hecate", "hag66");
    const breaks = () => {
      isBroken = true;
    };
    return { ...actors, host, breaks, channels: host.use(Channels) };
  }

  it("is answered with an error, told to nobody, and not done", async () => {
    const { hecate, hag66, breaks } = await fragile();
    const before = await sheet(hecate);
    breaks();
    const reply = await publishes(hecate, NODE.INFO, { Name: "Dunsinane" });
    expect(outcome(reply)).toBe("internal-server-error");
    expect(reason(reply)).toBe("This could not be stored, so it was not done.");
    expect(events(hag66, NODE.INFO)).toEqual([]);
    expect(await sheet(hecate)).toEqual(before);
  });

  it("is followed by the channel as it is stored: another object, with everybody in it, that works", async () => {
    const { hecate, hag66, breaks, channels, host } = await fragile();
    const before = await channels.find("coven");
    breaks();
    await publishes(hecate, NODE.INFO, { Name: "Dunsinane" });
    const after = await channels.find("coven");
    expect(after).not.toBe(before);
    expect([...after!.participants].map(({ id }) => id).sort()).toEqual([hecate.id, hag66.id].sort());
    expect(outcome(await publishes(hecate, NODE.INFO, { Name: "Birnam" }))).toBe("result");
    expect((await sheet(hag66)).values.Name).toEqual(["Birnam"]);
    expect(events(hag66, NODE.INFO)).toHaveLength(1);
    expect(host.complaints).toEqual(["What could not be stored was not done."]);
  });

  it("lets nobody in whose join was not stored, and keeps his nick free", async () => {
    const { hag66, host, breaks } = await fragile();
    breaks();
    expect(outcome(await host.actor("macbeth").joins("coven", { nick: "thane" }))).toBe("internal-server-error");
    expect(events(hag66, NODE.PARTICIPANTS).filter((items) => items.toString().includes("thane"))).toEqual([]);
    await host.actor("macbeth").says("So foul and fair a day I have not seen");
    expect(hag66.heard()).toEqual([]);
    expect(outcome(await host.actor("banquo").joins("coven", { nick: "thane" }))).toBe("result");
  });

  it("is to be tried again later where it may be stored then (RFC 6120 §8.3.2)", async () => {
    const { hag66, breaks } = await fragile(new StoreError("Another program holds a lock.", { isPassing: true }));
    breaks();
    await hag66.says("Killing swine.");
    const error = hag66.received().find(({ attrs }) => attrs.type === "error");
    expect(outcome(error)).toBe("resource-constraint");
    expect(error?.getChild("error")?.attrs.type).toBe("wait");
  });

  it("does not let one out whose leave was not stored", async () => {
    const { hecate, hag66, breaks } = await fragile();
    breaks();
    expect(outcome(await hag66.leaves())).toBe("internal-server-error");
    await hecate.says("Where hast thou been, sister?");
    expect(hag66.heard()).toEqual(["Where hast thou been, sister?"]);
  });

  it("reflects no message that could not be archived; its sender is told, and may send it again", async () => {
    const { hecate, hag66, breaks } = await fragile();
    breaks();
    const id = await hag66.says("Killing swine.");
    expect(hecate.heard()).toEqual([]);
    const error = hag66.received().find(({ attrs }) => attrs.type === "error");
    expect(error?.attrs).toMatchObject({ id, from: COVEN });
    expect(outcome(error)).toBe("internal-server-error");
    await hag66.says("Killing swine.");
    expect(hecate.heard()).toEqual(["Killing swine."]);
  });

  it("does not confirm or reflect what was waiting behind it, though that was stored or needed no storing", async () => {
    const { hecate, hag66, breaks, channels } = await fragile();
    const channel = (await channels.find("coven"))!;
    breaks();
    const told: string[] = [];
    const spoilt = channel.update((turn) => turn.amend({ requires: [] }));
    const unkept = channel.post({ sender: hag66.jid, payload: "<composing/>", id: "1", keep: false });
    const behind = channel.update((turn) => turn.after(() => void told.push("behind")));
    const outcomes = await Promise.allSettled([spoilt, unkept, behind]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(told).toEqual([]);
    expect(hecate.received().join()).not.toContain("composing");
  });

  it("keeps the channel when it was its end, and its subscribers are not told otherwise", async () => {
    const { hecate, hag66, breaks } = await fragile();
    breaks();
    expect(outcome(await hecate.asks("set", SERVICE, DESTROY()))).toBe("internal-server-error");
    expect(events(hag66, NODE.MESSAGES)).toEqual([]);
    expect((await sheet(hag66)).values.Name).toEqual([]);
    expect(outcome(await hecate.asks("set", SERVICE, DESTROY()))).toBe("result");
  });

  it("is felt in one channel only", async () => {
    const { hecate, hag66, breaks, host } = await fragile();
    await hecate.creates("heath");
    for (const witch of [hecate, hag66] satisfies Actor[]) await witch.joins("heath");
    const heath = await host.use(Channels).find("heath");
    breaks();
    await publishes(hecate, NODE.INFO, { Name: "Dunsinane" });
    expect(await host.use(Channels).find("heath")).toBe(heath);
    await hag66.says("All hail!");
    expect(hecate.heard()).toEqual(["All hail!"]);
  });

  it("does not create a channel that was not stored", async () => {
    const store = await emptyStore();
    const create = store.create.bind(store);
    store.create = () => Promise.reject(new Error("The disk is full."));
    const host = testHost([], { store });
    expect(outcome(await host.actor("hecate").creates("coven"))).toBe("internal-server-error");
    store.create = create;
    expect(outcome(await host.actor("hag66").creates("coven"))).toBe("result");
  });
});
