import { type Element, NS, refuse } from "masque";

/** XEP-0424 and XEP-0425, and what they were before 2023, when they stood on XEP-0422. */
export const RETRACT = "urn:xmpp:message-retract:1";
export const MODERATE = "urn:xmpp:message-moderate:1";
export const FASTEN = "urn:xmpp:fasten:0";
const RETRACT_0 = "urn:xmpp:message-retract:0";
const MODERATE_0 = "urn:xmpp:message-moderate:0";

/**
 * The archive's id of the message that this one is to retract, in any spelling (XEP-0407 §5, XEP-0424 §3); `undefined`
 * for a message that retracts nothing.
 * @throws StanzaError `bad-request`
 */
export function readRetraction(stanza: Element): string | undefined {
  const requests = stanza.getChildElements().filter(isRequest);
  if (requests.length === 0) return undefined;
  const ids = new Set(requests.map(({ attrs }) => attrs.id));
  if (ids.size > 1) throw refuse("bad-request", "A message can retract one other, not several.");
  // A body for clients that know no retractions is XEP-0424's.
  if (stanza.getChild("body") && requests.every((each) => each.getNS() === NS.MIX_MISC))
    throw refuse("bad-request", "A retraction has no body (XEP-0407).");
  return named([...ids][0]);
}

/** Whether this child of a message asks that another be retracted. */
export function isRequest(child: Element): boolean {
  if (child.is("apply-to", FASTEN)) return child.getChild("retract", RETRACT_0) !== undefined;
  return [NS.MIX_MISC, RETRACT, RETRACT_0].some((ns) => child.is("retract", ns));
}

/** Whether this child of a message says what only the channel may say: that a message was retracted, or by whose right. */
export function isForged(child: Element): boolean {
  if (child.is("apply-to", FASTEN)) return child.getChildElements().some(isForged);
  return (
    [NS.MIX_MISC, RETRACT, RETRACT_0].some((ns) => child.is("retracted", ns)) ||
    [MODERATE, MODERATE_0].some((ns) => child.is("moderated", ns))
  );
}

/** What an administrator asks for: that a message be retracted, and why ("" if he does not say). */
export interface Moderation {
  readonly id: string;
  readonly reason: string;
}

/**
 * Reads `<moderate id='…'><retract/><reason/></moderate>` (XEP-0425 §3), or the older `<apply-to id='…'><moderate/></apply-to>`;
 * `undefined` when something else is applied.
 * @throws StanzaError `bad-request`, or `feature-not-implemented` for anything but a retraction
 */
export function readModeration(payload: Element): Moderation | undefined {
  const isNow = payload.is("moderate", MODERATE);
  const moderate = isNow ? payload : payload.getChild("moderate", MODERATE_0);
  if (!moderate) return undefined;
  if (!moderate.getChild("retract", isNow ? RETRACT : RETRACT_0))
    throw refuse("feature-not-implemented", "All that can be done to a message is to <retract/> it.");
  return { id: named(payload.attrs.id), reason: moderate.getChildText("reason")?.trim() ?? "" };
}

function named(id: string | undefined): string {
  if (id) return id;
  throw refuse("bad-request", "A retraction names a message by the id that the channel gave it, in the attribute id.");
}
