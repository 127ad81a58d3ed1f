import type { Channel } from "../channel/channel.ts";
import { Channels } from "../channel/channels.ts";
import type { Participant } from "../channel/participant.ts";
import { type Showing, type Sight, showingOf } from "../channel/showing.ts";
import type { Host, Vote } from "../host/host.ts";
import { didYouMean } from "../host/nearest.ts";
import { channelName, parseJid } from "../xmpp/jid.ts";
import { Failure } from "./failure.ts";
import { table } from "./tables.ts";

/**
 * Why a participant's JID is, or is not, shown.
 * @param channel its name, or its JID
 * @param who an ID, a proxy JID, a real JID, or a nick
 */
export async function explainJid(host: Host, channel: string, who: string): Promise<Showing> {
  const found = await findChannel(host, channel);
  return showingOf(host, found, findParticipant(found, who));
}

async function findChannel(host: Host, written: string): Promise<Channel> {
  const name = channelName(written.split("@")[0] ?? "");
  const channel = name && (await host.core.get(Channels).find(name));
  if (!channel) throw new Failure("failed", `There is no channel "${written}".`);
  return channel;
}

function findParticipant(channel: Channel, who: string): Participant {
  const jid = parseJid(who)?.bare ?? "";
  const found =
    channel.byId(who.endsWith(`#${channel.jid}`) ? (who.split("#")[0] ?? "") : who) ??
    channel.participant(jid) ??
    channel.byNick(who);
  if (found) return found;
  const nicks = [...channel.participants].flatMap(({ nick }) => nick || []);
  throw new Failure("failed", `Nobody in ${channel.name} is called "${who}"${didYouMean(who, nicks)}`);
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
    ...(voters.length > 0 ? [table([["PLUGIN", "TO PARTICIPANTS", "TO ADMINISTRATORS"], ...voters])] : []),
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
