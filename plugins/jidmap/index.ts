import {
  type Channel,
  Channels,
  Commands,
  definePlugin,
  type Element,
  findChannel,
  handleOf,
  NODE,
  NS,
  type Participant,
  REASON,
  serialize,
  textTable,
  unmask,
  type View,
  xml,
  z,
} from "masque";

/** The JID Map node (XEP-0404 §2.5): a view over the participants, which stores nothing of its own. */
export default definePlugin({
  name: "jidmap",
  summary: "Administrators read which participant is which address; in channels that show addresses, everybody does.",
  dependsOn: ["participants"],

  setup({ get, on, log }) {
    const channels = get(Channels);
    channels.node({
      name: NODE.JIDMAP,
      read: "admins",
      subscribe: "admins",
      *items(channel, view) {
        for (const each of channel.participants) yield item(channel, each, view);
      },
    });

    get(Commands).add({
      name: "jidmap",
      summary: "Says which participant of a channel is which address",
      takes: z.strictObject({ channel: z.string().describe("The channel's name, or its JID"), reason: REASON }),
      run: async ({ channel: written, reason }, doing) => {
        const channel = await findChannel(channels, written);
        const jidOf = unmask(log, doing, channel, reason);
        return Object.fromEntries([...channel.participants].map((each) => [each.id, jidOf(each)]));
      },
      render: (map) => textTable([["ID", "JID"], ...Object.entries(map)]),
    });

    on("participant/joined", ({ channel, participant }) => {
      channel.tell(NODE.JIDMAP, (view) => serialize(item(channel, participant, view)));
    });
    on("participant/left", ({ channel, participant: { id } }) => {
      channel.tell(NODE.JIDMAP, ({ generation }) =>
        serialize(xml("retract", { id: handleOf(generation, id, channel.jid) })),
      );
    });
  },
});

/** Whoever else may read the map reads in it no more than is shown to him elsewhere. */
function item(channel: Channel, each: Participant, { generation, eyes }: View): Element {
  const isTold = eyes === "administrator" || channel.shows(each, eyes);
  const participant = xml("participant", { xmlns: NS.MIX_ANON }, isTold && xml("jid", {}, each.jid));
  return xml("item", { id: handleOf(generation, each.id, channel.jid) }, participant);
}
