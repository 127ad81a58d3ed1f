import { type Element, NODE, NS, xml } from "masque";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { disco, features, form, listed, publish } from "../core/channel/replies.ts";
import { COVEN, type Person, SERVICE, saidIn } from "./person.ts";
import { Play } from "./play.ts";

// One story: each `it` goes on where the one before ended. Hecate speaks MIX-CORE 0.11 of 2018, hag66 0.14 of today.
describe("a conversation of two generations in one channel", () => {
  let play: Play;
  let hecate: Person;
  let hag66: Person;

  beforeAll(async () => {
    play = await Play.begin();
    hecate = play.person("hecate");
    hag66 = play.person("hag66");
  });
  afterAll(() => play.end());

  it("begins with finding the service, in both generations", async () => {
    const reply = await hecate.asks("get", SERVICE, disco("info"));
    expect(reply.getChild("query")?.getChild("identity")?.attrs).toEqual({
      category: "conference",
      type: "mix",
      name: "Shakespearean Chat Service",
    });
    expect(features(reply)).toEqual(
      expect.arrayContaining([
        NS.MIX_CORE_0,
        NS.MIX_CORE_1,
        `${NS.MIX_CORE_0}#searchable`,
        `${NS.MIX_CORE_1}#searchable`,
      ]),
    );
  });

  it("creates a channel, and the other finds it with its archive", async () => {
    const reply = await hecate.creates("coven", 0);
    expect(reply.getChild("create", NS.MIX_CORE_0)?.attrs.channel).toBe("coven");
    expect(listed(await hag66.asks("get", SERVICE, disco("items")))).toEqual([COVEN]);
    const found = features(await hag66.asks("get", COVEN, disco("info", "mix")));
    expect(found).toEqual(expect.arrayContaining([NS.MIX_CORE_0, NS.MIX_CORE_1, NS.MAM]));
  });

  it("lets each join in his own generation", { tags: ["0369-3/1"] }, async () => {
    const old = await hecate.joins({ generation: 0, nick: "third witch" });
    expect(old.getChild("join", NS.MIX_CORE_0)?.attrs).toMatchObject({ id: hecate.id, jid: `${hecate.id}#${COVEN}` });
    const today = await hag66.joins({ generation: 1, nick: "first witch", from: hag66.client });
    expect(today.getChild("join", NS.MIX_CORE_1)?.attrs.id).toBe(hag66.id);
    expect(hag66.id).toMatch(/^[a-z0-9]{16}$/);
  });

  it("tells the first of the second, by the handle of her generation", async () => {
    const told = await play.server.until(
      ({ attrs, ...stanza }) =>
        attrs.to === hecate.jid &&
        String(stanza.children).includes(hag66.id) &&
        String(stanza.children).includes("event"),
    );
    const items = told.getChild("event", NS.PUBSUB_EVENT)?.getChild("items");
    expect(items?.attrs.node).toBe(NODE.PARTICIPANTS);
    expect(items?.getChild("item")?.attrs.id).toBe(`${hag66.id}#${COVEN}`);
    expect(items?.getChild("item")?.getChild("participant", NS.MIX_CORE_0)?.getChildText("nick")).toBe("first witch");
  });

  it("names everybody in the participants node, to each in his own way", async () => {
    const today = await hag66.reads(NODE.PARTICIPANTS);
    const name = (item: Element) => item.getChild("participant", NS.MIX_CORE_1)?.getChildText("nick");
    expect(new Map(today.map((item) => [item.attrs.id, name(item)]))).toEqual(
      new Map([
        [hecate.id, "third witch"],
        [hag66.id, "first witch"],
      ]),
    );
    const old = await hecate.reads(NODE.PARTICIPANTS);
    const handles = [hecate.id, hag66.id].map((id) => `${id}#${COVEN}`);
    expect(old.map(({ attrs }) => attrs.id).sort()).toEqual(handles.sort());
  });

  it("carries what one says to both, under one id", { tags: ["0369-3/1"] }, async () => {
    await hecate.says("Have I not reason, beldams as you are?");
    const old = await hecate.hears("Have I not reason, beldams as you are?");
    const today = await hag66.hears("Have I not reason, beldams as you are?");
    expect(old.attrs).toMatchObject({ to: hecate.jid, from: COVEN, type: "groupchat" });
    expect(today.attrs).toMatchObject({ to: hag66.client, from: `${COVEN}/${hecate.id}`, type: "groupchat" });
    expect(old.attrs.id).toBe(today.attrs.id);
    for (const copy of [old, today])
      expect(copy.getChild("stanza-id", NS.SID)?.attrs).toMatchObject({ id: old.attrs.id, by: COVEN });
    expect(old.getChild("mix", NS.MIX_CORE_0)?.getChildText("submission-id")).toMatch(/^hecate-/);
    expect(saidIn(today)).toEqual({ nick: "third witch", body: "Have I not reason, beldams as you are?" });
  });

  it("brings a new name, and what is said after it, in that order", async () => {
    await hag66.names("second witch");
    await hag66.says("Saucy and overbold?");
    const heard = await hecate.hears("Saucy and overbold?");
    expect(saidIn(heard).nick).toBe("second witch");
    const order = hecate.received().map(String);
    const renamed = order.findIndex((text) => text.includes("event") && text.includes("second witch"));
    expect(renamed).toBeGreaterThan(0);
    expect(renamed).toBeLessThan(order.indexOf(String(heard)));
  });

  it("gets a description from its owner, of which both are told", async () => {
    const description = form({ Description: "A place for witches & their <familiars>" }, NS.MIX_CORE_0);
    const reply = await hecate.asks("set", COVEN, publish(NODE.INFO, xml("item", {}, description)));
    expect(reply.attrs.type).toBe("result");
    for (const person of [hecate, hag66]) {
      const told = person.received().filter((stanza) => String(stanza).includes("A place for witches"));
      expect(told.map(({ attrs }) => attrs.to)).toEqual([person.jid]);
    }
  });

  it("is remembered: both read the same archive", async () => {
    const bodies = ["Have I not reason, beldams as you are?", "Saucy and overbold?"];
    const [old, today] = [await hecate.archive(), await hag66.archive()];
    expect(old.map(({ body }) => body)).toEqual(bodies);
    expect(today).toEqual(old);
    expect(today.map(({ id }) => id)).toEqual(hag66.reflections().map(({ attrs }) => attrs.id));
    expect(today.map(({ nick }) => nick)).toEqual(["third witch", "second witch"]);
  });

  it("ends for one who leaves: she hears and reads nothing more", async () => {
    const gone = await hag66.leaves();
    expect(gone.getChild("leave", NS.MIX_CORE_1)).toBeDefined();
    await hecate.says("How did you dare?");
    await hecate.hears("How did you dare?");
    expect(hag66.heard()).not.toContain("How did you dare?");
    await expect(hag66.archive()).rejects.toThrow("forbidden");
    expect((await hecate.reads(NODE.PARTICIPANTS)).map(({ attrs }) => attrs.id)).toEqual([`${hecate.id}#${COVEN}`]);
  });

  it("ends for all when its owner destroys it", async () => {
    const reply = await hecate.asks("set", SERVICE, xml("destroy", { xmlns: NS.MIX_CORE_0, channel: "coven" }));
    expect(reply.attrs.type).toBe("result");
    expect(listed(await hecate.asks("get", SERVICE, disco("items")))).toEqual([]);
    expect(play.errors).toEqual([]);
  });
});
