import {
  type Channel,
  Channels,
  definePlugin,
  duration,
  type Element,
  type Jid,
  NODE,
  type Participant,
  refuse,
  withClient,
  withoutClients,
  withPresence,
  xml,
  z,
} from "masque";
import { Archive } from "masque/plugins/archive";
import { Participants } from "masque/plugins/participants";
import { Preferences } from "masque/plugins/preferences";
import { Distribution, type Terms } from "./distribution.ts";
import { pastOf, renderPast } from "./past.ts";
import { Probes } from "./probes.ts";
import { wordsOf } from "./words.ts";

const NAME = "Presence";
const UNWILLING = "Everybody in this channel shares his presence, and you do not share yours.";

/** Who of a channel is online, and how he is (XEP-0403), without telling his client's resource (XEP-0404 §2.4). */
export default definePlugin({
  name: "presence",
  summary: "Participants see who of the channel is online.",
  dependsOn: ["participants"],
  options: z.strictObject({
    caps: z
      .boolean()
      .default(false)
      .describe(
        "Whether clients' capabilities are told, too, where JIDs are hidden; they tell which software one uses",
      ),
    remember: duration
      .prefault("1 d")
      .describe("How long a client that went offline keeps the name others know it by, should it come back"),
    probes_per_second: z
      .int()
      .min(1)
      .default(50)
      .describe("How many participants are asked in a second, after a restart, whether they are still there"),
    patience: duration.prefault("2 min").describe("How long a client may take to show that it is still there"),
  }),

  setup({ options, get, handle, guard, on, when, now, after, cleanup, send, request, keep }) {
    const channels = get(Channels);
    const participants = get(Participants);
    // Stored with the participant, and so heeded also while the plugin of preferences is off.
    const shares = ({ traits }: Participant) => traits[NAME] !== "not share";
    let record: Terms["record"] = () => {};
    const distribution = new Distribution({
      withCaps: options.caps,
      shares,
      send,
      record: (...args) => record(...args),
    });
    const means = {
      send,
      shares,
      after,
      request: (iq: Element) => request(iq, options.patience),
      lost: async (channel: Channel, { jid }: Participant, resource: string) => {
        const current = await channels.find(channel.name);
        if (current?.key === channel.key) await forget(current, jid, resource);
      },
    };
    const probes = new Probes(
      means,
      keep("asked", () => new Set<number>()),
      options.probes_per_second,
    );

    cleanup("probes", () => probes.end());

    channels.node({ name: NODE.PRESENCE, read: "participants", subscribe: "participants" });
    // XEP-0403 §3.4: "Clients MUST NOT directly access the presence node using pubsub."
    handle("node/may", ({ node, verb }) => (node === NODE.PRESENCE && verb !== "subscribe" ? false : undefined), 1000);

    const isRequired = channels.field("Participants Must Provide Presence", {
      type: "boolean",
      label: "Everybody in the channel shares his presence",
      initial: false,
      changed(turn, [value], channel) {
        const unwilling = value === "true" ? [...channel.participants].filter((each) => !shares(each)) : [];
        participants.eject(turn, channel, unwilling, `${UNWILLING} You have been removed from it.`);
        return () => {};
      },
    });
    guard("participant/stays", ({ channel, participant }) =>
      isRequired.of(channel) && !shares(participant) ? "goes" : "stays",
    );
    handle("participant/join", ({ channel, jid, traits }) => {
      const wish = { ...channel.participant(jid)?.traits, ...traits }[NAME];
      if (wish === "not share" && isRequired.of(channel)) throw refuse("not-acceptable", UNWILLING);
      return undefined;
    });
    when(Preferences, (preferences) => {
      preferences.define({
        name: NAME,
        label: "Whether others see when I am online",
        values: { share: "Share my presence", "not share": "Do not share my presence" },
        initial: "share",
        objection: (wish, channel) => (wish === "not share" && isRequired.of(channel) ? UNWILLING : undefined),
      });
    });

    when(Archive, (archive, ctx) => {
      const keepEntry = archive.of(NODE.PRESENCE, renderPast);
      record = (turn, channel, ...change) => {
        for (const entry of pastOf(channel, ...change)) keepEntry(turn, channel, entry);
      };
      ctx.cleanup("record of presence", () => {
        record = () => {};
      });
    });

    on("channel/loaded", ({ channel }) => probes.begin(channel));
    on("channel/turned", (turned) => {
      probes.begin(turned.channel);
      distribution.follow(turned);
    });
    on("participant/left", ({ channel, participant }) => distribution.left(channel, participant));
    on("channel/destroyed", ({ channel }) => distribution.ended(channel));

    handle("presence/channel", async ({ channel, participant, stanza, from }) => {
      // Silence, whatever it was: nobody learns from it whether he, or the channel, is there.
      if (!participant) return true as const;
      probes.begin(channel);
      probes.heard(channel, from.full);
      const { type } = stanza.attrs;
      if (type === "unavailable" || type === "error") await forget(channel, from.bare, from.resource);
      if (type === "subscribe") send(xml("presence", { type: "subscribed", from: channel.jid, to: from.bare }));
      if (type === undefined) await take(channel, participant, stanza, from);
      return true as const;
    });
    // Presence of one participant that another's server could not deliver.
    handle("presence/participant", async ({ channel, stanza, from }) => {
      if (stanza.attrs.type === "error") await forget(channel, from.bare, from.resource);
      return true as const;
    });

    async function take(channel: Channel, participant: Participant, stanza: Element, from: Jid): Promise<void> {
      // XEP-0405 §3.2.2: from the bare JID, his server asks for everybody's.
      if (!from.resource) return distribution.tellAll(channel, participant.id);
      const words = wordsOf(stanza);
      await channel.update((turn) => {
        const before = channel.participant(from.bare);
        if (!before || !shares(before)) return;
        const named = channel.shows(before, "participant");
        const kept = withoutClients(before, now() - options.remember);
        turn.put(withPresence(kept, from.resource, { ...words, named }));
      });
    }

    /** A client is gone, or, without a resource, all of his are. */
    async function forget(channel: Channel, jid: string, resource: string): Promise<void> {
      await channel.update((turn) => {
        const before = channel.participant(jid);
        if (!before) return;
        let after = before;
        for (const each of resource ? [resource] : Object.keys(before.clients)) {
          if (before.clients[each]?.goneSince === undefined) after = withClient(after, each, now());
        }
        if (after !== before) turn.put(after);
      });
    }
  },
});
