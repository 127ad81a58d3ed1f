import { createHash } from "node:crypto";
import { xml } from "@xmpp/client";
import { beforeAll, expect, it } from "vitest";
import { CORE } from "../../core/channel/generation.ts";
import { NS_MIX_ROSTER, NS_ROSTER } from "../../core/stage/roster.ts";
import { NODE, NS } from "../../core/xmpp/ns.ts";
import type { Element } from "../../core/xmpp/xml.ts";
import { PamProsody } from "./prosody.ts";
import { SERVICE } from "./server.ts";
import type { Tap } from "./tap.ts";
import { onRealServers } from "./world.ts";
import { type Kind, PAM, type XmppJs } from "./xmpp-js.ts";

const CHANNEL = `coven@${SERVICE}`;
const ID = /^[a-z0-9]{16}$/;
const NS_BLOCKING = "urn:xmpp:blocking";
/** What nobody else may be told of somebody: his localpart, and what his clients' resources begin with. */
const SECRETS = { hecate: ["hecate", "UUID-h3c"], hag66: ["hag66", "UUID-a1j"], crone1: ["crone1", "UUID-c8y"] };
type Name = keyof typeof SECRETS;
const ALL = [NODE.MESSAGES, NODE.PRESENCE, NODE.PARTICIPANTS, NODE.INFO];

