import { parseJid } from "masque";
import type { Spelling } from "./spelling.ts";

/** Copies of the same words: how each begins, `<message to='…'`, and the rest of all of them. */
export interface Lot {
  readonly rest: Uint8Array;
  readonly beginnings: Uint8Array[];
}

/** Adds a copy to those with the same words; readers who are looked at in different ways may be told the same. */
export function sort(lots: Lot[], beginning: Uint8Array, rest: Uint8Array): void {
  const lot = lots.find((lot) => lot.rest === rest) ?? lots.find((lot) => Buffer.compare(lot.rest, rest) === 0);
  if (lot) lot.beginnings.push(beginning);
  else lots.push({ rest, beginnings: [beginning] });
}

export function count(lots: readonly Lot[]): number {
  return lots.reduce((sum, { beginnings }) => sum + beginnings.length, 0);
}

const BEGIN = "<message to='";
const END = Buffer.from("</message>");
const domains = new WeakMap<Uint8Array, string>();

/** Where the reader of a copy is at home; "" if the copy is not a message. */
export function domainOf(beginning: Uint8Array): string {
  let domain = domains.get(beginning);
  if (domain === undefined) {
    const text = beginning.toString();
    // What is escaped in an address stands before its "@", or behind its domain.
    domain = text.startsWith(BEGIN) ? (parseJid(/@([^/']+)/.exec(text)?.[1])?.domain ?? "") : "";
    domains.set(beginning, domain);
  }
  return domain;
}

/**
 * One stanza in the place of many.
 * @param to the service, as it may stand in XML
 * @param rest of each copy, to its end
 */
export function packed(
  to: string,
  spelling: Spelling,
  beginnings: readonly Uint8Array[],
  rest: Uint8Array,
): readonly Uint8Array[] {
  const { open, before, after, close } = spelling;
  const each = before.length + after.length - BEGIN.length - 1;
  const length = beginnings.reduce((sum, beginning) => sum + each + beginning.length, open.length + close.length);
  const whom = Buffer.allocUnsafe(length);
  let at = whom.write(open);
  for (const beginning of beginnings) {
    at += whom.write(before, at);
    whom.set(beginning.subarray(BEGIN.length, -1), at);
    at += beginning.length - BEGIN.length - 1;
    at += whom.write(after, at);
  }
  whom.write(close, at);
  return [Buffer.from(`${BEGIN}${to}'`), rest.subarray(0, rest.length - END.length), whom, END];
}

/** In parts of at most so many. */
export function* parts<T>(list: readonly T[], most: number): Generator<readonly T[]> {
  for (let at = 0; at < list.length; at += most) yield list.slice(at, at + most);
}
