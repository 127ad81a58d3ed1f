import { type Condition, clone, type Element, errorReply, NS, refuse, xml } from "masque";
import type { TestHost } from "masque/testing";
import { NS_LIST } from "../../plugins/multicast/spelling.ts";

export const HOST = "shakespeare.example";
export const MULTICAST = "multicast.shakespeare.example";

/** How a service passes on what it was handed: these copies, for these addresses. */
export type Manner = (stanza: Element, addresses: readonly string[]) => Element[];

/** As XEP-0033 §5 says: everybody a copy, and nobody the addresses. */
export const discreet: Manner = (stanza, addresses) => addresses.map((to) => copy(stanza, to));
/** Everybody is told of everybody. */
export const telling: Manner = (stanza, addresses) =>
  addresses.map((to) => copy(stanza, to, stanza.getChild("addresses") ?? stanza.getChild("recipients")));
export const refusing =
  (condition: Condition): Manner =>
  (stanza) => [errorReply(stanza, refuse(condition), { echo: true })];

/** A server's multicast service: one that does as a test says. */
export class MulticastService {
  /** What it was handed for others than the component itself. */
  readonly got: Element[] = [];
  manner = discreet;
  /** Is told in its form; none if undefined. */
  limit: number | undefined;
  isThere = true;
  /** Whether it reads plain lists, and nothing else. */
  readsLists = false;
  readonly #host: TestHost;
  readonly #waiting: Element[] = [];
  #isPaused = false;

  constructor(host: TestHost) {
    this.#host = host;
    host.services.set(HOST, (stanza) => this.#answer(stanza, this.isThere ? [] : ["nothing"]));
    host.services.set(MULTICAST, (stanza) => {
      if (stanza.name === "iq") return this.#answer(stanza, this.readsLists ? [NS.ADDRESS, NS_LIST] : [NS.ADDRESS]);
      this.#waiting.push(stanza);
      if (!this.#isPaused) queueMicrotask(() => this.#proceed());
    });
  }

  /** Takes what it is handed, and does nothing. */
  pauses(): void {
    this.#isPaused = true;
  }

  /** How much it was handed that it has not passed on. */
  get backlog(): number {
    return this.#waiting.length;
  }

  async goesOn(): Promise<void> {
    this.#isPaused = false;
    this.#proceed();
    await this.#host.settled();
  }

  #proceed(): void {
    for (const stanza of this.#isPaused ? [] : this.#waiting.splice(0)) {
      const addresses = addressesIn(stanza);
      if (!addresses.every((jid) => jid.startsWith("mix."))) this.got.push(stanza);
      for (const copy of this.manner(stanza, addresses)) this.#host.handOn(copy);
    }
  }

  #answer(iq: Element, features: readonly string[]): void {
    const { id, from, to } = iq.attrs;
    const query = clone(iq.getChildElements()[0] as Element);
    if (query.attrs.xmlns === NS.DISCO_ITEMS && this.isThere) query.append(xml("item", { jid: MULTICAST }));
    for (const feature of features) query.append(xml("feature", { var: feature }));
    if (to === MULTICAST && this.limit !== undefined) query.append(form(this.limit));
    queueMicrotask(() => this.#host.handOn(xml("iq", { type: "result", id, from: to, to: from }, query)));
  }
}

export function addressesIn(stanza: Element): string[] {
  const all = stanza.getChild("addresses", NS.ADDRESS)?.getChildren("address") ?? [];
  const listed = stanza.getChildText("recipients", NS_LIST)?.split("\n").filter(Boolean);
  return listed ?? all.map(({ attrs }) => attrs.jid ?? "");
}

function copy(stanza: Element, to: string, ...more: (Element | undefined)[]): Element {
  const kept = stanza.getChildElements().filter((child) => ![NS.ADDRESS, NS_LIST].includes(child.getNS() ?? ""));
  return xml(
    "message",
    { ...stanza.attrs, to },
    [...kept, ...more].map((child) => child && clone(child)),
  );
}

function form(limit: number): Element {
  const field = (name: string, value: string) => xml("field", { var: name }, xml("value", {}, value));
  return xml("x", { xmlns: NS.DATA, type: "result" }, field("FORM_TYPE", NS.ADDRESS), field("message", String(limit)));
}
