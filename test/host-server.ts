import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import xmpp from "@xmpp/xml";
import type { Element } from "../core/xmpp/xml.ts";

/**
 * What the server does with a component that connects: checks its secret, says nothing at all, opens the stream and then
 * waits for ever, ends the stream with a condition, or answers with bytes of the test's choice.
 */
export type Manner = "accept" | "silent" | "hesitant" | { refuse: string; text?: string } | { say: string | Buffer };

const HEADER = (id: string, domain: string) =>
  `<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' id='${id}' from='${domain}'>`;
const STREAM_ERROR = (condition: string, text = "") =>
  `<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>` +
  `${text && `<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>${text}</text>`}</stream:error></stream:stream>`;

/**
 * Starts the host's side of XEP-0114 on a free port of the loopback: a real TCP server that does as the test says.
 * @example
 * const server = await hostServer();
 * await server.component();
 * await server.write("<message from='hecate@shakespeare.example' to='coven@mix.shakespeare.example'/>");
 * const reply = await server.until((stanza) => stanza.name === "message");
 */
export async function hostServer({ secret = "toil and trouble", port = 0 } = {}): Promise<HostServer> {
  const server = new HostServer(secret);
  await server.listen(port);
  return server;
}

export class HostServer {
  readonly secret: string;
  /** May be changed at any time; it counts for the next stream. */
  manner: Manner = "accept";
  /** How many have connected, and how many of them with the right secret. */
  connections = 0;
  handshakes = 0;
  /** The `to` of the latest stream header. */
  domain = "";
  /** Every top-level element received after the handshake, of all streams. */
  readonly stanzas: Element[] = [];
  /** Is shown every stanza as it arrives. */
  reader: ((stanza: Element) => void) | undefined;
  readonly #server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  readonly #sockets = new Set<Socket>();
  #socket: Socket | undefined;
  #received: string[] = [];
  #told = 0;
  #waiting: (() => void)[] = [];

  constructor(secret: string) {
    this.secret = secret;
  }

  async listen(port: number): Promise<void> {
    this.#server.listen(port, "127.0.0.1");
    await once(this.#server, "listening");
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** All that the present, or else the last, component sent on its stream. */
  get received(): string {
    return this.#received.join("");
  }

  /** What the component sent on its stream since this was last asked. */
  news(): string {
    const news = this.#received.slice(this.#told).join("");
    this.#told = this.#received.length;
    return news;
  }

  /** Whether a component's TCP connection is open. */
  get connected(): boolean {
    return this.#socket !== undefined && !this.#socket.destroyed;
  }

  /** Until the `count`th handshake since the start has succeeded. */
  async component(count = 1): Promise<void> {
    await this.when(() => this.handshakes >= count);
  }

  /** The first stanza, of those received and those to come, of which this is true. */
  async until(predicate: (stanza: Element) => boolean): Promise<Element> {
    let looked = 0;
    await this.when(() => {
      while (looked < this.stanzas.length) if (predicate(this.stanzas[looked++]!)) return true;
      return false;
    });
    return this.stanzas[looked - 1]!;
  }

  /** Until something is true of the server. */
  async when(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Writes raw bytes to the component, whole or in part a stanza, and waits until the system has taken them. */
  async write(bytes: string | Buffer): Promise<void> {
    const socket = this.#present();
    await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
  }

  pauseReading(): void {
    this.#present().pause();
  }

  resumeReading(): void {
    this.#present().resume();
  }

  /** Cuts the component's connection without a word. */
  drop(): void {
    this.#present().destroy();
  }

  /** Ends the stream in good order, with an error if one is named. */
  end(condition?: string, text?: string): void {
    this.#present().end(condition ? STREAM_ERROR(condition, text) : "</stream:stream>");
  }

  /** Stops listening and cuts what is connected. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #present(): Socket {
    if (!this.#socket || this.#socket.destroyed) throw new Error("No component is connected.");
    return this.#socket;
  }

  #accept(socket: Socket): void {
    this.connections++;
    this.#socket = socket;
    this.#sockets.add(socket);
    this.#received = [];
    this.#told = 0;
    const { manner } = this;
    const parser = new xmpp.Parser();
    const id = randomBytes(8).toString("hex");
    parser.on("start", (header: Element) => this.#open(socket, header, id, manner));
    parser.on("element", (element: Element) => this.#take(socket, element, id));
    parser.on("end", () => socket.end("</stream:stream>"));
    parser.on("error", (error) => {
      throw error;
    });
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => {
      this.#received.push(text);
      parser.write(text);
      this.#changed();
    });
    // A connection that is cut on either side is part of the play.
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.#changed();
    });
    this.#changed();
  }

  #open(socket: Socket, header: Element, id: string, manner: Manner): void {
    this.domain = header.attrs.to ?? "";
    if (manner === "silent") return;
    if (typeof manner === "object" && "say" in manner) socket.write(manner.say);
    else if (typeof manner === "object") socket.end(HEADER(id, this.domain) + STREAM_ERROR(manner.refuse, manner.text));
    else socket.write(HEADER(id, this.domain));
  }

  #take(socket: Socket, element: Element, id: string): void {
    if (element.name !== "handshake") {
      this.stanzas.push(element);
      this.reader?.(element);
    } else if (this.manner === "accept") this.#check(socket, element.getText(), id);
  }

  #check(socket: Socket, digest: string, id: string): void {
    const right = createHash("sha1")
      .update(id + this.secret)
      .digest("hex");
    if (digest === right) {
      this.handshakes++;
      socket.write("<handshake/>");
    } else {
      socket.end(STREAM_ERROR("not-authorized", "Given token does not match calculated token"));
    }
  }

  #changed(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }
}
