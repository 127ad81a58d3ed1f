import { parseJid } from "../xmpp/jid.ts";
import { NS } from "../xmpp/ns.ts";
import { type Element, escapeXml, serialize } from "../xmpp/xml.ts";
import { holdsForward, passableForward } from "./forwarded.ts";
import { CORE, type Generation, proxyJid } from "./generation.ts";
import { isNamedIn } from "./traces.ts";

/** Something said in a channel, as anybody may be told it: no JID unless it may be shown. */
export interface Said {
  /** The archive's id. */
  readonly id: string;
  /** The sender's Stable Participant ID; "" when it was the channel itself. */
  readonly sender: string;
  /** "" for none. */
  readonly nick: string;
  /** The sender's bare JID, where it may be shown. */
  readonly jid?: string | undefined;
  /** The children as XML text. */
  readonly payload: string;
}

/** A reflected message from its `from` on, for readers of one generation (0369 0.11 and 0.14 §7.1.6). */
export function reflection(said: Said, channelJid: string, generation: Generation): string {
  return signed(said.id, said.payload, bylineOf(said, channelJid, generation));
}

/** How somebody is named in what he says, to readers of one kind, as XML text: all that is the same in every message of his. */
export interface Byline {
  readonly from: string;
  /** `<mix/>`, but for its end. */
  readonly mix: string;
  /** The channel's JID. */
  readonly by: string;
}

export function bylineOf(
  { sender, nick, jid }: Omit<Said, "id" | "payload">,
  channelJid: string,
  generation: Generation,
): Byline {
  const by = escapeXml(channelJid);
  const from = generation === 0 || sender === "" ? by : `${by}/${escapeXml(sender)}`;
  // Both generations want a nick where there is no JID; the ID stands in for one who never chose any.
  const shownNick = nick || (jid ? "" : sender);
  const name = shownNick ? `<nick>${escapeXml(shownNick)}</nick>` : "";
  const proxy = generation === 0 ? `<proxy-jid>${escapeXml(proxyJid(sender, channelJid))}</proxy-jid>` : "";
  return { from, by, mix: `<mix xmlns='${CORE[generation]}'>${name}${jid ? `<jid>${escapeXml(jid)}</jid>` : proxy}` };
}

/** @param extra what else stands in `<mix/>` */
export function signed(id: string, payload: string, { from, mix, by }: Byline, extra = ""): string {
  return (
    ` from='${from}' id='${id}' type='groupchat'>${payload}${mix}${extra}</mix>` +
    `<stanza-id xmlns='${NS.SID}' id='${id}' by='${by}'/>`
  );
}

/** For one's own copies in generation 0: the id one gave one's message. */
export function submission(id: string | undefined): string {
  return id ? `<submission-id>${escapeXml(id)}</submission-id>` : "";
}

// What only the channel may say, what gives away where a message came from, and what links a participant to his
// public account: a client may not put any of it into a message to others.
const REMOVED: Readonly<Record<string, readonly (string | undefined)[] | true>> = {
  mix: true,
  "stanza-id": [NS.SID],
  "occupant-id": ["urn:xmpp:occupant-id:0"],
  delay: [NS.DELAY],
  addresses: [NS.ADDRESS],
  nick: ["http://jabber.org/protocol/nick"],
  idle: ["urn:xmpp:idle:1"],
  // In the channel's name they would be news of its nodes, and pages of its archive.
  event: [NS.PUBSUB_EVENT],
  result: [NS.MAM],
  x: ["jabber:x:delay", "jabber:x:signed", "vcard-temp:x:update", "http://jabber.org/protocol/muc#user"],
};

function isRemoved(child: Element): boolean {
  const name = child.getName();
  if (!Object.hasOwn(REMOVED, name)) return false;
  const rule = REMOVED[name];
  return rule === true || (rule?.includes(child.getNS()) ?? false);
}

// What people write with their own hands, and may put into it what they like.
const WRITTEN: ReadonlySet<string> = new Set(["body", "subject", "html"]);

/**
 * The children of a message that may be passed on, as XML text that means the same in any stanza.
 * @param secret its sender's JID, where it is hidden: what his client has put in and names it stays behind
 * @param proxy its sender's proxy JID, by which he is known in what he forwards
 */
export function payloadOf(stanza: Element, secret?: string, proxy?: string): string {
  const sender = parseJid(stanza.attrs.from)?.bare ?? "";
  let payload = "";
  for (const child of stanza.children) {
    if (typeof child === "string" || isRemoved(child)) continue;
    const passed = child.is("forwarded", NS.FORWARD) ? passableForward(child, sender, proxy) : child;
    if (!passed || holdsForward(passed) || (secret && !WRITTEN.has(child.getName()) && isNamedIn(passed, [secret])))
      continue;
    payload += standalone(passed, stanza.attrs["xml:lang"]);
  }
  return payload;
}

const PREFIXED = /[<\s/](?!xml(?:ns)?:)[^\s<>"'=/:]+:[^\s<>"'=/]/;

/** One child as text, with the language it had from its stanza, too; "" if it uses an unknown prefix. */
function standalone(child: Element, lang: string | undefined): string {
  if (child.attrs.xmlns === NS.COMPONENT || child.attrs.xmlns === NS.CLIENT) delete child.attrs.xmlns;
  if (lang && (child.name === "body" || child.name === "subject")) child.attrs["xml:lang"] ??= lang;
  const text = serialize(child);
  if (!PREFIXED.test(text)) return text;
  return declarePrefixes(child) ? serialize(child) : "";
}

/** Declares on an element the prefixes it has from its stanza; false if there is an unknown one. */
export function declarePrefixes(child: Element): boolean {
  for (const prefix of prefixesIn(child)) {
    const namespace = (child as unknown as { findNS(prefix: string): string | undefined }).findNS(prefix);
    if (!namespace) return false;
    child.attrs[`xmlns:${prefix}`] = namespace;
  }
  return true;
}

function prefixesIn(element: Element, declared: readonly string[] = [], found = new Set<string>()): Set<string> {
  const names = Object.keys(element.attrs);
  const here = [...declared, ...names.filter((name) => name.startsWith("xmlns:")).map((name) => name.slice(6))];
  for (const name of [element.name, ...names]) {
    const [prefix, local] = name.split(":");
    if (local !== undefined && prefix && prefix !== "xml" && prefix !== "xmlns" && !here.includes(prefix))
      found.add(prefix);
  }
  for (const child of element.getChildElements()) prefixesIn(child, here, found);
  return found;
}

/** Whether a message belongs into an archive (XEP-0313 §5.1.1, XEP-0334). */
export function isWorthKeeping(stanza: Element): boolean {
  if (stanza.getChild("no-store", NS.HINTS) || stanza.getChild("no-permanent-store", NS.HINTS)) return false;
  if (stanza.getChild("body") || stanza.getChild("store", NS.HINTS)) return true;
  return stanza.getChildElements().some((child) => !isRemoved(child) && !isPassing(child));
}

const CHAT_STATES = "http://jabber.org/protocol/chatstates";

/** Says nothing by itself: worth passing on, not worth keeping. */
function isPassing(child: Element): boolean {
  const namespace = child.getNS();
  return (
    namespace === CHAT_STATES || namespace === NS.HINTS || (namespace === NS.SID && child.getName() === "origin-id")
  );
}
