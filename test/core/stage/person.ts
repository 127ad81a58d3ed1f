import { EventEmitter, once } from "node:events";
import { WebSocket } from "ws";
import { CORE } from "../../../core/channel/generation.ts";
import { HOME } from "../../../core/stage/domains.ts";
import { readFrame } from "../../../core/stage/frame.ts";
import { NODE, NS } from "../../../core/xmpp/ns.ts";
import { type Child, type Element, serialize, xml } from "../../../core/xmpp/xml.ts";

const FRAMING = "urn:ietf:params:xml:ns:xmpp-framing";
const SASL = "urn:ietf:params:xml:ns:xmpp-sasl";
const BIND = "urn:ietf:params:xml:ns:xmpp-bind";
export const PAM = "urn:xmpp:mix:pam:2";
const PATIENCE = 20_000;

/** A client that says each frame itself, and remembers each it is told. */
export class Person {
  /** Every element received, streams' own included. */
  readonly heard: Element[] = [];
  jid = "";
  readonly #socket: WebSocket;
  readonly #bus = new EventEmitter();
  #iqs = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) => {
      this.heard.push(readFrame(data.toString()));
      this.#bus.emit("news");
    });
    socket.on("close", () => this.#bus.emit("news"));
  }

  /** Connects, and says nothing yet. */
  static async connect(url: string): Promise<Person> {
    const socket = new WebSocket(url, "xmpp");
    const person = new Person(socket);
    await once(socket, "open");
    return person;
  }

  /** Logs in and, unless told otherwise, becomes available. */
  static async logIn(url: string, name: string, resource = "garden", isAvailable = true): Promise<Person> {
    const person = await Person.connect(url);
    await person.opens();
    await person.authenticates("PLAIN", `\0${name}\0double, double`);
    await person.opens();
    const bound = await person.asks("set", undefined, xml("bind", { xmlns: BIND }, xml("resource", {}, resource)));
    person.jid = bound.getChild("bind", BIND)?.getChildText("jid") ?? "";
    if (isAvailable) await person.isAvailable();
    return person;
  }

  get bare(): string {
    return this.jid.split("/")[0] ?? "";
  }

  get isConnected(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Opens the stream, for the first time or again; returns the features. */
  async opens(to = HOME): Promise<Element> {
    this.says(`<open xmlns='${FRAMING}' to='${to}' version='1.0'/>`);
    return this.hears(({ name }) => name === "stream:features" || name === "stream:error", this.heard.length);
  }

  async authenticates(mechanism: string, words: string): Promise<Element> {
    const text = Buffer.from(words).toString("base64");
    this.says(`<auth xmlns='${SASL}' mechanism='${mechanism}'>${text}</auth>`);
    return this.hears((element) => element.getNS() === SASL, this.heard.length);
  }

  says(frame: string | Element): void {
    this.#socket.send(typeof frame === "string" ? frame : serialize(frame));
  }

  /** Says it is available, and waits until its server has taken note. */
  async isAvailable(...more: Child[]): Promise<void> {
    this.says(xml("presence", { xmlns: NS.CLIENT }, more));
    await this.hears(({ name, attrs }) => name === "presence" && attrs.from === this.jid);
  }

  /** Sends an iq and returns the reply to it. */
  async asks(type: "get" | "set", to: string | undefined, payload: Element): Promise<Element> {
    const id = `q${++this.#iqs}`;
    this.says(xml("iq", { xmlns: NS.CLIENT, type, to, id }, payload));
    return this.hears(({ name, attrs }) => name === "iq" && attrs.id === id);
  }

  /** The first thing heard, or to come, of which this is true. */
  async hears(predicate: (element: Element) => boolean, from = 0): Promise<Element> {
    await this.when(() => this.heard.slice(from).some(predicate));
    return this.heard.slice(from).find(predicate) as Element;
  }

  /** Until something is true of what was heard. */
  async when(condition: () => boolean): Promise<void> {
    const signal = AbortSignal.timeout(PATIENCE);
    while (!condition()) {
      await once(this.#bus, "news", { signal }).catch((cause) => {
        throw new Error(`${this.jid} waited in vain; heard last: ${this.heard.slice(-3).join("\n")}`, { cause });
      });
    }
  }

  async creates(channel: string, service: string): Promise<Element> {
    return this.asks("set", service, xml("create", { xmlns: CORE[1], channel }));
  }

  /** Has his server join a channel. */
  async joins(channel: string, nick: string, pam = PAM, core: string = CORE[1], ...more: Child[]): Promise<Element> {
    const nodes = [NODE.MESSAGES, NODE.PARTICIPANTS].map((node) => xml("subscribe", { node }));
    const join = xml("join", { xmlns: core }, nodes, xml("nick", {}, nick), more);
    return this.asks("set", this.bare, xml("client-join", { xmlns: pam, channel }, join));
  }

  async leaves(channel: string): Promise<Element> {
    const leave = xml("leave", { xmlns: CORE[1] });
    return this.asks("set", this.bare, xml("client-leave", { xmlns: PAM, channel }, leave));
  }

  /** Says something in a channel. */
  speaks(channel: string, body: string): void {
    this.says(xml("message", { xmlns: NS.CLIENT, to: channel, type: "groupchat", id: body }, xml("body", {}, body)));
  }

  async hearsWords(body: string): Promise<Element> {
    return this.hears((element) => element.name === "message" && element.getChildText("body") === body);
  }

  /** The bodies of what was heard, in order. */
  get words(): string[] {
    return this.heard.flatMap((element) => (element.name === "message" ? (element.getChildText("body") ?? []) : []));
  }

  /** Asks its server something, so that all sent before has been dealt with. */
  async settles(): Promise<void> {
    await this.asks("get", HOME, xml("ping", { xmlns: NS.PING }));
  }

  async goes(): Promise<void> {
    const closed = once(this.#socket, "close");
    this.#socket.close();
    await closed;
  }
}

/** The condition of an error. */
export function condition(stanza: Element): string | undefined {
  return stanza.getChild("error")?.getChildElements()[0]?.name;
}
