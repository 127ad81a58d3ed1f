import {
  type Channel,
  Channels,
  definePlugin,
  type Element,
  type Generation,
  handleOf,
  NODE,
  NS,
  type Participant,
  serialize,
  xml,
} from "masque";

/** The JID Map node (XEP-0404 §2.5): a view over the participants, which stores nothing of its own. */
export default definePlugin({
  name: "jidmap",
  summary: "Administrators read which participant is which address; in channels that show addresses, everybody does.",
  dependsOn: ["participants"],

  setup({ get, on }) {
    get(Channels).node({
      name: NODE.JIDMAP,
      read: "owners",
      subscribe: "owners",
      *items(channel, { generation }) {
        for (const each of channel.participants) yield item(channel, each, generation);
      },
    });

    on("participant/joined", ({ channel, participant }) => {
      channel.tell(NODE.JIDMAP, ({ generation }) => serialize(item(channel, participant, generation)));
    });
    on("participant/left", ({ channel, participant: { id } }) => {
      channel.tell(NODE.JIDMAP, ({ generation }) =>
        serialize(xml("retract", { id: handleOf(generation, id, channel.jid) })),
      );
    });
  },
});

function item(channel: Channel, { id, jid }: Participant, generation: Generation): Element {
  const participant = xml("participant", { xmlns: NS.MIX_ANON }, xml("jid", {}, jid));
  return xml("item", { id: handleOf(generation, id, channel.jid) }, participant);
}
