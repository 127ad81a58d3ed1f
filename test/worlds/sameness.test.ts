import { definePlugin, type Element, NODE, NS, proxyJid, xml } from "masque";
import { emptyStore, type TestHost, testHost } from "masque/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Store } from "../../core/storage/store.ts";
import { bundled } from "../../plugins/index.ts";
import { disco, SERVICE } from "../core/channel/replies.ts";

// Names of one length, so that the replies can be compared to the byte. There is no "haven".
const [CLOSED, ABSENT] = ["coven", "haven"];
const STRANGER = "banquo@shakespeare.example";

/** Says of a stranger what he is told to say, and counts how often he is asked. */
const doorkeeper = definePlugin({
  name: "doorkeeper",
  summary: "Admits witches.",
  setup({ guard }) {
    guard("channel/admit", ({ jid }) => {
      votes++;
      return jid === STRANGER ? word() : "admit";
    });
  },
});

let host: TestHost;
let word: () => "admit" | "refuse";
let votes = 0;
let reads: string[];
let store: Store;
let ids: string[];

beforeEach(async () => {
  reads = [];
  word = () => "admit";
  store = await emptyStore();
  const plugins = Object.fromEntries([...bundled, doorkeeper].map(({ name }) => [name, {}]));
  host = testHost([doorkeeper], { plugins, store: watched(store) });
  const people = await host.coven("hecate", "hag66");
  ids = [people.hecate.id, people.hag66.id];
});
afterEach(async () => {
  await host.stop();
  await store.close();
});

/** A store that remembers what it was asked for. */
function watched(store: Store): Store {
  return new Proxy(store, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        if (name !== "put") reads.push(String(name));
        return (value as (...args: unknown[]) => unknown).apply(target, args);
      };
    },
  });
}

/** What a stranger is told, and what it has cost to tell him. */
async function told(stanza: Element, name: string) {
  reads.length = 0;
  votes = 0;
  const replies = await host.receive(stanza);
  const texts = replies.map((reply) => reply.toString().replaceAll(name as string, "NAME"));
  return { replies: texts, reads: [...reads], votes };
}

const iq = (type: string, to: string, payload: Element, from = `${STRANGER}/pda`) =>
  xml("iq", { type, from, to, id: "1" }, payload);
const pubsub = (verb: string, node: string) => xml("pubsub", { xmlns: NS.PUBSUB }, xml(verb, { node }));

/** From somebody who is in the one, with a token that nobody gave out. */
function invitation(name: string): Element {
  return xml(
    "invitation",
    { xmlns: NS.MIX_MISC },
    xml("inviter", {}, proxyJid(ids[0] as string, `${name}@${SERVICE}`)),
    xml("invitee", {}, STRANGER),
    xml("channel", {}, `${name}@${SERVICE}`),
    xml("token", {}, "0123456789abcdef.1700000000000.c2lnbmF0dXJl"),
  );
}

const REQUESTS: Readonly<Record<string, (name: string) => Element>> = {
  "disco#info": (name) => iq("get", `${name}@${SERVICE}`, disco("info")),
  "disco#items": (name) => iq("get", `${name}@${SERVICE}`, disco("items", "mix")),
  join: (name) => iq("set", `${name}@${SERVICE}`, xml("join", { xmlns: NS.MIX_CORE_1 }), STRANGER),
  "join with an invitation": (name) =>
    iq("set", `${name}@${SERVICE}`, xml("join", { xmlns: NS.MIX_CORE_1 }, invitation(name)), STRANGER),
  "an answer to an invitation": (name) =>
    xml(
      "message",
      { from: `${STRANGER}/pda`, to: proxyJid(ids[0] as string, `${name}@${SERVICE}`), id: "1" },
      xml("invitation-ack", { xmlns: NS.MIX_MISC }, xml("value", {}, "Declined"), invitation(name)),
    ),
  invite: (name) =>
    iq("get", `${name}@${SERVICE}`, xml("invite", { xmlns: NS.MIX_MISC }, xml("invitee", {}, STRANGER))),
  "the avatar": (name) => iq("get", `${name}@${SERVICE}`, pubsub("items", NODE.AVATAR_DATA)),
  leave: (name) => iq("set", `${name}@${SERVICE}`, xml("leave", { xmlns: NS.MIX_CORE_1 }), STRANGER),
  "the information node": (name) => iq("get", `${name}@${SERVICE}`, pubsub("items", NODE.INFO)),
  "the JID map": (name) => iq("get", `${name}@${SERVICE}`, pubsub("items", NODE.JIDMAP)),
  "the configuration": (name) => iq("set", `${name}@${SERVICE}`, pubsub("publish", NODE.CONFIG)),
  preferences: (name) => iq("get", `${name}@${SERVICE}`, xml("user-preference", { xmlns: NS.MIX_ANON })),
  "the archive": (name) => iq("set", `${name}@${SERVICE}`, xml("query", { xmlns: NS.MAM })),
  moderation: (name) =>
    iq("set", `${name}@${SERVICE}`, xml("moderate", { xmlns: "urn:xmpp:message-moderate:1", id: "1" })),
  nonsense: (name) => iq("get", `${name}@${SERVICE}`, xml("query", { xmlns: "urn:nonsense" })),
  destroy: (name) => iq("set", SERVICE, xml("destroy", { xmlns: NS.MIX_CORE_1, channel: name })),
  "a message": (name) =>
    xml(
      "message",
      { type: "groupchat", from: `${STRANGER}/pda`, to: `${name}@${SERVICE}`, id: "1" },
      xml("body", {}, "Hail"),
    ),
  presence: (name) => xml("presence", { from: `${STRANGER}/pda`, to: `${name}@${SERVICE}` }),
};

