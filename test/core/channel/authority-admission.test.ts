import { definePlugin, type Element, MIX_NAMESPACES, NODE, NS, proxyJid, xml } from "masque";
import { type Actor, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { COVEN, disco, listed, outcome, publish, SERVICE } from "./replies.ts";

const PLUGINS = { channels: {}, participants: {}, messages: {}, archive: {}, info: {}, admin: {}, ping: {} };

/** Refuses whom it is told to, in every channel. */
const porter = (refused: Set<string>, word: () => "admit" | "refuse" = () => "refuse") =>
  definePlugin({
    name: "porter",
    summary: "Remembers whom to let in.",
    setup: ({ guard }) => guard("channel/admit", ({ jid }) => (refused.has(jid) ? word() : undefined)),
  });

async function castle(word?: () => "admit" | "refuse") {
  const refused = new Set<string>();
  const host = testHost([porter(refused, word)], {
    plugins: { ...PLUGINS, porter: {} },
    operators: ["prospero@shakespeare.example"],
  });
  const { hecate, hag66 } = await host.coven("hecate", "hag66");
  return { host, hecate, hag66, refused };
}

const MACBETH = "macbeth@shakespeare.example";

/** Everything that can be said to a channel, or about it, in a form that differs by its name only. */
function everything(channel: string, id: string): Element[] {
  const jid = `${channel}@${SERVICE}`;
  const from = `${MACBETH}/castle`;
  const iq = (type: string, payload: Element, to = jid) => xml("iq", { type, from, to, id: "q1" }, payload);
  const pubsub = (...content: Element[]) => xml("pubsub", { xmlns: NS.PUBSUB }, content);
  const message = (type: string | undefined, to = jid) =>
    xml("message", { type, from, to, id: "q1" }, xml("body", {}, "Speak!"));
  const nodes = Object.values(NODE);
  return [
    ...["mix", undefined, "cauldron"].flatMap((node) => [
      iq("get", disco("info", node)),
      iq("get", disco("items", node)),
    ]),
    ...MIX_NAMESPACES.flatMap((xmlns) => [
      iq("set", xml("join", { xmlns }, xml("subscribe", { node: NODE.MESSAGES }), xml("nick", {}, "thane"))),
      iq("set", xml("join", { xmlns })),
      iq("set", xml("leave", { xmlns })),
      iq("set", xml("setnick", { xmlns }, xml("nick", {}, "thane"))),
      iq("set", xml("update-subscription", { xmlns }, xml("subscribe", { node: NODE.MESSAGES }))),
      iq("set", xml("destroy", { xmlns, channel }), SERVICE),
    ]),
    ...nodes.flatMap((node) => [
      iq("get", pubsub(xml("items", { node }))),
      iq("set", publish(node, xml("item"))),
      iq("set", pubsub(xml("retract", { node }, xml("item", { id: "x" })))),
      iq("set", pubsub(xml("subscribe", { node, jid: MACBETH }))),
    ]),
    iq("get", pubsub(xml("items", { node: "urn:example:cauldron" }))),
    iq("get", pubsub()),
    iq("get", xml("query", { xmlns: NS.MAM })),
    iq("set", xml("query", { xmlns: NS.MAM })),
    iq("get", xml("ping", { xmlns: NS.PING })),
    iq("get", xml("cauldron", { xmlns: "urn:example:cauldron" })),
    iq("set", xml("cauldron", { xmlns: "urn:example:cauldron" })),
    message("groupchat"),
    message("chat"),
    message(undefined),
    message("error"),
    xml("presence", { from, to: jid }),
    xml("presence", { from, to: jid, type: "unavailable" }),
    xml("presence", { from, to: jid, type: "subscribe" }),
    iq("get", xml("vCard", { xmlns: "vcard-temp" }), proxyJid(id, jid)),
    iq("get", disco("info"), `${proxyJid(id, jid)}/x`),
    message("chat", proxyJid(id, jid)),
    xml("presence", { from, to: proxyJid(id, jid) }),
  ];
}

describe("a channel that does not admit somebody", () => {
  it("answers him byte by byte as one that does not exist, whatever he says", async () => {
    const { host, hag66, refused } = await castle();
    refused.add(MACBETH);
    const real = everything("coven", hag66.id);
    const unreal = everything("heath", hag66.id);
    expect(real.length).toBeGreaterThan(50);
    for (const [index, stanza] of real.entries()) {
      const answers = (await host.receive(stanza)).map(String);
      const others = (await host.receive(unreal[index]!)).map(String);
      expect(answers, `${stanza}`).toEqual(others.map((text) => text.replaceAll("heath", "coven")));
      const isAnswered = stanza.name !== "presence" && stanza.attrs.type !== "error";
      expect(answers).toHaveLength(isAnswered ? 1 : 0);
      if (isAnswered) expect(answers[0]).toContain("item-not-found");
    }
  });

  it("reaches nobody with what he said to it", async () => {
    const { host, hag66, hecate, refused } = await castle();
    refused.add(MACBETH);
    const before = hag66.received().length + hecate.received().length;
    for (const stanza of everything("coven", hag66.id)) await host.receive(stanza);
    expect(hag66.received().length + hecate.received().length).toBe(before);
  });

  it("is not listed to him, and is to others", async () => {
    const { host, hag66, refused } = await castle();
    refused.add(MACBETH);
    const seenBy = async (actor: Actor) => listed(await actor.asks("get", SERVICE, disco("items")));
    expect(await seenBy(host.actor("macbeth"))).toEqual([]);
    expect(await seenBy(hag66)).toEqual([COVEN]);
  });

  it("is revealed by create alone, which has to be a conflict", async () => {
    const { host, refused } = await castle();
    refused.add(MACBETH);
    expect(outcome(await host.actor("macbeth").creates("coven"))).toBe("conflict");
  });
});

describe("the vote channel/admit", () => {
  it("is not asked about those who are in the channel, own it, or run the service", async () => {
    const { host, hecate, hag66, refused } = await castle();
    const prospero = host.actor("prospero");
    for (const { jid } of [hecate, hag66, prospero]) refused.add(jid);
    for (const actor of [hecate, hag66, prospero]) {
      expect(outcome(await actor.asks("get", COVEN, disco("info")))).toBe("result");
    }
  });

  it("counts for one who has left", async () => {
    const { hag66, refused } = await castle();
    refused.add(hag66.jid);
    await hag66.leaves();
    expect(outcome(await hag66.asks("get", COVEN, disco("info")))).toBe("item-not-found");
    expect(outcome(await hag66.joins())).toBe("item-not-found");
  });

  it("is a refusal when one voter refuses, whatever the others say", async () => {
    const generous = definePlugin({
      name: "a-generous-one",
      summary: "Admits everybody.",
      setup: ({ guard }) => guard("channel/admit", () => "admit"),
    });
    const host = testHost([generous, porter(new Set([MACBETH]))]);
    await host.coven("hecate");
    expect(outcome(await host.actor("macbeth").asks("get", COVEN, disco("info")))).toBe("item-not-found");
    expect(outcome(await host.actor("banquo").asks("get", COVEN, disco("info")))).toBe("result");
  });

  it("is a refusal when the voter crashes", async () => {
    const { host, refused } = await castle(() => {
      throw new Error("Knock, knock, knock!");
    });
    refused.add(MACBETH);
    const macbeth = host.actor("macbeth");
    expect(outcome(await macbeth.asks("get", COVEN, disco("info")))).toBe("item-not-found");
    expect(listed(await macbeth.asks("get", SERVICE, disco("items")))).toEqual([]);
    expect(host.faults().every(({ plugin, where }) => plugin === "porter" && where === "channel/admit")).toBe(true);
    expect(host.faults()).not.toEqual([]);
  });

  it("is not cached: it may change from one stanza to the next", async () => {
    const { host, refused } = await castle();
    const macbeth = host.actor("macbeth");
    expect(outcome(await macbeth.asks("get", COVEN, disco("info")))).toBe("result");
    refused.add(MACBETH);
    expect(outcome(await macbeth.asks("get", COVEN, disco("info")))).toBe("item-not-found");
    refused.delete(MACBETH);
    expect(outcome(await macbeth.asks("get", COVEN, disco("info")))).toBe("result");
  });
});
