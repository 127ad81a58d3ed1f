import { Channels, clientAt, definePlugin, iq, NS, type ParticipantIq, Relay, refuse, withoutTraces, z } from "masque";

const REQUESTS = [`${NS.DISCO_INFO} query`, `${NS.PING} ping`, `${NS.VERSION} query`];

/** Participants ask one another's clients what they are (XEP-0403 §3.7). */
export default definePlugin({
  name: "iq-relay",
  summary: "Participants may ask one another's clients, through the channel, what they are and can do.",
  dependsOn: ["participants"],
  options: z.strictObject({
    requests: z
      .array(
        z
          .string()
          .regex(/^\S+ \S+$/)
          .meta({ expects: 'a namespace, a space and a name, such as "urn:xmpp:ping ping"' }),
      )
      .default(REQUESTS)
      .describe("What may be asked, in iqs of type get: a namespace, a space, the name of the element"),
    in_hidden_channels: z
      .boolean()
      .default(false)
      .describe("Whether also those are asked whose JID is hidden: what a client answers can tell whose it is"),
    pending_each: z.int().min(1).default(100).describe("How many answers one user may be waiting for"),
    pending: z.int().min(1).default(10_000).describe("How many answers may be waited for in all"),
  }),

  setup({ options, handle, get, request }) {
    const relay = new Relay(request, get(Channels), { each: options.pending_each, all: options.pending });

    for (const each of options.requests) {
      const [namespace, name] = each.split(" ") as [string, string];
      // After plugins that know the request, and ask its target first: a vCard is not to be had by this way round.
      handle(iq.get("participant", namespace, name), pass, -100);
    }

    function pass(asked: ParticipantIq) {
      const { channel, from, sender, target, resource, payload } = asked;
      if (!options.in_hidden_channels && !channel.shows(target, channel.eyesOf(from.bare)))
        throw refuse("service-unavailable", "Nobody is asked for this in a channel that hides him.");
      if (!resource) throw refuse("service-unavailable", "This is asked of a client: address one of his.");
      const client = clientAt(channel, target, resource);
      if (!client) throw refuse("item-not-found");
      if (client.isGone) throw refuse("service-unavailable", "This client is not there any more.");
      const own = channel.shows(sender, "participant") ? [] : [from.bare, ...(from.resource ? [from.resource] : [])];
      const question = withoutTraces(payload, own);
      return {
        async later() {
          const { content, secrets } = await relay.ask(asked, client.resource, question);
          return content ? withoutTraces(content, secrets) : (true as const);
        },
      };
    }
  },
});