/** Why a channel may be closed to somebody, and what its owner, or the operator, has done to make it so. */
const CLOSINGS: Readonly<Record<string, () => Promise<unknown>>> = {
  "that does not admit somebody": async () => {},
  "that bans somebody": () => publishes(NODE.BANNED, STRANGER),
  "that bans somebody's domain": () => publishes(NODE.BANNED, "shakespeare.example"),
  "that allows only others": () => publishes(NODE.ALLOWED, "macbeth@shakespeare.example"),
  "that bans somebody while nobody sees to it": async () => {
    await publishes(NODE.BANNED, STRANGER);
    await host.engine.host.disable("access");
  },
  "that is suspended for another reason": () => host.engine.host.disable("visibility"),
  "whose doorkeeper has lost his mind": async () => {
    word = () => {
      throw new Error("Knock, knock, knock!");
    };
  },
};

const publishes = async (node: string, id: string) => {
  const item = xml("publish", { node }, xml("item", { id }));
  const pubsub = xml("pubsub", { xmlns: NS.PUBSUB }, item);
  const reply = await host.actor("hecate").asks("set", `${CLOSED}@${SERVICE}`, pubsub);
  expect(reply.attrs.type).toBe("result");
};

/** Closes the channel in this way and in no other; then it is in memory, or it is not. */
async function closes(why: string, isLoaded: boolean): Promise<void> {
  word = () => (why === "that does not admit somebody" ? "refuse" : "admit");
  await CLOSINGS[why]?.();
  if (isLoaded) return;
  const on = host.engine.host.status();
  const plugins = Object.fromEntries(Object.keys(on).flatMap((name) => (on[name]?.state === "on" ? [[name, {}]] : [])));
  await host.stop();
  host = testHost([doorkeeper], { plugins, store: watched(store) });
  await host.start();
}

const WAYS = Object.keys(CLOSINGS).flatMap((why) => [true, false].map((isLoaded) => [why, isLoaded] as const));

describe.each(WAYS)("a channel %s (in memory: %s)", (why, isLoaded) => {
  // Each is the first thing that is asked about the channel: afterwards it is in memory.
  it.each(Object.keys(REQUESTS))("is to him as one that does not exist, and costs the same: %s", async (name) => {
    await closes(why, isLoaded);
    const request = REQUESTS[name] as (name: string) => Element;
    const closed = await told(request(CLOSED as string), CLOSED as string);
    const absent = await told(request(ABSENT as string), ABSENT as string);
    expect(closed.reads).toEqual(["channel"]);
    // About those in it nobody is asked: who is none of them learns nothing.
    expect(closed.votes).toBe(request(ABSENT as string).attrs.to?.includes("#") ? 0 : 1);
    expect(closed).toEqual(absent);
  });

  it("is not listed to him, nor does the list load it", async () => {
    await closes(why, isLoaded);
    const { replies, reads } = await told(iq("get", SERVICE, disco("items")), CLOSED as string);
    expect(replies.join()).not.toContain("NAME@");
    expect(reads).toEqual(["listed"]);
  });
});

describe("somebody's ID, asked about by one who is not in the channel", () => {
  const nobody = "0123456789abcdef";
  const payloads: Readonly<Record<string, (to: string) => Element>> = {
    vCard: (to) => iq("get", to, xml("vCard", { xmlns: "vcard-temp" })),
    version: (to) => iq("get", to, xml("query", { xmlns: NS.VERSION }), "duncan@shakespeare.example/pda"),
    "private message": (to) =>
      xml("message", { from: "duncan@shakespeare.example/pda", to, type: "chat", id: "1" }, xml("body", {}, "psst")),
  };

  it.each(Object.keys(payloads))("is as one that nobody has: %s", async (name) => {
    const request = payloads[name] as (to: string) => Element;
    const [hag66] = ids.slice(1) as [string];
    const one = await told(request(proxyJid(hag66, `coven@${SERVICE}`)), hag66);
    const none = await told(request(proxyJid(nobody, `coven@${SERVICE}`)), nobody);
    expect(one).toEqual(none);
  });
});

describe("order", () => {
  const nodes = { participants: NODE.PARTICIPANTS, "JID map": NODE.JIDMAP };

  it.each(Object.entries(nodes))("tells no JIDs: of the %s, after a restart, too", async (_, node) => {
    const names = ["angus", "banquo2", "caithness", "duncan", "fleance", "lennox", "menteith", "ross"];
    for (const name of names) await host.actor(name).joins("coven");
    await host.stop();
    host = testHost([], { plugins: Object.fromEntries(bundled.map(({ name }) => [name, {}])), store: watched(store) });
    await host.start();
    const [reply] = await host.receive(
      iq("get", `coven@${SERVICE}`, pubsub("items", node), "hecate@shakespeare.example/pda"),
    );
    const items = reply?.getChild("pubsub")?.getChild("items")?.getChildren("item") ?? [];
    const handles = items.map(({ attrs }) => attrs.id as string);
    expect(handles).toHaveLength(names.length + 2);
    // By what is random: chance makes it the order of JIDs once in three million times.
    expect(handles).toEqual([...handles].sort());
  });
});
