import {
  type Channel,
  type Element,
  escapeXml,
  type Kept,
  NS,
  recollection,
  reflection,
  setOf,
  type View,
  writeTime,
  xml,
} from "masque";

/** What a query is answered with, besides what was found. */
export interface Asker {
  /** The client that asks. */
  readonly to: string;
  readonly queryid: string | undefined;
  readonly view: View;
}

/** A kept message as its reader may be told it now; the text of one stanza. */
export function messageOf(channel: Channel, kept: Kept, view: View): string {
  const said = recollection(kept, channel, view);
  return `<message xmlns='${NS.CLIENT}'${reflection(said, channel.jid, view.generation)}</message>`;
}

/** Something that was published, in the manner in which it was told then (XEP-0442 §3). */
export function eventOf(channel: Channel, { id, node }: Kept, item: string): string {
  return (
    `<message xmlns='${NS.CLIENT}' from='${escapeXml(channel.jid)}' id='${id}' type='headline'>` +
    `<event xmlns='${NS.PUBSUB_EVENT}'><items node='${escapeXml(node)}'>${item}</items></event></message>`
  );
}

/** One result of a query as a stanza of its own (XEP-0313 §4.2); clients expect it from the bare JID they asked. */
export function result(channel: Channel, { id, at }: Kept, forwarded: string, { to, queryid }: Asker): string {
  return (
    `<message to='${escapeXml(to)}' from='${escapeXml(channel.jid)}'>` +
    `<result xmlns='${NS.MAM}' id='${id}'${queryid === undefined ? "" : ` queryid='${escapeXml(queryid)}'`}>` +
    `<forwarded xmlns='${NS.FORWARD}'><delay xmlns='${NS.DELAY}' stamp='${writeTime(at)}'/>${forwarded}</forwarded>` +
    "</result></message>"
  );
}

interface Page {
  readonly messages: readonly Kept[];
  readonly count: number | undefined;
  readonly index: number | undefined;
  readonly complete: boolean;
}

/** Ends the results of a query (XEP-0313 §4.4). */
export function fin({ messages, count, index, complete }: Page): Element {
  const [first, last] = [messages[0]?.id, messages.at(-1)?.id];
  const set = setOf({ count, ...(first && last && { first, last, index }) });
  return xml("fin", { xmlns: NS.MAM, complete: complete ? "true" : undefined }, set);
}

/** Where an archive begins and ends (XEP-0313 §5.3). */
export function metadata(extent: Awaited<ReturnType<Channel["extent"]>>): Element {
  const mark = (name: string, at: { id: string; at: number }) => xml(name, { id: at.id, timestamp: writeTime(at.at) });
  return xml("metadata", { xmlns: NS.MAM }, extent ? [mark("start", extent.first), mark("end", extent.last)] : []);
}
