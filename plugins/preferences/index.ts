import {
  type ChannelIq,
  Channels,
  Commands,
  definePlugin,
  findChannel,
  findForm,
  findParticipant,
  iq,
  NS,
  type Participant,
  refuse,
  service,
  textTable,
  xml,
  z,
} from "masque";
import "masque/plugins/participants";
import { chosen, type Known, read, template, values } from "./form.ts";
import type { Choice, Preference } from "./preference.ts";

export type { Choice, Preference } from "./preference.ts";

/** What participants may choose for themselves; other plugins add to it. */
export interface Preferences {
  define<V extends string>(preference: Preference<V>): Choice<V>;
}

export const Preferences = service<Preferences>("preferences");

/** User preferences (XEP-0404 §3.1). */
export default definePlugin({
  name: "preferences",
  summary: "Participants choose for themselves, in each channel, what the other plugins let them choose.",
  dependsOn: ["participants"],

  setup({ handle, get, provide, emit, feature }) {
    const channels = get(Channels);
    const known: Known = new Map();
    feature(NS.MIX_ANON, "both");

    provide(Preferences, (consumer) => ({
      define(preference) {
        if (known.has(preference.name)) throw new Error(`The preference "${preference.name}" exists already.`);
        if (!Object.hasOwn(preference.values, preference.initial))
          throw new Error(
            `The preference "${preference.name}" begins with "${preference.initial}", which is none of its values.`,
          );
        known.set(preference.name, preference);
        consumer.cleanup(`preference ${preference.name}`, () => void known.delete(preference.name));
        return { of: (participant) => chosen(participant, preference) };
      },
    }));

    handle(iq.get("channel", NS.MIX_ANON, "user-preference"), ({ participant }) => {
      return xml("user-preference", { xmlns: NS.MIX_ANON }, template(known, mustBeIn(participant)));
    });

    handle(iq.set("channel", NS.MIX_ANON, "user-preference"), async (request) => {
      const participant = await choose(request);
      return xml("user-preference", { xmlns: NS.MIX_ANON }, values(known, participant));
    });

    // Before those who judge what was chosen.
    handle(
      "participant/join",
      ({ channel, request, traits, replies }) => {
        const form = findForm(request);
        if (form) Object.assign(traits, read(known, form, channel));
        if (form || request.getNS() === NS.MIX_ANON) replies.push((participant) => values(known, participant));
        return undefined;
      },
      100,
    );

    get(Commands).add({
      name: "preferences",
      summary: "Says what somebody has chosen in a channel",
      takes: z.strictObject({
        channel: z.string().describe("The channel's name, or its JID"),
        participant: z.string().describe("An ID, a proxy JID, a real JID, or a nick"),
      }),
      run: async ({ channel, participant }) => {
        const found = findParticipant(await findChannel(channels, channel), participant);
        return Object.fromEntries([...known.values()].map((each) => [each.name, chosen(found, each)]));
      },
      render: (choices) => textTable(Object.entries(choices)),
    });

    async function choose({ stanza, channel, from, payload, participant }: ChannelIq): Promise<Participant> {
      mustBeIn(participant);
      // 0.1.0's example has the form beside the element, its text within.
      const form = findForm(payload) ?? findForm(stanza);
      const traits = form ? read(known, form, channel) : {};
      return channel.update((turn) => {
        const before = mustBeIn(channel.participant(from.bare));
        const after = { ...before, traits: { ...before.traits, ...traits } };
        if (Object.keys(traits).length === 0) return before;
        if (!channels.stays(channel, after))
          throw refuse("not-acceptable", "What you have chosen cannot be kept in this channel.");
        turn.put(after);
        turn.after(() => emit("participant/changed", { channel, participant: after, before }));
        return after;
      });
    }
  },
});

function mustBeIn(participant: Participant | undefined): Participant {
  if (!participant) throw refuse("forbidden", "Only participants have preferences here: join the channel first.");
  return participant;
}
