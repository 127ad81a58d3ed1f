import { randomUUID } from "node:crypto";
import { type Channel, detached, nickEnforced, type Participant, refuse } from "masque";

/**
 * The nick somebody gets: the one he asks for, else the one he has, else one the service makes up.
 * @param wanted what he asked for; null or blank for none
 * @throws StanzaError `not-acceptable` for one that cannot be, or for none where one is needed; `conflict` for another's
 */
export function chooseNick(
  channel: Channel,
  wanted: string | null,
  before: Participant | undefined,
  isMandatory: boolean,
  isAssigned: boolean,
): string {
  if (!wanted?.trim()) {
    if (before?.nick || !isMandatory) return before?.nick ?? "";
    if (!isAssigned) throw refuse("not-acceptable", "This channel wants a nick: put <nick/> into the <join/>.");
    // XEP-0369 0.11 §7.1.4 recommends a UUID. Never anything of the address: that is what a nick may hide.
    return randomUUID();
  }
  const nick = nickEnforced(wanted);
  if (!nick)
    throw refuse("not-acceptable", "This cannot be a nick: up to 1023 bytes of letters, digits, symbols and spaces.");
  const other = channel.byNick(nick);
  if (other && other.jid !== before?.jid)
    throw refuse("conflict", "Somebody in this channel has this nick, or one that looks the same.");
  return detached(nick);
}
