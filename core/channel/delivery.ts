import type { Jid } from "../xmpp/jid.ts";

/**
 * Where a participant's groupchat copies go. RFC 6121 makes servers bounce groupchat to a bare JID, so it depends on
 * his server:
 * - `bare`: his server speaks MIX-PAM, the bare JID will do;
 * - `bare+marker`: ejabberd's mod_mix_pam, which bounces what lacks an empty `<mix xmlns=''/>`;
 * - `full`: no PAM: each full JID heard from, until it bounces or goes offline.
 */
export interface Delivery {
  readonly mode: "bare" | "bare+marker" | "full";
  /** Full JIDs, in mode `full`. */
  readonly full: readonly string[];
}

const BARE: Delivery = { mode: "bare", full: [] };
const MARKED: Delivery = { mode: "bare+marker", full: [] };

/** A client's resources are the user's own; this bounds what one user can make the service remember. */
const MOST_ADDRESSES = 32;

/** What the request to join tells: a PAM joins from the bare JID, and ejabberd's signs its iq ids `rr-`. */
export function learnFromJoin(before: Delivery | undefined, from: Jid, iqId: string): Delivery {
  if (from.resource) return heardFrom(before?.mode === "full" ? before : { mode: "full", full: [] }, from);
  return iqId.startsWith("rr-") ? MARKED : BARE;
}

/** What any other stanza tells: another client of a user without PAM; the bare JID is worth another try once it speaks. */
export function heardFrom(delivery: Delivery, from: Jid): Delivery {
  if (delivery.mode !== "full") return delivery;
  if (!from.resource) return BARE;
  if (delivery.full.includes(from.full)) return delivery;
  return { mode: "full", full: [...delivery.full, from.full].slice(-MOST_ADDRESSES) };
}

/** A client went offline, or a copy to it came back. */
export function lost(delivery: Delivery, from: Jid): Delivery {
  if (from.resource) {
    if (!delivery.full.includes(from.full)) return delivery;
    return { mode: "full", full: delivery.full.filter((jid) => jid !== from.full) };
  }
  return delivery.mode === "full" ? delivery : { mode: "full", full: [] };
}
