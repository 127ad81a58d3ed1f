import { type Element, NS } from "masque";

/** How a stanza says whom it is for. */
export interface Spelling {
  readonly open: string;
  readonly before: string;
  readonly after: string;
  readonly close: string;
}

/** Nobody is to see who else gets it: all are addressed as bcc (XEP-0033 §4.6.3). */
export const ADDRESSES: Spelling = {
  open: `<addresses xmlns='${NS.ADDRESS}'>`,
  before: "<address type='bcc' jid='",
  after: "'/>",
  close: "</addresses>",
};

/** What a service advertises that reads a plain list as well, a JID a line: config/prosody/mod_mix_multicast.lua. */
export const NS_LIST = "urn:masque:multicast:0";

/** The same, for a quarter of the time that a server takes to read it. */
export const LIST: Spelling = {
  open: `<recipients xmlns='${NS_LIST}'>`,
  before: "",
  after: "\n",
  close: "</recipients>",
};

/** @param jids as they may stand in XML */
export function written({ open, before, after, close }: Spelling, jids: readonly string[]): string {
  return `${open}${jids.map((jid) => `${before}${jid}${after}`).join("")}${close}`;
}

/** Whether something of it was left in what the service has passed on. */
export function isTelling(stanza: Element): boolean {
  const text = stanza.toString();
  return text.includes(NS.ADDRESS) || text.includes(NS_LIST);
}
