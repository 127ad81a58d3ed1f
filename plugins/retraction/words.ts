import { escapeXml, type Mark, NS, writeTime } from "masque";
import { MODERATE, RETRACT } from "./request.ts";

// What comes from outside is written with the other kind of quotes: none of it is taken for the channel's own words.
const TOMBSTONE = `<retracted xmlns='${NS.MIX_MISC}' `;
const RETRACTION = new RegExp(
  `^<retract xmlns='${NS.MIX_MISC}' id='[^']*'/><retract xmlns='${RETRACT}' id='[^']*'(?:/>|>.*?</retract>)`,
  "s",
);

/** Who retracts, as text for an attribute, and by what right. */
export interface Retractor {
  readonly by: string;
  /** Why, if he is an administrator, "" if he does not say; `undefined` for the one who said it. */
  readonly reason?: string | undefined;
}

/** A retraction as it is told to everybody, in both spellings (XEP-0407 §5, XEP-0424 §3, XEP-0425 §3.1). */
export function retractionOf(id: string, retractor: Retractor): string {
  const named = `id='${escapeXml(id)}'`;
  return `<retract xmlns='${NS.MIX_MISC}' ${named}/>${wrapped(`retract xmlns='${RETRACT}' ${named}`, retractor)}`;
}

/** What is left of a message, in both spellings (XEP-0407 §5, XEP-0424 §4, XEP-0425 §4). */
export function tombstoneOf(retraction: Mark, retractor: Retractor): string {
  const time = writeTime(retraction.at);
  const head = `${TOMBSTONE}by='${retractor.by}' time='${time}'/>`;
  return head + wrapped(`retracted xmlns='${RETRACT}' id='${retraction.id}' stamp='${time}'`, retractor);
}

function wrapped(start: string, { by, reason }: Retractor): string {
  if (reason === undefined) return `<${start}/>`;
  const why = reason && `<reason>${escapeXml(reason)}</reason>`;
  const name = start.slice(0, start.indexOf(" "));
  return `<${start}><moderated xmlns='${MODERATE}' by='${by}'/>${why}</${name}>`;
}

export function isTombstone(payload: string): boolean {
  return payload.startsWith(TOMBSTONE);
}

/** The part of a message's payload by which it retracts another, if it does. */
export function retractionIn(payload: string): string | undefined {
  return RETRACTION.exec(payload)?.[0];
}
