import { type Admission, Channels, definePlugin, type Element, NODE, NS, refuse, xml } from "masque";
import { type Actor, emptyStore, type TestHost, type TestOptions, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";

const SERVICE = "mix.shakespeare.example";
const COVEN = `coven@${SERVICE}`;

/** A host with an empty channel "coven" of prospero's, who is not in it. */
async function emptyCoven(...given: Parameters<typeof testHost>): Promise<TestHost> {
  const host = testHost(...given);
  await host.actor("prospero").creates("coven");
  return host;
}

function join(namespace: string, ...content: (Element | null)[]): Element {
  return xml("join", { xmlns: namespace }, content);
}

const subscribe = (node: string, ...content: Element[]) => xml("subscribe", { node }, content);
const nick = (text: string) => xml("nick", {}, text);

/** The condition of an error reply. */
function conditionOf(reply: Element): string | undefined {
  return reply.getChild("error")?.getChildElements()[0]?.getName();
}

function nodesOf(joined: Element, verb = "subscribe"): (string | undefined)[] {
  return joined.getChildren(verb).map((each) => each.attrs.node);
}

/** What somebody was told of the participants node, as text: items and retracts. */
function toldOf(actor: Actor): string[] {
  return actor.received().flatMap((stanza) => {
    const items = stanza.getChild("event", NS.PUBSUB_EVENT)?.getChild("items");
    return items?.attrs.node === NODE.PARTICIPANTS ? items.getChildElements().map(String) : [];
  });
}

async function itemsSeenBy(actor: Actor): Promise<Element> {
  return actor.asks("get", COVEN, xml("pubsub", { xmlns: NS.PUBSUB }, xml("items", { node: NODE.PARTICIPANTS })));
}

async function configure(owner: Actor, field: string, value: string): Promise<Element> {
  const fields = [
    xml("field", { var: "FORM_TYPE", type: "hidden" }, xml("value", {}, NS.MIX_ADMIN)),
    xml("field", { var: field }, xml("value", {}, value)),
  ];
  const form = xml("x", { xmlns: NS.DATA, type: "submit" }, fields);
  const publish = xml("publish", { node: NODE.CONFIG }, xml("item", {}, form));
  return owner.asks("set", COVEN, xml("pubsub", { xmlns: NS.PUBSUB }, publish));
}

describe("joining a channel (XEP-0369 §7.1.2)", () => {
  it("answers in generation 1 with the nodes subscribed to, the Stable Participant ID, its proxy JID and the nick", {
    tags: ["0404-2.3/2", "0369.11-7.1.2/1", "0369-7.1.2/8"],
  }, async () => {
    const host = await emptyCoven();
    const hag66 = host.actor("hag66");
    const reply = await hag66.joins("coven", { nick: "third witch" });
    expect(reply.attrs).toMatchObject({ type: "result", from: COVEN, to: "hag66@shakespeare.example" });
    expect(String(reply.getChild("join"))).toBe(
      `<join xmlns="urn:xmpp:mix:core:1" id="${hag66.id}" jid="${hag66.id}#${COVEN}">` +
        '<subscribe node="urn:xmpp:mix:nodes:messages"/><subscribe node="urn:xmpp:mix:nodes:participants"/>' +
        '<subscribe node="urn:xmpp:mix:nodes:info"/><nick>third witch</nick></join>',
    );
  });

  it("answers in generation 0 with the same in the namespace of the request, never with the real JID", {
    tags: ["0404-2.3/1", "0369.11-7.1.2/1"],
  }, async () => {
    const host = await emptyCoven();
    const hag66 = host.actor("hag66");
    const reply = await hag66.joins("coven", { nick: "third witch", generation: 0, nodes: [NODE.MESSAGES] });
    expect(String(reply.getChild("join"))).toBe(
      `<join xmlns="urn:xmpp:mix:core:0" id="${hag66.id}" jid="${hag66.id}#${COVEN}">` +
        '<subscribe node="urn:xmpp:mix:nodes:messages"/><nick>third witch</nick></join>',
    );
  });

  it("lets one join and not subscribe to any node", { tags: ["0369-7.1.2/1"] }, async () => {
    const host = await emptyCoven();
    const hag66 = host.actor("hag66");
    const reply = await hag66.joins("coven", { nodes: [] });
    expect(nodesOf(reply.getChild("join")!)).toEqual([]);
    await hag66.says("Harpier cries: 'tis time, 'tis time.");
    expect(hag66.heard()).toEqual([]);
    expect((await itemsSeenBy(hag66)).attrs.type).toBe("result");
  });

  it("lists the nodes successfully subscribed when some cannot be, because they do not exist or are not for him", {
    tags: ["0369-7.1.2/1"],
  }, async () => {
    const host = await emptyCoven();
    const nodes = [NODE.CONFIG, NODE.MESSAGES, "urn:xmpp:mix:nodes:cauldron", NODE.INFO];
    const reply = await host.actor("hag66").joins("coven", { nodes });
    expect(nodesOf(reply.getChild("join")!)).toEqual([NODE.MESSAGES, NODE.INFO]);
  });

  it("lists a node that was asked for twice once", async () => {
    const host = await emptyCoven();
    const reply = await host.actor("hag66").joins("coven", { nodes: [NODE.MESSAGES, NODE.MESSAGES] });
    expect(nodesOf(reply.getChild("join")!)).toEqual([NODE.MESSAGES]);
  });

  it("refuses a join of which no node is granted, and says why of the first", { tags: ["0369-7.1.2/2"] }, async () => {
    const host = await emptyCoven();
    const hag66 = host.actor("hag66");
    expect(conditionOf(await hag66.joins("coven", { nodes: [NODE.CONFIG, "urn:x:cauldron"] }))).toBe("forbidden");
    expect(conditionOf(await hag66.joins("coven", { nodes: ["urn:x:cauldron", NODE.CONFIG] }))).toBe("item-not-found");
  });

  it("includes in that error the other nodes that failed for the same reason, and no more", {
    tags: ["0369-7.1.2/2"],
  }, async () => {
    const host = await emptyCoven();
    const nodes = ["urn:x:cauldron", NODE.CONFIG, "urn:x:heath"];
    const reply = await host.actor("hag66").joins("coven", { nodes });
    expect(nodesOf(reply.getChild("join", NS.MIX_CORE_1)!)).toEqual(["urn:x:cauldron", "urn:x:heath"]);
  });

  it("does not let in one whose join it refused, and tells nobody", { tags: ["0369-7.1.2/2"] }, async () => {
    const { hecate, host } = await testHost().coven("hecate");
    const told = toldOf(hecate).length;
    await host.actor("hag66").joins("coven", { nodes: ["urn:x:cauldron"] });
    expect(toldOf(hecate)).toHaveLength(told);
    expect(conditionOf(await itemsSeenBy(host.actor("hag66")))).toBe("forbidden");
  });

  it("finds every <subscribe/> below the join, as slixmpp nests them, and answers flat", async () => {
    const host = await emptyCoven();
    const nested = xml("subscribe", {}, subscribe(NODE.MESSAGES), subscribe(NODE.INFO));
    const request = join(NS.MIX_CORE_1, nick("third witch"), nested);
    const reply = await host.actor("hag66").asks("set", COVEN, request);
    expect(nodesOf(reply.getChild("join")!)).toEqual([NODE.MESSAGES, NODE.INFO]);
  });

  it("is refused to nobody who is in the channel already: same ID, new nodes, new nick", {
    tags: ["0369-4.6/2"],
  }, async () => {
    const { hecate, hag66 } = await testHost().coven("hecate", "hag66");
    const { id } = hag66;
    const reply = await hag66.joins("coven", { nick: "third witch", nodes: [NODE.INFO] });
    expect(reply.attrs.type).toBe("result");
    expect(hag66.id).toBe(id);
    expect(reply.getChild("join")?.getChildText("nick")).toBe("third witch");
    await hecate.says("Round about the cauldron go");
    expect(hag66.heard()).toEqual([]);
    expect((await itemsSeenBy(hecate)).toString()).not.toContain("<nick>hag66</nick>");
  });

  it("leaves one who joins again without a nick the nick he has", async () => {
    const { hag66 } = await testHost().coven("hecate", "hag66");
    const reply = await hag66.joins("coven", { nick: "" });
    expect(reply.getChild("join")?.getChildText("nick")).toBe("hag66");
  });

  it("is spoken to from then on in the generation of his last join", async () => {
    const { hecate, hag66 } = await testHost().coven("hecate", "hag66");
    await hag66.joins("coven", { generation: 0 });
    await hecate.says("Round about the cauldron go");
    expect(hag66.received().at(-1)?.getChild("mix", NS.MIX_CORE_0)).toBeDefined();
  });

  it("tells other plugins of one who joins, who joins anew, and who leaves", async () => {
    const facts: string[] = [];
    const chronicle = definePlugin({
      name: "chronicle",
      summary: "Writes down who comes and goes.",
      setup({ on }) {
        on("participant/joined", ({ participant }) => void facts.push(`${participant.nick} joined`));
        on("participant/changed", ({ participant, before }) => {
          facts.push(`${before.nick} is now ${participant.nick}`);
        });
        on("participant/left", ({ participant }) => void facts.push(`${participant.nick} left`));
      },
    });
    const { hag66 } = await testHost([chronicle]).coven("hag66");
    await hag66.joins("coven", { nick: "third witch" });
    await hag66.leaves();
    expect(facts).toEqual(["hag66 joined", "hag66 is now third witch", "third witch left"]);
  });

  it("is open to other plugins' refusals", async () => {
    const gate = definePlugin({
      name: "gate",
      summary: "Lets hecate in.",
      setup({ handle }) {
        handle("participant/join", ({ jid }) => {
          if (jid.startsWith("hecate@")) return undefined;
          throw refuse("registration-required", "Only hecate may join.");
        });
      },
    });
    const host = await emptyCoven([gate]);
    expect((await host.actor("hecate").joins()).attrs.type).toBe("result");
    expect(conditionOf(await host.actor("hag66").joins())).toBe("registration-required");
    expect(host.faults()).toEqual([]);
  });

  it("is refused when a plugin that is asked about it crashes", async () => {
    const broken = definePlugin({
      name: "broken",
      summary: "Crashes whenever somebody joins.",
      setup({ handle }) {
        handle("participant/join", () => {
          throw new Error("double, double");
        });
      },
    });
    const host = await emptyCoven([broken]);
    expect(conditionOf(await host.actor("hag66").joins())).toBe("internal-server-error");
    expect(host.faults()).toMatchObject([{ plugin: "broken", where: "participant/join" }]);
    expect(conditionOf(await itemsSeenBy(host.actor("hag66")))).toBe("forbidden");
  });

  it("is item-not-found to one whom the channel does not admit", async () => {
    const closed = definePlugin({
      name: "closed",
      summary: "Admits nobody.",
      setup({ guard }) {
        guard("channel/admit", (_: Admission) => "refuse");
      },
    });
    const host = await emptyCoven([closed]);
    const hag66 = host.actor("hag66");
    const refused = await hag66.joins("coven");
    const unknown = await hag66.joins("heath");
    expect(conditionOf(refused)).toBe("item-not-found");
    expect(String(refused.getChild("error"))).toBe(String(unknown.getChild("error")));
  });

  it("refuses an ejabberd's mod_mix_pam, which signs its iq ids rr-, without an echo", async () => {
    const host = await emptyCoven();
    const request = `<iq type='set' from='hag66@shakespeare.example' to='${COVEN}' id='rr-1'>
      <join xmlns='urn:xmpp:mix:core:1'><subscribe node='urn:x:cauldron'/><nick>third witch</nick></join></iq>`;
    const [reply] = await host.receive(request);
    expect(reply?.getChildElements().map((child) => child.name)).toEqual(["error"]);
    expect(reply?.attrs).toMatchObject({ type: "error", id: "rr-1", to: "hag66@shakespeare.example" });
  });

  it("answers that same server's good join as any other", async () => {
    const host = await emptyCoven();
    const request = `<iq type='set' from='hag66@shakespeare.example' to='${COVEN}' id='rr-1'>
      <join xmlns='urn:xmpp:mix:core:1'><subscribe node='${NODE.MESSAGES}'/><nick>third witch</nick></join></iq>`;
    const [reply] = await host.receive(request);
    expect(nodesOf(reply!.getChild("join", NS.MIX_CORE_1)!)).toEqual([NODE.MESSAGES]);
  });
});

describe("the Stable Participant ID (XEP-0369 §3.5)", () => {
  it("is 16 characters of a-z and 0-9", { tags: ["0369-4.6/1"] }, async () => {
    const { hecate, hag66 } = await testHost().coven("hecate", "hag66");
    for (const id of [hecate.id, hag66.id]) expect(id).toMatch(/^[a-z0-9]{16}$/);
  });

  it("is kept after a leave", { tags: ["0404-2.3/1", "0404-2.3/2", "0369-4.6/3", "0369-4.6/5"] }, async () => {
    const { hag66 } = await testHost().coven("hecate", "hag66");
    const { id } = hag66;
    await hag66.leaves();
    await hag66.joins();
    expect(hag66.id).toBe(id);
  });

  it("is never given to anybody else, in or out", { tags: ["0369-4.6/4"] }, async () => {
    const { hag66, host } = await testHost().coven("hecate", "hag66");
    await hag66.leaves();
    const ids = new Set([hag66.id]);
    for (let i = 0; i < 50; i++) {
      const hag = host.actor(`hag${100 + i}`);
      await hag.joins("coven", { nodes: [] });
      ids.add(hag.id);
    }
    expect(ids.size).toBe(51);
  });

  it("is not derived from the JID: one JID has another ID in another channel, and in another service", {
    tags: ["0404-2.3/1", "0404-2.3/2", "0369.11-10/1"],
  }, async () => {
    const ids = new Set<string>();
    for (const host of [testHost(), testHost()]) {
      const { hag66 } = await host.coven("hecate", "hag66");
      ids.add(hag66.id);
      await host.actor("hecate").creates("heath");
      await hag66.joins("heath");
      ids.add(hag66.id);
    }
    expect(ids.size).toBe(4);
  });

  it("is new in a channel created anew under an old name", { tags: ["0369-4.6/4"] }, async () => {
    const { hecate, hag66 } = await testHost().coven("hecate", "hag66");
    const { id } = hag66;
    await hecate.asks("set", SERVICE, xml("destroy", { xmlns: NS.MIX_CORE_1, channel: "coven" }));
    await hecate.creates("coven");
    await hag66.joins();
    expect(hag66.id).not.toBe(id);
  });
});

const setnick = (actor: Actor, wanted?: string, namespace: string = NS.MIX_CORE_1) =>
  actor.asks("set", COVEN, xml("setnick", { xmlns: namespace }, wanted !== undefined && nick(wanted)));

const holding = (hold_nicks: string, options: TestOptions = {}) =>
  testHost([], { ...options, plugins: { channels: {}, participants: { hold_nicks }, messages: {} } });

describe("the nick of one who has left", () => {
  const MINUTE = 60_000;

  it("is a conflict to others for a while, as if he were there, also in another case and by setnick", {
    tags: ["0369-7.1.4/3"],
  }, async () => {
    const { hecate, hag66, host } = await holding("10 min").coven("hecate", "hag66");
    const taken = await host.actor("macbeth").joins("coven", { nick: "hecate" });
    await hag66.leaves();
    host.clock.advance(9 * MINUTE);
    const held = await host.actor("macbeth").joins("coven", { nick: "HAG66" });
    expect(held.getChild("error")?.toString()).toBe(taken.getChild("error")?.toString());
    expect(conditionOf(await setnick(hecate, "hag66"))).toBe("conflict");
    host.clock.advance(MINUTE);
    expect((await host.actor("macbeth").joins("coven", { nick: "hag66" })).attrs.type).toBe("result");
  });

  it("is his own when he comes back, and nobody else's when he takes another", async () => {
    const { hag66, host } = await holding("10 min").coven("hecate", "hag66");
    await hag66.leaves();
    expect((await hag66.joins()).attrs.type).toBe("result");
    await hag66.leaves();
    await hag66.joins("coven", { nick: "thirdwitch" });
    expect(conditionOf(await host.actor("macbeth").joins("coven", { nick: "hag66" }))).toBe("conflict");
    expect((await setnick(hag66, "hag66")).attrs.type).toBe("result");
  });

  it("is held in that channel only", async () => {
    const { hag66, hecate, host } = await holding("10 min").coven("hecate", "hag66");
    await hecate.creates("heath");
    await hag66.leaves();
    expect((await host.actor("macbeth").joins("heath", { nick: "hag66" })).attrs.type).toBe("result");
  });

  it("is one nick a person: who comes and goes under many names keeps no more from others", async () => {
    const { hag66, host } = await holding("10 min").coven("hecate", "hag66");
    for (const nick of ["toil", "trouble"]) {
      await hag66.leaves();
      await hag66.joins("coven", { nick });
    }
    await hag66.leaves();
    const macbeth = host.actor("macbeth");
    expect((await macbeth.joins("coven", { nick: "hag66" })).attrs.type).toBe("result");
    expect((await setnick(macbeth, "toil")).attrs.type).toBe("result");
    expect(conditionOf(await setnick(macbeth, "trouble"))).toBe("conflict");
  });

  it("is held across a restart", async () => {
    const store = await emptyStore();
    const before = holding("10 min", { store });
    const { hag66 } = await before.coven("hecate", "hag66");
    await hag66.leaves();
    await before.stop();
    const host = await holding("10 min", { store }).start();
    expect(conditionOf(await host.actor("macbeth").joins("coven", { nick: "hag66" }))).toBe("conflict");
    host.clock.advance(10 * MINUTE);
    expect((await host.actor("macbeth").joins("coven", { nick: "hag66" })).attrs.type).toBe("result");
    await store.close();
  });

  it("is forgotten when its time is over: nothing is kept of it", async () => {
    const store = await emptyStore();
    const { hecate, hag66, host } = await holding("10 min", { store }).coven("hecate", "hag66");
    await hag66.leaves();
    host.clock.advance(10 * MINUTE);
    await hecate.leaves();
    await host.settled();
    expect([...(await store.values("participants/held nicks")).values()].join()).not.toContain("hag66");
    await store.close();
  });
});

describe("nicks (XEP-0369 §7.1.4)", () => {
  const joining = (host: TestHost, name: string, namespace: string) =>
    host.actor(name).asks("set", COVEN, join(namespace, subscribe(NODE.PARTICIPANTS)));

  it("must be given in generation 1 where they are mandatory, which is the default", {
    tags: ["0369-4.7.3/2", "0369-7.1.2/7", "0406-2.4/25"],
  }, async () => {
    const host = await emptyCoven();
    expect(conditionOf(await joining(host, "hag66", NS.MIX_CORE_1))).toBe("not-acceptable");
    expect(conditionOf(await itemsSeenBy(host.actor("hag66")))).toBe("forbidden");
  });

  it.each([NS.MIX_CORE_0, NS.MIX_ANON, NS.MIX_MISC])(
    "are assigned to one who joins by %s without",
    { tags: ["0369-7.1.2/7", "0369.11-7.1.4/1"] },
    async (namespace) => {
      const host = await emptyCoven();
      const joined = (await joining(host, "hag66", namespace)).getChild("join", namespace);
      expect(joined?.getChildText("nick")).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      expect(toldOf(host.actor("hag66")).at(-1)).toContain(`<nick>${joined?.getChildText("nick")}</nick>`);
    },
  );

  it("that are assigned hold nothing of the localpart", { tags: ["0369.11-10/2"] }, async () => {
    const host = await emptyCoven();
    for (let i = 0; i < 20; i++) {
      const joined = (await joining(host, `hag${i}x66`, NS.MIX_CORE_0)).getChild("join");
      expect(joined?.getChildText("nick")).not.toContain("hag");
    }
  });

  it("are only optional when the channel is configured so", { tags: ["0369-4.7.3/2", "0406-2.4/25"] }, async () => {
    const host = await emptyCoven([], { plugins: { channels: {}, participants: {}, messages: {}, admin: {} } });
    await configure(host.actor("prospero"), "Mandatory Nicks", "false");
    const reply = await joining(host, "hag66", NS.MIX_CORE_1);
    expect(reply.getChild("join")?.getChild("nick")).toBeUndefined();
    expect(toldOf(host.actor("hag66")).at(-1)).not.toContain("<nick");
  });

  it.each([
    ["in another case", "THIRD witch"],
    ["with other spaces", " third \u3000 witch "],
    ["in other widths", "third ｗitch"],
  ])("conflict with another's %s", { tags: ["0369-4.7.3/1", "0369-9/2"] }, async (_, wanted) => {
    const host = await emptyCoven();
    await host.actor("hecate").joins("coven", { nick: "third witch" });
    expect(conditionOf(await host.actor("hag66").joins("coven", { nick: wanted }))).toBe("conflict");
  });

  it("are shown in their enforced form", { tags: ["0369-7.1.2/8", "0369-9/2"] }, async () => {
    const host = await emptyCoven();
    const reply = await host.actor("hag66").joins("coven", { nick: "  Third   Witch " });
    expect(reply.getChild("join")?.getChildText("nick")).toBe("Third Witch");
    expect(toldOf(host.actor("hag66")).at(-1)).toContain("<nick>Third Witch</nick>");
  });

  it("may be an emoji of several characters", async () => {
    const host = await emptyCoven();
    const reply = await host.actor("hag66").joins("coven", { nick: "🧙‍♀️" });
    expect(reply.getChild("join")?.getChildText("nick")).toBe("🧙‍♀️");
  });

  it("may be escaped characters", async () => {
    const host = await emptyCoven();
    const reply = await host.actor("hag66").joins("coven", { nick: "<Macbeth> & 'sons'" });
    expect(reply.getChild("join")?.getChildText("nick")).toBe("<Macbeth> & 'sons'");
    expect(toldOf(host.actor("hag66")).at(-1)).toContain("<nick>&lt;Macbeth&gt; &amp; ");
  });

  it("are at most 1023 bytes", { tags: ["0369-7.1.4/3"] }, async () => {
    const host = await emptyCoven();
    expect(conditionOf(await host.actor("hag66").joins("coven", { nick: "é".repeat(512) }))).toBe("not-acceptable");
    expect((await host.actor("hag66").joins("coven", { nick: "é".repeat(511) })).attrs.type).toBe("result");
  });

  it("of those who have left are free where the operator wants none held", async () => {
    const { hag66, host } = await holding("0 s").coven("hecate", "hag66");
    await hag66.leaves();
    expect((await host.actor("macbeth").joins("coven", { nick: "hag66" })).attrs.type).toBe("result");
    expect(conditionOf(await hag66.joins())).toBe("conflict");
  });

  it("that two ask for at once go to the first", async () => {
    const host = await emptyCoven();
    await host.start();
    for (const name of ["hecate", "hag66"])
      host.push(`<iq type='set' from='${name}@shakespeare.example' to='${COVEN}' id='1'>
        <join xmlns='${NS.MIX_CORE_1}'><nick>third witch</nick></join></iq>`);
    await host.settled();
    expect(host.actor("hecate").received().at(-1)?.attrs.type).toBe("result");
    expect(conditionOf(host.actor("hag66").received().at(-1)!)).toBe("conflict");
  });
});

describe("setting a nick (XEP-0369 §7.1.4)", () => {
  it.each([NS.MIX_CORE_0, NS.MIX_CORE_1])(
    "returns the nick that is to be used, in %s",
    { tags: ["0369-7.1.4/2"] },
    async (namespace) => {
      const { hag66 } = await testHost().coven("hecate", "hag66");
      const reply = await setnick(hag66, "  thirdwitch ", namespace);
      expect(reply.getChildElements().map(String)).toEqual([
        `<setnick xmlns="${namespace}"><nick>thirdwitch</nick></setnick>`,
      ]);
    },
  );

  it("tells the subscribers of the participants node", async () => {
    const { hecate, hag66 } = await testHost().coven("hecate", "hag66");
    await setnick(hag66, "thirdwitch");
    expect(toldOf(hecate).at(-1)).toBe(
      `<item id="${hag66.id}"><participant xmlns="urn:xmpp:mix:core:1"><nick>thirdwitch</nick>` +
        "<jid>hag66@shakespeare.example</jid></participant></item>",
    );
  });

  it("has the channel assign one when it is left blank, so that the user can see what is assigned", {
    tags: ["0369-7.1.4/1", "0369.11-7.1.4/1"],
  }, async () => {
    const { hecate, hag66 } = await testHost().coven("hecate", "hag66");
    for (const blank of ["", "   ", undefined]) {
      const assigned = (await setnick(hag66, blank)).getChild("setnick")?.getChildText("nick");
      expect(assigned).toMatch(/^[0-9a-f-]{36}$/);
      expect(toldOf(hecate).at(-1)).toContain(`<nick>${assigned}</nick>`);
    }
  });

  it("is a conflict when another has that nick, and changes nothing", { tags: ["0369-7.1.4/3"] }, async () => {
    const { hecate, hag66 } = await testHost().coven("hecate", "hag66");
    const told = toldOf(hecate).length;
    expect(conditionOf(await setnick(hag66, "Hecate"))).toBe("conflict");
    expect(toldOf(hecate)).toHaveLength(told);
    await hag66.says("Harpier cries");
    expect(String(hecate.received().at(-1)?.getChild("mix"))).toContain("<nick>hag66</nick>");
  });

  it("may give one's own nick another look", async () => {
    const { hag66 } = await testHost().coven("hecate", "hag66");
    expect((await setnick(hag66, "HAG66")).getChild("setnick")?.getChildText("nick")).toBe("HAG66");
  });

  it("leaves the old nick to others", async () => {
    const { hag66, host } = await testHost().coven("hecate", "hag66");
    await setnick(hag66, "thirdwitch");
    expect((await host.actor("macbeth").joins("coven", { nick: "hag66" })).attrs.type).toBe("result");
    expect(conditionOf(await setnick(host.actor("macbeth"), "thirdwitch"))).toBe("conflict");
  });

  it("tells nobody anything when the nick stays the same", async () => {
    const { hecate, hag66 } = await testHost().coven("hecate", "hag66");
    const told = toldOf(hecate).length;
    expect((await setnick(hag66, "hag66")).attrs.type).toBe("result");
    expect(toldOf(hecate)).toHaveLength(told);
  });

  it("is for participants only", async () => {
    const { host } = await testHost().coven("hecate");
    expect(conditionOf(await setnick(host.actor("hag66"), "thirdwitch"))).toBe("forbidden");
  });
});

describe("the participants node (XEP-0369 §3.6.3)", () => {
  it("tells generation 1 of a new participant by Stable Participant ID, with nick and JID", {
    tags: ["0404-2.3/2", "0369-4.7/2", "0369-4.7.3/3", "0369-4.7.3/4", "0369-7.1.2/5"],
  }, async () => {
    const { hecate, hag66 } = await testHost().coven("hecate", "hag66");
    const message = hecate.received().at(-1)!;
    expect(message.attrs).toEqual({
      from: COVEN,
      type: "headline",
      to: "hecate@shakespeare.example",
      id: expect.any(String),
    });
    expect(message.getChildElements().map(String)).toEqual([
      '<event xmlns="http://jabber.org/protocol/pubsub#event"><items node="urn:xmpp:mix:nodes:participants">' +
        `<item id="${hag66.id}"><participant xmlns="urn:xmpp:mix:core:1"><nick>hag66</nick>` +
        "<jid>hag66@shakespeare.example</jid></participant></item></items></event>",
    ]);
  });

  it("tells generation 0 of a new participant by proxy JID", { tags: ["0404-2.3/1", "0369.11-4.7.3/1"] }, async () => {
    const host = await emptyCoven();
    await host.actor("hecate").joins("coven", { generation: 0 });
    await host.actor("hag66").joins("coven", { generation: 1 });
    expect(toldOf(host.actor("hecate")).at(-1)).toBe(
      `<item id="${host.actor("hag66").proxy}"><participant xmlns="urn:xmpp:mix:core:0"><nick>hag66</nick>` +
        "<jid>hag66@shakespeare.example</jid></participant></item>",
    );
  });

  it("tells its subscribers, the new one among them, before the join is answered", {
    tags: ["0369-7.1.2/3", "0369-7.1.2/4"],
  }, async () => {
    const { host } = await testHost().coven("hecate");
    const before = host.sent().length;
    const hag66 = host.actor("hag66");
    await hag66.joins();
    const sent = host.sent().slice(before);
    expect(sent.findIndex((text) => text.includes('type="result"'))).toBe(2);
    expect(toldOf(hag66)).toHaveLength(1);
  });

  it("tells those who are not subscribed nothing", { tags: ["0369-4.7.3/6", "0369-7.1.2/4"] }, async () => {
    const host = await emptyCoven();
    await host.actor("hecate").joins("coven", { nodes: [NODE.MESSAGES] });
    await host.actor("hag66").joins();
    expect(toldOf(host.actor("hecate"))).toEqual([]);
  });

  it("names, when read, every participant in the reader's own generation", {
    tags: ["0369-6.6/1", "0369.11-4.7.3/1"],
  }, async () => {
    const host = await emptyCoven();
    const [hecate, hag66] = [host.actor("hecate"), host.actor("hag66")];
    await hecate.joins("coven", { generation: 0 });
    await hag66.joins("coven", { generation: 1 });
    const ids = async (reader: Actor) =>
      (await itemsSeenBy(reader))
        .getChild("pubsub", NS.PUBSUB)
        ?.getChild("items")
        ?.getChildren("item")
        .map((item) => item.attrs.id)
        .sort();
    expect(await ids(hecate)).toEqual([hecate.proxy, hag66.proxy].sort());
    expect(await ids(hag66)).toEqual([hecate.id, hag66.id].sort());
  });

  it("is read by participants only", { tags: ["0369-4.7.3/6", "0369-6.6/1"] }, async () => {
    const { host } = await testHost().coven("hecate");
    expect(conditionOf(await itemsSeenBy(host.actor("hag66")))).toBe("forbidden");
  });

  it("must not be modified directly using pubsub, not by an owner either", { tags: ["0369-4.7.3/5"] }, async () => {
    const { hecate, hag66 } = await testHost().coven("hecate", "hag66");
    const item = xml("item", { id: hag66.id }, xml("participant", { xmlns: NS.MIX_CORE_1 }, nick("warty")));
    const change = (actor: Actor, verb: string) =>
      actor.asks("set", COVEN, xml("pubsub", { xmlns: NS.PUBSUB }, xml(verb, { node: NODE.PARTICIPANTS }, item)));
    for (const verb of ["publish", "retract"]) {
      expect(conditionOf(await change(hecate, verb))).toBe("not-allowed");
      expect(conditionOf(await change(hag66, verb))).toBe("forbidden");
    }
    expect(String(await itemsSeenBy(hecate))).toContain("<nick>hag66</nick>");
  });

  it("holds no <jid/> of one whose JID is hidden", {
    tags: ["0404-2.3/3", "0369-4.7.3/3", "0369-4.7.3/4", "0369-7.1.2/5"],
  }, async () => {
    const hidden = definePlugin({
      name: "hidden",
      summary: "Hides everybody's JID.",
      setup({ guard }) {
        guard("jid/disclose", () => "hidden");
      },
    });
    const { hecate, hag66 } = await testHost([hidden]).coven("hecate", "hag66");
    expect(toldOf(hecate).at(-1)).toBe(
      `<item id="${hag66.id}"><participant xmlns="urn:xmpp:mix:core:1"><nick>hag66</nick></participant></item>`,
    );
    expect(String(await itemsSeenBy(hecate))).not.toContain("<jid>");
  });
});

describe("changing subscriptions (XEP-0369 §7.1.2)", () => {
  const update = (actor: Actor, namespace: string, ...content: Element[]) =>
    actor.asks("set", COVEN, xml("update-subscription", { xmlns: namespace }, content));
  const unsubscribe = (node: string) => xml("unsubscribe", { node });

  it.each([NS.MIX_CORE_0, NS.MIX_CORE_1])(
    "is answered with what was changed, in %s",
    { tags: ["0369-7.1.2/6"] },
    async (namespace) => {
      const host = await emptyCoven();
      const hag66 = host.actor("hag66");
      await hag66.joins("coven", { nodes: [NODE.PARTICIPANTS] });
      const reply = await update(hag66, namespace, subscribe(NODE.MESSAGES), unsubscribe(NODE.PARTICIPANTS));
      expect(reply.getChildElements().map(String)).toEqual([
        `<update-subscription xmlns="${namespace}" jid="hag66@shakespeare.example">` +
          `<subscribe node="${NODE.MESSAGES}"/><unsubscribe node="${NODE.PARTICIPANTS}"/></update-subscription>`,
      ]);
    },
  );

  it("begins and ends what one is told", { tags: ["0369-7.1.2/6"] }, async () => {
    const host = await emptyCoven();
    const [hecate, hag66] = [host.actor("hecate"), host.actor("hag66")];
    await hecate.joins();
    await hag66.joins("coven", { nodes: [NODE.PARTICIPANTS] });
    await hecate.says("unheard");
    await update(hag66, NS.MIX_CORE_1, subscribe(NODE.MESSAGES));
    await hecate.says("heard");
    await update(hag66, NS.MIX_CORE_1, unsubscribe(NODE.MESSAGES), unsubscribe(NODE.PARTICIPANTS));
    const told = toldOf(hag66).length;
    await hecate.says("unheard again");
    await host.actor("macbeth").joins();
    expect(hag66.heard()).toEqual(["heard"]);
    expect(toldOf(hag66)).toHaveLength(told);
  });

  it("is an error when none of the nodes asked for is granted, and changes nothing", async () => {
    const { hecate, hag66 } = await testHost().coven("hecate", "hag66");
    expect(conditionOf(await update(hag66, NS.MIX_CORE_1, subscribe("urn:x:cauldron")))).toBe("item-not-found");
    expect(conditionOf(await update(hag66, NS.MIX_CORE_1, subscribe(NODE.CONFIG)))).toBe("forbidden");
    await hecate.says("Round about the cauldron go");
    expect(hag66.heard()).toEqual(["Round about the cauldron go"]);
  });

  it("is for participants only", { tags: ["0369-7.1.2/9"] }, async () => {
    const { host } = await testHost().coven("hecate");
    expect(conditionOf(await update(host.actor("hag66"), NS.MIX_CORE_1, subscribe(NODE.MESSAGES)))).toBe("forbidden");
    await host.actor("hecate").says("Round about the cauldron go");
    expect(host.actor("hag66").heard()).toEqual([]);
  });
});

describe("leaving a channel (XEP-0369 §7.1.3)", () => {
  it.each([0, 1] as const)("is confirmed in the namespace of the request, generation %i", async (generation) => {
    const host = await emptyCoven();
    await host.actor("hag66").joins("coven", { generation });
    const reply = await host.actor("hag66").leaves();
    expect(reply.attrs).toMatchObject({ type: "result", from: COVEN, to: "hag66@shakespeare.example" });
    expect(reply.getChildElements().map(String)).toEqual([`<leave xmlns="urn:xmpp:mix:core:${generation}"/>`]);
  });

  it("is told as a retract, by Stable Participant ID in generation 1 and by proxy JID in generation 0", {
    tags: ["0369-7.1.3/2"],
  }, async () => {
    const host = await emptyCoven();
    const [hecate, macbeth, hag66] = [host.actor("hecate"), host.actor("macbeth"), host.actor("hag66")];
    await hecate.joins("coven", { generation: 1 });
    await macbeth.joins("coven", { generation: 0 });
    await hag66.joins("coven");
    await hag66.leaves();
    expect(toldOf(hecate).at(-1)).toBe(`<retract id="${hag66.id}"/>`);
    expect(toldOf(macbeth).at(-1)).toBe(`<retract id="${hag66.proxy}"/>`);
  });

  it("removes the user from the participants node and unsubscribes him from all nodes", {
    tags: ["0369-7.1.3/1"],
  }, async () => {
    const { hecate, hag66, host } = await testHost().coven("hecate", "hag66");
    await hag66.leaves();
    const received = hag66.received().length;
    await hecate.says("Round about the cauldron go");
    await host.actor("macbeth").joins();
    expect(hag66.received()).toHaveLength(received);
    expect(String(await itemsSeenBy(hecate))).not.toContain(hag66.id);
    const coven = await host.use(Channels).find("coven");
    expect([...coven!.participants].map(({ jid }) => jid)).not.toContain(hag66.jid);
  });

  it("is final for every client: none of them may speak any more", { tags: ["0369-7.1.3/1"] }, async () => {
    const { hag66 } = await testHost().coven("hecate", "hag66");
    await hag66.leaves();
    await hag66.says("Harpier cries");
    expect(conditionOf(hag66.received().at(-1)!)).toBe("forbidden");
  });

  it("gives back no subscription when one joins again", async () => {
    const { hecate, hag66 } = await testHost().coven("hecate", "hag66");
    await hag66.leaves();
    await hag66.joins("coven", { nodes: [] });
    await hecate.says("Round about the cauldron go");
    expect(hag66.heard()).toEqual([]);
  });

  it("is forbidden to one who is not in the channel", async () => {
    const { hag66, host } = await testHost().coven("hecate", "hag66");
    expect(conditionOf(await host.actor("macbeth").leaves("coven"))).toBe("forbidden");
    await hag66.leaves();
    expect(conditionOf(await hag66.leaves())).toBe("forbidden");
  });
});
