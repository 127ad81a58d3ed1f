import { type Channel, type Element, parseJid, refuse } from "masque";

/** Whom an item is about: as it was written, and as it is kept, a bare JID or a domain. */
export interface Entry {
  readonly text: string;
  readonly jid: string;
}

/**
 * Whom the items of a request are about; who is named by his ID, or by his proxy JID, is found by it.
 * @throws StanzaError `not-acceptable` that names every mistake at once, `bad-request` when there is no item
 */
export async function entriesOf(channel: Channel, request: Element): Promise<Entry[]> {
  const items = [request, ...request.getChildren("items")].flatMap((each) => each.getChildren("item"));
  if (items.length === 0) throw refuse("bad-request", `There is no <item/> in <${request.name}/>.`);
  return readEntries(
    channel,
    items.map(({ attrs }) => attrs.id?.trim() ?? ""),
  );
}

/**
 * Whom texts are about: bare JIDs, domains, participants' IDs or proxy JIDs.
 * @throws StanzaError `not-acceptable` that names every mistake at once
 */
export async function readEntries(channel: Channel, texts: readonly string[]): Promise<Entry[]> {
  const entries = await Promise.all(texts.map((text) => entryOf(channel, text)));
  const mistakes = entries.filter((entry) => typeof entry === "string");
  if (mistakes.length > 0) throw refuse("not-acceptable", mistakes.join(" "));
  return entries as Entry[];
}

// What can be an ID is none of a domain's names that anybody has.
const ID = /^[a-z0-9]{16}$/;

/** Or a sentence that says what is wrong with it. */
async function entryOf(channel: Channel, text: string): Promise<Entry | string> {
  if (text === "") return "Every <item/> needs an id: a bare JID, a domain, or a participant's ID.";
  const jid = parseJid(text);
  if (!jid) return `"${text}" is no JID, no domain and no participant's ID.`;
  const service = channel.jid.slice(channel.name.length + 1);
  const isProxy = jid.domain === service && jid.local.includes("#");
  if (ID.test(text) || isProxy) {
    const [id = "", name] = isProxy ? jid.local.split("#") : [text, channel.name];
    const participant = name === channel.name ? await channel.known(id) : undefined;
    return participant ? { text, jid: participant.jid } : `Nobody is or was in this channel as "${text}".`;
  }
  if (jid.local === "" && jid.resource !== "") return `"${text}" is more than a domain: write "${jid.domain}".`;
  return { text, jid: jid.bare };
}
