import { type Channel, Channels, definePlugin, NODE, NS, type Participant, type Turn, z } from "masque";
import { Participants } from "masque/plugins/participants";
import { Preferences } from "masque/plugins/preferences";
import { ALIASES, isShown, MODES, type Mode, objection, type Wish, wishesOffered } from "./modes.ts";

const NAME = "JID Visibility";
const mode = z.enum(Object.keys(MODES) as [Mode, ...Mode[]]);

/** Whose JID is shown to whom (XEP-0404 §2.2 and §3.1). */
export default definePlugin({
  name: "visibility",
  summary: "A channel shows its participants' addresses to everybody, to nobody but administrators, or as each wishes.",
  dependsOn: ["participants"],
  protects: true,
  options: z
    .strictObject({
      default: mode.default("jid-hidden").describe("What a new channel is"),
      modes: z.array(mode).min(1).default(mode.options).describe("What owners may make of a channel"),
      prefer: z
        .boolean()
        .default(true)
        .describe('Whether participants may also wish "prefer", which XEP-0404 only has a name for'),
      administrators_see_jids: z
        .enum(["jidmap", "everywhere"])
        .default("jidmap")
        .describe("Where administrators see hidden JIDs: in the JID map only, or in messages and presence, too"),
    })
    .refine((options) => options.modes.includes(options.default), {
      path: ["default"],
      message: "a new channel must be one of what owners may make of it: see the option modes.",
    }),

  setup({ options, guard, handle, get, when, on, feature, now }) {
    const channels = get(Channels);
    const participants = get(Participants);
    feature(NS.MIX_ANON, "both");

    // A channel that was made without this plugin shows JIDs, as MIX-CORE has it.
    const modes = channels.field(NAME, {
      type: "list-single",
      label: "Whose JID is shown",
      initial: "jid-visible",
      choices: Object.fromEntries(options.modes.map((each) => [each, MODES[each]])),
      aliases: ALIASES,
      changed: (turn, [next], channel) => become(next as Mode, channel, turn),
    });
    const modeOf = (channel: Channel) => modes.of(channel) as Mode;
    const wishes = wishesOffered(options.prefer);
    /** Stored with the participant, and so heeded also while the plugin of preferences is off. */
    const wishOf = ({ traits }: Participant): Wish => {
      const wish = traits[NAME];
      return typeof wish === "string" && Object.hasOwn(wishes, wish) ? (wish as Wish) : "default";
    };
    channels.field(NAME, {
      sheet: "info",
      type: "list-single",
      label: "Whose JID is shown",
      initial: "",
      readOnly: true,
      read: (channel) => [modeOf(channel)],
    });
    channels.begin({ [NAME]: [options.default] });
    if (options.default !== "jid-visible") channels.protect();

    guard("jid/disclose", ({ channel, participant, eyes }) => {
      if (eyes === "administrator" && options.administrators_see_jids === "everywhere") return "visible";
      return isShown(modeOf(channel), wishOf(participant)) ? "visible" : "hidden";
    });
    handle("jid/explain", ({ channel, participant, eyes }) =>
      eyes === "administrator"
        ? `Administrators: the option administrators_see_jids is "${options.administrators_see_jids}".`
        : `The channel is ${modeOf(channel)}, and the participant's preference "${NAME}" is "${wishOf(participant)}".`,
    );
    guard("participant/stays", ({ channel, participant }) =>
      objection(modeOf(channel), wishOf(participant)) ? "goes" : "stays",
    );

    // One who was removed because he wished his JID shown comes back to be hidden, unless he says otherwise: many clients
    // cannot. Who never wished it shown is not shown for that.
    handle("participant/join", ({ channel, jid, before, traits }) => {
      const isBack = before !== undefined && !channel.participant(jid) && !(NAME in traits);
      if (isBack && wishOf(before) === "always" && objection(modeOf(channel), "always")) traits[NAME] = "default";
      return undefined;
    });

    // Only where JIDs are shown is the map of them for everybody.
    channels.rule({
      least(channel, node, verb) {
        if (node !== NODE.JIDMAP || verb === "publish" || modeOf(channel) !== "jid-visible") return undefined;
        return "participants";
      },
    });

    on("participant/changed", ({ channel, participant, before }) => {
      const [is, was] = [participant, before].map((each) => isShown(modeOf(channel), wishOf(each)));
      if (is !== was && participant.nick === before.nick) participants.announce(channel, participant);
    });

    when(Preferences, (preferences) => {
      preferences.define({
        name: NAME,
        label: "Whether my JID is shown",
        values: wishes,
        initial: "default",
        objection: (wish, channel) => objection(modeOf(channel), wish),
      });
    });

    /** Everything that goes with a new mode, in one turn: who may not stay goes, and what was promised is kept. */
    function become(next: Mode, channel: Channel, turn: Turn): () => void {
      const all = [...channel.participants];
      const ejected = all.filter((each) => objection(next, wishOf(each)));
      const reason = next === "jid-visible" ? SHOWN_NOW : HIDDEN_NOW;
      participants.eject(turn, channel, ejected, reason);
      const others = turn.state.requires.filter((name) => name !== "visibility");
      turn.revise("info", {}, "", now());
      turn.amend({ requires: next === "jid-visible" ? others : [...others, "visibility"] });
      const shownBefore = new Map(all.map((each) => [each.id, isShown(modeOf(channel), wishOf(each))]));
      return () => {
        channels.tellSheet("info", channel);
        for (const each of channel.participants) {
          if (isShown(next, wishOf(each)) !== shownBefore.get(each.id)) participants.announce(channel, each);
        }
      };
    }
  },
});

const SHOWN_NOW =
  "This channel now shows everybody's JID, and yours is never to be shown: you have been removed from it.";
const HIDDEN_NOW =
  "This channel now shows nobody's JID, and yours is always to be shown: you have been removed from it.";
