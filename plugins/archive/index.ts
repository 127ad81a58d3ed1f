import {
  type Channel,
  Channels,
  definePlugin,
  duration,
  iq,
  isWorthKeeping,
  type Jid,
  NODE,
  NS,
  refuse,
  xml,
  z,
} from "masque";
import { addCommand } from "./commands.ts";
import { isFlipped, queryForm, readQuery } from "./query.ts";
import { Archive, Records } from "./records.ts";
import { eventOf, fin, messageOf, metadata, result } from "./result.ts";
import { addFields, forgetOld, type Retention } from "./retention.ts";
import { archiveSheets } from "./sheets.ts";

export { Archive, type Entry, type Render } from "./records.ts";

const HOUR = 3_600_000;

/** The channel's history: what happens is kept, and read by MAM (XEP-0313, XEP-0369 §7.3). */
export default definePlugin({
  name: "archive",
  summary: "What is said in a channel is kept, and its participants can read it again.",
  options: z.strictObject({
    page: z.int().min(1).max(1000).default(50).describe("Messages in one page of history, unless fewer are asked for"),
    largest_page: z.int().min(1).max(1000).default(250).describe("Messages in one page of history at most"),
    nodes: z
      .array(z.enum(["info", "config", "presence"]))
      .default(["info", "config"])
      .describe(
        'What else than messages is kept: what a channel said of itself ("info"), its earlier configurations ("config"), who was online when ("presence")',
      ),
    keep_for: duration.prefault("0 d").describe('How long it is kept in any channel; "0 d" is for ever'),
    keep: z.int().min(0).default(0).describe("How many messages of a channel are kept; 0 is all of them"),
  }),

  setup(ctx) {
    const { options, handle, feature, get, send, provide, on, every, now } = ctx;
    const channels = get(Channels);
    addCommand(ctx);
    const records = new Records(
      options.nodes.map((name) => NODES[name]),
      now,
    );
    const retention: Retention = {
      age: options.keep_for || Number.POSITIVE_INFINITY,
      count: options.keep || Number.POSITIVE_INFINITY,
    };
    feature(NS.MAM, "channel");
    feature(NS.MAM_EXTENDED, "channel");
    channels.keep(isWorthKeeping);
    addFields(channels, retention);
    every(HOUR, () => forgetOld(channels, retention, now()));

    provide(Archive, (consumer) => ({
      of(node, render) {
        consumer.cleanup(`archive of ${node}`, () => records.remove(node));
        return records.add(node, render);
      },
    }));
    on("channel/turned", archiveSheets({ of: (...args) => records.add(...args) }, channels.record));

    handle(iq.get("channel", NS.MAM, "query"), () => xml("query", { xmlns: NS.MAM }, queryForm()));

    handle(iq.get("channel", NS.MAM, "metadata"), async ({ channel, from, payload }) => {
      return metadata(await channel.extent(await readable(channel, from, payload.attrs.node)));
    });

    handle(iq.set("channel", NS.MAM, "query"), async ({ channel, from, payload }) => {
      const node = await readable(channel, from, payload.attrs.node);
      const view = channels.viewOf(channel, from.bare);
      const page = await channel.history({ node, ...readQuery(payload, channel, view.eyes, options) });
      if (page === "no such message") throw refuse("item-not-found", "The archive holds no message of that id.");
      const asker = { to: from.full, queryid: payload.attrs.queryid, view };
      const render = records.get(node);
      const results = page.messages.map((kept) => {
        const told = render ? eventOf(channel, kept, render(kept, channel, view)) : messageOf(channel, kept, view);
        return result(channel, kept, told, asker);
      });
      for (const each of isFlipped(payload) ? results.reverse() : results) send(each);
      return fin(page);
    });

    /** The node of which one wants to know the past, and may. */
    async function readable(channel: Channel, { bare }: Jid, node: string = NODE.MESSAGES): Promise<string> {
      if (node !== NODE.MESSAGES && !records.get(node)) throw refuse("item-not-found", "This node has no archive.");
      // XEP-0403 §3.4: nobody reads the presence node itself, for it is told by presence alone.
      const verb = node === NODE.PRESENCE ? "subscribe" : "read";
      if (await channels.mayNode(bare, channel, node, verb)) return node;
      throw refuse("forbidden", "You may not read the history of this node. Most are for participants: join first.");
    }
  },
});

const NODES = { info: NODE.INFO, config: NODE.CONFIG, presence: NODE.PRESENCE };
