import { type Channel, Channels, definePlugin, type Element, formOf, NODE, NS, xml } from "masque";
import { Participants } from "masque/plugins/participants";
import { type Actor, emptyStore, type TestHost, type TestOptions, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { bundled } from "../../plugins/index.ts";
import { HeldStore } from "../core/channel/held-store.ts";
import { COVEN, disco, listed, outcome, publishes, reads, reason } from "../core/channel/replies.ts";

const PRESENCE = "urn:xmpp:mix:nodes:presence";
const NODES = [NODE.MESSAGES, NODE.PARTICIPANTS, PRESENCE];
const BREW = "<show>dnd</show><status>Making a Brew</status>";
const TOKEN = /^[a-z0-9]{16}$/;
type Mode = "jid-visible" | "jid-maybe-visible" | "jid-hidden";

const BASIC = ["channels", "participants", "messages", "preferences", "admin", "info", "jidmap"];

/** A host with every plugin that has a say in presence, and these options of it. */
function stage(mode: Mode = "jid-hidden", presence: object = {}, more: TestOptions = {}, visibility: object = {}) {
  const plugins = Object.fromEntries(BASIC.map((name) => [name, {}]));
  return testHost([], { ...more, plugins: { ...plugins, visibility: { default: mode, ...visibility }, presence } });
}

/** hecate, who owns the coven, hag66 and peter; all are told of presence. */
async function coven(host: TestHost) {
  const [hecate, hag66, peter] = ["hecate", "hag66", "peter"].map((name) => host.actor(name)) as [Actor, Actor, Actor];
  await hecate.creates("coven");
  for (const each of [hecate, hag66, peter]) await each.joins("coven", { nodes: NODES });
  return { host, hecate, hag66, peter };
}

/** Sends a client's presence to the coven. */
function appears(host: TestHost, actor: Actor, content = "", { type = "", from = actor.client } = {}) {
  const attrs = type && ` type='${type}'`;
  return host.receive(`<presence from="${from}" to='${COVEN}' id='his own'${attrs}>${content}</presence>`);
}

const isPresence = ({ name, attrs }: Element) => name === "presence" && attrs.from?.includes("#");
const presencesFor = ({ jid }: Actor, stanzas: readonly Element[]) =>
  stanzas.filter((each) => isPresence(each) && each.attrs.to === jid);

/** The one presence among these that reached somebody. */
function presenceFor(actor: Actor, stanzas: readonly Element[]): Element {
  const [presence, ...more] = presencesFor(actor, stanzas);
  if (!presence || more.length > 0) throw new Error(`Not exactly one presence reached ${actor.name}: ${stanzas}`);
  return presence;
}

/** What the people of a test were told, in its order: "available token", "unavailable UUID-hag66-7533" … */
function story(actor: Actor, stanzas: readonly Element[]): string[] {
  return presencesFor(actor, stanzas).map(({ attrs }) => {
    const name = attrs.from?.slice(attrs.from.indexOf("/") + 1) ?? "";
    return `${attrs.type ?? "available"} ${TOKEN.test(name) ? "token" : name}`;
  });
}

const resourceOf = ({ attrs }: Element) => attrs.from?.slice(attrs.from.indexOf("/") + 1) ?? "";
const mixOf = (presence: Element) => presence.getChild("mix", "urn:xmpp:mix:presence:0");
const payload = (presence: Element) =>
  presence
    .getChildElements()
    .filter((child) => child.name !== "mix")
    .map(String);

async function becomes(owner: Actor, mode: Mode): Promise<void> {
  expect(outcome(await publishes(owner, NODE.CONFIG, { "JID Visibility": mode }))).toBe("result");
}

/** All that was sent while something was done. */
async function during(host: TestHost, act: () => Promise<unknown>): Promise<Element[]> {
  const before = new Set(["hecate", "hag66", "peter", "banquo"].flatMap((name) => host.sentTo(host.actor(name).jid)));
  await act();
  await host.settled();
  const all = ["hecate", "hag66", "peter", "banquo"].flatMap((name) => host.sentTo(host.actor(name).jid));
  return all.filter((each) => !before.has(each));
}

const updates = (actor: Actor, ...content: Element[]) =>
  actor.asks("set", COVEN, xml("update-subscription", { xmlns: NS.MIX_CORE_1 }, content));

/** Asks for the full state, as his server. */
const asks = (host: TestHost, actor: Actor) => appears(host, actor, "", { from: actor.jid });

describe("presence distributed by a channel (XEP-0403)", () => {
  it("goes to everybody subscribed to the presence node, at his bare JID, as a presence stanza", {
    tags: ["0369-3/2", "0369-4.3/1", "0403-3.1/1", "0403-3.5/6"],
  }, async () => {
    const { host, hecate, hag66, peter } = await coven(stage());
    await updates(peter, xml("unsubscribe", { node: PRESENCE }));
    const sent = await appears(host, hag66, BREW);
    expect(sent.every(({ name }) => name === "presence")).toBe(true);
    expect(sent.map(({ attrs }) => attrs.to)).toEqual([hecate.jid, hag66.jid]);
    expect(payload(presenceFor(hecate, sent))).toEqual(["<show>dnd</show>", "<status>Making a Brew</status>"]);
  });

  it("comes from the encoded JID with the client's resource where his JID is shown, and tells nick and full JID", {
    tags: ["0404-2.2/1", "0404-2.4/2", "0404-2.4/3", "0403-3.2/1", "0403-3.5/3", "0403-3.5/4"],
  }, async () => {
    const { host, hecate, hag66 } = await coven(stage("jid-visible"));
    const presence = presenceFor(hecate, await appears(host, hag66, BREW));
    expect(presence.toString()).toBe(
      `<presence to="${hecate.jid}" from="${hag66.proxy}/UUID-hag66-7533" id="${presence.attrs.id}">` +
        `<mix xmlns="urn:xmpp:mix:presence:0"><nick>hag66</nick><jid>hag66@shakespeare.example/UUID-hag66-7533</jid></mix>` +
        `<show>dnd</show><status>Making a Brew</status></presence>`,
    );
  });

  it("replaces the resource by a generated value where the JID is hidden (XEP-0404 §2.4), and tells the nick", {
    tags: [
      "0404-2.3/5",
      "0404-2.3/8",
      "0404-2.4/1",
      "0404-2.4/2",
      "0404-2.4/4",
      "0403-3.2/1",
      "0403-3.2/2",
      "0403-3.5/3",
      "0403-3.5/4",
    ],
  }, async () => {
    const { host, peter, hag66 } = await coven(stage());
    const presence = presenceFor(peter, await appears(host, hag66, BREW));
    const token = resourceOf(presence);
    expect(token).toMatch(TOKEN);
    expect(presence.toString()).toBe(
      `<presence to="${peter.jid}" from="${hag66.proxy}/${token}" id="${presence.attrs.id}">` +
        `<mix xmlns="urn:xmpp:mix:presence:0"><nick>hag66</nick></mix>` +
        `<show>dnd</show><status>Making a Brew</status></presence>`,
    );
  });

  it("never carries the id its sender gave it", async () => {
    const { host, peter, hag66 } = await coven(stage("jid-visible"));
    expect(presenceFor(peter, await appears(host, hag66)).attrs.id).toMatch(TOKEN);
  });

  it("tells the ID for a nick where there is neither nick nor JID to tell", { tags: ["0403-3.5/5"] }, async () => {
    const { host, hecate, hag66, peter } = await coven(stage());
    await publishes(hecate, NODE.CONFIG, { "Mandatory Nicks": "false" });
    const banquo = host.actor("banquo");
    await banquo.joins("coven", { nodes: NODES, nick: "" });
    expect(mixOf(presenceFor(peter, await appears(host, banquo)))?.getChildText("nick")).toBe(banquo.id);
    await becomes(hecate, "jid-visible");
    const shown = mixOf(presenceFor(hag66, await appears(host, banquo, BREW)));
    expect([shown?.getChild("nick"), shown?.getChildText("jid")]).toEqual([undefined, banquo.client]);
  });

  it("serves both generations the same", async () => {
    const { host, hag66 } = await coven(stage());
    const banquo = host.actor("banquo");
    await banquo.joins("coven", { nodes: NODES, generation: 0 });
    const sent = await appears(host, hag66, BREW);
    const [one, other] = [hag66, banquo].map((each) => presenceFor(each, sent).toString().replace(each.jid, "…"));
    expect(one).toBe(other);
  });

  it("tells each client of a participant apart, by a name of its own", {
    tags: ["0403-3.3/1", "0403-4.1/1"],
  }, async () => {
    const { host, hecate, hag66 } = await coven(stage());
    await appears(host, hag66, BREW);
    await appears(host, hag66, "<show>away</show>", { from: `${hag66.jid}/pda-of-hag66` });
    const presences = presencesFor(hecate, await asks(host, hecate));
    expect(new Set(presences.map(({ attrs }) => attrs.from)).size).toBe(2);
    expect(presences.map((each) => each.getChildText("show"))).toEqual(["dnd", "away"]);
  });

  it("keeps the name while the client is in the node, and after a short absence", {
    tags: ["0404-2.4/7", "0404-2.4/8"],
  }, async () => {
    const { host, hecate, hag66 } = await coven(stage());
    const names = [];
    for (const type of ["", "", "unavailable", ""])
      names.push(presenceFor(hecate, await appears(host, hag66, `<status>${names.length}</status>`, { type })));
    expect(new Set(names.map(resourceOf)).size).toBe(1);
  });

  it("gives a client that was away for longer than the option says another name", {
    tags: ["0404-2.4/8"],
  }, async () => {
    const { host, hecate, hag66 } = await coven(stage("jid-hidden", { remember: "1 h" }));
    const first = resourceOf(presenceFor(hecate, await appears(host, hag66)));
    await appears(host, hag66, "", { type: "unavailable" });
    host.clock.advance(3_600_001);
    expect(resourceOf(presenceFor(hecate, await appears(host, hag66)))).not.toBe(first);
  });

  it("says nothing anew of a client that repeats itself", async () => {
    const { host, hag66 } = await coven(stage());
    expect(await appears(host, hag66, BREW)).not.toEqual([]);
    expect(await appears(host, hag66, BREW)).toEqual([]);
  });

  it("is not to be had, nor written, by pubsub: not even by the owner", {
    tags: ["0404-2.4/5", "0403-3.5/8"],
  }, async () => {
    const { host, hecate, hag66, peter } = await coven(stage("jid-visible"));
    await appears(host, hag66, BREW);
    for (const actor of [hecate, peter]) {
      expect(outcome(await reads(actor, PRESENCE))).toBe("forbidden");
      const publish = xml("pubsub", { xmlns: NS.PUBSUB }, xml("publish", { node: PRESENCE }, xml("item")));
      expect(outcome(await actor.asks("set", COVEN, publish))).toBe("forbidden");
    }
    const items = listed(await peter.asks("get", COVEN, disco("items", "mix")), "node");
    expect(items).toContain(PRESENCE);
  });

  it("is told to nobody by message", { tags: ["0403-3.5/7"] }, async () => {
    const { host, hag66 } = await coven(stage());
    await appears(host, hag66, BREW);
    expect(host.sent().filter((text) => text.startsWith("<message") && text.includes("Making a Brew"))).toEqual([]);
  });
});

describe("hidden presence (semantics §3)", () => {
  const FINGERPRINTS =
    "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='http://code.google.com/p/exodus' ver='QgayPKa'/>" +
    "<x xmlns='vcard-temp:x:update'><photo>sha1-hash</photo></x><x xmlns='jabber:x:signed'>iQA/AwU</x>" +
    "<idle xmlns='urn:xmpp:idle:1' since='1969-07-21T02:56:15Z'/><delay xmlns='urn:xmpp:delay' stamp='2016-05-30T09:00:00Z' from='hag66@shakespeare.example'/>" +
    "<x xmlns='http://jabber.org/protocol/muc#user'><item jid='hag66@shakespeare.example'/></x>" +
    "<nick xmlns='http://jabber.org/protocol/nick'>Harpier</nick><mix xmlns='urn:xmpp:mix:presence:0'><jid>hag66@shakespeare.example</jid></mix>" +
    "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='1'/><stanza-id xmlns='urn:xmpp:sid:0' id='1' by='hag66@shakespeare.example'/>" +
    "<addresses xmlns='http://jabber.org/protocol/address'><address type='ofrom' jid='hag66@shakespeare.example'/></addresses>";
  const BROOM = "<broom xmlns='urn:hags'>besom</broom>";

  it("passes on show, status and priority, and nothing else", async () => {
    const { host, peter, hag66 } = await coven(stage());
    const sent = await appears(host, hag66, `${FINGERPRINTS}${BREW}<priority>5</priority>${BROOM}`);
    const presence = presenceFor(peter, sent);
    expect(payload(presence)).toEqual(["<show>dnd</show>", "<status>Making a Brew</status>", "<priority>5</priority>"]);
    expect(String(mixOf(presence))).toBe('<mix xmlns="urn:xmpp:mix:presence:0"><nick>hag66</nick></mix>');
  });

  it("writes them anew, without the habits of a client", async () => {
    const { host, peter, hag66 } = await coven(stage());
    const sent = await appears(
      host,
      hag66,
      "<show by='exodus'> dnd </show><status xml:lang='gd' by='exodus'>Making <b xmlns='urn:b' jid='x'/>a &lt;Brew&gt;</status><priority by='exodus'>+007</priority>",
    );
    expect(payload(presenceFor(peter, sent))).toEqual([
      "<show>dnd</show>",
      "<status>Making a &lt;Brew&gt;</status>",
      "<priority>7</priority>",
    ]);
  });

  it.each([
    ["<show>UUID-hag66-7533</show>", []],
    ["<priority>1024</priority>", []],
    ["<priority>0</priority>", []],
    ["<priority>high</priority>", []],
    ["<priority>-128</priority>", ["<priority>-128</priority>"]],
    ["<status/>", []],
    [`<status>${"a".repeat(5000)}</status><show>xa</show>`, ["<show>xa</show>"]],
  ])("leaves out what is none of the three: %.40s", async (content, passed) => {
    const { host, peter, hag66 } = await coven(stage());
    expect(payload(presenceFor(peter, await appears(host, hag66, content)))).toEqual(passed);
  });

  it("tells the languages of a status that is there in several", async () => {
    const { host, peter, hag66 } = await coven(stage());
    const sent = await appears(host, hag66, "<status>Brewing</status><status xml:lang='de'>Braue</status>");
    expect(payload(presenceFor(peter, sent))).toEqual([
      "<status>Brewing</status>",
      '<status xml:lang="de">Braue</status>',
    ]);
  });

  it("has capabilities only where the option says so, and of them what XEP-0115 defines", async () => {
    const { host, peter, hag66 } = await coven(stage("jid-hidden", { caps: true }));
    const caps = "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='v' ext='x'><y/></c>";
    expect(payload(presenceFor(peter, await appears(host, hag66, caps)))).toEqual([
      '<c xmlns="http://jabber.org/protocol/caps" hash="sha-1" node="n" ver="v"/>',
    ]);
  });

  it("has capabilities and other payloads where JIDs are shown, but nothing forged or removed everywhere", async () => {
    const { host, peter, hag66 } = await coven(stage("jid-visible"));
    const presence = presenceFor(peter, await appears(host, hag66, `${FINGERPRINTS}${BREW}${BROOM}`));
    expect(presence.getChildElements().map((child) => `${child.name} ${child.getNS()}`)).toEqual([
      `mix ${NS.MIX_PRESENCE}`,
      `show ${NS.COMPONENT}`,
      `status ${NS.COMPONENT}`,
      "c http://jabber.org/protocol/caps",
      "broom urn:hags",
    ]);
    expect(mixOf(presence)?.getChildText("jid")).toBe(hag66.client);
  });

  it("leaves out a foreign payload that is too long to be told again and again", async () => {
    const { host, peter, hag66 } = await coven(stage("jid-visible"));
    const sent = await appears(host, hag66, `${BREW}<broom xmlns='urn:hags'>${"a".repeat(5000)}</broom>`);
    expect(payload(presenceFor(peter, sent))).toHaveLength(2);
  });

  it("is read by administrators like by anybody, unless the option shows them JIDs everywhere", {
    tags: ["0404-2.3/6"],
  }, async () => {
    const { host, hecate, hag66 } = await coven(stage());
    expect(mixOf(presenceFor(hecate, await appears(host, hag66)))?.getChild("jid")).toBeUndefined();

    const other = await coven(stage("jid-hidden", {}, {}, { administrators_see_jids: "everywhere" }));
    const sent = await appears(other.host, other.hag66, BREW);
    expect(mixOf(presenceFor(other.hecate, sent))?.getChildText("jid")).toBe(hag66.client);
    expect(mixOf(presenceFor(other.peter, sent))?.getChild("jid")).toBeUndefined();
    for (const each of [other.hecate, other.peter]) expect(resourceOf(presenceFor(each, sent))).toMatch(TOKEN);
  });

  it("tells each in a jid-maybe-visible channel as he wishes", { tags: ["0404-2.2/2"] }, async () => {
    const { host, hecate, hag66, peter } = await coven(stage("jid-maybe-visible"));
    await peter.prefers({ "JID Visibility": "prefer" });
    expect(resourceOf(presenceFor(hecate, await appears(host, hag66)))).toMatch(TOKEN);
    expect(resourceOf(presenceFor(hecate, await appears(host, peter)))).toBe("UUID-peter-7533");
  });

  it("escapes a resource that is shown", async () => {
    const { host, hecate, hag66 } = await coven(stage("jid-visible"));
    const sent = await appears(host, hag66, "", { from: `${hag66.jid}/o'clock &amp; &lt;co>` });
    expect(resourceOf(presenceFor(hecate, sent))).toBe("o'clock & <co>");
  });
});

describe("going offline (XEP-0403 §4.3)", () => {
  it("is told under the address the client was known by, and takes its item out of the node", {
    tags: ["0403-4.3/1"],
  }, async () => {
    const { host, hecate, hag66 } = await coven(stage());
    const { from } = presenceFor(hecate, await appears(host, hag66, BREW)).attrs;
    const end = presenceFor(hecate, await appears(host, hag66, "<status>Bye</status>", { type: "unavailable" }));
    expect(end.toString()).toBe(
      `<presence to="${hecate.jid}" from="${from}" id="${end.attrs.id}" type="unavailable">` +
        `<mix xmlns="urn:xmpp:mix:presence:0"><nick>hag66</nick></mix></presence>`,
    );
    expect(await asks(host, hecate)).toEqual([]);
  });

  it("is told once, and not at all of a client that never was online", async () => {
    const { host, hecate, hag66 } = await coven(stage());
    expect(await appears(host, hag66, "", { type: "unavailable" })).toEqual([]);
    await appears(host, hag66);
    expect(story(hecate, await appears(host, hag66, "", { type: "unavailable" }))).toEqual(["unavailable token"]);
    expect(await appears(host, hag66, "", { type: "unavailable" })).toEqual([]);
  });

  it("concerns all of somebody's clients when his server says so of his bare JID", async () => {
    const { host, hecate, hag66 } = await coven(stage());
    await appears(host, hag66);
    await appears(host, hag66, "", { from: `${hag66.jid}/pda-of-hag66` });
    const sent = await appears(host, hag66, "", { type: "unavailable", from: hag66.jid });
    expect(story(hecate, sent)).toEqual(["unavailable token", "unavailable token"]);
  });

  it("is what a bounce says of the client it comes from", { tags: ["0403-4.3/2"] }, async () => {
    const { host, hecate, hag66, peter } = await coven(stage());
    await appears(host, hag66);
    await appears(host, hag66, "", { from: `${hag66.jid}/pda-of-hag66` });
    const error = "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    const bounce = `<presence type='error' from='${hag66.client}' to='${peter.proxy}/x'>${error}</presence>`;
    expect(story(hecate, await host.receive(bounce))).toEqual(["unavailable token"]);
    const sent = await appears(host, hag66, error, { type: "error", from: hag66.jid });
    expect(story(hecate, sent)).toEqual(["unavailable token"]);
  });

  it("is told of all clients of one who leaves, after he is retracted", {
    tags: ["0403-4.4/1", "0403-4.4/2"],
  }, async () => {
    const { host, hecate, hag66, peter } = await coven(stage());
    await appears(host, hag66);
    await appears(host, hag66, "", { from: `${hag66.jid}/pda-of-hag66` });
    const sent = await during(host, () => hag66.leaves());
    const told = sent.filter(({ attrs }) => attrs.to === peter.jid).map(({ name }) => name);
    expect(told).toEqual(["message", "presence", "presence"]);
    expect(story(peter, sent)).toEqual(["unavailable token", "unavailable token"]);
    expect(presencesFor(hag66, sent)).toEqual([]);
    expect(await asks(host, hecate)).toEqual([]);
  });

  it("is told under the shown address of one who is ejected because JIDs are hidden from now on", async () => {
    const { host, hecate, hag66, peter } = await coven(stage("jid-visible"));
    await hag66.prefers({ "JID Visibility": "always" });
    await appears(host, hag66);
    const sent = await during(host, () => becomes(hecate, "jid-hidden"));
    expect(story(peter, sent)).toEqual(["unavailable UUID-hag66-7533"]);
    expect(mixOf(presenceFor(peter, sent))?.getChild("jid")).toBeUndefined();
    const order = sent.filter(({ attrs }) => [peter.jid, hag66.jid].includes(attrs.to ?? "")).map(({ name }) => name);
    expect(order.indexOf("presence")).toBeGreaterThan(0);
  });

  it.each([
    ["before", []],
    ["after", ["presence"]],
  ] as const)(
    "is told of one who is removed by what another plugin does %s this one, upon a change",
    async (_, after) => {
      // Whoever has a pet removes hag66 with it, in the same transaction.
      const familiar = definePlugin({
        name: "familiar",
        summary: "A toad takes somebody's place.",
        dependsOn: ["participants", ...after],
        setup({ get, on }) {
          const participants = get(Participants);
          on("channel/turned", ({ channel, turn, sequel }) => {
            const hag66 = [...channel.participants].filter(({ nick }) => nick === "hag66");
            if ([...turn.here.values()].some(({ nick }) => nick === "toad"))
              participants.eject(sequel, channel, hag66, "A toad has taken your place.");
          });
        },
      });
      const plugins = { ...Object.fromEntries(BASIC.map((name) => [name, {}])), familiar: {}, presence: {} };
      const { host, hecate, hag66, peter } = await coven(testHost([familiar], { plugins }));
      await appears(host, hag66);
      const setnick = xml("setnick", { xmlns: NS.MIX_CORE_1 }, xml("nick", {}, "toad"));
      const sent = await during(host, () => peter.asks("set", COVEN, setnick));
      for (const each of [hecate, peter]) expect(story(each, sent)).toEqual(["unavailable UUID-hag66-7533"]);
      expect((await host.use(Channels).find("coven"))?.participant(hag66.jid)).toBeUndefined();
    },
  );

  it("is told of everybody when the channel is destroyed", async () => {
    const { host, hecate, hag66, peter } = await coven(stage());
    await appears(host, hag66);
    await appears(host, peter);
    const destroy = xml("destroy", { xmlns: NS.MIX_CORE_1, channel: "coven" });
    const sent = await during(host, () => hecate.asks("set", "mix.shakespeare.example", destroy));
    expect(story(peter, sent)).toEqual(["unavailable token", "unavailable token"]);
  });
});

describe("a change of what may be shown", () => {
  it("of the mode, from visible to hidden, ends each presence under its old address before the new one", async () => {
    const { host, hecate, hag66, peter } = await coven(stage("jid-visible"));
    await appears(host, hag66, `${BREW}<broom xmlns='urn:hags'/>`);
    await appears(host, peter);
    const sent = presencesFor(hag66, await during(host, () => becomes(hecate, "jid-hidden")));
    expect(story(hag66, sent)).toEqual([
      "unavailable UUID-hag66-7533",
      "available token",
      "unavailable UUID-peter-7533",
      "available token",
    ]);
    for (const each of sent) expect(mixOf(each)?.getChild("jid")).toBeUndefined();
    expect(payload(sent[1]!)).toEqual(["<show>dnd</show>", "<status>Making a Brew</status>"]);
  });

  it("of the mode, from hidden to visible, too, and then everything is told", async () => {
    const { host, hecate, hag66, peter } = await coven(stage());
    await appears(host, hag66, `${BREW}<broom xmlns='urn:hags'/>`);
    const sent = presencesFor(peter, await during(host, () => becomes(hecate, "jid-visible")));
    expect(story(peter, sent)).toEqual(["unavailable token", "available UUID-hag66-7533"]);
    expect(payload(sent[1]!)).toHaveLength(3);
    expect(mixOf(sent[1]!)?.getChildText("jid")).toBe(hag66.client);
  });

  it("of who may be told, ends everything for those who may be no more, under the address they know", async () => {
    const { host, hecate, hag66, peter } = await coven(stage("jid-visible"));
    await appears(host, hag66);
    await appears(host, peter);
    const config = { "Presence Node Subscription": "owners", "JID Visibility": "jid-hidden" };
    const sent = await during(host, () => publishes(hecate, NODE.CONFIG, config));
    expect(story(peter, sent)).toEqual(["unavailable UUID-hag66-7533", "unavailable UUID-peter-7533"]);
    for (const each of presencesFor(peter, sent)) expect(mixOf(each)?.getChild("jid")).toBeUndefined();
    expect(story(hecate, sent)).toHaveLength(4);
  });

  it("of the nodes there are, ends everything for everybody, also of one who goes with it", async () => {
    const { host, hecate, hag66, peter } = await coven(stage("jid-maybe-visible"));
    await hag66.prefers({ "JID Visibility": "always" });
    await appears(host, hag66);
    await appears(host, peter);
    const config = { "Nodes Present": ["participants", "jidmap-visible"], "JID Visibility": "jid-hidden" };
    const sent = await during(host, () => publishes(hecate, NODE.CONFIG, config));
    for (const each of [hecate, peter])
      expect(story(each, sent).sort()).toEqual(["unavailable UUID-hag66-7533", "unavailable token"]);
  });

  it("of a preference, likewise, and of nobody else", async () => {
    const { host, hag66, peter } = await coven(stage("jid-maybe-visible"));
    await appears(host, hag66);
    await appears(host, peter);
    const shown = await during(host, () => hag66.prefers({ "JID Visibility": "always" }));
    expect(story(peter, shown)).toEqual(["unavailable token", "available UUID-hag66-7533"]);
    const hidden = await during(host, () => hag66.prefers({ "JID Visibility": "never" }));
    expect(story(peter, hidden)).toEqual(["unavailable UUID-hag66-7533", "available token"]);
  });

  it("comes after the participants item that goes with it", async () => {
    const { host, hag66, peter } = await coven(stage("jid-maybe-visible"));
    await appears(host, hag66);
    const sent = await during(host, () => hag66.prefers({ "JID Visibility": "always" }));
    const told = sent.filter(({ attrs }) => attrs.to === peter.jid).map(({ name }) => name);
    expect(told).toEqual(["message", "presence", "presence"]);
  });

  it("is not told under the old address to one who comes in the same moment", async () => {
    const store = new HeldStore(await emptyStore());
    const { host, hecate, hag66, peter } = await coven(stage("jid-visible", {}, { store }));
    await appears(host, hag66);
    const banquo = host.actor("banquo");
    const channel = (await host.use(Channels).find("coven")) as Channel;
    const join = xml("join", { xmlns: NS.MIX_CORE_1 }, xml("subscribe", { node: PRESENCE }), xml("nick", {}, "banquo"));
    const form = formOf("submit", NS.MIX_ADMIN, [{ var: "JID Visibility", values: ["jid-hidden"] }]);
    const publish = xml("publish", { node: NODE.CONFIG }, xml("item", {}, form));
    const sent = await during(host, async () => {
      store.hold();
      host.push(xml("iq", { type: "set", id: "1", from: banquo.jid, to: COVEN }, join));
      await store.turns();
      expect(channel.participant(banquo.jid)).toBeDefined();
      host.push(
        xml(
          "iq",
          { type: "set", id: "2", from: hecate.client, to: COVEN },
          xml("pubsub", { xmlns: NS.PUBSUB }, publish),
        ),
      );
      await store.turns();
      expect(channel.sheet("config")["JID Visibility"]).toEqual(["jid-hidden"]);
      store.release();
    });
    expect(story(banquo, sent)).toEqual(["available token"]);
    expect(story(peter, sent)).toEqual(["unavailable UUID-hag66-7533", "available token"]);
  });

  it("by a plugin is followed before anybody new hears of it", async () => {
    const host = stage("jid-visible");
    const hiding = definePlugin({
      name: "hiding",
      summary: "Hides.",
      setup: ({ guard }) => guard("jid/disclose", () => "hidden"),
    });
    const { hag66, peter } = await coven(host);
    await appears(host, hag66);
    const wanted = Object.fromEntries(
      bundled.filter(({ name }) => host.engine.host.status()[name]?.state === "on").map(({ name }) => [name, {}]),
    );
    await host.engine.host.apply({ ...wanted, visibility: { default: "jid-visible" }, hiding: {} }, [
      ...bundled,
      hiding,
    ]);
    const banquo = host.actor("banquo");
    const sent = await during(host, () => banquo.joins("coven", { nodes: NODES }));
    expect(story(peter, sent)).toEqual(["unavailable UUID-hag66-7533", "available token"]);
    expect(story(banquo, sent)).toEqual(["available token"]);
  });
});

describe("a change of nick", () => {
  it("is visible as a change, and not as a new user (XEP-0403 0.1.0 §2)", { tags: ["0403-3.5/3"] }, async () => {
    const { host, hag66, peter } = await coven(stage());
    const before = presenceFor(peter, await appears(host, hag66, BREW));
    const setnick = xml("setnick", { xmlns: NS.MIX_CORE_1 }, xml("nick", {}, "thirdwitch"));
    const after = presenceFor(peter, await during(host, () => hag66.asks("set", COVEN, setnick)));
    expect([after.attrs.type, after.attrs.from]).toEqual([undefined, before.attrs.from]);
    expect([mixOf(after)?.getChildText("nick"), payload(after)]).toEqual(["thirdwitch", payload(before)]);
  });
});

describe("the full state (XEP-0405 §3.2.2)", () => {
  it("is sent to the bare JID of one who joins and subscribes", { tags: ["0405-2.9.3/1"] }, async () => {
    const { host, hag66, peter } = await coven(stage());
    await appears(host, hag66, BREW);
    await appears(host, peter);
    const banquo = host.actor("banquo");
    const sent = await during(host, () => banquo.joins("coven", { nodes: NODES }));
    expect(presencesFor(banquo, sent).map((each) => mixOf(each)?.getChildText("nick"))).toEqual(["hag66", "peter"]);
    expect(payload(presencesFor(banquo, sent)[0]!)).toEqual(["<show>dnd</show>", "<status>Making a Brew</status>"]);
    expect(presencesFor(peter, sent)).toEqual([]);
  });

  it("is sent to one who subscribes later, and to nobody who does not", {
    tags: ["0403-3.5/6", "0405-2.9.3/1"],
  }, async () => {
    const { host, hag66 } = await coven(stage());
    await appears(host, hag66);
    const banquo = host.actor("banquo");
    expect(presencesFor(banquo, await during(host, () => banquo.joins("coven")))).toEqual([]);
    const sent = await during(host, () => updates(banquo, xml("subscribe", { node: PRESENCE })));
    expect(story(banquo, sent)).toEqual(["available token"]);
  });

  it("is sent to a subscriber whose server asks from his bare JID, and to no other", {
    tags: ["0405-2.9.3/2"],
  }, async () => {
    const { host, hag66, peter } = await coven(stage());
    await appears(host, hag66);
    const sent = await asks(host, peter);
    expect(sent.map(({ attrs }) => attrs.to)).toEqual([peter.jid]);
    await updates(peter, xml("unsubscribe", { node: PRESENCE }));
    expect(await asks(host, peter)).toEqual([]);
  });
});

describe("who is no participant", () => {
  it.each(["", "unavailable", "subscribe", "probe", "error", "unsubscribe"])(
    "gets no answer to presence of type '%s', and nobody hears of it",
    async (type) => {
      const { host, hag66 } = await coven(stage());
      await appears(host, hag66);
      const banquo = host.actor("banquo");
      for (const from of [banquo.jid, banquo.client])
        expect(await appears(host, banquo, BREW, { type, from })).toEqual([]);
      const { client: from } = banquo;
      expect(await host.receive(xml("presence", { from, to: hag66.proxy }))).toEqual([]);
      expect(await host.receive(xml("presence", { from, to: "heath@mix.shakespeare.example" }))).toEqual([]);
    },
  );

  it("hears nothing any more once he has left", async () => {
    const { host, hag66, peter } = await coven(stage());
    await peter.leaves();
    const sent = await appears(host, hag66);
    expect(presencesFor(peter, sent)).toEqual([]);
    expect(await asks(host, peter)).toEqual([]);
  });
});

describe("a presence subscription", () => {
  it("of a participant is approved", async () => {
    const { host, hag66 } = await coven(stage());
    const [answer, ...more] = await appears(host, hag66, "", { type: "subscribe", from: hag66.jid });
    expect(answer?.toString()).toBe(`<presence type="subscribed" from="${COVEN}" to="${hag66.jid}"/>`);
    expect(more).toEqual([]);
  });

  it("to another participant's proxy goes nowhere", async () => {
    const { host, hag66, peter } = await coven(stage());
    for (const type of ["subscribe", "probe", undefined])
      expect(await host.receive(xml("presence", { type, from: peter.client, to: hag66.proxy }))).toEqual([]);
  });
});

describe("the preference Presence (XEP-0404 §3.1)", () => {
  it("'not share' has nothing distributed, of whatever client", {
    tags: ["0404-3.1/7", "0404-3.1/14", "0369-2/1"],
  }, async () => {
    const { host, hecate, hag66 } = await coven(stage());
    await hag66.prefers({ Presence: "not share" });
    expect(await appears(host, hag66, BREW)).toEqual([]);
    expect(await asks(host, hecate)).toEqual([]);
  });

  it("withdraws what was distributed when it becomes 'not share', and nothing comes back by itself", {
    tags: ["0404-3.1/7"],
  }, async () => {
    const { host, hecate, hag66, peter } = await coven(stage());
    await appears(host, hag66, BREW);
    const sent = await during(host, () => hag66.prefers({ Presence: "not share" }));
    expect(story(peter, sent)).toEqual(["unavailable token"]);
    await hag66.prefers({ Presence: "share" });
    expect(await asks(host, hecate)).toEqual([]);
    expect(story(peter, await appears(host, hag66, BREW))).toEqual(["available token"]);
  });

  it("is heeded also while the plugin of preferences is off", async () => {
    const { host, hag66, hecate } = await coven(stage());
    await hag66.prefers({ Presence: "not share" });
    await host.engine.host.disable("preferences");
    expect(await appears(host, hag66, BREW)).toEqual([]);
    expect(await asks(host, hecate)).toEqual([]);
  });

  it("takes part of a join, before the first presence", { tags: ["0404-3.1/14"] }, async () => {
    const { host, hecate } = await coven(stage());
    const banquo = host.actor("banquo");
    const form = formOf("submit", NS.MIX_ANON, [{ var: "Presence", values: ["NOT_SHARE"] }]);
    const join = xml("join", { xmlns: NS.MIX_CORE_1 }, xml("nick", {}, "banquo"), form);
    expect(outcome(await banquo.asks("set", COVEN, join))).toBe("result");
    expect(await appears(host, banquo)).toEqual([]);
    expect(await asks(host, hecate)).toEqual([]);
  });
});

describe("a channel whose participants must provide presence (XEP-0404 §3.1)", () => {
  const requires = (owner: Actor) => publishes(owner, NODE.CONFIG, { "Participants Must Provide Presence": "true" });

  it("does not accept 'not share', and nothing is changed", {
    tags: ["0404-3.1/9", "0403-3.5/2", "0406-2.4/20"],
  }, async () => {
    const { host, hecate, hag66, peter } = await coven(stage());
    await requires(hecate);
    const reply = await hag66.prefers({ Presence: "not share", "JID Visibility": "never" });
    expect([outcome(reply), reason(reply)]).toEqual([
      "not-acceptable",
      "Everybody in this channel shares his presence, and you do not share yours.",
    ]);
    expect(story(peter, await appears(host, hag66))).toEqual(["available token"]);
  });

  it("does not accept one who joins so, nor one who comes back so", {
    tags: ["0404-3.1/9", "0403-3.5/2", "0406-2.4/20"],
  }, async () => {
    const { host, hecate, hag66 } = await coven(stage());
    await hag66.prefers({ Presence: "not share" });
    await hag66.leaves();
    await requires(hecate);
    const join = (...content: Element[]) => xml("join", { xmlns: NS.MIX_CORE_1 }, xml("nick", {}, "somebody"), content);
    const form = (value: string) => formOf("submit", NS.MIX_ANON, [{ var: "Presence", values: [value] }]);
    const banquo = host.actor("banquo");
    expect(outcome(await banquo.asks("set", COVEN, join(form("not share"))))).toBe("not-acceptable");
    expect(outcome(await hag66.asks("set", COVEN, join()))).toBe("not-acceptable");
    expect(outcome(await hag66.asks("set", COVEN, join(form("share"))))).toBe("result");
  });

  it("is left by those who do not share when it becomes one; nobody is made to share", {
    tags: ["0406-2.4/20"],
  }, async () => {
    const { host, hecate, hag66, peter } = await coven(stage());
    await hag66.prefers({ Presence: "not share" });
    const sent = await during(host, () => requires(hecate));
    const channel = (await host.use(Channels).find("coven")) as Channel;
    expect([...channel.participants].map(({ nick }) => nick)).toEqual(["hecate", "peter"]);
    const why = sent.filter(({ attrs }) => attrs.to === hag66.jid).map((each) => each.getChildText("body"));
    expect(why.filter(Boolean)).toEqual([
      "Everybody in this channel shares his presence, and you do not share yours. You have been removed from it.",
    ]);
    expect(presencesFor(peter, sent)).toEqual([]);
  });

  it("is left once, also by one who has another reason to go at the same time", async () => {
    const { host, hecate, hag66, peter } = await coven(stage());
    await hag66.prefers({ Presence: "not share", "JID Visibility": "never" });
    const config = { "Participants Must Provide Presence": "true", "JID Visibility": "jid-visible" };
    const sent = await during(host, () => publishes(hecate, NODE.CONFIG, config));
    const bodies = sent.filter(({ attrs }) => attrs.to === hag66.jid).map((each) => each.getChildText("body"));
    expect(bodies.filter(Boolean)).toHaveLength(1);
    const retracts = sent
      .filter(({ attrs }) => attrs.to === peter.jid)
      .filter((each) => `${each}`.includes("<retract"));
    expect(retracts).toHaveLength(1);
  });
});

describe("after a restart", () => {
  /** The coven with hag66 and peter online, as another process finds it. */
  async function restarted(presence: object = {}, mode: Mode = "jid-hidden") {
    const store = await emptyStore();
    const { host, hecate, hag66, peter } = await coven(stage(mode, presence, { store }));
    await hag66.prefers({ Presence: "share" });
    const { from } = presenceFor(hecate, await appears(host, hag66, BREW)).attrs;
    await appears(host, peter);
    await host.actor("banquo").joins("coven");
    await host.actor("banquo").prefers({ Presence: "not share" });
    await host.stop();
    const next = await stage(mode, presence, { store }).start();
    const [hecate2, hag2, peter2] = ["hecate", "hag66", "peter"].map((name) => next.actor(name)) as [
      Actor,
      Actor,
      Actor,
    ];
    return { host: next, hecate: hecate2, hag66: hag2, peter: peter2, from, store };
  }
  const probed = (host: TestHost) =>
    host.sent().flatMap((text) => /<presence[^>]*type="probe"[^>]*to="([^"]*)"/.exec(text)?.[1] ?? []);
  const asked = (host: TestHost, to: string) =>
    host.sentTo(to).find(({ name, attrs }) => name === "iq" && attrs.type === "get" && attrs.from === COVEN);

  it("presence is as it was, under the same addresses", { tags: ["0404-2.4/7", "0403-3.5/1"] }, async () => {
    const { host, hecate, from } = await restarted();
    const presences = presencesFor(hecate, await asks(host, hecate));
    expect(presences).toHaveLength(2);
    const same = presences.find((each) => each.attrs.from === from)!;
    expect(mixOf(same)?.getChildText("nick")).toBe("hag66");
    expect(payload(same)).toEqual(["<show>dnd</show>", "<status>Making a Brew</status>"]);
  });

  it("everybody is probed once the channel is used, but never one who does not share", {
    tags: ["0404-3.1/7", "0403-5/1", "0403-5/2"],
  }, async () => {
    const { host, hecate, hag66, peter } = await restarted();
    await asks(host, hecate);
    expect(probed(host)).toEqual([]);
    host.clock.advance(1000);
    expect(probed(host).sort()).toEqual([hag66.jid, hecate.jid, peter.jid]);
    await hecate.says("Hail");
    host.clock.advance(60_000);
    expect(probed(host)).toHaveLength(3);
  });

  it("is probed at the pace the option says", async () => {
    const { host, hecate } = await restarted({ probes_per_second: 1 });
    await asks(host, hecate);
    const counts = [];
    for (let second = 0; second < 4; second++) {
      host.clock.advance(1000);
      await host.settled();
      counts.push(probed(host).length);
    }
    // One of the four does not share; his turn passes in silence.
    expect(new Set([0, ...counts])).toEqual(new Set([0, 1, 2, 3]));
  });

  it("a reload of the plugin leaves nobody out, and begins nothing anew that was done", async () => {
    const { host, hecate, peter, hag66 } = await restarted({ probes_per_second: 2 });
    await asks(host, hecate);
    host.clock.advance(1000);
    await host.engine.host.reload("presence");
    await appears(host, peter, BREW);
    for (let second = 0; second < 4; second++) {
      host.clock.advance(1000);
      await host.settled();
    }
    expect([...new Set(probed(host))].sort()).toEqual([hag66.jid, hecate.jid, peter.jid]);
    const before = probed(host).length;
    await host.engine.host.reload("presence");
    await appears(host, peter);
    host.clock.advance(60_000);
    expect(probed(host)).toHaveLength(before);
  });

  it("a new channel's participants are not probed: they have just come", async () => {
    const { host } = await coven(stage());
    host.clock.advance(60_000);
    expect(probed(host)).toEqual([]);
  });

  it("a client that does not answer in time is a ghost, and withdrawn; one that answers stays", {
    tags: ["0403-4.3/2"],
  }, async () => {
    const { host, hecate, hag66, peter } = await restarted();
    await asks(host, hecate);
    host.clock.advance(1000);
    const question = asked(host, peter.client)!;
    expect(question.getChild("query", NS.DISCO_INFO)).toBeDefined();
    await host.receive(xml("iq", { type: "result", id: question.attrs.id!, from: peter.client, to: COVEN }));
    const sent = await during(host, async () => host.clock.advance(120_000));
    expect(presencesFor(hecate, sent).map((each) => [each.attrs.type, mixOf(each)?.getChildText("nick")])).toEqual([
      ["unavailable", "hag66"],
    ]);
    expect(asked(host, hag66.client)).toBeDefined();
  });

  it.each([
    ["service-unavailable", ["unavailable token"]],
    ["remote-server-not-found", ["unavailable token"]],
    ["not-allowed", []],
  ])("a client of which an error says %s: %j", async (condition, told) => {
    const { host, hecate, hag66 } = await restarted();
    await asks(host, hecate);
    host.clock.advance(1000);
    const { id } = asked(host, hag66.client)!.attrs;
    const error = xml("error", { type: "cancel" }, xml(condition, { xmlns: NS.STANZAS }));
    const sent = await during(host, () =>
      host.receive(xml("iq", { type: "error", id: id!, from: hag66.client, to: COVEN }, error)),
    );
    expect(story(hecate, sent)).toEqual(told);
  });

  it("a client that speaks meanwhile stays, though it answers no question", async () => {
    const { host, hecate, hag66, peter } = await restarted();
    await asks(host, hecate);
    host.clock.advance(1000);
    for (const each of [hag66, peter]) await appears(host, each, each === hag66 ? BREW : "");
    expect(story(hecate, await during(host, async () => host.clock.advance(120_000)))).toEqual([]);
  });

  it("a stream that goes down says nothing of who is there", async () => {
    const { host, hecate } = await restarted();
    await asks(host, hecate);
    host.clock.advance(1000);
    host.stream("down");
    await host.settled();
    host.stream("up");
    expect(presencesFor(hecate, await asks(host, hecate))).toHaveLength(2);
  });

  it("what is shown is still ended under its address", async () => {
    const { host, hecate, hag66 } = await restarted({}, "jid-visible");
    await asks(host, hecate);
    expect(story(hecate, await appears(host, hag66, "", { type: "unavailable" }))).toEqual([
      "unavailable UUID-hag66-7533",
    ]);
  });
});

