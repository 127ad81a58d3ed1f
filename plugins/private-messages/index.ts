import {
  addressOf,
  type Channel,
  Channels,
  clientAt,
  conditionIn,
  definePlugin,
  errorElement,
  escapeXml,
  type Jid,
  names,
  type Participant,
  payloadOf,
  proxyJid,
  refuse,
  serialize,
  type ToParticipant,
  withClient,
} from "masque";
import { Preferences } from "masque/plugins/preferences";

const NAME = "Private Messages";

/** Participants write to one another through the channel, by proxy JID (XEP-0404 0.1.0 §3.2). */
export default definePlugin({
  name: "private-messages",
  summary: "Participants may write to one another without knowing each other's address.",
  dependsOn: ["participants"],

  setup({ handle, get, when, send, now }) {
    const allowed = get(Channels).field(NAME, {
      type: "boolean",
      label: "Participants may write to one another through the channel",
      initial: true,
      // XEP-0406 has the one in its table, and the other in its examples.
      opposite: "No Private Messages",
    });

    when(Preferences, (preferences) => {
      preferences.define({
        name: NAME,
        label: "Private messages to me",
        values: { allow: "Allow", block: "Block" },
        initial: "allow",
      });
    });

    handle("message/participant", async (message) => {
      const { channel, sender, target, stanza } = message;
      const { type } = stanza.attrs;
      if (type === "groupchat") throw refuse("bad-request", "A private message cannot be of type groupchat.");
      if (!allowed.of(channel)) throw refuse("not-allowed", "This channel does not carry private messages.");
      if (type === "error") return bounce(message);
      // Stored with the participant, and so heeded also while the plugin of preferences is off.
      if (target.traits[NAME] === "block") throw refuse("not-allowed", "This participant takes no private messages.");
      const secret = channel.shows(sender, "participant") ? undefined : sender.jid;
      const payload = payloadOf(stanza, secret, proxyJid(sender.id, channel.jid));
      if (!payload) throw refuse("bad-request", "The message says nothing that could be passed on.");
      return pass(message, TYPES.has(type ?? "") ? type : undefined, payload);
    });

    /** What could not be delivered comes back to its sender, from whom he wrote to, and in our own words. */
    async function bounce(message: ToParticipant): Promise<true> {
      const { channel, stanza, from } = message;
      const condition = conditionIn(stanza);
      await pass(message, "error", serialize(errorElement(refuse(condition, "The message was not taken."))));
      if (from.resource && UNREACHABLE.has(condition)) await markGone(channel, from, now());
      return true;
    }

    async function pass(message: ToParticipant, type: string | undefined, payload: string): Promise<true> {
      const { channel, from, sender, target, resource, stanza } = message;
      const { id } = stanza.attrs;
      const isTold = id && (channel.shows(sender, "participant") || !names(id, [sender.jid]));
      const address = await addressOf(channel, from);
      const to = realAddress(channel, channel.byId(target.id), resource);
      const head = Object.entries({ from: address, to, ...(type && { type }), ...(isTold && { id }) });
      send(`<message${head.map(([name, value]) => ` ${name}='${escapeXml(value)}'`).join("")}>${payload}</message>`);
      return true;
    }
  },
});

/** RFC 6121 §5.2.2: any other type is taken as none, which means "normal". */
const TYPES: ReadonlySet<string> = new Set(["chat", "normal", "headline"]);

/** What a server says of a client that is there no more. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  "gone",
  "item-not-found",
  "recipient-unavailable",
  "service-unavailable",
]);

/** The client that was written to; the bare JID, where its server decides, if none was named or it is gone. */
function realAddress(channel: Channel, target: Participant | undefined, resource: string): string {
  if (!target) throw refuse("item-not-found");
  if (!resource) return target.jid;
  const client = clientAt(channel, target, resource);
  if (!client) throw refuse("item-not-found");
  return client.isGone ? target.jid : `${target.jid}/${client.resource}`;
}

function markGone(channel: Channel, { bare, resource }: Jid, at: number): Promise<void> {
  return channel.update((turn) => {
    const before = channel.participant(bare);
    const after = before && withClient(before, resource, at);
    if (after && after !== before) turn.put(after);
  });
}
