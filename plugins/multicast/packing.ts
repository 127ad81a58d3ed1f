import { NS, parseJid } from "masque";

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
const OPEN = Buffer.from(`<addresses xmlns='${NS.ADDRESS}'>`);
const CLOSE = Buffer.from("</addresses></message>");
const BCC = Buffer.from("<address type='bcc' jid=");
const EMPTY = Buffer.from("/>");

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
 * One stanza in the place of many: nobody is to see who else gets it, so all of them are addressed as bcc (XEP-0033 §4.6.3).
 * @param rest of each copy, to its end
 */
export function packed(service: string, beginnings: readonly Uint8Array[], rest: Uint8Array): Uint8Array[] {
  return [
    Buffer.from(`${BEGIN}${service}'`),
    rest.subarray(0, rest.length - END.length),
    OPEN,
    addresses(beginnings),
    CLOSE,
  ];
}

function addresses(beginnings: readonly Uint8Array[]): Uint8Array {
  const from = BEGIN.length - 1;
  const each = BCC.length + EMPTY.length - from;
  const all = Buffer.allocUnsafe(beginnings.reduce((sum, { length }) => sum + each + length, 0));
  let at = 0;
  const add = (bytes: Uint8Array) => {
    all.set(bytes, at);
    at += bytes.length;
  };
  for (const beginning of beginnings) {
    add(BCC);
    add(beginning.subarray(from));
    add(EMPTY);
  }
  return all;
}

/** In parts of at most so many. */
export function* parts<T>(list: readonly T[], most: number): Generator<readonly T[]> {
  for (let at = 0; at < list.length; at += most) yield list.slice(at, at + most);
}
