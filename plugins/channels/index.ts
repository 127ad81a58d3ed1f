import {
  About,
  type Channel,
  Channels,
  CORE,
  channelName,
  definePlugin,
  duration,
  type Element,
  Features,
  generationOf,
  iq,
  type Jid,
  MIX_NAMESPACES,
  NS,
  parseJid,
  randomId,
  readSet,
  refuse,
  setOf,
  xml,
  z,
} from "masque";
import { addCommands } from "./commands.ts";
import { HeldNames } from "./held-names.ts";

const MOST_LISTED = 250;

/** A channel that somebody who may create one wants. */
export interface Wanted {
  /** Bare JID. */
  readonly by: string;
  /** Without a name of its own, and never listed. */
  readonly isAdHoc: boolean;
}

declare module "masque" {
  interface Hooks {
    /** Asked before a channel is created, whether its name is taken or not: throw a refusal, or pass. */
    "channel/create": (wanted: Wanted) => "create";
  }
}

/** Creating, destroying and finding channels (XEP-0369 §6 and §7.3). */
export default definePlugin({
  name: "channels",
  summary: "People find channels, create them and destroy them.",
  options: z.strictObject({
    creators: z
      .array(z.string())
      .default(["anyone"])
      .describe('Who may create channels: "anyone", "operators", or domains and bare JIDs'),
    searchable: z.boolean().default(true).describe("Whether the service lists its channels to those who may join them"),
    text_identity: z
      .boolean()
      .default(false)
      .describe("Also announce the identity conference/text of MIX-CORE 0.11; MUC clients take it for a MUC service"),
    hold_names: duration
      .prefault("1 d")
      .describe(
        "How long nobody but its owners may use the name of a channel that was destroyed, lest theirs be taken for it",
      ),
  }),

  async setup(ctx) {
    const { options, handle, ask, feature, get, on } = ctx;
    const held = await HeldNames.open(options.hold_names, ctx);
    on("channel/destroyed", ({ channel }) => held.hold(channel));

    addCommands(ctx);

    const about = get(About);
    const channels = get(Channels);
    const features = get(Features);

    feature(NS.DISCO_INFO, "both");
    feature(NS.DISCO_ITEMS, "both");
    feature(NS.RSM, "both");
    for (const core of CORE) {
      feature(core, "both");
      if (options.searchable) feature(`${core}#searchable`, "service");
    }

    const creators = options.creators.map((each) => parseJid(each)?.bare ?? each);
    handle("actor/may", ({ actor, action }) => {
      if (action !== "channel/create") return undefined;
      const domain = actor.slice(actor.indexOf("@") + 1);
      return creators.some((each) => each === "anyone" || each === actor || each === domain) || undefined;
    });

    handle(iq.get("service", NS.DISCO_INFO, "query"), async ({ payload, from }) => {
      refuseOtherNodes(payload);
      const mayCreate = await channels.may(from.bare, "channel/create", undefined);
      const create = mayCreate ? CORE.map((core) => `${core}#create-channel`) : [];
      const types = options.text_identity ? ["mix", "text"] : ["mix"];
      return info(payload, types, about.name, [...features.of("service"), ...create]);
    });

    handle(iq.get("channel", NS.DISCO_INFO, "query"), ({ payload, channel }) => {
      refuseOtherNodes(payload, "mix");
      return info(payload, ["mix"], channel.sheet("info").Name?.[0] ?? "", features.of("channel"));
    });

    handle(iq.get("service", NS.DISCO_ITEMS, "query"), async ({ payload, from }) => {
      refuseOtherNodes(payload);
      if (!options.searchable) return xml("query", { xmlns: NS.DISCO_ITEMS });
      const { max = MOST_LISTED, after = "", before } = readSet(payload) ?? {};
      if (before !== undefined) throw refuse("feature-not-implemented", "Channels are listed forwards only.");
      const wanted = Math.min(max, MOST_LISTED);
      const names = await channels.listed(from.bare, after.split("@")[0] ?? "", wanted + 1);
      const jids = names.slice(0, wanted).map((name) => `${name}@${about.domain}`);
      const [first, last] = [jids[0], jids.at(-1)];
      const isPaged = payload.getChild("set", NS.RSM) || names.length > jids.length;
      const set = isPaged ? setOf(first && last ? { first, last } : {}) : undefined;
      return xml(
        "query",
        { xmlns: NS.DISCO_ITEMS },
        jids.map((jid) => xml("item", { jid })),
        set,
      );
    });

    handle(iq.get("channel", NS.DISCO_ITEMS, "query"), async ({ payload, channel, from }) => {
      // XEP-0369 §6.5: without the node it is MUC's question for occupants, and to be rejected.
      if (payload.attrs.node !== "mix") throw refuse("not-acceptable", "Ask for a channel's nodes with node='mix'.");
      const nodes: string[] = [];
      // What he could subscribe to once he is in: clients ask before they join, to know what to ask for.
      for (const node of channels.nodes(channel))
        if (await channels.mayNode(from.bare, channel, node, "subscribe", true)) nodes.push(node);
      const items = nodes.map((node) => xml("item", { jid: channel.jid, node }));
      return xml("query", { xmlns: NS.DISCO_ITEMS, node: "mix" }, items);
    });

    for (const namespace of MIX_NAMESPACES) {
      handle(iq.set("service", namespace, "create"), ({ payload, from }) => create(payload, from));
      handle(iq.set("service", namespace, "destroy"), ({ payload, from }) => destroy(payload, from));
    }

    async function create(request: Element, { bare }: Jid): Promise<Element> {
      if (!(await channels.may(bare, "channel/create", undefined))) {
        throw refuse("forbidden", "You may not create channels here.");
      }
      const wanted = request.attrs.channel;
      const name = wanted ? channelName(wanted) : randomId();
      if (!name)
        throw refuse(
          "not-acceptable",
          'This cannot be the name of a channel: it must do as the part of an address before the "@", without "#".',
        );
      await ask("channel/create", { by: bare, isAdHoc: !wanted }, (fault) => {
        if (fault) throw refuse("internal-server-error");
        return "create";
      });
      // Looked for in any case: whether there is a channel of that name, or was, takes as long to find out.
      if ((await channels.look(name)) || held.isHeld(name, bare))
        throw refuse("conflict", "There is a channel of this name already.");
      const generation = generationOf(request.getNS()) ?? channels.defaultGeneration;
      await channels.create({ name, by: bare, generation, listed: Boolean(wanted) });
      return xml("create", { xmlns: request.getNS(), channel: wanted || name });
    }

    async function destroy(request: Element, { bare }: Jid): Promise<true> {
      const channel = await named(request, bare);
      if (!(await channels.may(bare, "channel/destroy", channel)))
        throw refuse("forbidden", "Only owners may destroy a channel.");
      await channels.destroy(channel, bare);
      return true;
    }

    async function named(request: Element, actor: string): Promise<Channel> {
      if (!request.attrs.channel) throw refuse("bad-request", "Say which channel: <destroy channel='…'/>.");
      const name = channelName(request.attrs.channel);
      const channel = name && (await channels.findFor(name, actor));
      if (!channel) throw refuse("item-not-found");
      return channel;
    }
  },
});

function info(query: Element, types: readonly string[], name: string, features: readonly string[]): Element {
  const { node } = query.attrs;
  return xml(
    "query",
    { xmlns: NS.DISCO_INFO, node },
    types.map((type) => xml("identity", { category: "conference", type, name: name || undefined })),
    features.map((feature) => xml("feature", { var: feature })),
  );
}

function refuseOtherNodes(query: Element, but?: string): void {
  const { node } = query.attrs;
  if (node && node !== but) throw refuse("item-not-found", "There is no node of that name.");
}
