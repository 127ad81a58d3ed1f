import { Channels, CORE, definePlugin, type Element, type Generation, NODE, NS, proxyJid, refuse, xml } from "masque";
import { type Actor, type TestHost, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { COVEN, outcome, publishes, SERVICE } from "../core/channel/replies.ts";

const HARPIER = "Harpier cries: 'tis time, 'tis time.";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** hag66 and hecate in the coven, who get what is said in this generation. */
async function coven(generation: Generation, ...plugins: Parameters<typeof testHost>) {
  const host = testHost(...plugins);
  const [hecate, hag66] = [host.actor("hecate"), host.actor("hag66")];
  await hecate.creates("coven");
  for (const actor of [hecate, hag66]) await actor.joins("coven", { generation });
  return { host, hecate, hag66 };
}

/** Sends a groupchat message of hag66's with this content, and returns what came of it. */
async function sends(host: TestHost, content: string, attributes = ""): Promise<Element[]> {
  const from = host.actor("hag66").client;
  return host.receive(
    `<message from='${from}' to='${COVEN}' id='92vax143g' type='groupchat' ${attributes}>${content}</message>`,
  );
}

function copyFor(actor: Actor, sent: readonly Element[]): Element {
  const copy = sent.find(({ attrs }) => attrs.to === actor.jid);
  if (!copy) throw new Error(`Nothing was sent to ${actor.name}: ${sent.join("\n")}`);
  return copy;
}

/** The children of a copy that its sender has put there. */
function passedOn(copy: Element): string[] {
  return copy
    .getChildElements()
    .filter((child) => !child.is("mix", NS.MIX_CORE_1) && !child.is("stanza-id", NS.SID))
    .map(String);
}

const hiding = definePlugin({
  name: "hiding",
  summary: "Hides everybody's JID.",
  setup({ guard }) {
    guard("jid/disclose", () => "hidden");
  },
});

describe("a message to a channel (XEP-0369 §7.1.6)", () => {
  it("is reflected in generation 1 from the channel with the sender's Stable Participant ID as resource", {
    tags: ["0369-7.1.6/1", "0369-7.1.6/2", "0369-7.1.6/4"],
  }, async () => {
    const { host, hecate, hag66 } = await coven(1);
    const copy = copyFor(hecate, await sends(host, `<body>${HARPIER}</body>`));
    const { id } = copy.attrs;
    expect(copy.toString()).toBe(
      `<message to="hecate@shakespeare.example" from="${COVEN}/${hag66.id}" id="${id}" type="groupchat">` +
        "<body>Harpier cries: 'tis time, 'tis time.</body>" +
        '<mix xmlns="urn:xmpp:mix:core:1"><nick>hag66</nick><jid>hag66@shakespeare.example</jid></mix>' +
        `<stanza-id xmlns="urn:xmpp:sid:0" id="${id}" by="${COVEN}"/></message>`,
    );
  });

  it("is reflected in generation 0 from the JID of the channel", { tags: ["0369.11-7.1.6/1"] }, async () => {
    const { host, hecate } = await coven(0);
    const copy = copyFor(hecate, await sends(host, `<body>${HARPIER}</body>`));
    const { id } = copy.attrs;
    expect(copy.toString()).toBe(
      `<message to="hecate@shakespeare.example" from="${COVEN}" id="${id}" type="groupchat">` +
        "<body>Harpier cries: 'tis time, 'tis time.</body>" +
        '<mix xmlns="urn:xmpp:mix:core:0"><nick>hag66</nick><jid>hag66@shakespeare.example</jid></mix>' +
        `<stanza-id xmlns="urn:xmpp:sid:0" id="${id}" by="${COVEN}"/></message>`,
    );
  });

  it("carries in generation 0 the proxy JID if, and only if, the JID is omitted", {
    tags: ["0369.11-7.1.6/1"],
  }, async () => {
    const { host, hecate, hag66 } = await coven(0, [hiding]);
    const copy = copyFor(hecate, await sends(host, `<body>${HARPIER}</body>`));
    expect(String(copy.getChild("mix"))).toBe(
      `<mix xmlns="urn:xmpp:mix:core:0"><nick>hag66</nick><proxy-jid>${hag66.id}#${COVEN}</proxy-jid></mix>`,
    );
  });

  it("carries in generation 1 the nick alone if the JID is omitted", {
    tags: ["0369-7.1.6/2", "0369-7.1.6/3"],
  }, async () => {
    const { host, hecate } = await coven(1, [hiding]);
    const copy = copyFor(hecate, await sends(host, `<body>${HARPIER}</body>`));
    expect(String(copy.getChild("mix"))).toBe('<mix xmlns="urn:xmpp:mix:core:1"><nick>hag66</nick></mix>');
  });

  it("of one without a nick carries the JID alone, or the ID as nick where the JID is omitted", {
    tags: ["0369-7.1.6/3"],
  }, async () => {
    const plugins = { channels: {}, participants: {}, messages: {}, admin: {} };
    for (const more of [{}, { hiding: {} }]) {
      const { host, hecate } = await coven(1, [hiding], { plugins: { ...plugins, ...more } });
      await publishes(hecate, NODE.CONFIG, { "Mandatory Nicks": "false" });
      const macbeth = host.actor("macbeth");
      await macbeth.joins("coven", { nick: "" });
      await macbeth.says("Speak, if you can: what are you?");
      expect(hecate.received().at(-1)?.getChild("mix")?.getChildElements().map(String)).toEqual(
        "hiding" in more ? [`<nick>${macbeth.id}</nick>`] : ["<jid>macbeth@shakespeare.example</jid>"],
      );
    }
  });

  it("goes to the bare JID of everybody who is subscribed to messages, its sender among them", {
    tags: ["0369-2/1", "0369-4.7/1", "0369-7.1.6/5"],
  }, async () => {
    const { host } = await coven(1);
    await host.actor("macbeth").joins("coven", { nodes: [NODE.PARTICIPANTS] });
    const sent = await sends(host, `<body>${HARPIER}</body>`);
    expect(sent.map(({ attrs }) => attrs.to)).toEqual(["hecate@shakespeare.example", "hag66@shakespeare.example"]);
  });

  it("has an id of the channel's own, NOT the id used by the sender, and the same for everybody", {
    tags: ["0369-7.1.6/6"],
  }, async () => {
    const { host } = await coven(1);
    const first = await sends(host, `<body>${HARPIER}</body>`);
    const second = await sends(host, `<body>${HARPIER}</body>`);
    const ids = [...first, ...second].map(({ attrs }) => attrs.id);
    expect(ids[0]).toMatch(UUID);
    expect(ids).toEqual([ids[0], ids[0], ids[2], ids[2]]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it("comes back to its originator in generation 0, and to nobody else, with the submission-id", {
    tags: ["0369.11-7.1.6/2"],
  }, async () => {
    const { host, hecate, hag66 } = await coven(0);
    const sent = await sends(host, `<body>${HARPIER}</body>`);
    expect(copyFor(hag66, sent).getChild("mix")?.getChildText("submission-id")).toBe("92vax143g");
    expect(String(copyFor(hecate, sent))).not.toContain("92vax143g");
  });

  it("comes back with its submission-id to every client of an originator whose server knows no MIX", async () => {
    const { host, hag66 } = await coven(0);
    for (const client of ["pda", "laptop"])
      await host.receive(`<iq type='set' from='hag66@shakespeare.example/${client}' to='${COVEN}' id='1'>
        <join xmlns='${NS.MIX_CORE_0}'><subscribe node='${NODE.MESSAGES}'/></join></iq>`);
    const sent = await sends(host, `<body>${HARPIER}</body>`);
    const own = sent.filter(({ attrs }) => attrs.to?.startsWith(`${hag66.jid}/`));
    expect(own.map((copy) => copy.getChild("mix")?.getChildText("submission-id"))).toEqual(Array(3).fill("92vax143g"));
  });

  it("has no submission-id in generation 1, nor where its sender gave it no id", async () => {
    const { host } = await coven(1);
    expect((await sends(host, "<body>by id</body>")).join()).not.toContain("submission-id");
    const { host: other, hag66 } = await coven(0);
    const message = `<message from='${hag66.client}' to='${COVEN}' type='groupchat'><body>without</body></message>`;
    expect((await other.receive(message)).join()).not.toContain("submission-id");
  });

  it("reaches both generations in one channel, each in its own words", async () => {
    const { host, hecate } = await coven(1);
    await host.actor("macbeth").joins("coven", { generation: 0 });
    const sent = await sends(host, `<body>${HARPIER}</body>`);
    expect(copyFor(hecate, sent).getChild("mix", CORE[1])).toBeDefined();
    expect(copyFor(host.actor("macbeth"), sent).getChild("mix", CORE[0])).toBeDefined();
  });

  it("keeps its origin-id, with which its originator may correlate it", { tags: ["0369-7.1.6/8"] }, async () => {
    const { host, hecate } = await coven(1);
    const origin = '<origin-id xmlns="urn:xmpp:sid:0" id="de305d54"/>';
    const copy = copyFor(hecate, await sends(host, `<body>${HARPIER}</body>${origin}`));
    expect(passedOn(copy)[1]).toBe(origin);
  });

  it("names the nick its sender has when it takes its place, not one he takes later", {
    tags: ["0369-7.1.6/1"],
  }, async () => {
    const { hecate, hag66 } = await coven(1);
    await hag66.says("as hag66");
    await hag66.asks("set", COVEN, xml("setnick", { xmlns: NS.MIX_CORE_1 }, xml("nick", {}, "thirdwitch")));
    await hag66.says("as thirdwitch");
    const nicks = hecate.received().flatMap((stanza) => stanza.getChild("mix")?.getChildText("nick") ?? []);
    expect(nicks).toEqual(["hag66", "thirdwitch"]);
  });

  it("is answered with nothing but its copy", async () => {
    const { host } = await coven(1);
    expect(await sends(host, `<body>${HARPIER}</body>`)).toHaveLength(2);
  });
});

describe("a message that is refused", () => {
  it.each(["chat", "normal", "headline", undefined])("because its type is %s is a bad request", async (type) => {
    const { host, hag66 } = await coven(1);
    const message = xml("message", { from: hag66.client, to: COVEN, id: "1", type }, xml("body", {}, HARPIER));
    const sent = await host.receive(message);
    expect(sent.map((reply) => [reply.attrs.to, outcome(reply)])).toEqual([[hag66.client, "bad-request"]]);
  });

  it("of type error is dropped in silence", async () => {
    const { host, hag66 } = await coven(1);
    const from = `from='${hag66.client}'`;
    expect(await host.receive(`<message ${from} to='${COVEN}' type='error'><body>moan</body></message>`)).toEqual([]);
  });

  it("because its sender is no participant is forbidden, and comes back whole", { tags: ["0369-5/3"] }, async () => {
    const { host } = await coven(1);
    const from = "macbeth@shakespeare.example/castle";
    const sent = await host.receive(
      `<message from='${from}' to='${COVEN}' id='1' type='groupchat'><body>${HARPIER}</body></message>`,
    );
    expect(sent).toHaveLength(1);
    expect(sent[0]?.attrs).toEqual({ from: COVEN, to: from, id: "1", type: "error" });
    expect(outcome(sent[0])).toBe("forbidden");
    expect(sent[0]?.getChildText("body")).toBe(HARPIER);
  });

  it("because there is no such channel is item-not-found", { tags: ["0369-4.3/2"] }, async () => {
    const { host, hag66 } = await coven(1);
    const message = `<message from='${hag66.client}' to='heath@${SERVICE}' type='groupchat'><body>!</body></message>`;
    expect((await host.receive(message)).map(outcome)).toEqual(["item-not-found"]);
  });

  it("because nothing of it could be passed on is a bad request", async () => {
    const { host } = await coven(1);
    expect((await sends(host, "")).map(outcome)).toEqual(["bad-request"]);
    expect((await sends(host, "<mix xmlns='urn:xmpp:mix:core:1'><nick>hecate</nick></mix>")).map(outcome)).toEqual([
      "bad-request",
    ]);
  });

  it("by another plugin comes back with its reason, and reaches nobody", async () => {
    const quiet = definePlugin({
      name: "quiet",
      summary: "Nobody shouts.",
      setup({ handle }) {
        handle("message/accept", ({ sender, body }) => {
          if (body === body.toUpperCase()) throw refuse("policy-violation", `Do not shout, ${sender.nick}.`);
          return undefined;
        });
      },
    });
    const { host, hecate } = await coven(1, [quiet]);
    const [reply, ...more] = await sends(host, "<body>TOIL AND TROUBLE</body>");
    expect([outcome(reply), more]).toEqual(["policy-violation", []]);
    expect(reply?.getChild("error")?.getChildText("text")).toBe("Do not shout, hag66.");
    await sends(host, "<body>toil and trouble</body>");
    expect(hecate.heard()).toEqual(["toil and trouble"]);
    expect(host.faults()).toEqual([]);
  });

  it("because a plugin that is asked about it crashed is an internal-server-error, and reaches nobody", async () => {
    const broken = definePlugin({
      name: "broken",
      summary: "Crashes at every message.",
      setup({ handle }) {
        handle("message/accept", async () => {
          throw new Error("double, double");
        });
      },
    });
    const { host, hecate } = await coven(1, [broken]);
    expect((await sends(host, `<body>${HARPIER}</body>`)).map(outcome)).toEqual(["internal-server-error"]);
    expect(hecate.heard()).toEqual([]);
    expect(host.faults()).toMatchObject([{ plugin: "broken", where: "message/accept" }]);
  });

  it("by the stream's server, which takes nothing more, is a resource-constraint", async () => {
    const { host, hecate } = await coven(1);
    host.isStuck = true;
    expect((await sends(host, "<body>too much</body>")).map(outcome)).toEqual(["resource-constraint"]);
    host.isStuck = false;
    await sends(host, `<body>${HARPIER}</body>`);
    expect(hecate.heard()).toEqual([HARPIER]);
  });

  it("because the plugin is off is service-unavailable", async () => {
    const host = testHost([], { plugins: { channels: {}, participants: {} } });
    await host.actor("hag66").creates("coven");
    await host.actor("hag66").joins("coven", { nodes: [] });
    expect((await sends(host, `<body>${HARPIER}</body>`)).map(outcome)).toEqual(["service-unavailable"]);
  });
});

describe("what a message may not carry into a channel", () => {
  it.each([
    ["a forged <mix/>", "<mix xmlns='urn:xmpp:mix:core:1'><nick>hecate</nick></mix>"],
    ["a forged <mix/> of generation 0", "<mix xmlns='urn:xmpp:mix:core:0'><submission-id>1</submission-id></mix>"],
    ["ejabberd's marker", "<mix xmlns=''/>"],
    ["a <mix/> by prefix", "<m:mix xmlns:m='urn:xmpp:mix:core:1'><m:nick>hecate</m:nick></m:mix>"],
    ["the channel's stanza-id", `<stanza-id xmlns='urn:xmpp:sid:0' id='1' by='${COVEN}'/>`],
    ["his own server's stanza-id", "<stanza-id xmlns='urn:xmpp:sid:0' id='1' by='hag66@shakespeare.example'/>"],
    [
      "forged news of a node",
      `<event xmlns='${NS.PUBSUB_EVENT}'><items node='${NODE.PARTICIPANTS}'><retract id='1'/></items></event>`,
    ],
    ["a forged page of the archive", `<result xmlns='${NS.MAM}' queryid='q1' id='1'/>`],
    ["an occupant-id", "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='1'/>"],
    ["a delay", "<delay xmlns='urn:xmpp:delay' from='hag66@shakespeare.example/pda' stamp='2002-09-10T23:08:25Z'/>"],
    ["an old delay", "<x xmlns='jabber:x:delay' from='hag66@shakespeare.example/pda' stamp='20020910T23:08:25'/>"],
    ["XEP-0033 addresses", "<addresses xmlns='http://jabber.org/protocol/address'><address type='ofrom'/></addresses>"],
    ["the nick of his account", "<nick xmlns='http://jabber.org/protocol/nick'>Hag</nick>"],
    ["when he was last active", "<idle xmlns='urn:xmpp:idle:1' since='1969-07-21T02:56:15Z'/>"],
    ["a signature", "<x xmlns='jabber:x:signed'>owGbwMvMwMQ</x>"],
    ["the hash of his avatar", "<x xmlns='vcard-temp:x:update'><photo>sha1</photo></x>"],
    ["MUC's words on him", "<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='owner'/></x>"],
  ])("is %s", async (_, forged) => {
    const { host, hecate } = await coven(1);
    const copy = copyFor(hecate, await sends(host, `${forged}<body>${HARPIER}</body>${forged}`));
    expect(passedOn(copy)).toEqual(["<body>Harpier cries: 'tis time, 'tis time.</body>"]);
    expect(copy.getChildElements().map(({ name }) => name)).toEqual(["body", "mix", "stanza-id"]);
  });

  it("is a `to`, an address or an attribute of its own on the message", async () => {
    const { host, hecate } = await coven(1);
    const copy = copyFor(hecate, await sends(host, `<body>${HARPIER}</body>`, "spell='eye of newt'"));
    expect(Object.keys(copy.attrs)).toEqual(["to", "from", "id", "type"]);
  });
});

describe("what a message carries through a channel", () => {
  it.each([
    [
      "markup",
      '<html xmlns="http://jabber.org/protocol/xhtml-im"><body xmlns="http://www.w3.org/1999/xhtml"><p>!</p></body></html>',
    ],
    ["a thread and a subject", "<thread>e0ffe42b28561960c6b12b944a092794b9683a38</thread>"],
    ["an encrypted payload", '<encrypted xmlns="eu.siacs.conversations.axolotl"><header sid="27183"/></encrypted>'],
    ["a chat state", '<composing xmlns="http://jabber.org/protocol/chatstates"/>'],
    [
      "a reference to another channel (XEP-0372)",
      '<reference xmlns="urn:xmpp:reference:0" type="mention" uri="xmpp:heath@mix.shakespeare.example?join"/>',
    ],
    ["an <x/> of another namespace", '<x xmlns="jabber:x:oob"><url>http://heath.example/</url></x>'],
    ["a <nick/> of another namespace", '<nick xmlns="urn:x:spells">newt</nick>'],
    ["a prefix declared where it is used", '<spell:eye xmlns:spell="urn:x:spells" spell:of="newt"/>'],
    ["a child named as every object's property", '<constructor xmlns="urn:x:spells"/>'],
    ["another of those", '<__proto__ xmlns="urn:x:spells"/>'],
    ["a namespace with entities", '<eye xmlns="urn:x:spells?of=newt&amp;toe=frog"/>'],
  ])("is %s, as it came", { tags: ["0407-5/1"] }, async (_, child) => {
    const { host, hecate } = await coven(1);
    const copy = copyFor(hecate, await sends(host, `<body>!</body>${child}`));
    expect(passedOn(copy)).toEqual(["<body>!</body>", child]);
  });

  it("is the language of the message, unless the body has one of its own", async () => {
    const { host, hecate } = await coven(1);
    const content = "<body>Doppelt plagt euch</body><body xml:lang='en'>double, double</body>";
    expect(passedOn(copyFor(hecate, await sends(host, content, "xml:lang='de'")))).toEqual([
      '<body xml:lang="de">Doppelt plagt euch</body>',
      '<body xml:lang="en">double, double</body>',
    ]);
  });

  it("is a prefix declared on the message", async () => {
    const { host, hecate } = await coven(1);
    const child = "<spell:eye><spell:of spell:what='newt'/></spell:eye>";
    const copy = copyFor(hecate, await sends(host, `<body>!</body>${child}`, "xmlns:spell='urn:x:spells'"));
    expect(passedOn(copy)[1]).toBe('<spell:eye xmlns:spell="urn:x:spells"><spell:of spell:what="newt"/></spell:eye>');
  });

  it("is a body as the server's stream or the client's names it", async () => {
    const { host, hecate } = await coven(1);
    await sends(host, "<body xmlns='jabber:client'>double</body>");
    await sends(host, "<body xmlns='jabber:component:accept'>double</body>");
    const copies = hecate.received().filter(({ attrs }) => attrs.type === "groupchat");
    expect(copies.flatMap(passedOn)).toEqual(["<body>double</body>", "<body>double</body>"]);
  });

  it("is text with every character that XML must escape", async () => {
    const { host, hecate } = await coven(1);
    await sends(host, "<body>&lt;eye of=\"newt\"&gt; &amp; 'toe' of 🐸</body>");
    expect(hecate.heard()).toEqual(["<eye of=\"newt\"> & 'toe' of 🐸"]);
  });
});

describe("filters by reader (message/deliver)", () => {
  const filter = (name: string, drops: (nick: string, body: string) => boolean) =>
    definePlugin({
      name,
      summary: "Drops some copies.",
      setup({ handle }) {
        handle(
          "message/deliver",
          ({ body }) =>
            (reader) =>
              drops(reader.nick, body) ? "drop" : "deliver",
        );
      },
    });

  it("drop the copies of some readers and nobody else's", async () => {
    const { host, hecate, hag66 } = await coven(1, [filter("earplugs", (nick) => nick === "hecate")]);
    await sends(host, `<body>${HARPIER}</body>`);
    expect([hecate.heard(), hag66.heard()]).toEqual([[], [HARPIER]]);
  });

  it("drop a copy when any of them says so", async () => {
    const earplugs = filter("earplugs", (nick) => nick === "hecate");
    const manners = filter("manners", (_, body) => body.includes("newt"));
    const { host, hecate, hag66 } = await coven(1, [earplugs, manners]);
    await sends(host, "<body>eye of newt</body>");
    await sends(host, "<body>toe of frog</body>");
    expect([hecate.heard(), hag66.heard()]).toEqual([[], ["toe of frog"]]);
  });

  it("are left out and counted when they crash", async () => {
    const broken = definePlugin({
      name: "broken",
      summary: "Crashes at every message.",
      setup({ handle }) {
        handle("message/deliver", () => {
          throw new Error("double, double");
        });
      },
    });
    const { host, hecate, hag66 } = await coven(1, [broken, filter("earplugs", (nick) => nick === "hecate")]);
    await sends(host, `<body>${HARPIER}</body>`);
    expect([hecate.heard(), hag66.heard()]).toEqual([[], [HARPIER]]);
    expect(host.faults()).toMatchObject([{ plugin: "broken", where: "message/deliver" }]);
  });

  it("that crash at one reader cost that reader his copy, and nobody else anything", async () => {
    const squeamish = filter("squeamish", (nick) => {
      if (nick === "hecate") throw new Error("eye of newt");
      return false;
    });
    const { host, hecate, hag66 } = await coven(1, [squeamish], {
      plugins: { channels: {}, participants: {}, messages: {}, archive: {}, squeamish: {} },
    });
    for (const content of [`<body>${HARPIER}</body>`, "<active xmlns='http://jabber.org/protocol/chatstates'/>"]) {
      const sent = await sends(host, content);
      expect(sent.map(({ attrs }) => [attrs.to, attrs.type])).toEqual([[hag66.jid, "groupchat"]]);
    }
    expect(hecate.heard()).toEqual([]);
    expect(host.faults()).toMatchObject([
      { plugin: "squeamish", where: "message/deliver" },
      { plugin: "squeamish", where: "message/deliver" },
    ]);
  });
});

describe("the messages node (XEP-0369 §3.6.2)", () => {
  it("is transient: it holds no items", { tags: ["0369-4.7.2/1"] }, async () => {
    const { host, hecate } = await coven(1);
    await sends(host, `<body>${HARPIER}</body>`);
    const pubsub = xml("pubsub", { xmlns: NS.PUBSUB }, xml("items", { node: NODE.MESSAGES }));
    const reply = await hecate.asks("get", COVEN, pubsub);
    expect(reply.getChild("pubsub", NS.PUBSUB)?.getChild("items")?.children).toEqual([]);
  });

  it("does not carry what is said to a participant by proxy JID", { tags: ["0369-4.7.2/3"] }, async () => {
    const { host, hecate, hag66 } = await coven(1);
    const to = proxyJid(hecate.id, COVEN);
    await host.receive(`<message from='${hag66.client}' to='${to}' type='groupchat'><body>psst</body></message>`);
    expect(hecate.heard()).toEqual([]);
  });

  it("is gone with its plugin", async () => {
    const { host } = await coven(1);
    const channels = host.use(Channels);
    expect(channels.nodes()).toContain(NODE.MESSAGES);
    await host.engine.host.disable("messages");
    expect(channels.nodes()).not.toContain(NODE.MESSAGES);
  });
});

describe("what a client adds to a message and names its sender", () => {
  const history =
    "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='Hag66@shakespeare.example/pda' to='duncan@shakespeare.example'/></forwarded>";

  it("stays behind where his JID is hidden: the history of a chat, a URI", async () => {
    const { host, hecate } = await coven(1, [hiding]);
    const uri = "<reference xmlns='urn:xmpp:reference:0' uri='xmpp:hag66%40shakespeare.example'/>";
    const copy = copyFor(hecate, await sends(host, `<body>${HARPIER}</body>${history}${uri}`));
    expect(passedOn(copy)).toEqual([`<body>${HARPIER}</body>`]);
  });

  it("stays behind also where it is shown: the archive will be read when it is not", async () => {
    const { host, hecate } = await coven(1);
    const copy = copyFor(hecate, await sends(host, `<body>${HARPIER}</body>${history}`));
    expect(passedOn(copy)).toEqual([`<body>${HARPIER}</body>`]);
  });
});
