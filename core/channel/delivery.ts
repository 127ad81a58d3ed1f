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
  /** When he joined, in mode `bare+marker`, in ms since 1970; forgotten at a restart. */
  readonly since?: number;
}

export const BARE: Delivery = { mode: "bare", full: [] };

/** A client's resources are the user's own; this bounds what one user can make the service remember. */
const MOST_ADDRESSES = 32;

/** ejabberd's PAM takes note of a join some time after it was told the result, and bounces what comes before that. */
const SETTLING = 60_000;

/** What the request to join tells: a PAM joins from the bare JID, and ejabberd's signs its iq ids `rr-`. */
export function learnFromJoin(before: Delivery | undefined, from: Jid, iqId: string, now: number): Delivery {
  if (from.resource) return heardFrom(before?.mode === "full" ? before : { mode: "full", full: [] }, from);
  return iqId.startsWith("rr-") ? { mode: "bare+marker", full: [], since: now } : BARE;
}

/** What any other stanza tells: another client of a user without PAM; the bare JID is worth another try once it speaks. */
export function heardFrom(delivery: Delivery, from: Jid): Delivery {
  if (delivery.mode !== "full") return delivery;
  if (!from.resource) return BARE;
  if (delivery.full.includes(from.full)) return delivery;
  return { mode: "full", full: [...delivery.full, from.full].slice(-MOST_ADDRESSES) };
}

/** A client went offline, or a copy to it, or to the bare JID, came back. */
export function lost(delivery: Delivery, from: Jid, now: number): Delivery {
  if (from.resource) {
    if (!delivery.full.includes(from.full)) return delivery;
    return { mode: "full", full: delivery.full.filter((jid) => jid !== from.full) };
  }
  const { mode, since = Number.NEGATIVE_INFINITY } = delivery;
  return mode === "full" || now < since + SETTLING ? delivery : { mode: "full", full: [] };
}