// One story, of stanzas made by hand, in a hidden channel: each `it` goes on where the one before ended. hag66 has two
// clients, of which the one on the moor does not speak MIX.
onRealServers(PamProsody, "a hidden channel behind Prosody, which joins for its users (XEP-0405)", (world) => {
  const taps: { readonly name: Name; readonly tap: Tap }[] = [];
  let garden: XmppJs;
  let heath: XmppJs;
  let moor: XmppJs;
  let cave: XmppJs;
  /** Their IDs. */
  const ids = {} as Record<Name, string>;

  beforeAll(async () => {
    garden = await login("hecate", "UUID-h3c/1606");
    heath = await login("hag66", "UUID-a1j/7533");
    moor = await login("hag66", "UUID-a1j/7534", "plain");
    cave = await login("crone1", "UUID-c8y/1573");
    await garden.asks("set", SERVICE, xml("create", { xmlns: CORE[1], channel: "coven" }));
    // Nor do message carbons (XEP-0280) make anybody hear anything twice.
    for (const person of [garden, heath])
      await person.asks("set", person.account, xml("enable", { xmlns: "urn:xmpp:carbons:2" }));
  });

  async function login(name: Name, resource: string, kind: Kind = "mix"): Promise<XmppJs> {
    const tap = await world().tap();
    taps.push({ name, tap });
    return world().xmppJs(name, resource, tap, kind);
  }

  const tapOf = (person: XmppJs) => taps[[garden, heath, moor, cave].indexOf(person)]?.tap as Tap;
  const proxy = (name: Name) => `${ids[name]}#${CHANNEL}`;

  function form(type: string, values: Record<string, string>): Element {
    const fields = Object.entries({ FORM_TYPE: type, ...values }).map(([name, value]) =>
      xml("field", { var: name }, xml("value", {}, value)),
    );
    return xml("x", { xmlns: NS.DATA, type: "submit" }, ...fields);
  }

  async function choose(person: XmppJs, values: Record<string, string>): Promise<void> {
    await person.asks("set", CHANNEL, xml("user-preference", { xmlns: NS.MIX_ANON }, form(NS.MIX_ANON, values)));
  }

  async function chosen(person: XmppJs, name: string): Promise<string | null | undefined> {
    const answer = await person.asks("get", CHANNEL, xml("user-preference", { xmlns: NS.MIX_ANON }));
    const fields = answer?.getChild("x", NS.DATA)?.getChildren("field") ?? [];
    return fields.find(({ attrs }) => attrs.var === name)?.getChildText("value");
  }

  /** Asks for the roster, and for changes of it from then on: subscriptions and IDs by JID. */
  async function roster(person: XmppJs): Promise<Record<string, { subscription?: string; id?: string }>> {
    const query = xml("query", { xmlns: NS_ROSTER }, xml("annotate", { xmlns: NS_MIX_ROSTER }));
    const items = (await person.asks("get", person.account, query))?.getChildren("item") ?? [];
    return Object.fromEntries(items.map((item) => [item.attrs.jid, entry(item)]));
  }

  function entry(item: Element): { subscription?: string; id?: string } {
    const { subscription } = item.attrs;
    const id = item.getChild("channel", NS_MIX_ROSTER)?.attrs["participant-id"];
    return { ...(subscription && { subscription }), ...(id && { id }) };
  }

  async function isPushed(person: XmppJs, subscription: string): Promise<void> {
    const isIt = ({ attrs }: Element) => attrs.jid === CHANNEL && attrs.subscription === subscription;
    await person.when(() => person.pushed.some(isIt), `Being pushed the channel as "${subscription}"`);
  }

  /** The presence that this client was told last of each of somebody's clients, by the name it was told. */
  function presenceOf(reader: XmppJs, name: Name): Record<string, string> {
    const told = reader.seen.filter(({ attrs }) => attrs.from?.startsWith(`${proxy(name)}/`));
    return Object.fromEntries(told.map((each) => [each.attrs.from, each.attrs.type ?? "available"]));
  }

  /** All that is on its way to them has come. */
  async function calm(...people: XmppJs[]): Promise<void> {
    for (const person of people) await person.asks("get", SERVICE, xml("ping", { xmlns: NS.PING }));
  }

  /** Says it, and waits until these have heard it and nothing else is on its way to anybody. */
  async function speak(speaker: XmppJs, body: string, listeners: readonly XmppJs[]): Promise<void> {
    await speaker.says(CHANNEL, body);
    await Promise.all([speaker, ...listeners].map((listener) => listener.hears(body)));
    await calm(garden, heath, moor, cave);
  }

  async function whisper(from: XmppJs, to: string, body: string): Promise<void> {
    await from.sends(xml("message", { to, type: "chat", id: body }, xml("body", {}, body)));
  }

  const block = (person: XmppJs, verb: "block" | "unblock", jid: string) =>
    person.asks("set", person.account, xml(verb, { xmlns: NS_BLOCKING }, xml("item", { jid })));

  const wasTold = (person: XmppJs, body: string) => person.told.some((each) => each.getChildText("body") === body);

  it("is joined with what the channel granted, by whom the participant is, in the client's own request (§2.7)", {
    tags: ["0405-2.6/1", "0405-2.7/1"],
  }, async () => {
    const joined = await garden.joinsByServer(CHANNEL, "third witch", ALL);
    expect([joined.getName(), joined.getNS(), joined.attrs.channel]).toEqual(["client-join", PAM, CHANNEL]);
    const join = joined.getChild("join", CORE[1]);
    ids.hecate = join?.attrs.id ?? "";
    expect(ids.hecate).toMatch(ID);
    expect(join?.attrs.jid).toBe(proxy("hecate"));
    expect(join?.getChildText("nick")).toBe("third witch");
    expect(join?.getChildren("subscribe").map(({ attrs }) => attrs.node)).toEqual(ALL);
  });

  it("is joined with the preferences that came in the join, and is in the roster as they say (§2.9)", {
    tags: ["0405-2.6/1", "0405-2.9/3", "xmppjs-prosody/preferences"],
  }, async () => {
    const wishes = { "JID Visibility": "never", Presence: "not share" };
    const joined = await heath.joinsByServer(CHANNEL, "first witch", ALL, form(NS.MIX_ANON, wishes));
    ids.hag66 = joined.getChild("join")?.attrs.id ?? "";
    expect(await chosen(heath, "JID Visibility")).toBe("never");
    expect(await chosen(heath, "Presence")).toBe("not share");
    expect(await roster(heath)).toEqual({ [CHANNEL]: { subscription: "none", id: ids.hag66 } });
    expect(await roster(garden)).toEqual({ [CHANNEL]: { subscription: "from", id: ids.hecate } });
  });

  it("is joined by the protocol of 2018, in its namespaces", async () => {
    const join = xml(
      "join",
      { xmlns: CORE[0] },
      xml("subscribe", { node: NODE.MESSAGES }),
      xml("nick", {}, "2nd witch"),
    );
    const request = xml("client-join", { xmlns: "urn:xmpp:mix:pam:0", channel: CHANNEL }, join);
    const joined = await cave.asks("set", cave.account, request);
    expect([joined?.getName(), joined?.getNS()]).toEqual(["client-join", "urn:xmpp:mix:pam:0"]);
    const { jid, id } = joined?.getChild("join", CORE[0])?.attrs ?? {};
    ids.crone1 = id ?? "";
    expect(jid).toBe(proxy("crone1"));
    // Whoever is not subscribed to presence shows none.
    expect(await roster(cave)).toEqual({ [CHANNEL]: { subscription: "none", id: ids.crone1 } });
  });

  it("is told what was wrong with a request, and what would be right", async () => {
    for (const channel of [undefined, SERVICE, `${CHANNEL}/${ids.hecate}`, "a@b@c"]) {
      const request = xml("client-join", { xmlns: PAM, channel }, xml("join", { xmlns: CORE[1] }));
      await expect(garden.asks("set", garden.account, request)).rejects.toMatchObject({ condition: "bad-request" });
    }
    const empty = xml("client-join", { xmlns: PAM, channel: CHANNEL });
    await expect(garden.asks("set", garden.account, empty)).rejects.toMatchObject({ condition: "bad-request" });
  });

  it("shows no presence of who does not share it; then, once he does, of his client that speaks MIX, and of no other", {
    tags: ["0405-2.9/2", "0405-2.9/3", "0405-2.9/4", "0405-2.9.1/1"],
  }, async () => {
    await calm(garden, heath, moor, cave);
    expect(presenceOf(garden, "hag66")).toEqual({});
    await choose(heath, { Presence: "share" });
    await isPushed(heath, "from");
    await garden.when(() => Object.keys(presenceOf(garden, "hag66")).length > 0, "Seeing the first witch");
    await heath.sends(xml("presence", {}, xml("show", {}, "dnd")));
    await moor.sends(xml("presence", {}, xml("show", {}, "away")));
    await garden.when(() => garden.seen.at(-1)?.getChildText("show") === "dnd", "Seeing what she does");
    await calm(garden, heath, moor, cave);
    expect(Object.values(presenceOf(garden, "hag66"))).toEqual(["available"]);

    await choose(heath, { Presence: "not share" });
    await isPushed(heath, "none");
    await garden.when(() => Object.values(presenceOf(garden, "hag66")).includes("unavailable"), "Her going");
    await choose(heath, { Presence: "share" });
  });

  it("is told everybody's presence when it comes online (§2.9.3)", { tags: ["0405-2.9.2/1"] }, async () => {
    const before = heath.seen.length;
    await heath.sends(xml("presence", { type: "unavailable" }));
    await heath.sends(xml("presence"));
    const isHecate = ({ attrs }: Element) => attrs.from?.startsWith(`${proxy("hecate")}/`) && !attrs.type;
    await heath.when(() => heath.seen.slice(before).some(isHecate), "Being told of the third witch");
  });

  it("hears once what is said, while a client that does not speak MIX is sent no byte of it (§2.1, §2.2)", {
    tags: ["0405-2.1/1", "0405-2.2/1", "xmppjs-prosody/several"],
  }, async () => {
    await moor.sends(xml("presence", {}, xml("priority", {}, "5")));
    await speak(cave, "When shall we three meet again?", [garden, heath]);
    await speak(heath, "When the hurlyburly's done.", [garden, cave]);
    for (const person of [garden, heath, cave])
      expect(person.bodies).toEqual(["When shall we three meet again?", "When the hurlyburly's done."]);
    expect(tapOf(moor).text).not.toContain(CHANNEL);
    await moor.sends(xml("presence"));
  });

  it("is handed what was said while it was being asked whether it speaks MIX, in its order", {
    tags: ["0405-2.2/1"],
  }, async () => {
    let answer = () => {};
    const den = await login("crone1", "UUID-c8y/1574", new Promise((resolve) => (answer = resolve)));
    await speak(garden, "What are these,", [heath, cave]);
    await speak(garden, "so wither'd and so wild?", [heath, cave]);
    await calm(den);
    expect(den.bodies).toEqual([]);
    answer();
    await den.hears("so wither'd and so wild?");
    expect(den.bodies).toEqual(["What are these,", "so wither'd and so wild?"]);
    await den.stop();
  });

  it("asks once what a client's capabilities mean, whoever has them (XEP-0115)", { tags: ["0405-2.1/1"] }, async () => {
    const asked = (person: XmppJs) => tapOf(person).text.split("id='mix-pam'").length - 1;
    const features = ["http://jabber.org/protocol/disco#info", "urn:xmpp:mix:core:1"];
    const ver = createHash("sha1")
      .update(`client/bot//<${features.join("<")}<`)
      .digest("base64");
    const caps = { xmlns: "http://jabber.org/protocol/caps", hash: "sha-1", node: "http://globe.example", ver };
    const before = [asked(heath), asked(cave)];
    for (const [person, words] of [[heath, "Where the place?"] as const, [cave, "Upon the heath."] as const]) {
      await person.sends(xml("presence", {}, xml("c", caps)));
      await speak(garden, words, [heath, cave]);
    }
    expect([asked(heath), asked(cave)]).toEqual([(before[0] ?? 0) + 1, before[1]]);
  });

  it("finds the words in its own archive, once, and nothing there that was not to be kept (XEP-0334)", {
    tags: ["0405-2.11/1"],
  }, async () => {
    const chatState = xml("active", { xmlns: "http://jabber.org/protocol/chatstates" });
    await cave.sends(xml("message", { to: CHANNEL, type: "groupchat", id: "a1" }, chatState));
    const noStore = xml("no-store", { xmlns: NS.HINTS });
    await cave.sends(
      xml("message", { to: CHANNEL, type: "groupchat", id: "a2" }, xml("body", {}, "Forget it."), noStore),
    );
    await speak(cave, "That will be ere the set of sun.", [garden, heath]);
    const words = garden.bodies.filter((body) => body && body !== "Forget it.");
    expect(words.at(-1)).toBe("That will be ere the set of sun.");
    for (const person of [garden, heath, cave]) {
      expect(person.bodies).toContain("Forget it.");
      expect((await person.archive(person.account)).map(({ body }) => body)).toEqual(words);
    }
  });

  it("takes private messages on every client, as any other message, and answers them", async () => {
    await whisper(garden, proxy("hag66"), "Where the place?");
    const [asked] = await Promise.all([heath, moor].map((client) => client.isTold("Where the place?")));
    expect(asked?.attrs.from).toMatch(new RegExp(`^${proxy("hecate")}/[a-z0-9]{16}$`));
    await whisper(heath, asked?.attrs.from ?? "", "Upon the heath.");
    expect((await garden.isTold("Upon the heath.")).attrs.from).toMatch(new RegExp(`^${proxy("hag66")}/[a-z0-9]{16}$`));
  });

  it("blocks a participant by his address in the channel: his words, his whispers and his presence (§2.12)", {
    tags: ["0405-2.12/1"],
  }, async () => {
    await block(heath, "block", proxy("crone1"));
    await speak(cave, "Paddock calls.", [garden]);
    await whisper(cave, proxy("hag66"), "Anon.");
    await speak(garden, "Fair is foul.", [heath, cave]);
    expect(heath.bodies).not.toContain("Paddock calls.");
    expect(wasTold(heath, "Anon.")).toBe(false);
    expect((await heath.archive(heath.account)).map(({ body }) => body)).not.toContain("Paddock calls.");
    await block(heath, "unblock", proxy("crone1"));
    await speak(cave, "Foul is fair.", [garden, heath]);
  });

  it("blocks everybody in the channel with the channel, and can still leave it, but not join it", {
    tags: ["0405-2.12/1"],
  }, async () => {
    const before = heath.seen.length;
    await block(heath, "block", CHANNEL);
    await speak(garden, "Hover through the fog.", [cave]);
    await whisper(garden, proxy("hag66"), "And filthy air.");
    await garden.sends(xml("presence", {}, xml("show", {}, "xa")));
    await calm(garden, heath, moor, cave);
    expect(heath.bodies).not.toContain("Hover through the fog.");
    expect(wasTold(heath, "And filthy air.")).toBe(false);
    expect(heath.seen.slice(before)).toEqual([]);

    expect((await heath.leavesByServer(CHANNEL)).getChild("leave", CORE[1])).toBeDefined();
    expect(await roster(heath)).toEqual({});
    await expect(heath.joinsByServer(CHANNEL, "first witch", ALL)).rejects.toMatchObject({
      condition: "not-acceptable",
    });
    await block(heath, "unblock", CHANNEL);
    await heath.joinsByServer(CHANNEL, "first witch", ALL);
    await speak(garden, "Who's there?", [heath, cave]);
  });

  it("is not taken for removed because somebody says so", async () => {
    const retract = xml("items", { node: NODE.PARTICIPANTS }, xml("retract", { id: ids.hag66 }));
    const event = xml("event", { xmlns: NS.PUBSUB_EVENT }, retract);
    const words = xml("body", {}, "She is no more.");
    await cave.sends(xml("message", { to: CHANNEL, type: "groupchat", id: "lie" }, words, event));
    await heath.hears("She is no more.");
    expect(await roster(heath)).toMatchObject({ [CHANNEL]: { id: ids.hag66 } });
  });

  it("was sent no byte that tells anything of anybody's JID or resource", async () => {
    await calm(garden, heath, moor, cave);
    for (const { name, tap } of taps) {
      for (const [other, secrets] of Object.entries(SECRETS).filter(([other]) => other !== name))
        for (const secret of secrets) expect(tap.text, `what ${name} was sent, of ${other}`).not.toContain(secret);
    }
  });

  it("is taken from the roster of whom the channel removes, for what she chose", { tags: ["0405-2.9/5"] }, async () => {
    expect(await chosen(heath, "JID Visibility")).toBe("never");
    const item = xml("item", {}, form(NS.MIX_ADMIN, { "JID Visibility": "jid-visible" }));
    await garden.asks("set", CHANNEL, xml("pubsub", { xmlns: NS.PUBSUB }, xml("publish", { node: NODE.CONFIG }, item)));
    await isPushed(heath, "remove");
    expect(await roster(heath)).toEqual({});
  });

  it("leaves by being taken from the roster, as any client can", async () => {
    const remove = xml("query", { xmlns: NS_ROSTER }, xml("item", { jid: CHANNEL, subscription: "remove" }));
    await cave.asks("set", cave.account, remove);
    await expect
      .poll(async () => (await garden.participants(CHANNEL)).map(({ nick }) => nick))
      .toEqual(["third witch"]);
  });
});
