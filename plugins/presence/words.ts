import { detached, type Element, escapeXml, type Presence, payloadOf, serialize, xml } from "masque";

const SHOWS = ["away", "chat", "dnd", "xa"];

/** More text than this, in one presence, is not kept: what is kept is sent to everybody, again and again. */
const MOST = 4096;

/**
 * What an available presence says, taken apart by who may be told it. The words are written anew: the attributes and
 * other habits of a client would tell whose it is (semantics §3).
 */
export function wordsOf(stanza: Element): Omit<Presence, "named"> {
  const words = `${showOf(stanza)}${bounded(statusOf(stanza))}${priorityOf(stanza)}`;
  const caps = capsOf(stanza);
  for (const name of ["show", "status", "priority"]) for (const each of stanza.getChildren(name)) stanza.remove(each);
  for (const each of stanza.getChildren("c", CAPS)) stanza.remove(each);
  return { words, caps: bounded(caps), more: bounded(payloadOf(stanza)) };
}

const CAPS = "http://jabber.org/protocol/caps";

function showOf(stanza: Element): string {
  const show = stanza.getChildText("show")?.trim() ?? "";
  return SHOWS.includes(show) ? `<show>${show}</show>` : "";
}

function statusOf(stanza: Element): string {
  // One text in several languages (RFC 6121 §4.7.2.2): only then do the languages tell something.
  const all = stanza.getChildren("status");
  return all.map((each) => status(each.getText(), all.length > 1 ? each.attrs["xml:lang"] : undefined)).join("");
}

function status(text: string, language: string | undefined): string {
  const lang = language ? ` xml:lang='${escapeXml(language)}'` : "";
  return text ? `<status${lang}>${escapeXml(text)}</status>` : "";
}

function priorityOf(stanza: Element): string {
  const text = stanza.getChildText("priority")?.trim() ?? "";
  const priority = Number(text);
  const isOne = /^[-+]?\d{1,3}$/.test(text) && priority >= -128 && priority <= 127 && priority !== 0;
  return isOne ? `<priority>${priority}</priority>` : "";
}

function capsOf(stanza: Element): string {
  const caps = stanza.getChild("c", CAPS);
  if (!caps) return "";
  const { hash, node, ver } = caps.attrs;
  return serialize(xml("c", { xmlns: CAPS, hash, node, ver }));
}

function bounded(text: string): string {
  return text.length > MOST ? "" : detached(text);
}