describe("while the stream is down", () => {
  it("a presence that is hidden meanwhile is told as hidden, and its old address not at all", async () => {
    const { host, hecate, hag66, peter } = await coven(stage("jid-visible"));
    host.stream("down");
    await appears(host, hag66, `${BREW}<broom xmlns='urn:hags'/>`);
    await expect(becomes(hecate, "jid-hidden")).rejects.toThrow("no reply");
    const sent = await during(host, async () => host.stream("up"));
    expect(story(peter, sent).filter((each) => each.includes("UUID"))).toEqual([]);
    expect(story(peter, sent)).toContain("available token");
    expect(payload(presencesFor(peter, sent).at(-1)!)).toHaveLength(2);
  });
});

describe("what was hidden when it was said", () => {
  it("is told as hidden, though it was kept until JIDs were shown", async () => {
    const { host, hecate, hag66, peter } = await coven(stage());
    host.stream("down");
    await appears(host, hag66, `${BREW}<broom xmlns='urn:hags'/>`);
    await expect(becomes(hecate, "jid-visible")).rejects.toThrow("no reply");
    const [hidden, ended, shown] = presencesFor(peter, await during(host, async () => host.stream("up")));
    expect([mixOf(hidden!)?.getChild("jid"), payload(hidden!).length]).toEqual([undefined, 2]);
    expect(ended?.attrs).toMatchObject({ type: "unavailable", from: hidden?.attrs.from });
    expect([mixOf(shown!)?.getChildText("jid"), payload(shown!).length]).toEqual([hag66.client, 3]);
  });
});

