import { CORE, type Generation } from "../channel/generation.ts";
import { formOf } from "../xmpp/form.ts";
import { NODE, NS } from "../xmpp/ns.ts";
import { type Child, type Element, xml } from "../xmpp/xml.ts";
import type { TestHost } from "./test-host.ts";

const DOMAIN = "shakespeare.example";
const SERVICE = "mix.shakespeare.example";

export interface JoinOptions {
  readonly nick?: string;
  readonly nodes?: readonly string[];
  readonly generation?: Generation;
  /** Whether his server joins for him (MIX-PAM), or his client by itself. */
  readonly by?: "server" | "client";
  /** Preferences that he sends along, by name. */
  readonly prefers?: Readonly<Record<string, string>>;
}

/** Where somebody's stanzas go in, and where what he is told comes out. */
export type Heath = Pick<TestHost, "start" | "receive" | "sentTo">;

/** A person with an account and one client, as a test plays him. */
export class Actor {
  readonly name: string;
  readonly jid: string;
  /** His client's full JID. */
  readonly client: string;
  /** His Stable Participant ID in the channel he joined last. */
  id = "";
  readonly #host: Heath;
  #generation: Generation = 1;
  #channel = "coven";
  #iqs = 0;

  constructor(host: Heath, name: string) {
    this.#host = host;
    this.name = name;
    this.jid = `${name}@${DOMAIN}`;
    this.client = `${this.jid}/UUID-${name}-7533`;
  }

  /** The address others write to him by, within the channel he joined last. */
  get proxy(): string {
    return `${this.id}#${this.#channel}@${SERVICE}`;
  }

  /** Creates a channel; returns the reply. */
  async creates(channel?: string, generation: Generation = 1): Promise<Element> {
    return this.asks("set", SERVICE, xml("create", { xmlns: CORE[generation], channel }));
  }

  /** Joins a channel under his name; returns the reply. */
  async joins(channel = "coven", options: JoinOptions = {}): Promise<Element> {
    const {
      nick = this.name,
      nodes = [NODE.MESSAGES, NODE.PARTICIPANTS, NODE.INFO],
      generation = 1,
      by = "server",
      prefers,
    } = options;
    const content = [
      ...nodes.map((node) => xml("subscribe", { node })),
      nick ? xml("nick", {}, nick) : null,
      prefers ? preferenceForm(prefers) : null,
    ];
    const join = xml("join", { xmlns: CORE[generation] }, content);
    const reply = await this.asks("set", `${channel}@${SERVICE}`, join, by === "server" ? this.jid : this.client);
    if (reply.attrs.type === "result") {
      this.#generation = generation;
      this.#channel = channel;
      this.id = reply.getChild("join")?.attrs.id ?? "";
    }
    return reply;
  }

  async leaves(channel = this.#channel): Promise<Element> {
    return this.asks("set", `${channel}@${SERVICE}`, xml("leave", { xmlns: CORE[this.#generation] }), this.jid);
  }

  /** Chooses preferences in the channel he joined last, by name; returns the reply. */
  async prefers(chosen: Readonly<Record<string, string>>): Promise<Element> {
    const preference = xml("user-preference", { xmlns: NS.MIX_ANON }, preferenceForm(chosen));
    return this.asks("set", `${this.#channel}@${SERVICE}`, preference);
  }

  /** Says something in the channel he joined last; more children may follow. Returns the id he gave it. */
  async says(body: string, ...more: Child[]): Promise<string> {
    const id = `${this.name}-${++this.#iqs}`;
    const attrs = { from: this.client, to: `${this.#channel}@${SERVICE}`, type: "groupchat", id };
    await this.#host.start();
    await this.#host.receive(xml("message", attrs, xml("body", {}, body), more));
    return id;
  }

  /** Sends an iq and returns the reply to it. */
  async asks(type: "get" | "set", to: string, payload: Element, from = this.client): Promise<Element> {
    const id = `${this.name}-${++this.#iqs}`;
    await this.#host.start();
    await this.#host.receive(xml("iq", { type, from, to, id }, payload));
    const reply = this.#host
      .sentTo(from)
      .find(({ name, attrs }) => name === "iq" && attrs.id === id && attrs.to === from);
    if (!reply) throw new Error(`${this.name} got no reply to ${payload}`);
    return reply;
  }

  /** Everything that reached him, at any of his addresses. */
  received(): Element[] {
    return this.#host.sentTo(this.jid);
  }

  /** The bodies of the messages that reached him, in order. */
  heard(): string[] {
    return this.received().flatMap((stanza) => (stanza.name === "message" ? (stanza.getChildText("body") ?? []) : []));
  }
}

function preferenceForm(chosen: Readonly<Record<string, string>>): Element {
  const fields = Object.entries(chosen).map(([name, value]) => ({ var: name, values: [value] }));
  return formOf("submit", NS.MIX_ANON, fields);
}
