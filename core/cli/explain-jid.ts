import { Channels } from "../channel/channels.ts";
import { type Showing, type Sight, showingOf } from "../channel/showing.ts";
import { findChannel, findParticipant } from "../commands/find.ts";
import { textTable } from "../commands/text-table.ts";
import type { Host, Vote } from "../host/host.ts";

/**
 * Why a participant's JID is, or is not, shown.
 * @param channel its name, or its JID
 * @param who an ID, a proxy JID, a real JID, or a nick
 */
export async function explainJid(host: Host, channel: string, who: string): Promise<Showing> {
  const found = await findChannel(host.core.get(Channels), channel);
  return showingOf(host, found, findParticipant(found, who));
}

/** The same in sentences, with a table of the votes. */
export function showingText(showing: Showing): string {
  const { participant, administrator } = showing.to;
  const whose = showing.nick ? `"${showing.nick}" (${showing.id})` : showing.id;
  const sights = [
    `To participants of ${showing.channel}, the JID of ${whose} is ${word(participant, showing)}`,
    `To its administrators, it is ${word(administrator, showing)}`,
  ];
  const voters = participant.votes.map((vote, at) => [vote.plugin, said(vote), said(administrator.votes[at]!)]);
  const reasons = [...new Set([...participant.reasons, ...administrator.reasons])];
  return [
    sights.join("\n"),
    ...(voters.length > 0 ? [textTable([["PLUGIN", "TO PARTICIPANTS", "TO ADMINISTRATORS"], ...voters])] : []),
    ...(reasons.length > 0 ? [reasons.join("\n")] : []),
  ].join("\n\n");
}

function word({ shown, votes }: Sight, { missing }: Showing): string {
  if (missing.length > 0) return `hidden: the channel is suspended, for it needs ${missing.join(", ")}.`;
  if (shown) return votes.length > 0 ? "shown: no plugin hides it." : "shown: no plugin has a say.";
  const hiders = votes.filter((vote) => vote.word === "hidden" || vote.fault !== undefined);
  return `hidden, by ${hiders.map(({ plugin }) => plugin).join(", ")}.`;
}

function said({ word, fault }: Vote): string {
  return fault === undefined ? (word ?? "nothing") : `hidden: ${fault}`;
}
