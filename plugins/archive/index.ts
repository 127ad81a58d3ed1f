import {
  type Channel,
  Channels,
  definePlugin,
  type Element,
  escapeXml,
  iq,
  isWorthKeeping,
  type Jid,
  type Kept,
  NODE,
  NS,
  recollection,
  reflection,
  refuse,
  setOf,
  type View,
  writeTime,
  xml,
  z,
} from "masque";
import { isFlipped, queryForm, readQuery } from "./query.ts";

/** The channel's history: what is said is kept, and read by MAM (XEP-0313, XEP-0369 §7.2). */
export default definePlugin({
  name: "archive",
  summary: "What is said in a channel is kept, and its participants can read it again.",
  options: z.strictObject({
    page: z.int().min(1).max(1000).default(50).describe("Messages in one page of history, unless fewer are asked for"),
    largest_page: z.int().min(1).max(1000).default(250).describe("Messages in one page of history at most"),
  }),

  setup({ options, handle, feature, get, send }) {
    const channels = get(Channels);
    feature(NS.MAM, "channel");
    feature(NS.MAM_EXTENDED, "channel");
    channels.keep(isWorthKeeping);

    handle(iq.get("channel", NS.MAM, "query"), () => xml("query", { xmlns: NS.MAM }, queryForm()));

    handle(iq.get("channel", NS.MAM, "metadata"), async ({ channel, from }) => {
      await mayRead(channel, from);
      const extent = await channel.extent(NODE.MESSAGES);
      const mark = (name: string, at: { id: string; at: number }) =>
        xml(name, { id: at.id, timestamp: writeTime(at.at) });
      return xml("metadata", { xmlns: NS.MAM }, extent ? [mark("start", extent.first), mark("end", extent.last)] : []);
    });

    handle(iq.set("channel", NS.MAM, "query"), async ({ channel, from, payload }) => {
      const node = payload.attrs.node || NODE.MESSAGES;
      if (node !== NODE.MESSAGES) throw refuse("item-not-found", "This node has no archive.");
      await mayRead(channel, from);
      const query = readQuery(payload, channel, options);
      const page = await channel.history({ node, ...query });
      if (page === "no such message") throw refuse("item-not-found", "The archive holds no message of that id.");
      const view = channels.viewOf(channel, from.bare);
      const results = page.messages.map((message) => result(channel, message, payload, from, view));
      for (const each of isFlipped(payload) ? results.reverse() : results) send(each);
      return fin(page);
    });

    async function mayRead(channel: Channel, { bare }: Jid): Promise<void> {
      if (await channels.mayNode(bare, channel, NODE.MESSAGES, "read")) return;
      throw refuse("forbidden", "Only participants may read what was said here: join the channel first.");
    }
  },
});

/** One message of the past as a stanza of its own (XEP-0313 §4.2). */
function result(channel: Channel, message: Kept, query: Element, to: Jid, view: View): string {
  const { id, at } = message;
  const said = recollection(message, channel, view);
  const { queryid } = query.attrs;
  return (
    `<message to='${escapeXml(to.full)}' from='${escapeXml(channel.jid)}'>` +
    `<result xmlns='${NS.MAM}' id='${id}'${queryid === undefined ? "" : ` queryid='${escapeXml(queryid)}'`}>` +
    `<forwarded xmlns='${NS.FORWARD}'><delay xmlns='${NS.DELAY}' stamp='${writeTime(at)}'/>` +
    `<message xmlns='${NS.CLIENT}'${reflection(said, channel.jid, view.generation)}</message>` +
    "</forwarded></result></message>"
  );
}

function fin({
  messages,
  count,
  index,
  complete,
}: {
  messages: readonly Kept[];
  count: number;
  index: number;
  complete: boolean;
}): Element {
  const [first, last] = [messages[0]?.id, messages.at(-1)?.id];
  const set = setOf({ count, ...(first && last && { first, last, index }) });
  return xml("fin", { xmlns: NS.MAM, complete: complete ? "true" : undefined }, set);
}
