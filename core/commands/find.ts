import type { Channel } from "../channel/channel.ts";
import type { Channels } from "../channel/channels.ts";
import type { Participant } from "../channel/participant.ts";
import { didYouMean } from "../host/nearest.ts";
import { channelName, parseJid } from "../xmpp/jid.ts";
import { Failure } from "./failure.ts";

/**
 * The channel that an operator means. Throws a Failure when there is none.
 * @param written its name, or its JID
 */
export async function findChannel(channels: Pick<Channels, "find">, written: string): Promise<Channel> {
  const name = channelName(written.split("@")[0] ?? "");
  const channel = name && (await channels.find(name));
  if (!channel) throw new Failure("failed", `There is no channel "${written}".`);
  return channel;
}

/**
 * The participant of a channel that an operator means. Throws a Failure when there is none.
 * @param written an ID, a proxy JID, a real JID, or a nick
 */
export function findParticipant(channel: Channel, written: string): Participant {
  const jid = parseJid(written)?.bare ?? "";
  const found =
    channel.byId(written.endsWith(`#${channel.jid}`) ? (written.split("#")[0] ?? "") : written) ??
    channel.participant(jid) ??
    channel.byNick(written);
  if (found) return found;
  const nicks = [...channel.participants].flatMap(({ nick }) => nick || []);
  throw new Failure("failed", `Nobody in ${channel.name} is called "${written}"${didYouMean(written, nicks)}`);
}