describe("what one user can make the service remember", () => {
  it("is bounded: a client too many is not taken, until another is gone", async () => {
    const { host, hecate, hag66 } = await coven(stage());
    for (let n = 0; n < 32; n++) await appears(host, hag66, "", { from: `${hag66.jid}/cauldron-${n}-x` });
    expect(await appears(host, hag66, "", { from: `${hag66.jid}/one too many` })).toEqual([]);
    await appears(host, hag66, "", { type: "unavailable", from: `${hag66.jid}/cauldron-0-x` });
    const sent = await appears(host, hag66, "", { from: `${hag66.jid}/one too many` });
    expect(story(hecate, sent)).toEqual(["available token"]);
    expect(presencesFor(hecate, await asks(host, hecate))).toHaveLength(32);
  });

  it("costs nobody else anything: who hears messages is not looked up anew", async () => {
    const { host, hag66 } = await coven(stage());
    const channel = (await host.use(Channels).find("coven")) as Channel;
    const before = channel.audience(NODE.MESSAGES);
    await appears(host, hag66, BREW);
    expect(channel.audience(NODE.MESSAGES)).toBe(before);
  });

  it("takes any resource for what it is", async () => {
    const { host, hecate, hag66 } = await coven(stage());
    for (const resource of ["__proto__", "constructor", "1987654321"])
      expect(story(hecate, await appears(host, hag66, "", { from: `${hag66.jid}/${resource}` }))).toEqual([
        "available token",
      ]);
    expect(presencesFor(hecate, await asks(host, hecate))).toHaveLength(3);
  });
});

describe("a suspended channel", () => {
  it("tells nobody's presence, and ends it when he leaves", async () => {
    const { host, hag66, peter } = await coven(stage());
    await appears(host, hag66, BREW);
    await host.engine.host.disable("visibility");
    expect(await appears(host, hag66, "<show>xa</show>")).toEqual([]);
    expect(await asks(host, peter)).toEqual([]);
    expect(story(peter, await during(host, () => hag66.leaves()))).toEqual(["unavailable token"]);
  });

  it("says nothing of presence either when it learns how somebody is reached", async () => {
    const { host, hag66 } = await coven(stage("jid-visible"));
    await becomesMixed(host, hag66);
    await appears(host, hag66, BREW);
    await host.engine.host.disable("visibility");
    expect(await appears(host, hag66, "", { from: `${hag66.jid}/cauldron` })).toEqual([]);
  });
});

/** Has the channel promise to hide, and hag66 shown in it, at home on a server without MIX-PAM. */
async function becomesMixed(host: TestHost, actor: Actor): Promise<void> {
  await becomes(host.actor("hecate"), "jid-maybe-visible");
  await actor.prefers({ "JID Visibility": "always" });
  await actor.joins("coven", { nodes: NODES, by: "client" });
}
