import { addressOf, Channels, type Element, NODE, NS, parseJid, xml } from "masque";
import { type Actor, type TestHost, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { COVEN, disco, features, outcome, publishes, SERVICE } from "../core/channel/replies.ts";

const PLUGINS = { channels: {}, participants: {}, messages: {}, visibility: {}, preferences: {}, admin: {}, vcard: {} };
const TEMP = "vcard-temp";
const VCARD4 = "urn:ietf:params:xml:ns:vcard-4.0";
const KINDS = [
  [TEMP, "vCard"],
  [VCARD4, "vcard"],
] as const;
/** Example 9 of XEP-0404 0.1.0. */
const CARD =
  '<vCard xmlns="vcard-temp"><FN>Peter Saint-Andre</FN><N><FAMILY>Saint-Andre</FAMILY><GIVEN>Peter</GIVEN><MIDDLE/></N>' +
  "<NICKNAME>stpeter</NICKNAME><URL>http://www.xmpp.org/xsf/people/stpeter.shtml</URL></vCard>";

/** hecate's coven, which hides everybody, with hag66, and peter who shows his vCard. */
async function coven(options: object = {}) {
  const cast = await testHost([], { plugins: { ...PLUGINS, vcard: options } }).coven("hecate", "hag66", "peter");
  await cast.peter.prefers({ vCard: "allow" });
  return cast;
}

/** Has somebody ask for a vCard; returns all that was sent because of it. */
function asks(
  host: TestHost,
  asker: Actor,
  owner: Actor,
  id = "lx09df27",
  [xmlns, name] = KINDS[0] as readonly [string, string],
) {
  return host.receive(xml("iq", { from: asker.client, to: owner.proxy, id, type: "get" }, xml(name, { xmlns })));
}

/** Answers an iq that was sent, as from whom it was sent to unless said otherwise; returns all that was sent then. */
function answers(host: TestHost, asked: Element | undefined, content: string, attrs: Record<string, string> = {}) {
  const { id, from, to } = asked!.attrs;
  const head = Object.entries({ type: "result", id, from: to, to: from, ...attrs } as Record<string, string>);
  return host.receive(`<iq ${head.map(([name, value]) => `${name}='${value}'`).join(" ")}>${content}</iq>`);
}

/** Has hag66 ask for peter's vCard, and peter's server answer; returns what hag66 gets of it. */
async function reads(content: string, options: object = {}): Promise<string> {
  const { host, hag66, peter } = await coven(options);
  const [asked] = await asks(host, hag66, peter);
  const [reply] = await answers(host, asked, content);
  return reply!.children.map(String).join("");
}

describe("a request for a vCard (XEP-0404 0.1.0 §3.3)", () => {
  it.each(KINDS)(
    "of %s is put to the owner's real bare JID from the asker's proxy full JID",
    { tags: ["0404-3.3/1", "0404-3.3/3", "0404-3.3/4", "0404-3.3/8", "0404-3.3/12", "0403-4.6/1"] },
    async (...kind) => {
      const { host, hag66, peter } = await coven();
      const [asked, ...more] = await asks(host, hag66, peter, "lx09df27", kind);
      const channel = await host.use(Channels).find("coven");
      expect(more).toEqual([]);
      expect(asked?.attrs).toEqual({
        type: "get",
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        from: await addressOf(channel!, parseJid(hag66.client)!),
        to: "peter@shakespeare.example",
      });
      expect(asked?.children.map(String)).toEqual([`<${kind[1]} xmlns="${kind[0]}"/>`]);
    },
  );

  it.each(KINDS)(
    "of %s is answered as from the owner's proxy JID, under the asker's id",
    { tags: ["0404-3.3/3", "0404-3.3/11"] },
    async (...kind) => {
      const { host, hag66, peter } = await coven();
      const [asked] = await asks(host, hag66, peter, "lx09df27", kind);
      const card = `<${kind[1]} xmlns="${kind[0]}"><FN>Peter</FN></${kind[1]}>`;
      const [reply, ...more] = await answers(host, asked, card);
      expect(more).toEqual([]);
      expect(reply?.toString()).toBe(
        `<iq type="result" from="${peter.proxy}" to="${hag66.client}" id="lx09df27">${card}</iq>`,
      );
    },
  );

  it("is answered with the vCard, and with nothing else that stands beside it", { tags: ["0404-3.3/11"] }, async () => {
    expect(await reads(`${CARD}<query xmlns='${NS.DISCO_INFO}'/>`)).toBe(CARD);
  });

  it("is answered with an empty vCard when there is none (XEP-0054 §3.1)", async () => {
    expect(await reads("")).toBe('<vCard xmlns="vcard-temp"/>');
  });

  it("tells the owner nothing of the asker's but the question", async () => {
    const { host, hag66, peter } = await coven();
    const [asked] = await host.receive(
      `<iq type='get' from='${hag66.client}' to='${peter.proxy}' id='1' xml:lang='de'>` +
        "<vCard xmlns='vcard-temp' version='2.0' prodid='-//HandGen//NONSGML vGen v1.0//EN'><DESC>hag66@shakespeare.example</DESC></vCard></iq>",
    );
    expect(asked?.children.map(String)).toEqual(['<vCard xmlns="vcard-temp"/>']);
  });

  it("goes to the bare JID also when a client is addressed, whether there is one or not", async () => {
    const { host, hag66, peter } = await coven();
    const question = xml("vCard", { xmlns: TEMP });
    const to = `${peter.proxy}/balcony`;
    const [asked] = await host.receive(xml("iq", { from: hag66.client, to, id: "1", type: "get" }, question));
    expect(asked?.attrs.to).toBe(peter.jid);
    expect((await answers(host, asked, CARD))[0]?.attrs.from).toBe(to);
  });

  it("does not keep anything else of the asker's waiting", async () => {
    const { host, hag66, peter } = await coven();
    await asks(host, hag66, peter);
    await hag66.says("Harpier cries");
    expect(peter.heard()).toEqual(["Harpier cries"]);
  });

  it("of type set is not possible", async () => {
    const { host, hag66, peter } = await coven();
    const [refused, ...more] = await host.receive(
      xml("iq", { from: hag66.client, to: peter.proxy, id: "1", type: "set" }, xml("vCard", { xmlns: TEMP })),
    );
    expect([outcome(refused), more]).toEqual(["service-unavailable", []]);
  });

  it("of one who is not in the channel finds nobody, whether there is somebody or not", {
    tags: ["0404-3.3/1"],
  }, async () => {
    const { host, peter } = await coven();
    const duncan = host.actor("duncan");
    const card = () => xml("vCard", { xmlns: TEMP });
    const [known, unknown] = [
      await duncan.asks("get", peter.proxy, card()),
      await duncan.asks("get", `x#${COVEN}`, card()),
    ];
    expect([outcome(known), outcome(unknown)]).toEqual(["item-not-found", "item-not-found"]);
    expect(known.getChild("error")?.toString()).toBe(unknown.getChild("error")?.toString());
  });

  it("is put to nobody who is removed while it waits", async () => {
    const { host, hag66, peter } = await coven();
    const channel = (await host.use(Channels).find("coven"))!;
    let open = () => {};
    const busy = channel.update(
      () =>
        new Promise<void>((resolve) => {
          open = resolve;
        }),
    );
    const removed = channel.update((turn) => turn.remove(channel.participant(peter.jid)!));
    const question = xml("vCard", { xmlns: TEMP });
    host.push(xml("iq", { from: hag66.client, to: peter.proxy, id: "late", type: "get" }, question));
    // Long enough for the question to get into the line behind the removal.
    await new Promise((resolve) => setImmediate(resolve));
    open();
    await Promise.all([busy, removed, host.settled()]);
    expect(host.sentTo(peter.jid).some(({ name, attrs }) => name === "iq" && attrs.type === "get")).toBe(false);
    expect(outcome(host.sentTo(hag66.client).find(({ attrs }) => attrs.id === "late"))).toBe("item-not-found");
  });
});

describe("the preference vCard (XEP-0404 0.1.0 §3.1)", () => {
  it('is "block" at first: not-allowed at once, and the owner hears nothing', {
    tags: ["0404-3.1/13", "0404-3.3/2", "0404-3.3/7", "0403-4.6/3"],
  }, async () => {
    const { host, hecate, hag66 } = await coven();
    const [refused, ...more] = await asks(host, hag66, hecate);
    expect([outcome(refused), refused?.attrs.to, more]).toEqual(["not-allowed", hag66.client, []]);
    expect(host.sentTo(hecate.jid).some(({ name, attrs }) => name === "iq" && attrs.type === "get")).toBe(false);
  });

  it("may be taken back", { tags: ["0404-3.1/6"] }, async () => {
    const { host, hag66, peter } = await coven();
    await peter.prefers({ vCard: "block" });
    expect(outcome((await asks(host, hag66, peter))[0])).toBe("not-allowed");
  });

  it("is heeded also while the plugin of preferences is off", async () => {
    const { host, hecate, hag66, peter } = await coven();
    await host.engine.host.disable("preferences");
    expect(outcome((await asks(host, hag66, hecate))[0])).toBe("not-allowed");
    expect((await asks(host, hag66, peter))[0]?.attrs.to).toBe(peter.jid);
  });

  it("stands among the others with both its values", { tags: ["0404-3.1/13"] }, async () => {
    const { peter } = await coven();
    const reply = await peter.asks("get", COVEN, xml("user-preference", { xmlns: NS.MIX_ANON }));
    const field = reply
      .getChild("user-preference")
      ?.getChild("x")
      ?.getChildren("field")
      .find(({ attrs }) => attrs.var === "vCard");
    expect(field?.getChildText("value")).toBe("allow");
    expect(field?.getChildren("option").map((option) => option.getChildText("value"))).toEqual(["allow", "block"]);
  });
});

describe("an answer", () => {
  it.each<[string, (asked: Element, peter: Actor) => Record<string, string>]>([
    ["from another JID", () => ({ from: "duncan@shakespeare.example" })],
    ["from a client of the owner's", (_, peter) => ({ from: peter.client })],
    ["from the owner's server", () => ({ from: "shakespeare.example" })],
    ["from the owner's own proxy JID", (_, peter) => ({ from: peter.proxy })],
    ["with another id", () => ({ id: "lx09df27" })],
    ["to another address of the asker's", ({ attrs }) => ({ to: parseJid(attrs.from)!.bare })],
    ["to the channel", () => ({ to: COVEN })],
  ])("%s goes nowhere, and the right one still counts", async (_, forged) => {
    const { host, hag66, peter } = await coven();
    const [asked] = await asks(host, hag66, peter);
    expect(
      await answers(host, asked, "<vCard xmlns='vcard-temp'><FN>Duncan</FN></vCard>", forged(asked!, peter)),
    ).toEqual([]);
    const [reply] = await answers(host, asked, CARD);
    expect(reply?.toString()).toContain("Saint-Andre");
  });

  it("counts once", { tags: ["0404-3.3/10"] }, async () => {
    const { host, hag66, peter } = await coven();
    const [asked] = await asks(host, hag66, peter);
    expect(await answers(host, asked, CARD)).toHaveLength(1);
    expect(await answers(host, asked, CARD)).toEqual([]);
  });

  it("is waited for 30 seconds: then remote-server-timeout, and what comes later goes nowhere", {
    tags: ["0404-3.3/10"],
  }, async () => {
    const { host, hag66, peter } = await coven();
    const [asked] = await asks(host, hag66, peter);
    const before = host.sent().length;
    host.clock.advance(29_999);
    await host.settled();
    expect(host.sent()).toHaveLength(before);
    host.clock.advance(1);
    await host.settled();
    const reply = host.sentTo(hag66.client).at(-1);
    expect([outcome(reply), reply?.attrs.from, reply?.attrs.id]).toEqual([
      "remote-server-timeout",
      peter.proxy,
      "lx09df27",
    ]);
    expect(await answers(host, asked, CARD)).toEqual([]);
  });

  it("that refuses comes from the proxy JID, with its condition and in our own words", {
    tags: ["0404-3.3/9"],
  }, async () => {
    const { host, hag66, peter } = await coven();
    const [asked] = await asks(host, hag66, peter);
    const [reply] = await answers(
      host,
      asked,
      `<vCard xmlns='vcard-temp'><JABBERID>peter@shakespeare.example</JABBERID></vCard><error type='cancel' by='peter@shakespeare.example'>` +
        `<gone xmlns='${NS.STANZAS}'>xmpp:peter@shakespeare.example</gone>` +
        `<text xmlns='${NS.STANZAS}'>peter@shakespeare.example has gone</text><x xmlns='urn:x' jid='peter@shakespeare.example'/></error>`,
      { type: "error" },
    );
    expect([outcome(reply), reply?.attrs.from]).toEqual(["gone", peter.proxy]);
    expect(reply?.toString()).not.toMatch(/peter@/);
  });

  it("goes to nobody who has left meanwhile, and is nobody's who has", async () => {
    for (const leaver of ["hag66", "peter"] as const) {
      const { host, hag66, peter, ...cast } = await coven();
      const [asked] = await asks(host, hag66, peter);
      await { ...cast, hag66, peter }[leaver].leaves();
      const [reply] = await answers(host, asked, CARD);
      expect(outcome(reply)).toBe("item-not-found");
      expect(reply?.toString()).not.toContain("Saint-Andre");
    }
  });

  it("is not passed on when meanwhile what the channel relies on has gone", async () => {
    const { host, hag66, peter } = await coven();
    const [asked] = await asks(host, hag66, peter);
    await host.engine.host.disable("visibility");
    const [reply] = await answers(host, asked, CARD);
    expect(outcome(reply)).toBe("service-unavailable");
    expect(reply?.toString()).not.toContain("Saint-Andre");
  });

  it("with a prefix that nobody has bound is taken for an empty one: it would end the stream", async () => {
    const { host, hag66, peter } = await coven();
    const [asked] = await asks(host, hag66, peter);
    const [reply] = await answers(host, asked, "<vCard xmlns='vcard-temp'><c:EYE>newt</c:EYE></vCard>");
    expect(reply?.children.map(String)).toEqual(['<vCard xmlns="vcard-temp"/>']);
  });

  it("keeps the prefixes that its stanza has bound", async () => {
    const { host, hag66, peter } = await coven();
    const [asked] = await asks(host, hag66, peter);
    const [reply] = await answers(host, asked, "<vCard xmlns='vcard-temp'><c:EYE>newt</c:EYE></vCard>", {
      "xmlns:c": "urn:cauldron",
    });
    expect(reply?.getChild("vCard")?.attrs["xmlns:c"]).toBe("urn:cauldron");
  });
});

describe("the vCard of one whose JID is hidden", () => {
  const rest = "<FN>Peter</FN>";
  const card = (content: string) => `<vCard xmlns="vcard-temp">${content}</vCard>`;

  it.each([
    ["JABBERID", "<JABBERID>stpeter@jabber.org</JABBERID>"],
    ["an IMPP entry of XMPP", "<IMPP>xmpp:stpeter@jabber.org</IMPP>"],
    ["an X-JABBER entry", "<X-JABBER>stpeter@jabber.org</X-JABBER>"],
    [
      "an IMPP entry as vCard4 has it",
      "<impp><parameters><type><text>home</text></type></parameters><uri>XMPP:stpeter@jabber.org</uri></impp>",
    ],
    ["one in a group", "<group name='g'><impp><uri>xmpp:stpeter@jabber.org</uri></impp></group>", '<group name="g"/>'],
    ["his JID as text", "<DESC>Write to peter@shakespeare.example!</DESC>"],
    [
      "his JID as a mail address",
      "<EMAIL><INTERNET/><USERID>Peter@Shakespeare.Example</USERID></EMAIL>",
      "<EMAIL><INTERNET/></EMAIL>",
    ],
    ["his JID in a URI", "<URL>xmpp:peter%40shakespeare.example?message</URL>"],
    ["his JID in an attribute", "<FN jid='peter@shakespeare.example'/>", "<FN/>"],
  ])("loses %s", { tags: ["0404-3.3/4"] }, async (_, content, left = "") => {
    expect(await reads(card(rest + content + rest))).toBe(card(rest + left + rest));
  });

  it("loses his JID where it stands beside the entries, and where a character is written as a number", async () => {
    expect(await reads(card(`peter@shakespeare.example${rest}`))).toBe(card(rest));
    expect(await reads(card(`${rest}<DESC>peter&#64;shakespeare.example</DESC>`))).toBe(card(rest));
  });

  it("keeps how he is found on other networks", async () => {
    expect(await reads(card("<IMPP>sip:thane@jabber.org</IMPP>"))).toBe(card("<IMPP>sip:thane@jabber.org</IMPP>"));
  });

  it("keeps its addresses when the operator wants it so", async () => {
    const jid = "<JABBERID>stpeter@jabber.org</JABBERID>";
    expect(await reads(card(jid), { remove_addresses: false })).toBe(card(jid));
  });

  it("keeps its addresses where his JID is shown, as it is when the answer comes", async () => {
    const { host, hecate, hag66, peter } = await coven();
    const content = card("<JABBERID>peter@shakespeare.example</JABBERID>");
    await publishes(hecate, NODE.CONFIG, { "JID Visibility": "jid-visible" });
    const [asked, again] = [(await asks(host, hag66, peter))[0], (await asks(host, hag66, peter, "2"))[0]];
    expect((await answers(host, asked, content))[0]?.children.map(String)).toEqual([content]);
    await publishes(hecate, NODE.CONFIG, { "JID Visibility": "jid-hidden" });
    expect((await answers(host, again, content))[0]?.children.map(String)).toEqual([
      card("").replace("></vCard>", "/>"),
    ]);
  });
});

describe("what is waited for", () => {
  it("is bounded for each user, in all channels together, and free again once it has come", async () => {
    const { host, hag66, peter, hecate } = await coven({ pending_each: 2 });
    await hecate.prefers({ vCard: "allow" });
    const [first] = await asks(host, hag66, peter, "1");
    await asks(host, hag66, peter, "2");
    const [refused] = await asks(host, hag66, peter, "3");
    expect([outcome(refused), refused?.attrs.to]).toEqual(["resource-constraint", hag66.client]);
    expect((await asks(host, peter, hecate, "4"))[0]?.attrs.to).toBe(hecate.jid);
    await answers(host, first, CARD);
    expect((await asks(host, hag66, peter, "5"))[0]?.attrs.to).toBe(peter.jid);
  });

  it("is bounded in all", async () => {
    const { host, hag66, peter, hecate } = await coven({ pending: 1 });
    await asks(host, hag66, peter, "1");
    expect(outcome((await asks(host, hecate, peter, "2"))[0])).toBe("resource-constraint");
    host.clock.advance(30_000);
    await host.settled();
    expect((await asks(host, hecate, peter, "3"))[0]?.attrs.to).toBe(peter.jid);
  });

  it("ends with service-unavailable when the plugin stops", async () => {
    const { host, hag66, peter } = await coven();
    const [asked] = await asks(host, hag66, peter);
    await host.engine.host.disable("vcard");
    const reply = host.sentTo(hag66.client).at(-1);
    expect([outcome(reply), reply?.attrs.id]).toEqual(["service-unavailable", "lx09df27"]);
    expect(await answers(host, asked, CARD)).toEqual([]);
    expect(host.complaints).toEqual([]);
  });
});

describe("each protocol", () => {
  it("MUST be advertised as a feature of the service, and is one of its channels, while it is on", {
    tags: ["0404-3.3/6"],
  }, async () => {
    const { hag66 } = await coven();
    for (const address of [SERVICE, COVEN])
      expect(features(await hag66.asks("get", address, disco("info")))).toEqual(expect.arrayContaining([TEMP, VCARD4]));
  });

  it.each([
    [{ vcard_temp: false }, KINDS[0], VCARD4],
    [{ vcard4: false }, KINDS[1], TEMP],
  ])("may be off by itself: %o", { tags: ["0404-3.3/5", "0404-3.3/6", "0403-4.6/2"] }, async (options, off, on) => {
    const { host, hag66, peter } = await coven(options);
    expect(outcome((await asks(host, hag66, peter, "1", off))[0])).toBe("service-unavailable");
    const advertised = features(await hag66.asks("get", SERVICE, disco("info")));
    expect(advertised).toContain(on);
    expect(advertised).not.toContain(off[0]);
  });

  it("leaves no trace with the plugin off: no feature, no preference, and service-unavailable", {
    tags: ["0404-3.3/6"],
  }, async () => {
    const { host, hag66, peter } = await coven();
    await host.engine.host.disable("vcard");
    for (const kind of KINDS)
      expect(outcome((await asks(host, hag66, peter, "1", kind))[0])).toBe("service-unavailable");
    for (const address of [SERVICE, COVEN]) {
      const advertised = features(await hag66.asks("get", address, disco("info")));
      expect(advertised.filter((each) => each === TEMP || each === VCARD4)).toEqual([]);
    }
    const reply = await peter.asks("get", COVEN, xml("user-preference", { xmlns: NS.MIX_ANON }));
    expect(reply.toString()).not.toContain("vCard");
  });
});
