import { type Element, type Generation, NODE, NS, xml } from "masque";
import type { HostServer } from "../host-server.ts";

export const SERVICE = "mix.shakespeare.example";
export const COVEN = `coven@${SERVICE}`;
const CORE = [NS.MIX_CORE_0, NS.MIX_CORE_1] as const;

/** Where somebody's stanzas go in, and where what he is told comes out. */
export interface Stage {
  readonly server: HostServer;
  sends(...stanzas: Element[]): Promise<void>;
}

export interface JoinOptions {
  readonly channel?: string;
  readonly generation?: Generation;
  readonly nick?: string;
  readonly nodes?: readonly string[];
  /** Bare for a server that joins for him (MIX-PAM), full for a client by itself. */
  readonly from?: string;
  /** ejabberd's PAM gives its iqs ids that begin with "rr-". */
  readonly signed?: string;
}

/** Somebody with an account and a client, on the server's side of the component's stream. */
export class Person {
  readonly name: string;
  readonly jid: string;
  /** His client's full JID. */
  readonly client: string;
  /** His Stable Participant ID in the channel he joined last. */
  id = "";
  readonly #stage: Stage;
  #generation: Generation = 1;
  #ids = 0;
  readonly #received: Element[] = [];
  #looked = 0;

  constructor(stage: Stage, name: string) {
    this.#stage = stage;
    this.name = name;
    this.jid = `${name}@shakespeare.example`;
    this.client = `${this.jid}/UUID-${name}-7533`;
  }

  /** A fresh id for a stanza of his. */
  nextId(signed = ""): string {
    return `${signed}${this.name}-${++this.#ids}`;
  }

  /** Sends an iq, and returns the reply to it. */
  asks(type: "get" | "set", to: string, payload: Element, from = this.client, id = this.nextId()): Promise<Element> {
    return this.#answered(xml("iq", { type, from, to, id }, payload));
  }

  creates(channel: string, generation: Generation = 1): Promise<Element> {
    return this.asks("set", SERVICE, xml("create", { xmlns: CORE[generation], channel }));
  }

  /** The request to join, not sent yet. */
  joining(options: JoinOptions = {}): Element {
    const { channel = COVEN, generation = 1, nick = this.name, from = this.jid, signed } = options;
    const { nodes = [NODE.MESSAGES, NODE.PARTICIPANTS, NODE.INFO] } = options;
    const content = [...nodes.map((node) => xml("subscribe", { node })), nick ? xml("nick", {}, nick) : null];
    const attrs = { type: "set", from, to: channel, id: this.nextId(signed) };
    return xml("iq", attrs, xml("join", { xmlns: CORE[generation] }, content));
  }

  async joins(options: JoinOptions = {}): Promise<Element> {
    const reply = await this.#answered(this.joining(options));
    if (reply.attrs.type !== "result") throw new Error(`${this.name} could not join: ${reply}`);
    this.#generation = options.generation ?? 1;
    this.id = reply.getChild("join")?.attrs.id ?? "";
    return reply;
  }

  leaves(channel = COVEN): Promise<Element> {
    return this.asks("set", channel, xml("leave", { xmlns: CORE[this.#generation] }), this.jid);
  }

  names(nick: string, channel = COVEN): Promise<Element> {
    return this.asks("set", channel, xml("setnick", { xmlns: CORE[this.#generation] }, xml("nick", {}, nick)));
  }

  /** What he would say, not said yet. */
  words(body: string, channel = COVEN, from = this.client): Element {
    return xml("message", { type: "groupchat", from, to: channel, id: this.nextId() }, xml("body", {}, body));
  }

  async says(body: string, channel = COVEN): Promise<void> {
    await this.#stage.sends(this.words(body, channel));
  }

  /** Everything that reached him, at any of his addresses. */
  received(): readonly Element[] {
    const { stanzas } = this.#stage.server;
    for (; this.#looked < stanzas.length; this.#looked++) {
      const stanza = stanzas[this.#looked]!;
      if (this.#isTo(stanza.attrs.to)) this.#received.push(stanza);
    }
    return this.#received;
  }

  /** The groupchat that reached him, in order; each message once for each of his addresses. */
  reflections(): Element[] {
    return this.received().filter(({ name, attrs }) => name === "message" && attrs.type === "groupchat");
  }

  /** The words that reached him, in order. */
  heard(): string[] {
    return this.reflections().map((message) => message.getChildText("body") ?? "");
  }

  async hears(body: string): Promise<Element> {
    return this.#stage.server.until((stanza) => this.#isTo(stanza.attrs.to) && stanza.getChildText("body") === body);
  }

  /** The items of a node, as he may read them. */
  async reads(node: string, channel = COVEN): Promise<Element[]> {
    const reply = await this.asks("get", channel, xml("pubsub", { xmlns: NS.PUBSUB }, xml("items", { node })));
    return reply.getChild("pubsub", NS.PUBSUB)?.getChild("items")?.getChildren("item") ?? [];
  }

  /** All that was said in a channel, page by page, as its archive has it. */
  async archive(channel = COVEN): Promise<Remembered[]> {
    const remembered: Remembered[] = [];
    for (let last: string | undefined; ; last = remembered.at(-1)?.id) {
      const before = this.received().length;
      const page = xml("set", { xmlns: NS.RSM }, xml("max", {}, 250), last ? xml("after", {}, last) : null);
      const reply = await this.asks("set", channel, xml("query", { xmlns: NS.MAM }, page));
      const told = this.received().slice(before);
      remembered.push(...told.flatMap((stanza) => stanza.getChild("result", NS.MAM) ?? []).map(rememberedIn));
      const fin = reply.getChild("fin", NS.MAM);
      if (!fin) throw new Error(`The archive cannot be read: ${reply}`);
      if (fin.attrs.complete === "true") return remembered;
    }
  }

  async #answered(iq: Element): Promise<Element> {
    const { from, to, id } = iq.attrs;
    await this.#stage.sends(iq);
    return this.#stage.server.until(
      ({ name, attrs }) => name === "iq" && attrs.id === id && attrs.to === from && attrs.from === to,
    );
  }

  #isTo(address: string | undefined): boolean {
    return address === this.jid || (address?.startsWith(`${this.jid}/`) ?? false);
  }
}

/** A message as an archive has it. */
export interface Remembered {
  readonly id: string;
  readonly body: string;
  readonly nick: string;
}

function rememberedIn(result: Element): Remembered {
  const message = result.getChild("forwarded", NS.FORWARD)?.getChild("message");
  if (!message) throw new Error(`There is no message in this result: ${result}`);
  return { id: result.attrs.id ?? "", ...saidIn(message) };
}

/** What a message says, and who says it. */
export function saidIn(message: Element): { body: string; nick: string } {
  return { body: message.getChildText("body") ?? "", nick: message.getChild("mix")?.getChildText("nick") ?? "" };
}
