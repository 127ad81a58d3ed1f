import { Channels, definePlugin, type Element, NODE, NS, type Plugin, xml } from "masque";
import { type Actor, emptyStore, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { HeldStore, turns } from "../core/channel/held-store.ts";
import { COVEN, disco, events, listed, outcome, publishes, reads } from "../core/channel/replies.ts";
import { ALL, during, itemsOf, setMode, veiled } from "./coven.ts";

const MAP = NODE.JIDMAP;
const JIDMAP = { nodes: [NODE.MESSAGES, MAP] };

async function coven(mode: string, ...given: Partial<Parameters<typeof veiled>>) {
  const host = veiled({ default: mode, ...given[0] }, given[1]);
  const { hecate, hag66 } = await host.coven("hecate", "hag66");
  const macbeth = host.actor("macbeth");
  await macbeth.joins("coven", { generation: 0 });
  return { host, hecate, hag66, macbeth, channel: (await host.use(Channels).find("coven"))! };
}

/** What the map says, as [item id, JID]. */
async function entries(reader: Actor): Promise<(string | null | undefined)[][]> {
  return (await itemsOf(reader, MAP)).map((item) => [
    item.attrs.id,
    item.getChild("participant", NS.MIX_ANON)?.getChildText("jid"),
  ]);
}

const subscribed = (reply: Element) =>
  reply
    .getChildElements()[0]!
    .getChildren("subscribe")
    .map(({ attrs }) => attrs.node);
const subscribes = (actor: Actor) =>
  actor.asks("set", COVEN, xml("update-subscription", { xmlns: NS.MIX_CORE_1 }, xml("subscribe", { node: MAP })));
const nodes = async (actor: Actor) => listed(await actor.asks("get", COVEN, disco("items", "mix")), "node");

describe("the JID map (XEP-0404 §2.5)", () => {
  it("has one item for each participant: by Stable Participant ID for one of generation 1, with his bare JID", {
    tags: ["0404-2.3/2", "0404-2.3/9", "0404-2.5/4", "0404-2.5/9", "0404-2.5/16"],
  }, async () => {
    const { hecate, hag66, macbeth } = await coven("jid-hidden");
    expect(await entries(hecate)).toEqual([
      [hecate.id, hecate.jid],
      [hag66.id, hag66.jid],
      [macbeth.id, macbeth.jid],
    ]);
    expect(String((await itemsOf(hecate, MAP))[1])).toBe(
      `<item id="${hag66.id}"><participant xmlns="urn:xmpp:mix:anon:0"><jid>${hag66.jid}</jid></participant></item>`,
    );
  });

  it("has them by proxy JID for one of generation 0", { tags: ["0404-2.5/8", "0404-2.5/16"] }, async () => {
    const { hecate, hag66, macbeth } = await coven("jid-hidden");
    await hecate.joins("coven", { generation: 0 });
    expect(await entries(hecate)).toEqual([
      [hecate.proxy, hecate.jid],
      [hag66.proxy, hag66.jid],
      [macbeth.proxy, macbeth.jid],
    ]);
  });

  it("is as complete as the participants node at every moment, also right after its plugin was off", {
    tags: ["0404-2.5/4", "0404-2.5/6"],
  }, async () => {
    const { host, hecate, hag66 } = await coven("jid-hidden");
    await host.engine.host.disable("jidmap");
    await host.actor("lennox").joins();
    await hag66.leaves();
    await host.engine.host.enable("jidmap");
    const [map, participants] = [await itemsOf(hecate, MAP), await itemsOf(hecate, NODE.PARTICIPANTS)];
    expect(map.map(({ attrs }) => attrs.id)).toEqual(participants.map(({ attrs }) => attrs.id));
    expect((await entries(hecate)).map(([, jid]) => jid)).toContain("lennox@shakespeare.example");
    expect((await entries(hecate)).map(([, jid]) => jid)).not.toContain(hag66.jid);
  });

  it("tells its subscribers of one who joins and of one who leaves, each in his generation's words", {
    tags: ["0404-2.5/5", "0404-2.5/7"],
  }, async () => {
    const { host, hecate, hag66 } = await coven("jid-visible");
    await hecate.joins("coven", JIDMAP);
    await hag66.joins("coven", { ...JIDMAP, generation: 0 });
    const lennox = host.actor("lennox");
    await lennox.joins();
    expect(events(hecate, MAP).map(String)).toEqual([
      `<items node="${MAP}"><item id="${lennox.id}"><participant xmlns="urn:xmpp:mix:anon:0"><jid>${lennox.jid}</jid></participant></item></items>`,
    ]);
    expect(events(hag66, MAP).at(-1)?.getChild("item")?.attrs.id).toBe(lennox.proxy);
    await lennox.leaves();
    expect(String(events(hecate, MAP).at(-1))).toBe(`<items node="${MAP}"><retract id="${lennox.id}"/></items>`);
    expect(events(hag66, MAP).at(-1)?.getChild("retract")?.attrs.id).toBe(lennox.proxy);
  });

  it("tells nothing of one who joins anew or takes another nick: it is the same entry", async () => {
    const { hecate, hag66 } = await coven("jid-hidden");
    await hecate.joins("coven", JIDMAP);
    await hag66.joins("coven", { nick: "third witch" });
    expect(events(hecate, MAP)).toEqual([]);
  });

  it("retracts one who is ejected", { tags: ["0404-2.5/7"] }, async () => {
    const { hecate, hag66 } = await coven("jid-maybe-visible");
    await hecate.joins("coven", JIDMAP);
    await hag66.prefers({ "JID Visibility": "never" });
    await setMode(hecate, "jid-visible");
    expect(events(hecate, MAP).at(-1)?.getChild("retract")?.attrs.id).toBe(hag66.id);
  });
});

describe("who reads the JID map", () => {
  it.each(["jid-hidden", "jid-maybe-visible"])(
    "in a channel that is %s: owners, and no participant",
    { tags: ["0404-2.3/9", "0404-2.5/1", "0404-2.5/2", "0404-2.5/10"] },
    async (mode) => {
      const { host, hecate, hag66, macbeth } = await coven(mode);
      expect(await entries(hecate)).toHaveLength(3);
      await hag66.prefers({ "JID Visibility": mode === "jid-hidden" ? "prefer" : "always" });
      for (const actor of [hag66, macbeth, host.actor("lennox")]) {
        expect(outcome(await reads(actor, MAP))).toBe("forbidden");
        expect(await nodes(actor)).not.toContain(MAP);
      }
      expect(await nodes(hecate)).toContain(MAP);
    },
  );

  it("in a channel that is jid-visible: every participant, and nobody else", {
    tags: ["0404-2.5/3", "0404-2.5/10"],
  }, async () => {
    const { host, hag66, macbeth } = await coven("jid-visible");
    for (const actor of [hag66, macbeth]) {
      expect(await entries(actor)).toHaveLength(3);
      expect(await nodes(actor)).toContain(MAP);
    }
    expect(outcome(await reads(host.actor("lennox"), MAP))).toBe("forbidden");
    await hag66.leaves();
    expect(outcome(await reads(hag66, MAP))).toBe("forbidden");
  });

  it("is an owner also when he is not in the channel, in the generation of his create", async () => {
    const { hecate, hag66 } = await coven("jid-hidden");
    await hecate.leaves();
    expect(await entries(hecate)).toContainEqual([hag66.id, hag66.jid]);
  });

  it("is an operator of the service", async () => {
    const { host, hag66 } = await coven("jid-hidden", {}, { operators: ["prospero@shakespeare.example"] });
    expect(await entries(host.actor("prospero"))).toContainEqual([hag66.id, hag66.jid]);
  });

  it("is no owner any more who was one", async () => {
    const { hecate, hag66 } = await coven("jid-hidden");
    await publishes(hecate, NODE.CONFIG, { Owner: [hecate.jid, hag66.jid] });
    expect(await entries(hag66)).toHaveLength(3);
    await publishes(hecate, NODE.CONFIG, { Owner: hecate.jid });
    expect(outcome(await reads(hag66, MAP))).toBe("forbidden");
  });

  it("is nobody while a plugin that is asked about it crashes", async () => {
    const cursed: Plugin = definePlugin({
      name: "cursed",
      summary: "Crashes.",
      setup: ({ handle }) =>
        handle("node/may", () => {
          throw new Error("Root of hemlock");
        }),
    });
    const host = testHost([cursed], { plugins: { ...ALL, visibility: { default: "jid-visible" } } });
    const { hecate, hag66 } = await host.coven("hecate", "hag66");
    await host.engine.host.enable("cursed");
    for (const actor of [hecate, hag66]) expect(outcome(await reads(actor, MAP))).toBe("forbidden");
  });

  it.each([
    ["one that is not there", ["urn:x:cauldron"], []],
    ["a participant's", "hag66", 1],
  ] as const)("by id gets %s", async (_, who, count) => {
    const { hecate, hag66 } = await coven("jid-hidden");
    const id = who === "hag66" ? hag66.id : who[0];
    const items = xml("items", { node: MAP }, xml("item", { id }));
    const reply = await hecate.asks("get", COVEN, xml("pubsub", { xmlns: NS.PUBSUB }, items));
    expect(reply.getChild("pubsub")!.getChild("items")!.getChildren("item")).toHaveLength(Number(count));
  });
});

describe("who is told of the JID map", () => {
  it.each(["jid-hidden", "jid-maybe-visible"])(
    "in a channel that is %s: owners only",
    { tags: ["0404-2.5/1", "0404-2.5/13", "0404-2.5/14"] },
    async (mode) => {
      const { hecate, hag66, host } = await coven(mode);
      expect(subscribed(await hecate.joins("coven", JIDMAP))).toEqual(JIDMAP.nodes);
      expect(subscribed(await hag66.joins("coven", JIDMAP))).toEqual([NODE.MESSAGES]);
      expect(outcome(await hag66.joins("coven", { nodes: [MAP] }))).toBe("forbidden");
      expect(outcome(await subscribes(hag66))).toBe("forbidden");
      expect(outcome(await host.actor("lennox").joins("coven", { nodes: [MAP] }))).toBe("forbidden");
      await host.actor("banquo").joins();
      expect(events(hag66, MAP)).toEqual([]);
      expect(events(hecate, MAP)).toHaveLength(1);
    },
  );

  it("in a channel that is jid-visible: whoever wants it", { tags: ["0404-2.5/12", "0404-2.5/14"] }, async () => {
    const { hag66, host } = await coven("jid-visible");
    expect(subscribed(await host.actor("lennox").joins("coven", JIDMAP))).toEqual(JIDMAP.nodes);
    expect(subscribed(await subscribes(hag66))).toEqual([MAP]);
    await host.actor("banquo").joins();
    expect(events(hag66, MAP)).toHaveLength(1);
  });

  it.each(["jid-hidden", "jid-maybe-visible"])(
    "is no participant any more once it is %s, for good; an owner still is",
    { tags: ["0404-2.5/12"] },
    async (mode) => {
      const { hecate, hag66, host, channel } = await coven("jid-visible");
      await hecate.joins("coven", { nodes: [NODE.CONFIG, MAP] });
      await hag66.joins("coven", JIDMAP);
      await setMode(hecate, mode);
      expect(channel.participant(hag66.jid)?.nodes).toEqual(new Set([NODE.MESSAGES]));
      await host.actor("lennox").joins();
      await host.actor("lennox").leaves();
      expect(events(hag66, MAP)).toEqual([]);
      expect(events(hecate, MAP)).toHaveLength(2);
      await setMode(hecate, "jid-visible");
      await host.actor("banquo").joins();
      expect(events(hag66, MAP)).toEqual([]);
    },
  );

  it("is no participant any more either when the mode changed while the plugin was off", async () => {
    const { hecate, hag66, host } = await coven("jid-visible");
    await hag66.joins("coven", JIDMAP);
    await host.engine.host.disable("jidmap");
    await setMode(hecate, "jid-hidden");
    await host.engine.host.enable("jidmap");
    await host.actor("lennox").joins();
    expect(events(hag66, MAP)).toEqual([]);
  });

  it("is no owner any more who ceased to be one, also while the plugin was off", async () => {
    for (const isOff of [false, true]) {
      const { hecate, hag66, host } = await coven("jid-hidden");
      await publishes(hecate, NODE.CONFIG, { Owner: [hecate.jid, hag66.jid] });
      await hag66.joins("coven", JIDMAP);
      if (isOff) await host.engine.host.disable("jidmap");
      await publishes(hecate, NODE.CONFIG, { Owner: hecate.jid });
      if (isOff) await host.engine.host.enable("jidmap");
      await host.actor("lennox").joins();
      expect(events(hag66, MAP)).toEqual([]);
    }
  });

  it.each(["join", "update-subscription"])(
    "is nobody who asked by %s while the channel was visible, and got his turn when it was not",
    async (by) => {
      const store = new HeldStore(await emptyStore());
      const { hecate, hag66, host, channel } = await coven("jid-visible", {}, { store });
      let go = () => {};
      const busy = channel.update(() => new Promise<void>((resolve) => (go = resolve)));
      const hide = xml(
        "x",
        { xmlns: NS.DATA, type: "submit" },
        xml("field", { var: "JID Visibility" }, xml("value", {}, "jid-hidden")),
      );
      const publish = xml("publish", { node: NODE.CONFIG }, xml("item", {}, hide));
      host.push(
        xml(
          "iq",
          { type: "set", from: hecate.client, to: COVEN, id: "1" },
          xml("pubsub", { xmlns: NS.PUBSUB }, publish),
        ),
      );
      await turns();
      const wanted = [xml("nick", {}, "hag66"), ...JIDMAP.nodes.map((node) => xml("subscribe", { node }))];
      host.push(
        xml("iq", { type: "set", from: hag66.client, to: COVEN, id: "2" }, xml(by, { xmlns: NS.MIX_CORE_1 }, wanted)),
      );
      await turns();
      go();
      await busy;
      await host.settled();
      const reply = hag66.received().find(({ attrs }) => attrs.id === "2")!;
      expect(subscribed(reply)).toEqual([NODE.MESSAGES]);
      await host.actor("lennox").joins();
      expect(events(hag66, MAP)).toEqual([]);
    },
  );

  it("is, after the stream was away, who may be told now", async () => {
    const { hecate, hag66, host } = await coven("jid-visible");
    await hag66.joins("coven", JIDMAP);
    host.stream("down");
    const lennox = host.actor("lennox");
    await lennox.joins().catch(() => {});
    await setMode(hecate, "jid-hidden").catch(() => {});
    const told = await during(hag66, async () => {
      host.stream("up");
      await host.settled();
    });
    expect(told.map(String).join("")).not.toContain(lennox.jid);
  });
});

describe("the JID map cannot be written to", () => {
  const item = xml("item", { id: "1" }, xml("participant", { xmlns: NS.MIX_ANON }, xml("jid", {}, "a@b")));
  const VERBS: Readonly<Record<string, Element>> = {
    publish: xml("publish", { node: MAP }, item),
    "publish as the XEP's example has it": xml("publish", {}, xml("items", { node: MAP }, item)),
    retract: xml("retract", { node: MAP, notify: "true" }, xml("item", { id: "1" })),
    create: xml("create", { node: MAP }),
    subscribe: xml("subscribe", { node: MAP, jid: "hecate@shakespeare.example" }),
    unsubscribe: xml("unsubscribe", { node: MAP, jid: "hecate@shakespeare.example" }),
    items: xml("items", { node: MAP }),
    options: xml("options", { node: MAP, jid: "hecate@shakespeare.example" }),
  };
  const OWNER_VERBS = ["purge", "delete", "configure", "default", "affiliations", "subscriptions"];

  it.each(Object.keys(VERBS))(
    "by %s: not by an owner, not by a participant",
    { tags: ["0404-2.5/11"] },
    async (verb) => {
      const { hecate, hag66 } = await coven("jid-visible");
      const before = String(await itemsOf(hecate, MAP));
      for (const actor of [hecate, hag66]) {
        const reply = await actor.asks("set", COVEN, xml("pubsub", { xmlns: NS.PUBSUB }, VERBS[verb]!));
        expect(["forbidden", "not-allowed"]).toContain(outcome(reply));
      }
      expect(String(await itemsOf(hecate, MAP))).toBe(before);
    },
  );

  it.each(OWNER_VERBS)("by an owner's %s", { tags: ["0404-2.5/11", "0404-2.5/15"] }, async (verb) => {
    const { hecate, hag66 } = await coven("jid-visible");
    const before = String(await itemsOf(hecate, MAP));
    for (const actor of [hecate, hag66]) {
      const reply = await actor.asks(
        "set",
        COVEN,
        xml("pubsub", { xmlns: `${NS.PUBSUB}#owner` }, xml(verb, { node: MAP })),
      );
      expect(reply.attrs.type).toBe("error");
    }
    expect(String(await itemsOf(hecate, MAP))).toBe(before);
  });
});

describe("jidmap", () => {
  it("leaves nothing when it is off: the node is none, in disco and when it is read", async () => {
    const { host, hecate } = await coven("jid-visible");
    await host.engine.host.disable("jidmap");
    expect(await nodes(hecate)).not.toContain(MAP);
    expect(outcome(await reads(hecate, MAP))).toBe("item-not-found");
    expect(outcome(await hecate.joins("coven", { nodes: [MAP] }))).toBe("item-not-found");
  });

  it("without visibility is for owners, whatever the channel shows: it knows no modes", async () => {
    const { visibility: _, ...others } = ALL;
    const { hecate, hag66 } = await testHost([], { plugins: others }).coven("hecate", "hag66");
    expect(await entries(hecate)).toHaveLength(2);
    expect(outcome(await reads(hag66, MAP))).toBe("forbidden");
  });
});
