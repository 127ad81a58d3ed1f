import { escapeXml } from "../xmpp/xml.ts";
import type { View } from "./audience.ts";
import type { Channel } from "./channel.ts";
import { proxyJid } from "./generation.ts";

// No XML may hold this character, and so no payload that comes from outside does.
const MARK = "\u0001";
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
const MENTIONS = /\u0001([+-])(!?)([^\u0001]*)\u0001/g;

/**
 * Stands in a payload for somebody in the channel: what he is called depends on who reads it, and when.
 * @param id his Stable Participant ID
 * @param shown whether his JID is shown now: if not, it will not be told of him here, whatever becomes of the channel
 * @param as what he is named as: one who manages the channel is, where he may not be named by JID, nobody but the channel
 * to those who do not, lest his ID tell them what he is
 */
export function mention(id: string, shown: boolean, as: "participant" | "manager" = "participant"): string {
  return `${MARK}${shown ? "+" : "-"}${as === "manager" ? "!" : ""}${id}${MARK}`;
}

/**
 * A payload as it may be told to these readers: those it mentions are called by JID where that was shown then and may be
 * shown now, and else by the address they have in the channel, which is a proxy JID in generation 0.
 */
export function asTold(payload: string, channel: Channel, { generation, eyes }: View): string {
  if (!payload.includes(MARK)) return payload;
  return payload.replace(MENTIONS, (_, shown: string, isManager: string, id: string) => {
    const who = shown === "+" ? channel.byId(id) : undefined;
    if (who && channel.shows(who, eyes)) return escapeXml(who.jid);
    if (isManager && eyes !== "administrator") return escapeXml(channel.jid);
    return escapeXml(generation === 0 ? proxyJid(id, channel.jid) : `${channel.jid}/${id}`);
  });
}
