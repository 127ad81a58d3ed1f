import { Channels, definePlugin, type Element, formOf, NODE, NS, xml } from "masque";
import { type Actor, type TestHost, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { Meters } from "../../plugins/limits/meters.ts";
import { turns } from "../core/channel/held-store.ts";
import { COVEN, disco, outcome, publishes, reason, SERVICE } from "../core/channel/replies.ts";

const BASE = { channels: {}, participants: {}, messages: {}, visibility: {}, info: {} };
const NOWHERE = `dunsinane@${SERVICE}`;

/** hecate's coven with hag66, in which nobody has sent anything for a minute. */
async function coven(limits: object, operators: string[] = []) {
  const cast = await testHost([], { plugins: { ...BASE, limits }, operators }).coven("hecate", "hag66");
  cast.host.clock.advance(60_000);
  return cast;
}

const line = (actor: Actor, id: string | number, to = COVEN) =>
  xml("message", { from: actor.client, to, type: "groupchat", id: String(id) }, xml("body", {}, String(id)));

/** Says so many lines in a row, and lets everything happen that waits for nothing but its turn. */
async function floods(host: TestHost, actor: Actor, count: number, from = 1): Promise<void> {
  for (let i = 0; i < count; i++) host.push(line(actor, from + i));
  await turns();
}

const later = async (host: TestHost, ms: number) => {
  host.clock.advance(ms);
  await turns();
};

const errors = (actor: Actor) => actor.received().filter(({ attrs }) => attrs.type === "error");
const upTo = (count: number) => Array.from({ length: count }, (_, i) => String(i + 1));

describe("a sender", () => {
  const LIMITS = { sender_burst: 5, sender_rate: 1, delay: "2 s" };

  it("may send a thousand stanzas at once, unless the operator has it otherwise", async () => {
    const { host, hecate, hag66 } = await coven({});
    await floods(host, hecate, 1000);
    expect(hag66.heard()).toHaveLength(1000);
    expect(errors(hecate)).toEqual([]);
    await floods(host, hecate, 1, 1001);
    expect(hag66.heard()).toHaveLength(1000);
    await later(host, 20);
    expect(hag66.heard()).toHaveLength(1001);
  });

  it("who sends more than his burst is made to wait first, in the order in which he sent", async () => {
    const { host, hecate, hag66 } = await coven(LIMITS);
    await floods(host, hecate, 7);
    expect(hag66.heard()).toEqual(upTo(5));
    await later(host, 999);
    expect(hag66.heard()).toEqual(upTo(5));
    await later(host, 1);
    expect(hag66.heard()).toEqual(upTo(6));
    await later(host, 1000);
    expect(hag66.heard()).toEqual(upTo(7));
    expect(errors(hecate)).toEqual([]);
  });

  it("is refused what would have to wait longer, and told when to try again (RFC 6120 §8.3.3.18)", async () => {
    const { host, hecate, hag66 } = await coven(LIMITS);
    await floods(host, hecate, 9);
    const refused = errors(hecate);
    expect(refused.map(({ attrs }) => attrs.id)).toEqual(["8", "9"]);
    expect(refused.map(outcome)).toEqual(["resource-constraint", "resource-constraint"]);
    expect(refused[0]!.getChild("error")!.attrs.type).toBe("wait");
    expect(reason(refused[0]!)).toBe("You send more than is taken here: try again in 3 seconds.");
    // Neither is it kept, nor given back.
    expect(refused[0]!.getChildElements()).toHaveLength(1);
    await later(host, 3000);
    expect(hag66.heard()).toEqual(upTo(7));
    await floods(host, hecate, 1, 10);
    expect(hag66.heard()).toEqual([...upTo(7), "10"]);
  });

  it("who sends too much keeps nobody else waiting", async () => {
    const { host, hecate, hag66 } = await coven(LIMITS);
    await floods(host, hecate, 20);
    await floods(host, hag66, 1, 77);
    expect(hecate.heard()).toEqual([...upTo(5), "77"]);
  });

  it("is one person, whichever of his clients he sends from, and whoever speaks for him", async () => {
    const { host, hecate, hag66 } = await coven(LIMITS);
    for (const from of [`${hecate.jid}/broom`, `${hecate.jid}/cauldron`, hecate.jid])
      for (let i = 0; i < 2; i++) host.push(xml("message", { ...line(hecate, "x").attrs, from }, xml("body", {}, "x")));
    await turns();
    expect(hag66.heard()).toHaveLength(5);
  });

  it.each([
    ["a message", (from: string) => xml("message", { from, to: COVEN, id: "a", type: "groupchat" })],
    ["an iq", (from: string) => xml("iq", { from, to: COVEN, id: "a", type: "get" }, disco("info"))],
    ["an iq that is none", (from: string) => xml("iq", { from, to: COVEN, id: "a", type: "get" })],
    ["a presence", (from: string) => xml("presence", { from, to: COVEN, id: "a" })],
    ["what has no usable address", (from: string) => xml("message", { from, to: "@", id: "a" })],
  ])("gets an error for %s that is refused", async (_, stanza) => {
    const { host, hecate } = await coven({ ...LIMITS, delay: "0 s" });
    await floods(host, hecate, 5);
    const replies = await host.receive(stanza(hecate.client));
    expect(replies.map(({ attrs, name }) => [name, attrs.id, attrs.to])).toEqual([
      [stanza("").name, "a", hecate.client],
    ]);
    expect(replies.map(outcome)).toEqual(["resource-constraint"]);
  });

  it("gets no error for an error (RFC 6120 §8.3.1), and his answers to our own questions count for nothing", async () => {
    const { host, hecate } = await coven({ ...LIMITS, delay: "0 s" });
    await floods(host, hecate, 5);
    const refusal = xml("message", { from: hecate.client, to: COVEN, type: "error", id: "a" });
    expect(await host.receive(refusal)).toEqual([]);
    for (let i = 0; i < 9; i++)
      await host.receive(xml("iq", { from: hecate.jid, to: COVEN, type: "result", id: `${i}` }));
    host.clock.advance(1000);
    expect((await host.receive(line(hecate, "b"))).map(outcome)).not.toContain("resource-constraint");
  });

  it("is gone when he goes, however much he has sent", async () => {
    const plugins = { ...BASE, presence: {}, limits: { ...LIMITS, delay: "0 s", stanza: "1 KiB" } };
    const { host, hecate, hag66 } = await testHost([], { plugins }).coven("hecate", "hag66");
    host.clock.advance(60_000);
    await hecate.asks(
      "set",
      COVEN,
      xml("update-subscription", { xmlns: NS.MIX_CORE_1 }, xml("subscribe", { node: NODE.PRESENCE })),
    );
    const presence = (type?: string) =>
      xml("presence", { from: hag66.client, to: COVEN, type }, xml("status", {}, "x".repeat(type ? 2000 : 10)));
    await host.receive(presence());
    await floods(host, hag66, 9);
    expect(errors(hag66).length).toBeGreaterThan(0);
    await host.receive(presence("unavailable"));
    const told = hecate.received().filter(({ name }) => name === "presence");
    expect(told.map(({ attrs }) => attrs.type)).toEqual([undefined, "unavailable"]);
  });

  it("is told the same of a channel that is there, that is not, and that he may not know of", async () => {
    const bouncer = definePlugin({
      name: "bouncer",
      summary: "Admits nobody.",
      setup: ({ guard }) => guard("channel/admit", () => "refuse"),
    });
    const plugins = { ...BASE, bouncer: {}, limits: { ...LIMITS, delay: "0 s" } };
    const { host } = await testHost([bouncer], { plugins }).coven("hecate");
    const told = async (name: string, to: string) => {
      const peter = host.actor(name);
      for (let i = 0; i < 5; i++) await host.receive(line(peter, i, to));
      const [reply] = await host.receive(line(peter, "more", to));
      return reply!.toString().replaceAll(peter.name, "").replaceAll(to, "");
    };
    const nowhere = await told("peter", NOWHERE);
    expect(nowhere).toContain("resource-constraint");
    expect(await told("paul", COVEN)).toBe(nowhere);
  });

  it("is made to wait no more once too many wait, but refused", async () => {
    const { host, hecate, hag66 } = await coven({ ...LIMITS, delayed: 1 });
    await floods(host, hecate, 6);
    await floods(host, hag66, 6);
    expect([errors(hecate).length, errors(hag66).length]).toEqual([0, 1]);
    await later(host, 1000);
    await floods(host, hag66, 2);
    await later(host, 1000);
    expect(errors(hag66)).toHaveLength(1);
  });

  it("pays for a large stanza as for several", async () => {
    const { host, hecate, hag66 } = await coven({ ...LIMITS, delay: "0 s" });
    await hecate.says("double ".repeat(3000));
    await floods(host, hecate, 3);
    expect(hag66.heard().slice(1)).toEqual(upTo(2));
  });

  it.each([
    ["himself", ["hecate@shakespeare.example"], []],
    ["with his whole server", ["shakespeare.example"], []],
    ["as an operator", ["operators"], ["hecate@shakespeare.example"]],
  ])("may be exempt, %s", async (_, exempt, operators) => {
    const { host, hecate, hag66 } = await coven({ ...LIMITS, exempt, channel_burst: 1 }, operators);
    await floods(host, hecate, 20);
    expect(hag66.heard()).toEqual(upTo(20));
  });

  it("is not exempt by the name of another server", async () => {
    const { host, hecate, hag66 } = await coven({ ...LIMITS, exempt: ["example", "are.example"] });
    await floods(host, hecate, 20);
    expect(hag66.heard()).toEqual(upTo(5));
  });

  it("has used up after a reload what he had used up before it", async () => {
    const { host, hecate } = await coven({ ...LIMITS, delay: "0 s" });
    await floods(host, hecate, 5);
    await host.engine.host.reload("limits");
    expect((await host.receive(line(hecate, "more"))).map(outcome)).toEqual(["resource-constraint"]);
  });

  it("waits for no time that comes once more, when the clock was set back", async () => {
    const { host, hecate, hag66 } = await coven({ ...LIMITS, delay: "3 s" });
    await floods(host, hecate, 5);
    host.clock.advance(-3_600_000);
    await floods(host, hecate, 5, 6);
    expect(hag66.heard()).toEqual(upTo(10));
  });

  it("may send anything while the plugin is off", async () => {
    const { host, hecate, hag66 } = await coven(LIMITS);
    await host.engine.host.disable("limits");
    await floods(host, hecate, 2000);
    expect(hag66.heard()).toHaveLength(2000);
  });
});

describe("a channel", () => {
  it("takes so much at once and so much a second, from all together; nobody is made to wait for it", async () => {
    const { host, hecate, hag66 } = await coven({ channel_burst: 4, channel_rate: 1 });
    await floods(host, hecate, 3);
    await floods(host, hag66, 3, 4);
    expect(hecate.heard()).toEqual(upTo(4));
    expect(errors(hag66).map(outcome)).toEqual(["resource-constraint", "resource-constraint"]);
    expect(reason(errors(hag66)[0]!)).toBe("More is said in this channel than it takes: try again in 1 second.");
    host.clock.advance(1000);
    await floods(host, hag66, 1, 5);
    expect(hecate.heard()).toEqual(upTo(5));
  });

  it("has as many participants as it may, and those who are in it may join anew", async () => {
    const { host, hecate, hag66 } = await coven({ participants: 2 });
    const refused = await host.actor("peter").joins();
    expect(outcome(refused)).toBe("resource-constraint");
    expect(reason(refused)).toContain("it may have 2 participants");
    expect(outcome(await hag66.joins())).toBe("result");
    await hecate.leaves();
    expect(outcome(await host.actor("peter").joins())).toBe("result");
  });

  it("has no more of them when many join at once", async () => {
    const { host } = await coven({ participants: 4 });
    // All of them have been asked whether they may, and wait for their turn.
    let go = () => {};
    const channel = (await host.use(Channels).find("coven"))!;
    const held = channel.update(() => new Promise<void>((resolve) => (go = resolve)));
    const join = `<join xmlns='${NS.MIX_CORE_1}'><nick>`;
    for (let i = 0; i < 9; i++)
      host.push(
        `<iq type='set' from='hag${i}@shakespeare.example' to='${COVEN}' id='j'>${join}${i}</nick></join></iq>`,
      );
    await turns();
    go();
    await held;
    await host.settled();
    const replies = Array.from({ length: 9 }, (_, i) => outcome(host.sentTo(`hag${i}@shakespeare.example`).at(-1)));
    expect(replies.filter((each) => each === "resource-constraint")).toHaveLength(7);
  });
});

describe("a node", () => {
  const NODE_OF_NEWTS = "urn:example:newts";
  const newts = definePlugin({
    name: "newts",
    summary: "Keeps eyes of newt.",
    setup({ get, handle }) {
      get(Channels).node({ name: NODE_OF_NEWTS, read: "owners", subscribe: "owners" });
      handle(`iq-set/node/${NODE_OF_NEWTS}:publish`, async ({ channel, payload, node }) => {
        const [item] = payload.getChildren("item");
        const { id = "?" } = item!.attrs;
        await channel.update((turn) =>
          turn.write({ put: "item", item: { channel: channel.key, node, id, payload: "<newt/>" } }),
        );
        return true as const;
      });
    },
  });
  const publish = (actor: Actor, ...ids: string[]) => {
    const items = ids.map((id) => xml("item", { id }, xml("newt")));
    return actor.asks(
      "set",
      COVEN,
      xml("pubsub", { xmlns: NS.PUBSUB }, xml("publish", { node: NODE_OF_NEWTS }, items)),
    );
  };

  it("holds so many items; one that is put again takes no more room", async () => {
    const plugins = { ...BASE, newts: {}, limits: { items: 2 } };
    const { hecate, hag66, host } = await testHost([newts], { plugins }).coven("hecate", "hag66");
    expect(outcome(await publish(hecate, "a"))).toBe("result");
    expect(outcome(await publish(hecate, "b", "c"))).toBe("policy-violation");
    expect(outcome(await publish(hecate, "b"))).toBe("result");
    const refused = await publish(hecate, "c");
    expect(reason(refused)).toBe("The node urn:example:newts may hold no more than 2 items: remove some first.");
    expect(outcome(await publish(hecate, "b"))).toBe("result");
    // Who may not write at all is told that, and not how full it is.
    expect(outcome(await publish(hag66, "c"))).toBe("forbidden");
    await host.engine.host.disable("limits");
    expect(outcome(await publish(hecate, "c"))).toBe("result");
  });

  it("with one item only, such as the information, can always be written", async () => {
    const { hecate } = await coven({ items: 2 });
    for (const name of ["Forres", "Dunsinane", "Birnam"])
      expect(outcome(await publishes(hecate, NODE.INFO, { Name: name }))).toBe("result");
  });
});

describe("one who creates channels", () => {
  it("may have so many of his making; one that is destroyed makes room, also while nobody looked", async () => {
    const { host, hecate, hag66 } = await coven({ channels: 2 });
    const destroy = (name: string) =>
      hecate.asks("set", SERVICE, xml("destroy", { xmlns: NS.MIX_CORE_1, channel: name }));
    expect(outcome(await hecate.creates("heath"))).toBe("result");
    const refused = await hecate.creates("moor");
    expect(outcome(refused)).toBe("policy-violation");
    expect(reason(refused)).toBe("You have created 2 channels, and nobody may have more than 2: destroy one first.");
    expect(outcome(await hag66.creates("moor"))).toBe("result");
    await destroy("heath");
    expect(outcome(await hecate.creates("heath"))).toBe("result");
    await host.engine.host.disable("limits");
    await destroy("heath");
    await host.engine.host.enable("limits", { channels: 2 });
    expect(outcome(await hecate.creates("heath"))).toBe("result");
    expect(outcome(await hecate.creates("cavern"))).toBe("policy-violation");
  });

  it("is told the same whether the name is taken or not", async () => {
    const { hag66, host } = await coven({ channels: 1 });
    await hag66.creates("heath");
    const [taken, free] = [await hag66.creates("coven"), await hag66.creates("dunsinane")];
    expect(reason(taken)).toBe(reason(free));
    expect(outcome(taken)).toBe("policy-violation");
    expect(outcome(await host.actor("peter").creates("coven"))).toBe("conflict");
  });

  it("may create so many without a name in an hour", async () => {
    const { host, hecate } = await coven({ ad_hoc: 2 });
    for (let i = 0; i < 2; i++) expect(outcome(await hecate.creates())).toBe("result");
    const refused = await hecate.creates();
    expect(outcome(refused)).toBe("resource-constraint");
    expect(reason(refused)).toContain("try again in 30 min.");
    expect(outcome(await hecate.creates("heath"))).toBe("result");
    host.clock.advance(1_800_000);
    expect(outcome(await hecate.creates())).toBe("result");
  });
});

describe("what is too large (policy-violation)", () => {
  const nested = (depth: number): Element => (depth === 1 ? xml("a") : xml("a", {}, nested(depth - 1)));
  const form = formOf("submit", NS.MIX_ANON, [{ var: "JID Visibility", values: ["x".repeat(1000)] }]);
  const message = (...children: Element[]) => xml("message", { type: "groupchat" }, xml("body", {}, "boil"), children);
  const iq = (payload: Element) => xml("iq", { type: "set" }, payload);
  const core = { xmlns: NS.MIX_CORE_1 };

  it.each<[string, object, Element, string]>([
    ["a stanza", { stanza: "1 KiB" }, message(xml("x", { y: "z".repeat(1000) })), "The stanza is larger than 1 KiB"],
    [
      "a stanza, as it is written",
      { stanza: "1 KiB" },
      message(xml("x", { y: "'".repeat(200) })),
      "The stanza is larger",
    ],
    [
      "a body",
      { body: "100 B" },
      xml("message", {}, xml("body", {}, "ä".repeat(51))),
      "The body of a message is larger",
    ],
    ["any body", { body: "10 B" }, message(xml("body", { "xml:lang": "la" }, "x".repeat(11))), "larger than 10 B"],
    ["a nick", { nick: "20 B" }, iq(xml("setnick", core, xml("nick", {}, "h".repeat(21)))), "A nick is larger"],
    ["a nick in a join", { nick: "20 B" }, iq(xml("join", core, xml("nick", {}, "h".repeat(21)))), "A nick is larger"],
    ["a form", { form: "1 KiB" }, iq(xml("user-preference", { xmlns: NS.MIX_ANON }, form)), "A form is larger"],
    ["a form elsewhere", { form: "1 KiB" }, iq(xml("pubsub", {}, xml("publish", {}, xml("item", {}, form)))), "A form"],
    ["a tree", { depth: 5 }, message(nested(5), xml("b")), "nested more than 5 deep"],
    ["a crowd", { elements: 5 }, message(...[1, 2, 3, 4].map(() => xml("a"))), "more than 5 elements"],
  ])("is refused: %s", async (_, limits, stanza, words) => {
    const { host, hecate, hag66 } = await coven(limits);
    const sent = (to: string) =>
      host.receive(xml(stanza.name, { ...stanza.attrs, from: hecate.client, to, id: "a" }, stanza.children));
    const [reply, ...more] = await sent(COVEN);
    expect([outcome(reply), more]).toEqual(["policy-violation", []]);
    expect(reason(reply!)).toContain(words);
    expect(reason(reply!)).toMatch(/, which is the most that is taken here\.$/);
    expect(hag66.heard()).toEqual([]);
    // Nor may a limit tell what is there and what is not.
    const [elsewhere] = await sent(NOWHERE);
    expect(elsewhere!.toString()).toBe(reply!.toString().replaceAll(COVEN, NOWHERE));
  });

  it("what is exactly as large as it may be is taken", async () => {
    const { host, hecate, hag66 } = await coven({ body: "102 B", depth: 4, elements: 6 });
    const stanza = xml("message", { ...line(hecate, 1).attrs }, xml("body", {}, "ä".repeat(51)), nested(3), xml("b"));
    await host.receive(stanza);
    expect(hag66.heard()).toEqual(["ä".repeat(51)]);
  });

  it("a long body is taken by default, with an attachment in words", async () => {
    const { hecate, hag66 } = await coven({});
    await hecate.says("double, double ".repeat(4000));
    expect(hag66.heard()).toHaveLength(1);
  });
});

describe("an operator", () => {
  it("sees in the status how much was limited, and where, but not whose; the command says it all", async () => {
    const { host, hecate } = await coven({ sender_burst: 5, sender_rate: 1, delay: "1 s" });
    const notes = () => host.engine.host.gather("service/status", {});
    expect(await notes()).toEqual([]);
    await floods(host, hecate, 9);
    host.push(line(hecate, "x", NOWHERE));
    const [note] = await notes();
    expect(note).toContain("1 stanzas had to wait, and 4 were refused, most of them sent to coven (4), dunsinane (1).");
    expect(note).not.toContain("hecate");
    const { text } = await host.command("limits");
    expect(text).toContain("hecate@shakespeare.example: 1 waited, 4 refused");
    expect(text).toContain("coven: 1 waited, 3 refused");
    await later(host, 1000);
  });

  it("finds a line in the log, without an address, and no more than one in a minute", async () => {
    const { host, hecate } = await coven({ sender_burst: 5, sender_rate: 1, delay: "0 s" });
    await floods(host, hecate, 50);
    expect(host.complaints).toEqual(['Somebody sends more than is taken: "masque limits" says who.']);
    host.clock.advance(60_000);
    await floods(host, hecate, 50);
    expect(host.complaints).toHaveLength(2);
  });
});

describe("the meters", () => {
  it("are bounded, however many send, and forget those first who have been silent longest", () => {
    const meters = new Meters();
    const hecate = meters.of("hecate");
    for (let i = 0; i < 200_000; i++) {
      meters.of(`${i}`);
      if (i % 1000 === 0) meters.of("hecate");
    }
    expect(meters.of("hecate")).toBe(hecate);
    expect([...meters].length).toBeLessThanOrEqual(100_000);
    expect([...meters].map(([name]) => name)).not.toContain("0");
  });
});
