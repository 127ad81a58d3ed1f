import {
  type Channel,
  Channels,
  type Draft,
  definePlugin,
  type Element,
  errorReply,
  type Fault,
  isStanzaError,
  NODE,
  type Participant,
  payloadOf,
  proxyJid,
  refuse,
} from "masque";

/** A message that somebody in the channel has sent to it. */
export interface Incoming {
  readonly channel: Channel;
  readonly sender: Participant;
  readonly stanza: Element;
  /** "" for none. */
  readonly body: string;
}

declare module "masque" {
  interface Hooks {
    /** Asked before a message is taken: throw a refusal, or pass. */
    "message/accept": (message: Incoming) => "accept";
    /** Asked what is made of a message that says more than words; nobody's answer: it is passed on as it is. */
    "message/draft": (message: Incoming) => Partial<Draft>;
    /** Gathered once a message; the predicate is asked once a reader, so it must be quick. */
    "message/deliver": (message: Incoming) => (reader: Participant) => "deliver" | "drop";
  }
}

/** What participants say reaches everybody who is subscribed (XEP-0369 §7.1.6). */
export default definePlugin({
  name: "messages",
  summary: "What a participant says in a channel reaches everybody who listens.",
  dependsOn: ["participants"],

  setup({ handle, ask, gather, get, send }) {
    const channels = get(Channels);
    channels.node({ name: NODE.MESSAGES, read: "participants", subscribe: "participants" });

    handle("message/channel", async ({ channel, participant, stanza, from }) => {
      if (stanza.attrs.type !== "groupchat")
        throw refuse("bad-request", "A message to a channel is of type groupchat.");
      if (!participant) throw refuse("forbidden", "Only participants may speak here: join the channel first.");
      const message = { channel, sender: participant, stanza, body: stanza.getChildText("body") ?? "" };
      await ask("message/accept", message, unless("accept"));
      const more = await ask("message/draft", message, unless({}));
      const filters = await gather("message/deliver", message);
      const keep = channels.isKept(stanza);
      // Also where his JID is shown: the archive outlives that, and so may the way to those who hear it.
      const payload = payloadOf(stanza, participant.jid, proxyJid(participant.id, channel.jid));
      if (!payload) throw refuse("bad-request", "The message says nothing that could be passed on.");
      // Its turn ends here, at its place in the channel's order, so that many messages share one commit.
      channel
        .post({
          sender: from.bare,
          payload,
          id: stanza.attrs.id,
          stanza,
          keep,
          filter: filters.length > 0 ? (reader) => filters.every((filter) => filter(reader) === "deliver") : undefined,
          ...more,
        })
        .catch((error) => send(errorReply(stanza, isStanzaError(error) ? error : refuse("internal-server-error"))));
      return true as const;
    });
  },
});

/** What nobody's answer means; a crash is no answer. */
function unless<T>(answer: T): (fault?: Fault) => T {
  return (fault) => {
    if (fault) throw refuse("internal-server-error");
    return answer;
  };
}
