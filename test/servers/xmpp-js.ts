import { EventEmitter, once } from "node:events";
import { type Client, type Credentials, client, xml } from "@xmpp/client";
import { CORE } from "../../core/channel/generation.ts";
import { NS_ROSTER } from "../../core/stage/roster.ts";
import { NODE, NS } from "../../core/xmpp/ns.ts";
import type { Element } from "../../core/xmpp/xml.ts";
import { DOMAIN, PASSWORD, type Server } from "./server.ts";

const PATIENCE = 20_000;
/** How many messages somebody who keeps talking has on their way at any time. */
const BREATH = 20;
const MIX = CORE[1];
export const PAM = "urn:xmpp:mix:pam:2";

/** A message as a client holds it: live, or from the archive. */
export interface Said {
  /** The archive's id. */
  readonly id: string;
  readonly nick: string;
  readonly body: string;
}

/** Whether it says that it speaks MIX (XEP-0369 §6.7), once it does, or answers nothing that it is asked. */
export type Kind = "mix" | "plain" | Promise<void>;

/** A client of @xmpp/client, on plain TCP. */
export class XmppJs {
  /** Every reflected message, in the order it came. */
  readonly heard: Said[] = [];
  /** Every other message with a body, or an error, likewise. */
  readonly told: Element[] = [];
  /** Every presence of others, and every change of the roster. */
  readonly seen: Element[] = [];
  readonly pushed: Element[] = [];
  /** Its full JID, and its user's bare one. */
  readonly jid: string;
  readonly account: string;
  readonly #client: Client;
  readonly #troubles: string[] = [];
  readonly #archive = new Map<string, Said[]>();
  readonly #news = new EventEmitter().setMaxListeners(0);
  #queries = 0;
  #logins = 0;
  #talk: { readonly opening: string; next(): void } | undefined;

