import type { Host, Vote } from "../host/host.ts";
import type { Insight } from "./audience.ts";
import type { Channel } from "./channel.ts";
import type { Participant } from "./participant.ts";

/** Whether somebody's JID is shown to those who look with the same eyes, and what comes of that. */
export interface Sight {
  readonly shown: boolean;
  /** What every voter says now. */
  readonly votes: readonly Vote<"visible" | "hidden">[];
  /** Why, in the plugins' own sentences. */
  readonly reasons: readonly string[];
}

/** Why somebody's JID is, or is not, shown. It never holds the JID: operators may pass it on. */
export interface Showing {
  readonly channel: string;
  readonly id: string;
  readonly nick: string;
  /** Plugins that the channel needs and that do not run: until they do, it shows no JID. */
  readonly missing: readonly string[];
  readonly to: Readonly<Record<Insight, Sight>>;
}

/** @param participant one who is in the channel */
export async function showingOf(host: Host, channel: Channel, participant: Participant): Promise<Showing> {
  const [toParticipants, toAdministrators] = await Promise.all(
    EYES.map((eyes) => host.gather("jid/explain", { channel, participant, eyes })),
  );
  // A plugin's own words may say more than they should.
  const discreet = (text: string) => text.replaceAll(participant.jid, "(the JID)");
  // From here on all in one moment: the same voters are heard for both.
  const sight = (eyes: Insight, reasons: readonly string[] = []): Sight => ({
    shown: channel.shows(participant, eyes),
    votes: host
      .poll("jid/disclose", { channel, participant, eyes }, ["visible", "hidden"])
      .map((vote) => (vote.fault === undefined ? vote : { ...vote, fault: discreet(vote.fault) })),
    reasons: reasons.map(discreet),
  });
  return {
    channel: channel.name,
    id: participant.id,
    nick: participant.nick,
    missing: channel.missing(),
    to: {
      participant: sight("participant", toParticipants),
      administrator: sight("administrator", toAdministrators),
    },
  };
}
const EYES = ["participant", "administrator"] as const satisfies readonly Insight[];
