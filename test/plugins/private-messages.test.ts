import { addressOf, Channels, definePlugin, type Element, NODE, NS, parseJid, xml } from "masque";
import { type Actor, type TestHost, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { COVEN, outcome, publishes, sheet } from "../core/channel/replies.ts";

const PLUGINS = {
  channels: {},
  participants: {},
  messages: {},
  visibility: {},
  preferences: {},
  admin: {},
  archive: {},
  "private-messages": {},
};
const WORDS = "<body>Private meeting about Macbeth???</body>";

/** hecate's coven, which hides everybody, with hag66 and peter in it. */
async function coven(plugins: Record<string, object> = PLUGINS) {
  return testHost([], { plugins }).coven("hecate", "hag66", "peter");
}

/** The coven, after its owner has made it one that shows everybody. */
async function visibleCoven() {
  const cast = await coven();
  expect(outcome(await publishes(cast.hecate, NODE.CONFIG, { "JID Visibility": "jid-visible" }))).toBe("result");
  return cast;
}

/** Sends a message with these attributes and this content, and returns all that came of it. */
function sends(host: TestHost, from: string, to: string, attributes = "", content = WORDS): Promise<Element[]> {
  return host.receive(`<message from='${from}' to='${to}' ${attributes}>${content}</message>`);
}

async function tokenOf(host: TestHost, actor: Actor, client = actor.client): Promise<string> {
  const channel = await host.use(Channels).find("coven");
  return parseJid(await addressOf(channel!, parseJid(client)!))!.resource;
}

describe("the addresses of private messages (XEP-0404 0.1.0 §3.2, the table of seven)", () => {
  it("lead from a client to a proxy bare JID, on to the responder's bare JID from the initiator's proxy full JID", {
    tags: ["0404-2.1/2", "0404-2.1/3", "0404-3.2/3", "0404-3.2/4", "0404-3.2/13", "0404-3.2/15", "0404-3.2/16"],
  }, async () => {
    const { host, hag66, peter } = await coven();
    const [passed, ...more] = await sends(host, hag66.client, peter.proxy, "id='92vax143g'");
    expect(more).toEqual([]);
    expect(passed?.toString()).toBe(
      `<message from="${hag66.proxy}/${await tokenOf(host, hag66)}" to="peter@shakespeare.example" id="92vax143g">${WORDS}</message>`,
    );
  });

  it("lead back from the responder's client to the initiator's client, from the responder's proxy full JID", {
    tags: ["0404-3.2/6", "0404-3.2/7", "0404-3.2/12"],
  }, async () => {
    const { host, hag66, peter } = await coven();
    const [first] = await sends(host, hag66.client, peter.proxy, "id='1' type='chat'");
    const [answer] = await sends(host, peter.client, first!.attrs.from!, "id='2' type='chat'", "<body>When?</body>");
    expect(answer?.attrs).toEqual({
      from: `${peter.proxy}/${await tokenOf(host, peter)}`,
      to: hag66.client,
      id: "2",
      type: "chat",
    });
  });

  it("lead from then on from full JID to full JID, under the same proxies, both ways", {
    tags: ["0404-3.2/8", "0404-3.2/9", "0404-3.2/12", "0404-3.2/14"],
  }, async () => {
    const { host, hag66, peter } = await coven();
    const [first] = await sends(host, hag66.client, peter.proxy);
    const [answer] = await sends(host, peter.client, first!.attrs.from!);
    const [third] = await sends(host, hag66.client, answer!.attrs.from!);
    expect([third?.attrs.from, third?.attrs.to]).toEqual([first!.attrs.from, peter.client]);
    const [fourth] = await sends(host, peter.client, third!.attrs.from!);
    expect([fourth?.attrs.from, fourth?.attrs.to]).toEqual([answer!.attrs.from, hag66.client]);
  });

  it("hide the resource of a client behind a token that says nothing of it", {
    tags: ["0404-2.3/8", "0404-2.4/4"],
  }, async () => {
    const { host, hag66, peter } = await coven();
    const [passed] = await sends(host, hag66.client, peter.proxy);
    expect(parseJid(passed!.attrs.from!)?.resource).toMatch(/^[a-z0-9]{16}$/);
    expect(passed?.toString()).not.toContain("UUID-hag66");
  });

  it("tell two clients of one participant apart", { tags: ["0404-2.4/6"] }, async () => {
    const { host, hag66, peter } = await coven();
    const [one] = await sends(host, hag66.client, peter.proxy);
    const [other] = await sends(host, `${hag66.jid}/pda`, peter.proxy);
    expect(other?.attrs.from).not.toBe(one?.attrs.from);
    const [answer] = await sends(host, peter.client, other!.attrs.from!);
    expect(answer?.attrs.to).toBe(`${hag66.jid}/pda`);
  });

  it("are proxy bare JIDs for what a server sends in a user's name", async () => {
    const { host, hag66, peter } = await coven();
    const [passed] = await sends(host, hag66.jid, peter.proxy);
    expect(passed?.attrs.from).toBe(hag66.proxy);
  });

  it("hold the real resource exactly where the participant's JID is shown", {
    tags: ["0404-2.1/4", "0404-2.4/3"],
  }, async () => {
    const { host, hag66, peter } = await visibleCoven();
    const [passed] = await sends(host, hag66.client, peter.proxy);
    expect(passed?.attrs.from).toBe(`${hag66.proxy}/UUID-hag66-7533`);
    const [answer] = await sends(host, peter.client, passed!.attrs.from!);
    expect(answer?.attrs).toMatchObject({ from: `${peter.proxy}/UUID-peter-7533`, to: hag66.client });
  });

  it("cannot be the real resource where it is hidden: such an address leads nowhere, as any that is no token", {
    tags: ["0404-2.4/5"],
  }, async () => {
    const { host, hag66, peter } = await coven();
    // An error is not answered, so that nothing but its being passed on can be seen.
    const error = `<error type='cancel'><service-unavailable xmlns='${NS.STANZAS}'/></error>`;
    const probe = (resource: string) => sends(host, peter.client, `${hag66.proxy}/${resource}`, "type='error'", error);
    expect(await probe(await tokenOf(host, hag66))).toHaveLength(1);
    expect(await probe("UUID-hag66-7533")).toEqual([]);
    expect(outcome((await sends(host, peter.client, `${hag66.proxy}/balcony`))[0])).toBe("item-not-found");
  });

  it("stay the same when the service starts again", async () => {
    const { host, hag66, peter } = await coven();
    const [before] = await sends(host, hag66.client, peter.proxy);
    await host.engine.host.reload("private-messages");
    const [after] = await sends(host, hag66.client, peter.proxy);
    expect(after?.attrs.from).toBe(before?.attrs.from);
  });

  it("may be one's own: Siskin marks what it has shown at its own proxy JID", async () => {
    const { host, hag66 } = await coven();
    const marker = "<displayed xmlns='urn:xmpp:chat-markers:0' id='m1'/>";
    const [passed] = await sends(host, hag66.client, hag66.proxy, "id='1'", marker);
    expect(passed?.attrs.to).toBe(hag66.jid);
    expect(passed?.getChild("displayed", "urn:xmpp:chat-markers:0")?.attrs.id).toBe("m1");
  });
});

describe("what a private message carries", () => {
  it.each(["chat", "normal", "headline"])("keeps the type %s", { tags: ["0404-3.2/2"] }, async (type) => {
    const { host, hag66, peter } = await coven();
    const [passed] = await sends(host, hag66.client, peter.proxy, `type='${type}'`);
    expect([passed?.attrs.to, passed?.attrs.type]).toEqual([peter.jid, type]);
  });

  it("has no type where there was none, or one that nobody knows (RFC 6121 §5.2.2)", async () => {
    const { host, hag66, peter } = await coven();
    for (const attributes of ["", "type='incantation'"]) {
      const [passed] = await sends(host, hag66.client, peter.proxy, attributes);
      expect(passed?.attrs).not.toHaveProperty("type");
    }
  });

  it("MUST NOT be groupchat", { tags: ["0404-3.2/2"] }, async () => {
    const { host, hag66, peter } = await coven();
    const [refused, ...more] = await sends(host, hag66.client, peter.proxy, "type='groupchat'");
    expect([outcome(refused), more]).toEqual(["bad-request", []]);
    expect(refused?.attrs.to).toBe(hag66.client);
  });

  it("keeps id, thread, body, chat states, receipts, markers and hints", { tags: ["0404-3.2/15"] }, async () => {
    const { host, hag66, peter } = await coven();
    const content =
      '<body>Private meeting</body><thread parent="t1">t2</thread>' +
      '<active xmlns="http://jabber.org/protocol/chatstates"/><request xmlns="urn:xmpp:receipts"/>' +
      '<markable xmlns="urn:xmpp:chat-markers:0"/><private xmlns="urn:xmpp:carbons:2"/><no-copy xmlns="urn:xmpp:hints"/>';
    const [passed] = await sends(host, hag66.client, peter.proxy, "id='92vax143g' type='chat'", content);
    expect(passed?.attrs.id).toBe("92vax143g");
    expect(passed?.children.map(String).join("")).toBe(content);
  });

  it("goes both ways: a receipt comes back to the client it is for", async () => {
    const { host, hag66, peter } = await coven();
    const [passed] = await sends(host, hag66.client, peter.proxy, "id='r1' type='chat'");
    const receipt = "<received xmlns='urn:xmpp:receipts' id='r1'/>";
    const [back] = await sends(host, peter.client, passed!.attrs.from!, "id='r2' type='chat'", receipt);
    expect(back?.attrs.to).toBe(hag66.client);
    expect(back?.getChild("received", "urn:xmpp:receipts")?.attrs.id).toBe("r1");
  });

  it.each([
    [
      "a forged <mix/>",
      "<mix xmlns='urn:xmpp:mix:core:1'><nick>hecate</nick><jid>duncan@shakespeare.example</jid></mix>",
    ],
    ["a forged stanza-id", `<stanza-id xmlns='urn:xmpp:sid:0' id='1' by='${COVEN}'/>`],
    ["its server's stanza-id", "<stanza-id xmlns='urn:xmpp:sid:0' id='1' by='hag66@shakespeare.example'/>"],
    ["an occupant-id", "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='dd72603d'/>"],
    [
      "a delay that says from whom",
      "<delay xmlns='urn:xmpp:delay' from='hag66@shakespeare.example/UUID-hag66-7533' stamp='2016-05-30T09:00:00Z'/>",
    ],
    ["an old delay", "<x xmlns='jabber:x:delay' from='hag66@shakespeare.example' stamp='20160530T09:00:00'/>"],
    [
      "addresses (XEP-0033)",
      "<addresses xmlns='http://jabber.org/protocol/address'><address type='ofrom' jid='hag66@shakespeare.example'/></addresses>",
    ],
    ["a pushed nick (XEP-0172)", "<nick xmlns='http://jabber.org/protocol/nick'>Agnes Sampson</nick>"],
    ["how long it was idle", "<idle xmlns='urn:xmpp:idle:1' since='2016-05-30T08:00:00Z'/>"],
    ["a signature", "<x xmlns='jabber:x:signed'>iQA/AwUB</x>"],
    ["the hash of an avatar", "<x xmlns='vcard-temp:x:update'><photo>sha1</photo></x>"],
    [
      "what a MUC says",
      "<x xmlns='http://jabber.org/protocol/muc#user'><item jid='hag66@shakespeare.example/UUID-hag66-7533'/></x>",
    ],
    ["a reference to oneself", "<reference xmlns='urn:xmpp:reference:0' uri='xmpp:HAG66%40shakespeare.example'/>"],
  ])("leaves %s behind", async (_, content) => {
    const { host, hag66, peter } = await coven();
    const [passed] = await sends(host, hag66.client, peter.proxy, "id='1'", content + WORDS);
    expect(passed?.children.map(String).join("")).toBe(WORDS);
    const [refused] = await sends(host, hag66.client, peter.proxy, "id='2'", content);
    expect(outcome(refused)).toBe("bad-request");
    expect(refused?.attrs.to).toBe(hag66.client);
  });

  it.each([
    ["hidden", coven],
    ["shown", visibleCoven],
  ])("may be a forwarded message, without its addresses, where the sender's JID is %s", async (_, gather) => {
    const { host, hag66, peter } = await gather();
    const chat = "from='hag66@shakespeare.example/UUID-hag66-7533' to='duncan@shakespeare.example/pda'";
    const forwarded = `<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' ${chat}><body>Sleep</body></message></forwarded>`;
    const [passed] = await sends(host, hag66.client, peter.proxy, "", WORDS + forwarded);
    const { from, to } = passed?.getChild("forwarded", NS.FORWARD)?.getChild("message")?.attrs ?? {};
    expect([from, to]).toEqual([hag66.proxy, `somebody#${COVEN}`]);
  });

  it("has no other attributes: none but from, to, id and type", async () => {
    const { host, hag66, peter } = await coven();
    const [passed] = await sends(
      host,
      hag66.client,
      peter.proxy,
      "id='1' type='chat' ofrom='hag66@shakespeare.example' xml:lang='en'",
    );
    expect(Object.keys(passed!.attrs)).toEqual(["from", "to", "type", "id"]);
    expect(passed?.getChild("body")?.attrs["xml:lang"]).toBe("en");
  });

  it("has no id that names its sender", async () => {
    const { host, hag66, peter } = await coven();
    const [passed] = await sends(host, hag66.client, peter.proxy, "id='hag66@shakespeare.example-1'");
    expect(passed?.attrs).not.toHaveProperty("id");
  });

  it("keeps the prefixes bound that its sender has used", async () => {
    const { host, hag66, peter } = await coven();
    const [passed] = await sends(host, hag66.client, peter.proxy, "xmlns:c='urn:cauldron'", "<c:eye/>");
    expect(passed?.getChildElements()[0]?.attrs["xmlns:c"]).toBe("urn:cauldron");
  });

  it("MUST NOT be archived by the channel, whatever it asks for", {
    tags: ["0404-3.2/11", "0369-4.7.2/3"],
  }, async () => {
    const { host, hag66, peter } = await coven();
    const store = "<store xmlns='urn:xmpp:hints'/>";
    await sends(host, hag66.client, peter.proxy, "type='chat' id='1'", WORDS + store);
    await sends(host, hag66.client, `${peter.proxy}/nobody`, "type='chat' id='2'", WORDS + store);
    const archive = await peter.asks("get", COVEN, xml("metadata", { xmlns: NS.MAM }));
    expect(archive.getChild("metadata", NS.MAM)?.children).toEqual([]);
    const channel = await host.use(Channels).find("coven");
    expect(await channel?.extent(NODE.MESSAGES)).toBeUndefined();
  });
});

describe("who may write to whom", () => {
  it("is everybody in the channel, and nobody else: one who is not in it finds nobody there", async () => {
    const { host, hag66 } = await coven();
    const stranger = host.actor("duncan").client;
    const [toMember] = await sends(host, stranger, hag66.proxy);
    const [toNobody] = await sends(host, stranger, `nosuchid#${COVEN}`);
    const [nowhere] = await sends(host, stranger, "nosuchid#nowhere@mix.shakespeare.example");
    for (const refused of [toMember, toNobody, nowhere]) {
      expect(outcome(refused)).toBe("item-not-found");
      expect(refused?.getChild("error")?.toString()).toBe(toMember?.getChild("error")?.toString());
    }
    expect(hag66.heard()).toEqual([]);
  });

  it("is nobody who has left", async () => {
    const { host, hag66, peter } = await coven();
    const proxy = peter.proxy;
    await peter.leaves();
    expect(outcome((await sends(host, hag66.client, proxy))[0])).toBe("item-not-found");
    expect(outcome((await sends(host, peter.client, hag66.proxy))[0])).toBe("item-not-found");
  });

  it.each(["hag66", "peter"] as const)("is nobody when %s is removed while the message waits", async (name) => {
    const { host, ...cast } = await coven();
    const { hag66, peter } = cast;
    const channel = (await host.use(Channels).find("coven"))!;
    let open = () => {};
    const busy = channel.update(
      () =>
        new Promise<void>((resolve) => {
          open = resolve;
        }),
    );
    const removed = channel.update((turn) => turn.remove(channel.participant(cast[name].jid)!));
    host.push(`<message from='${hag66.client}' to='${peter.proxy}' id='1'>${WORDS}</message>`);
    open();
    await Promise.all([busy, removed, host.settled()]);
    expect(channel.participant(cast[name].jid)).toBeUndefined();
    expect(outcome(host.sentTo(hag66.client).at(-1))).toBe("item-not-found");
    expect(peter.heard()).toEqual([]);
  });

  it.each([
    ["Private Messages", "false"],
    ["No Private Messages", "true"],
    ["No Private Messages", "1"],
  ])(
    "is nobody where the channel's policy has it so: %s = %s (XEP-0406)",
    { tags: ["0404-2.1/1", "0406-2.4/24"] },
    async (field, value) => {
      const { host, hecate, hag66, peter } = await coven();
      expect(outcome(await publishes(hecate, NODE.CONFIG, { [field]: value }))).toBe("result");
      expect((await sheet(hecate, NODE.CONFIG)).values).toMatchObject({ "Private Messages": ["false"] });
      const [refused, ...more] = await sends(host, hag66.client, peter.proxy);
      expect([outcome(refused), more]).toEqual(["not-allowed", []]);
      await publishes(hecate, NODE.CONFIG, { "No Private Messages": "false" });
      expect((await sends(host, hag66.client, peter.proxy))[0]?.attrs.to).toBe(peter.jid);
    },
  );

  it("may be said of the channel in one word, and only in one that is a word", async () => {
    const { hecate } = await coven();
    expect((await sheet(hecate, NODE.CONFIG)).values["Private Messages"]).toEqual(["true"]);
    expect(outcome(await publishes(hecate, NODE.CONFIG, { "No Private Messages": "perhaps" }))).toBe("not-acceptable");
    expect((await sheet(hecate, NODE.CONFIG)).values).not.toHaveProperty("No Private Messages");
  });

  it("is not he who takes none, and he is not told of it", { tags: ["0404-3.1/6", "0404-3.1/12"] }, async () => {
    const { host, hag66, peter } = await coven();
    expect(outcome(await peter.prefers({ "Private Messages": "block" }))).toBe("result");
    const [refused, ...more] = await sends(host, hag66.client, peter.proxy);
    expect([outcome(refused), more]).toEqual(["not-allowed", []]);
    expect((await sends(host, peter.client, hag66.proxy))[0]?.attrs.to).toBe(hag66.jid);
    await peter.prefers({ "Private Messages": "allow" });
    expect((await sends(host, hag66.client, peter.proxy))[0]?.attrs.to).toBe(peter.jid);
  });

  it("is not he who takes none, also while the plugin of preferences is off", async () => {
    const { host, hag66, peter } = await coven();
    await peter.prefers({ "Private Messages": "block" });
    await host.engine.host.disable("preferences");
    expect(outcome((await sends(host, hag66.client, peter.proxy))[0])).toBe("not-allowed");
  });

  it("is everybody who did not choose", { tags: ["0404-3.1/12"] }, async () => {
    const { host, hag66, peter } = await coven();
    const reply = await peter.asks("get", COVEN, xml("user-preference", { xmlns: NS.MIX_ANON }));
    expect(reply.toString()).toContain('<field var="Private Messages" type="list-single"');
    expect((await sends(host, hag66.client, peter.proxy))[0]?.attrs.to).toBe(peter.jid);
  });
});

describe("what comes back", () => {
  const bounce = (echo = "", condition = "service-unavailable") =>
    `${echo}<error type='cancel' by='peter@shakespeare.example'><${condition} xmlns='${NS.STANZAS}'>xmpp:peter@shakespeare.example</${condition}>` +
    `<text xmlns='${NS.STANZAS}'>peter@shakespeare.example/UUID-peter-7533 is asleep</text>` +
    "<asleep xmlns='urn:example' jid='peter@shakespeare.example'/></error>";
  const ECHO =
    "<body>!</body><addresses xmlns='http://jabber.org/protocol/address'><address jid='peter@shakespeare.example'/></addresses>";

  it("from his server comes to the client that wrote, from the proxy it wrote to, in our own words", async () => {
    const { host, hag66, peter } = await coven();
    const [passed] = await sends(host, hag66.client, peter.proxy, "id='b1' type='chat'");
    const [back, ...more] = await sends(host, peter.jid, passed!.attrs.from!, "type='error' id='b1'", bounce(ECHO));
    expect(more).toEqual([]);
    expect(back?.toString()).toBe(
      `<message from="${peter.proxy}" to="${hag66.client}" type="error" id="b1"><error type="cancel">` +
        `<service-unavailable xmlns="${NS.STANZAS}"/>` +
        `<text xmlns="${NS.STANZAS}" xml:lang="en">The message was not taken.</text></error></message>`,
    );
  });

  it.each([
    ["redirect", "redirect"],
    ["gone", "gone"],
    ["eye-of-newt", "undefined-condition"],
  ])("with %s is %s, without the address in it", async (condition, told) => {
    const { host, hag66, peter } = await coven();
    const [passed] = await sends(host, hag66.client, peter.proxy, "id='b1'");
    const [back] = await sends(host, peter.jid, passed!.attrs.from!, "type='error' id='b1'", bounce("", condition));
    expect(outcome(back)).toBe(told);
    expect(back?.toString()).not.toContain("peter@");
  });

  it("from a client comes from its proxy full JID; the client counts as gone, and its messages go to the bare JID", async () => {
    const { host, hag66, peter } = await coven();
    const [hers] = await sends(host, hag66.client, peter.proxy);
    const [his] = await sends(host, peter.client, hers!.attrs.from!);
    const proxy = his!.attrs.from!;
    expect((await sends(host, hag66.client, proxy, "id='b2'"))[0]?.attrs.to).toBe(peter.client);
    const [back] = await sends(host, peter.client, hers!.attrs.from!, "type='error' id='b2'", bounce());
    expect([back?.attrs.from, back?.attrs.to]).toEqual([proxy, hag66.client]);
    expect((await sends(host, hag66.client, proxy))[0]?.attrs.to).toBe(peter.jid);
    const [again] = await sends(host, peter.client, hag66.proxy);
    expect(again?.attrs.from).toBe(proxy);
    expect((await sends(host, hag66.client, proxy))[0]?.attrs.to).toBe(peter.client);
  });

  it("from a client that only did not like the message does not make it gone", async () => {
    const { host, hag66, peter } = await coven();
    const [his] = await sends(host, peter.client, hag66.proxy);
    await sends(host, peter.client, hag66.proxy, "type='error' id='b2'", bounce("", "not-acceptable"));
    expect((await sends(host, hag66.client, his!.attrs.from!))[0]?.attrs.to).toBe(peter.client);
  });

  it("comes also to one who takes no private messages: it answers his own", async () => {
    const { host, hag66, peter } = await coven();
    await hag66.prefers({ "Private Messages": "block" });
    const [passed] = await sends(host, hag66.client, peter.proxy, "id='b1'");
    const [back] = await sends(host, peter.jid, passed!.attrs.from!, "type='error' id='b1'", bounce());
    expect(back?.attrs).toMatchObject({ to: hag66.client, type: "error" });
  });

  it("to somebody who is not there goes nowhere: an error is never answered", async () => {
    const { host, hag66, peter } = await coven();
    expect(await sends(host, peter.jid, `nosuchid#${COVEN}`, "type='error' id='b1'", bounce())).toEqual([]);
    expect(await sends(host, peter.jid, `${hag66.proxy}/nosuchclient`, "type='error' id='b1'", bounce())).toEqual([]);
    expect(await sends(host, host.actor("duncan").client, hag66.proxy, "type='error'", bounce())).toEqual([]);
  });
});

describe("private messages", () => {
  it("hide the sender when whoever decides about JIDs crashes", async () => {
    const crashing = definePlugin({
      name: "crashing",
      summary: "Crashes whenever it is asked whose JID is shown.",
      setup: ({ guard }) =>
        guard("jid/disclose", () => {
          throw new Error("double, double");
        }),
    });
    const host = testHost([crashing], {
      plugins: { ...PLUGINS, visibility: { default: "jid-visible" }, crashing: {} },
    });
    const { hag66, peter } = await host.coven("hecate", "hag66", "peter");
    const [passed] = await sends(host, hag66.client, peter.proxy);
    expect(passed?.attrs.from).toMatch(new RegExp(`^${hag66.proxy}/[a-z0-9]{16}$`));
  });

  it("are not passed on while what the channel relies on is away", async () => {
    const { host, hag66, peter } = await coven();
    await host.engine.host.disable("visibility");
    const [refused, ...more] = await sends(host, hag66.client, peter.proxy);
    expect([outcome(refused), more]).toEqual(["service-unavailable", []]);
  });

  it("leave no trace when they are off: no field, no preference, and service-unavailable", {
    tags: ["0404-3.2/1"],
  }, async () => {
    const { host, hecate, hag66, peter } = await coven();
    await host.engine.host.disable("private-messages");
    expect(outcome((await sends(host, hag66.client, peter.proxy))[0])).toBe("service-unavailable");
    expect((await sheet(hecate, NODE.CONFIG)).values).not.toHaveProperty("Private Messages");
    const preferences = await peter.asks("get", COVEN, xml("user-preference", { xmlns: NS.MIX_ANON }));
    expect(preferences.toString()).not.toContain("Private Messages");
  });
});
