import { createHash } from "node:crypto";
import { type Element, NS, xml } from "masque";

/** Somebody with an account and two clients. No nick, word or id in these worlds comes near anybody's name. */
export interface Person {
  readonly name: string;
  readonly jid: string;
  readonly clients: readonly [string, string];
}

export const PEOPLE: readonly Person[] = ["hecate", "hag66", "crone1", "thirdwitch", "banquo"].map((name, at) => {
  const jid = `${name}@shakespeare.example`;
  return { name, jid, clients: [`${jid}/UUID-${at}c8y-7533`, `${jid}/o'clock & <co>/${at}`] };
});
export const NICKS = ["Paddock", "Graymalkin", "Harpier", "Bogle", "Weird"] as const;

/** What gives somebody away, in lower case, and whether it is his client rather than himself. */
export interface Secret {
  readonly of: Person;
  readonly text: string;
  readonly isResource: boolean;
}

export const SECRETS: readonly Secret[] = PEOPLE.flatMap((of) => [
  ...[of.name, ...digests(of.jid), ...digests(of.name)].map((text) => ({ of, text, isResource: false })),
  ...of.clients.map((client) => ({ of, text: client.slice(of.jid.length + 1).toLowerCase(), isResource: true })),
]);

/** An id that can be computed from a JID gives it away to whoever guesses. */
function digests(text: string): string[] {
  const plain = Buffer.from(text);
  const bytes = [plain, ...["md5", "sha1", "sha256"].map((algorithm) => createHash(algorithm).update(text).digest())];
  return bytes.flatMap((each) =>
    (["hex", "base64"] as const).map((encoding) => each.toString(encoding).slice(0, 12).toLowerCase()),
  );
}

function forwarded(attrs: Record<string, string | undefined>): Element {
  const message = xml("message", { xmlns: NS.CLIENT, ...attrs }, xml("body", {}, "psst"));
  return xml("forwarded", { xmlns: NS.FORWARD }, message);
}

/** What clients and servers put into stanzas that tells who sent them (each a place where some service leaks). */
export const TELLTALES: Readonly<Record<string, (person: Person, client: string) => Element>> = {
  mix: ({ name, jid }) => xml("mix", { xmlns: NS.MIX_CORE_1 }, xml("nick", {}, name), xml("jid", {}, jid)),
  "mix of presence": ({ jid }) => xml("mix", { xmlns: NS.MIX_PRESENCE }, xml("jid", {}, jid)),
  "stanza-id": ({ jid }) => xml("stanza-id", { xmlns: NS.SID, by: jid, id: "1" }),
  "occupant-id": ({ jid }) => xml("occupant-id", { xmlns: "urn:xmpp:occupant-id:0", id: jid }),
  delay: (_, client) => xml("delay", { xmlns: NS.DELAY, from: client, stamp: "2016-05-30T09:00:00Z" }),
  "old delay": (_, client) => xml("x", { xmlns: "jabber:x:delay", from: client, stamp: "20160530T09:00:00" }),
  addresses: (_, client) =>
    xml("addresses", { xmlns: "http://jabber.org/protocol/address" }, xml("address", { type: "ofrom", jid: client })),
  nick: ({ name }) => xml("nick", { xmlns: "http://jabber.org/protocol/nick" }, name),
  idle: ({ name }) => xml("idle", { xmlns: "urn:xmpp:idle:1", since: name }),
  signed: ({ name }) => xml("x", { xmlns: "jabber:x:signed" }, `signature of ${name}`),
  photo: ({ name }) => xml("x", { xmlns: "vcard-temp:x:update" }, xml("photo", {}, `hash of ${name}`)),
  "muc#user": (_, client) =>
    xml("x", { xmlns: "http://jabber.org/protocol/muc#user" }, xml("item", { jid: client, role: "participant" })),
  forwarded: (_, client) => forwarded({ from: client }),
  // Written to him by another, who may be in the channel, too.
  "forwarded by its recipient": (person, client) =>
    forwarded({ from: PEOPLE[(PEOPLE.indexOf(person) + 1) % PEOPLE.length]?.clients[0], to: client }),
};

/** The same, of presence only: what a client can do, which a message may speak of. */
export const PRESENCE_TELLTALES: typeof TELLTALES = {
  ...TELLTALES,
  caps: ({ name }) =>
    xml("c", { xmlns: "http://jabber.org/protocol/caps", hash: "sha-1", node: `https://${name}.example`, ver: name }),
  "anything else": ({ name }) => xml("mood", { xmlns: "http://jabber.org/protocol/mood" }, xml(name)),
};

/** How a server or a client refuses something, telling all about itself. */
export function refusal({ jid }: Person, client: string, ...echoed: readonly Element[]): Element[] {
  return [
    ...echoed,
    xml(
      "error",
      { type: "cancel", by: jid },
      xml("service-unavailable", { xmlns: NS.STANZAS }, client),
      xml("text", { xmlns: NS.STANZAS }, `${client} is not there.`),
      xml("gone", { xmlns: "urn:xmpp:errors" }, `xmpp:${jid}`),
    ),
  ];
}

/** His vCard, with all the places where his address stands in one (XEP-0054, XEP-0292). */
export function vcards({ jid }: Person): Readonly<Record<string, Element>> {
  return {
    "vcard-temp": xml(
      "vCard",
      { xmlns: "vcard-temp" },
      xml("FN", {}, "A Witch"),
      xml("JABBERID", {}, jid),
      xml("IMPP", {}, xml("HOME"), `xmpp:${jid}`),
    ),
    "urn:ietf:params:xml:ns:vcard-4.0": xml(
      "vcard",
      { xmlns: "urn:ietf:params:xml:ns:vcard-4.0" },
      xml("fn", {}, xml("text", {}, "A Witch")),
      xml("impp", {}, xml("uri", {}, `xmpp:${jid}`)),
      xml("group", { name: "work" }, xml("impp", {}, xml("uri", {}, `XMPP:${jid}`))),
    ),
  };
}
