import { type Channel, escapeXml, NS, type Participant, proxyJid } from "masque";
import type { Entry, Render } from "masque/plugins/archive";
import { itemsOf } from "./stanza.ts";

/** A client, by the name it has where JIDs are hidden, and what it said; nothing when it went. */
interface Seen {
  readonly token: string;
  readonly words?: string;
}

/** What is to be kept of how a participant's clients came, went, or said something else (XEP-0403 §6). */
export function pastOf(channel: Channel, before: Participant | undefined, after: Participant | undefined): Entry[] {
  const who = after ?? before;
  if (!who) return [];
  const were = before ? itemsOf(before) : [];
  const are = after ? itemsOf(after) : [];
  const gone = were.filter((was) => !are.some((is) => is.token === was.token));
  const news = are.filter(
    (is) => !were.some((was) => was.token === is.token && was.presence.words === is.presence.words),
  );
  const seen: Seen[] = [
    ...gone.map(({ token }) => ({ token })),
    ...news.map(({ token, presence }) => ({ token, words: presence.words })),
  ];
  const { id, nick } = who;
  const shown = channel.shows(who, "participant");
  return seen.map((each) => ({ sender: id, nick, shown, payload: JSON.stringify(each) }));
}

/** As an item of the presence node (XEP-0403 §3.4); the JID is bare, for no resource is kept. */
export const renderPast: Render = ({ sender, nick, shown, payload }, channel, { eyes }) => {
  const { token, words } = JSON.parse(payload) as Seen;
  const id = escapeXml(`${proxyJid(sender, channel.jid)}/${token}`);
  if (words === undefined) return `<retract id='${id}'/>`;
  // A JID is told if it was shown then and may be shown now; of one who has left, never.
  const participant = shown ? channel.byId(sender) : undefined;
  const jid = participant && channel.shows(participant, eyes) ? `<jid>${escapeXml(participant.jid)}</jid>` : "";
  const mix = `<mix xmlns='${NS.MIX_PRESENCE}'><nick>${escapeXml(nick || sender)}</nick>${jid}</mix>`;
  return `<item id='${id}'><presence xmlns='${NS.CLIENT}'>${mix}${words}</presence></item>`;
};
