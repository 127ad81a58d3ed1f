import { addressOf, Channels, type Element, NODE, NS, parseJid, xml } from "masque";
import { type Actor, type TestHost, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { COVEN, disco, features, outcome, publishes, reason, SERVICE } from "../core/channel/replies.ts";

const PLUGINS = { channels: {}, participants: {}, messages: {}, visibility: {}, admin: {}, "iq-relay": {} };

/** hecate's coven with hag66 and peter, whose JIDs everybody sees. */
async function coven(options: object = {}, mode = "jid-visible") {
  const plugins = {
    ...PLUGINS,
    preferences: {},
    vcard: {},
    "private-messages": {},
    "iq-relay": options,
    visibility: { default: mode },
  };
  const cast = await testHost([], { plugins }).coven("hecate", "hag66", "peter");
  const channel = await cast.host.use(Channels).find("coven");
  const at = (actor: Actor, client = actor.client) => addressOf(channel!, parseJid(client)!);
  return { ...cast, at };
}

/** The same, in a channel that hides everybody. */
const hiddenCoven = (options: object = { in_hidden_channels: true }) => coven(options, "jid-hidden");

function asks(host: TestHost, asker: Actor, to: string, question = disco("info"), type = "get") {
  return host.receive(xml("iq", { from: asker.client, to, id: "q1", type }, question));
}

function answers(host: TestHost, asked: Element | undefined, content: string, attrs: Record<string, string> = {}) {
  const { id, from, to } = asked!.attrs;
  const head = Object.entries({ type: "result", id, from: to, to: from, ...attrs } as Record<string, string>);
  return host.receive(`<iq ${head.map(([name, value]) => `${name}='${value}'`).join(" ")}>${content}</iq>`);
}

describe("an iq from one participant to another (XEP-0403 §3.7)", () => {
  it("goes to the full JID of the recipient, from the encoded JID of the sender, and its answer back", {
    tags: ["0404-2.4/6", "0403-3.2/1", "0403-4.5/1"],
  }, async () => {
    const { host, hag66, peter, at } = await coven();
    const [asked, ...more] = await asks(host, hag66, await at(peter), disco("info", "http://psi-im.org#caps"));
    expect(more).toEqual([]);
    expect(asked?.attrs).toEqual({
      type: "get",
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      from: `${hag66.proxy}/UUID-hag66-7533`,
      to: peter.client,
    });
    expect(asked?.getChild("query", NS.DISCO_INFO)?.attrs.node).toBe("http://psi-im.org#caps");
    const info = `<query xmlns="${NS.DISCO_INFO}"><feature var="urn:cauldron"/></query>`;
    const [reply] = await answers(host, asked, info);
    expect(reply?.toString()).toBe(
      `<iq type="result" from="${await at(peter)}" to="${hag66.client}" id="q1">${info}</iq>`,
    );
  });

  it("may be a ping, whose answer is empty", async () => {
    const { host, hag66, peter, at } = await coven();
    const [asked] = await asks(host, hag66, await at(peter), xml("ping", { xmlns: NS.PING }));
    const [reply] = await answers(host, asked, "");
    expect([outcome(reply), reply?.children]).toEqual(["result", []]);
  });

  it("may be asked for the version", async () => {
    const { host, hag66, peter, at } = await coven();
    const [asked] = await asks(host, hag66, await at(peter), xml("query", { xmlns: NS.VERSION }));
    const [reply] = await answers(host, asked, "<query xmlns='jabber:iq:version'><name>Psi</name></query>");
    expect(reply?.getChild("query")?.getChildText("name")).toBe("Psi");
  });

  it.each([
    ["of another namespace", xml("query", { xmlns: "jabber:iq:last" }), "get"],
    ["of type set", disco("info"), "set"],
    ["of another element", xml("pong", { xmlns: NS.PING }), "get"],
  ])("%s is not passed on", async (_, question, type) => {
    const { host, hag66, peter, at } = await coven();
    const [refused, ...more] = await asks(host, hag66, await at(peter), question, type);
    expect([outcome(refused), more]).toEqual(["service-unavailable", []]);
  });

  it("may be whatever the operator allows, and nothing else", { tags: ["0403-4.5/1"] }, async () => {
    const { host, hag66, peter, at } = await coven({ requests: ["jabber:iq:last query"] });
    expect((await asks(host, hag66, await at(peter), xml("query", { xmlns: "jabber:iq:last" })))[0]?.attrs.to).toBe(
      peter.client,
    );
    expect(outcome((await asks(host, hag66, await at(peter)))[0])).toBe("service-unavailable");
  });

  it("of a form that is none is a mistake of the operator's, said in a sentence", async () => {
    const host = testHost([], { plugins: { ...PLUGINS, "iq-relay": { requests: ["urn:xmpp:ping"] } } });
    await expect(host.start()).rejects.toThrow(
      'expected a namespace, a space and a name, such as "urn:xmpp:ping ping", not "urn:xmpp:ping"',
    );
  });

  it("does not reach a vCard past its owner's wish", async () => {
    const { host, hag66, peter, at } = await coven({ requests: ["vcard-temp vCard"] });
    const [refused, ...more] = await asks(host, hag66, await at(peter), xml("vCard", { xmlns: "vcard-temp" }));
    expect([outcome(refused), more]).toEqual(["not-allowed", []]);
  });

  it("to a proxy bare JID is not passed on: it is clients that are asked", async () => {
    const { host, hag66, peter } = await coven();
    const [refused, ...more] = await asks(host, hag66, peter.proxy);
    expect([outcome(refused), more]).toEqual(["service-unavailable", []]);
  });

  it("to one who is not in the channel, or from one, finds nobody", async () => {
    const { host, hag66, peter, at } = await coven();
    expect(outcome((await asks(host, hag66, `nosuchid#${COVEN}/x`))[0])).toBe("item-not-found");
    expect(outcome((await asks(host, host.actor("duncan"), await at(peter)))[0])).toBe("item-not-found");
  });
});

describe("in a channel that hides JIDs, an iq", () => {
  it("is not passed on unless the operator wants it: what a client is can tell whose it is", {
    tags: ["0403-4.5/1"],
  }, async () => {
    const { host, hag66, peter, at } = await hiddenCoven({});
    const [refused, ...more] = await asks(host, hag66, await at(peter));
    expect([outcome(refused), more]).toEqual(["service-unavailable", []]);
  });

  it("is not passed on either in one that shows only others", async () => {
    const { host, hecate, hag66, peter, at } = await coven({}, "jid-maybe-visible");
    await hecate.prefers({ "JID Visibility": "always" });
    expect((await asks(host, hag66, await at(hecate)))[0]?.attrs.to).toBe(hecate.client);
    expect(outcome((await asks(host, hag66, await at(peter)))[0])).toBe("service-unavailable");
  });

  it("goes by tokens both ways when he does", { tags: ["0404-2.4/1", "0404-2.4/6"] }, async () => {
    const { host, hag66, peter, at } = await hiddenCoven();
    const [asked] = await asks(host, hag66, await at(peter));
    expect(asked?.attrs).toMatchObject({ from: await at(hag66), to: peter.client });
    expect(asked?.attrs.from).toMatch(/\/[a-z0-9]{16}$/);
    const [reply] = await answers(host, asked, `<query xmlns='${NS.DISCO_INFO}'/>`);
    expect(reply?.attrs).toMatchObject({ from: await at(peter), to: hag66.client, type: "result" });
  });

  it("loses what names the asker, and its answer what names the one who answers, or his client", async () => {
    const { host, hag66, peter, at } = await hiddenCoven();
    const [asked] = await asks(host, hag66, await at(peter), disco("info", `${hag66.jid}#caps`));
    expect(asked?.getChild("query")?.attrs).not.toHaveProperty("node");
    const [reply] = await answers(
      host,
      asked,
      `<query xmlns='${NS.DISCO_INFO}' node='xmpp:peter%40shakespeare.example'>` +
        "<identity category='client' type='pc' name='UUID-peter-7533'/><feature var='urn:cauldron'/><x><a>PETER@shakespeare.example</a></x></query>",
    );
    expect(reply?.children.map(String).join("")).toBe(
      `<query xmlns="${NS.DISCO_INFO}"><identity category="client" type="pc"/><feature var="urn:cauldron"/><x/></query>`,
    );
  });

  it("to what is no token of his finds nobody", async () => {
    const { host, hag66, peter } = await hiddenCoven();
    expect(outcome((await asks(host, hag66, `${peter.proxy}/balcony`))[0])).toBe("item-not-found");
  });

  it("to a client that is gone is service-unavailable", async () => {
    const { host, hag66, peter, at } = await hiddenCoven();
    const address = await at(peter);
    await host.receive(
      `<message type='error' from='${peter.client}' to='${hag66.proxy}'><error><service-unavailable xmlns='${NS.STANZAS}'/></error></message>`,
    );
    const [refused, ...more] = await asks(host, hag66, address);
    expect([outcome(refused), more]).toEqual(["service-unavailable", []]);
  });
});

describe("an answer to it", () => {
  it("counts only from the client that was asked, to the one that asked, and once", async () => {
    const { host, hag66, peter, at } = await coven();
    const [asked] = await asks(host, hag66, await at(peter));
    const forgeries = [{ from: peter.jid }, { from: host.actor("duncan").client }, { to: hag66.proxy }, { id: "q1" }];
    for (const forged of forgeries) expect(await answers(host, asked, "", forged as never)).toEqual([]);
    expect(await answers(host, asked, "")).toHaveLength(1);
    expect(await answers(host, asked, "")).toEqual([]);
  });

  it("that refuses has its condition, and our words", async () => {
    const { host, hag66, peter, at } = await hiddenCoven();
    const [asked] = await asks(host, hag66, await at(peter));
    const [reply] = await answers(
      host,
      asked,
      `<query xmlns='${NS.DISCO_INFO}' node='${peter.client}'/><error by='${peter.jid}' type='cancel'><forbidden xmlns='${NS.STANZAS}'/>` +
        `<text xmlns='${NS.STANZAS}'>${peter.client} says no</text></error>`,
      { type: "error" },
    );
    expect([outcome(reply), reply?.attrs.from]).toEqual(["forbidden", await at(peter)]);
    expect(reason(reply!)).toBe("You do not have the right to do this.");
  });

  it("is waited for 30 seconds, and not at all once the plugin stops", async () => {
    const { host, hag66, peter, at } = await coven();
    await asks(host, hag66, await at(peter));
    host.clock.advance(30_000);
    await host.settled();
    expect(outcome(host.sentTo(hag66.client).at(-1))).toBe("remote-server-timeout");
    await asks(host, hag66, await at(peter));
    await host.engine.host.disable("iq-relay");
    expect(outcome(host.sentTo(hag66.client).at(-1))).toBe("service-unavailable");
  });

  it("is waited for by so many and no more", async () => {
    const { host, hag66, hecate, peter, at } = await coven({ pending_each: 1, pending: 2 });
    await asks(host, hag66, await at(peter));
    expect(outcome((await asks(host, hag66, await at(peter)))[0])).toBe("resource-constraint");
    await asks(host, hecate, await at(peter));
    expect(outcome((await asks(host, peter, await at(hecate)))[0])).toBe("resource-constraint");
  });
});

describe("the plugin", () => {
  it("leaves no trace when it is off", async () => {
    const { host, hecate, hag66, peter, at } = await coven();
    const before = features(await hag66.asks("get", SERVICE, disco("info")));
    await host.engine.host.disable("iq-relay");
    expect(outcome((await asks(host, hag66, await at(peter)))[0])).toBe("service-unavailable");
    expect(features(await hag66.asks("get", SERVICE, disco("info")))).toEqual(before);
    expect(outcome(await publishes(hecate, NODE.CONFIG, { "JID Visibility": "jid-visible" }))).toBe("result");
  });
});