  private constructor(server: Pick<Server, "port">, username: string, resource: string, kind: Kind) {
    this.account = `${username}@${DOMAIN}`;
    this.jid = `${this.account}/${resource}`;
    const service = `xmpp://127.0.0.1:${server.port}`;
    // Its SCRAM is JavaScript throughout, and takes half a second.
    const credentials: Credentials = (authenticate) => authenticate({ username, password: PASSWORD }, "PLAIN");
    this.#client = client({ service, domain: DOMAIN, resource, credentials });
    // It tries again by itself until the server is back; without a listener the error would end the process.
    this.#client.on("error", (error: Error) => this.#troubles.push(error.message));
    this.#client.on("stanza", (stanza: Element) => this.#read(stanza));
    this.#client.on("online", () => this.#arrive());
    if (kind !== "plain") {
      this.#client.iqCallee.get(NS.DISCO_INFO, "query", async () => {
        await kind;
        return capabilities();
      });
    }
  }

  /** Logs in as somebody of the cast. */
  static async login(server: Pick<Server, "port">, name: string, resource: string, kind: Kind): Promise<XmppJs> {
    const person = new XmppJs(server, name, resource, kind);
    await person.#client.start();
    return person;
  }

  /** Sends an iq and returns the child of its result. Throws @xmpp/client's error, with a `condition`, when refused. */
  async asks(type: "get" | "set", to: string, payload: Element): Promise<Element | undefined> {
    const reply = await this.#client.iqCaller.request(xml("iq", { type, to }, payload), PATIENCE);
    return reply.getChildElements()[0];
  }

  /** Joins, subscribed to messages, participants and information; returns the <join/> of the result. */
  async joins(channel: string, nick: string): Promise<Element | undefined> {
    const nodes = [NODE.MESSAGES, NODE.PARTICIPANTS, NODE.INFO].map((node) => xml("subscribe", { node }));
    return this.asks("set", channel, xml("join", { xmlns: MIX }, nodes, xml("nick", {}, nick)));
  }

  /** The same through its server (XEP-0405 §2.7), with any more children of the <join/>; returns the <client-join/>. */
  async joinsByServer(channel: string, nick: string, nodes: readonly string[], ...more: Element[]): Promise<Element> {
    const subscribe = nodes.map((node) => xml("subscribe", { node }));
    const join = xml("join", { xmlns: MIX }, ...subscribe, xml("nick", {}, nick), ...more);
    return (await this.asks("set", this.account, xml("client-join", { xmlns: PAM, channel }, join))) as Element;
  }

  async leavesByServer(channel: string): Promise<Element> {
    const leave = xml("client-leave", { xmlns: PAM, channel }, xml("leave", { xmlns: MIX }));
    return (await this.asks("set", this.account, leave)) as Element;
  }

  async says(channel: string, body: string): Promise<void> {
    await this.#client.send(xml("message", { to: channel, type: "groupchat", id: body }, xml("body", {}, body)));
  }

  async sends(stanza: Element): Promise<void> {
    await this.#client.send(stanza);
  }

  /** Says one thing after the other, each when an earlier one has come back, until hushed. */
  keepsTalking(channel: string, opening: string): void {
    let count = 0;
    this.#talk = { opening, next: () => void this.says(channel, `${opening} ${++count}`) };
    for (let i = 0; i < BREATH; i++) this.#talk.next();
  }

  hush(): void {
    this.#talk = undefined;
  }

  /** Resolves when this is true, looked at again whenever something reaches the client. */
  async when(condition: () => boolean, what: string): Promise<void> {
    const signal = AbortSignal.timeout(PATIENCE);
    while (!condition()) {
      await once(this.#news, "news", { signal }).catch((cause) => {
        const last = `the last of ${this.heard.length} messages: ${this.heard.at(-1)?.body}`;
        throw new Error(`${what} did not happen; ${last}; ${this.#troubles.at(-1) ?? "no trouble"}.`, { cause });
      });
    }
  }

  /** Resolves when it has logged in for the `times`th time. */
  isBack(times = 2): Promise<void> {
    return this.when(() => this.#logins >= times, "Logging in again");
  }

  /** Resolves when a message with this body has reached it. */
  hears(body: string): Promise<void> {
    return this.when(() => this.heard.some((said) => said.body === body), `Hearing "${body}"`);
  }

  /** Resolves with the message with this body that was for it, or its user, alone. */
  async isTold(body: string): Promise<Element> {
    const isThis = (message: Element) => message.getChildText("body") === body;
    await this.when(() => this.told.some(isThis), `Being told "${body}"`);
    return this.told.find(isThis) as Element;
  }

  get bodies(): string[] {
    return this.heard.map(({ body }) => body);
  }

  /** Ids and nicks of those in the channel, by ID: they come as they joined, and after a restart in any other order. */
  async participants(channel: string): Promise<{ id: string; nick: string }[]> {
    const node = xml("items", { node: NODE.PARTICIPANTS });
    const pubsub = await this.asks("get", channel, xml("pubsub", { xmlns: NS.PUBSUB }, node));
    const items = pubsub?.getChild("items")?.getChildren("item") ?? [];
    const participants = items.map((item) => ({
      id: item.attrs.id ?? "",
      nick: item.getChild("participant", MIX)?.getChildText("nick") ?? "",
    }));
    return participants.sort((a, b) => a.id.localeCompare(b.id));
  }

  /** Everything in a channel's archive, or its own user's, page by page. */
  async archive(of: string): Promise<Said[]> {
    const all: Said[] = [];
    for (;;) {
      const queryid = `q${++this.#queries}`;
      const page: Said[] = [];
      this.#archive.set(queryid, page);
      const after = all.at(-1)?.id;
      const set = xml("set", { xmlns: NS.RSM }, xml("max", {}, "250"), after ? xml("after", {}, after) : null);
      const fin = await this.asks("set", of, xml("query", { xmlns: NS.MAM, queryid }, set));
      all.push(...page);
      if (fin?.attrs.complete === "true") return all;
    }
  }

  async stop(): Promise<void> {
    await this.#client.stop();
  }

  #arrive(): void {
    this.#logins++;
    void this.#client.send(xml("presence"));
    this.#news.emit("news");
  }

  #read(stanza: Element): void {
    const result = stanza.getChild("result", NS.MAM);
    if (result) {
      const message = result.getChild("forwarded", NS.FORWARD)?.getChild("message");
      if (message) this.#archive.get(result.attrs.queryid ?? "")?.push(said(message));
    } else if (stanza.name === "message" && stanza.attrs.type === "groupchat") this.#hear(said(stanza));
    else if (stanza.name === "message" && (stanza.getChild("body") || stanza.getChild("error"))) this.told.push(stanza);
    else if (stanza.name === "presence" && stanza.attrs.from !== this.jid) this.seen.push(stanza);
    else if (stanza.name === "iq" && stanza.attrs.type === "set") this.pushed.push(...items(stanza));
    this.#news.emit("news");
  }

  #hear(message: Said): void {
    this.heard.push(message);
    if (this.#talk && message.body.startsWith(this.#talk.opening)) this.#talk.next();
  }
}

function items(push: Element): Element[] {
  return push.getChild("query", NS_ROSTER)?.getChildren("item") ?? [];
}

function capabilities(): Element {
  const identity = xml("identity", { category: "client", type: "bot" });
  const features = [NS.DISCO_INFO, MIX].map((feature) => xml("feature", { var: feature }));
  return xml("query", { xmlns: NS.DISCO_INFO }, identity, features);
}

function said(message: Element): Said {
  return {
    id: message.getChild("stanza-id", NS.SID)?.attrs.id ?? "",
    nick: message.getChild("mix", MIX)?.getChildText("nick") ?? "",
    body: message.getChildText("body") ?? "",
  };
}
