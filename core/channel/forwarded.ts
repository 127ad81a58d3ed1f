import { parseJid } from "../xmpp/jid.ts";
import { NS } from "../xmpp/ns.ts";
import { readTime, writeTime } from "../xmpp/time.ts";
import { type Element, xml } from "../xmpp/xml.ts";
import { isNamedIn, names } from "./traces.ts";

// No ID is like it, so it is nobody's proxy JID; and one for all: were it another for each, or the proxy JID of one who
// is in the channel, whoever forwards a message "from" a JID would be told whose it is.
const SOMEBODY = "somebody";

/**
 * What may be passed on of a forwarded message (XEP-0297), such as one of a chat that becomes a channel (XEP-0407
 * §"Converting a 1:1 Conversation to a Channel"): when it was said, its words, and which of them are the forwarder's.
 * An archive outlives the mode it was written in, so that is all in any mode.
 * @param forwarder his bare JID
 * @param proxy his proxy JID, which takes the place of the real one; without it there are no addresses at all
 * @returns `undefined` if there are no words, or they name those who said them
 */
export function passableForward(forwarded: Element, forwarder: string, proxy?: string): Element | undefined {
  const message = forwarded.getChildElements().find((child) => child.getName() === "message");
  const words = message?.getChildElements().filter((child) => WORDS.has(child.getName())) ?? [];
  if (!message || words.length === 0) return undefined;
  const people = [message.attrs.from, message.attrs.to].map(parseJid);
  const jids = [forwarder, ...people.flatMap((jid) => jid?.bare ?? [])];
  if (words.some((each) => isNamedIn(each, jids))) return undefined;
  const secrets = [...jids, ...people.flatMap((jid) => jid?.resource || [])];
  const [from, to] = people.map((jid) => jid && proxy && (jid.bare === forwarder ? proxy : somebody(proxy)));
  const { id = "", type = "" } = message.attrs;
  const attrs = { xmlns: NS.CLIENT, from, to, id: names(id, secrets) ? undefined : id || undefined };
  return xml(
    "forwarded",
    { xmlns: NS.FORWARD },
    delayOf(forwarded),
    xml("message", { ...attrs, type: TYPES.has(type) ? type : undefined }, words.map(plain)),
  );
}

/** Whether there is a forwarded stanza anywhere inside, as in a carbon (XEP-0280) or a page of an archive (XEP-0313). */
export function holdsForward(element: Element): boolean {
  return element.getChildElements().some((child) => child.is("forwarded", NS.FORWARD) || holdsForward(child));
}

const WORDS: ReadonlySet<string> = new Set(["body", "subject"]);
const TYPES: ReadonlySet<string> = new Set(["chat", "normal", "headline", "groupchat"]);

function somebody(proxy: string): string {
  return SOMEBODY + proxy.slice(proxy.indexOf("#"));
}

function plain(words: Element): Element {
  return xml(words.getName(), { "xml:lang": words.attrs["xml:lang"] }, words.getText());
}

function delayOf(forwarded: Element): Element | undefined {
  const at = readTime(forwarded.getChild("delay", NS.DELAY)?.attrs.stamp ?? "");
  return at === undefined ? undefined : xml("delay", { xmlns: NS.DELAY, stamp: writeTime(at) });
}
