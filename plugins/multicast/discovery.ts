import { type Element, isStanzaError, NS, parseJid, xml } from "masque";
import { ADDRESSES, LIST, NS_LIST, type Spelling } from "./spelling.ts";

/** A server's service for multicast. */
export interface Service {
  /** A JID without a resource. */
  readonly jid: string;
  /** How many addresses a message may carry. */
  readonly limit: number;
  readonly spelling: Spelling;
}

/** Sends an iq, and resolves with the result. */
export type Ask = (iq: Element) => Promise<Element>;

/** What every service takes at the least (XEP-0033 §8). */
const LIMIT = 20;

/** A server has few services: what lists more lists something else, too. */
const MOST_ITEMS = 50;

/** Those that may be a server's multicast service: the server itself, or one of its items (XEP-0033 §2.1, §2.2). */
export async function candidates(host: string, from: string, ask: Ask): Promise<string[]> {
  const listed = await reads(host, NS.DISCO_ITEMS, from, ask);
  const items = listed?.getChildren("item").map(({ attrs }) => parseJid(attrs.jid));
  const services = (items ?? []).flatMap((item) => (item && item.local === "" && !item.resource ? item.domain : []));
  return [host, ...services.filter((jid) => jid !== from).slice(0, MOST_ITEMS)];
}

/** The first of these that says it is one. */
export async function serviceAmong(jids: readonly string[], from: string, ask: Ask): Promise<Service | undefined> {
  const infos = await Promise.all(jids.map((jid) => reads(jid, NS.DISCO_INFO, from, ask)));
  for (const [i, info] of infos.entries()) {
    const features = info?.getChildren("feature").map(({ attrs }) => attrs.var) ?? [];
    if (info && features.includes(NS.ADDRESS))
      return { jid: jids[i] as string, limit: limitIn(info), spelling: features.includes(NS_LIST) ? LIST : ADDRESSES };
  }
  return undefined;
}

/** What an entity says of itself; nothing, if it will not, or is not there. */
async function reads(to: string, namespace: string, from: string, ask: Ask): Promise<Element | undefined> {
  try {
    const answer = await ask(xml("iq", { type: "get", from, to }, xml("query", { xmlns: namespace })));
    return answer.getChild("query", namespace);
  } catch (error) {
    if (!isStanzaError(error)) throw error;
    return undefined;
  }
}

/** ejabberd says in a form how many addresses of a message it takes. */
function limitIn(info: Element): number {
  for (const form of info.getChildren("x", NS.DATA)) {
    const field = form.getChildren("field").find(({ attrs }) => attrs.var === "message");
    const said = field?.getChildText("value") ?? "";
    if (/^[1-9]\d{0,6}$/.test(said)) return Number(said);
  }
  return LIMIT;
}
