import { createHash, randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { StringDecoder } from "node:string_decoder";
import { parseJid } from "../xmpp/jid.ts";
import { NS } from "../xmpp/ns.ts";
import { NS_STREAM, StreamParser } from "../xmpp/parser.ts";
import { StreamFault } from "../xmpp/stream-fault.ts";
import { type Element, escapeXml, serialize } from "../xmpp/xml.ts";
import { addressed } from "./address.ts";
import { LONGEST } from "./frame.ts";
import type { Server } from "./server.ts";
import { streamError } from "./stream-error.ts";

const FOOTER = "</stream:stream>";

/** The server's side of one XEP-0114 stream. */
export class ComponentStream {
  readonly #socket: Socket;
  readonly #server: Server;
  readonly #secrets: ReadonlyMap<string, string>;
  readonly #parser = new StreamParser(LONGEST);
  readonly #decoder = new StringDecoder("utf8");
  readonly #id = randomUUID();
  #domain = "";
  #unplug: (() => void) | undefined;

  /** @param secrets of each domain that may connect */
  constructor(socket: Socket, server: Server, secrets: ReadonlyMap<string, string>) {
    this.#socket = socket;
    this.#server = server;
    this.#secrets = secrets;
    this.#parser.on("start", (header: Element) => this.#open(header));
    this.#parser.on("element", (element: Element) => this.#take(element));
    this.#parser.on("left-out", () => this.#fail("policy-violation"));
    this.#parser.on("end", () => this.#socket.end(FOOTER));
    socket.on("data", (bytes) => this.#read(bytes));
    // "close" follows, and is all there is to it.
    socket.on("error", () => {});
    socket.on("close", () => this.#unplug?.());
  }

  #read(bytes: Buffer): void {
    if (this.#socket.writableEnded) return;
    try {
      this.#parser.write(this.#decoder.write(bytes));
    } catch (error) {
      this.#fail((error instanceof StreamFault && error.complaint) || "not-well-formed");
    }
  }

  #open({ attrs }: Element): void {
    this.#domain = attrs.to ?? "";
    this.#socket.write(
      `<?xml version='1.0'?><stream:stream xmlns='${NS.COMPONENT}' xmlns:stream='${NS_STREAM}'` +
        ` id='${this.#id}' from='${escapeXml(this.#domain)}'>`,
    );
    if (attrs.xmlns !== NS.COMPONENT) this.#fail("invalid-namespace");
    else if (!this.#secrets.has(this.#domain)) this.#fail("host-unknown");
  }

  #take(element: Element): void {
    if (this.#socket.writableEnded) return;
    if (!this.#unplug) this.#shakeHands(element);
    else if (parseJid(element.attrs.from)?.domain !== this.#domain) this.#fail("invalid-from");
    else if (["iq", "message", "presence"].includes(element.name)) this.#server.route(addressed(element, {}));
    else this.#fail("unsupported-stanza-type");
  }

  #shakeHands(element: Element): void {
    const right = createHash("sha1")
      .update(this.#id + this.#secrets.get(this.#domain))
      .digest("hex");
    if (element.name !== "handshake" || element.getText() !== right) return this.#fail("not-authorized");
    const plugged = this.#server.plug(this.#domain, (stanza) => void this.#socket.write(serialize(stanza)));
    if (plugged === "conflict") return this.#fail("conflict");
    this.#unplug = plugged;
    this.#socket.write("<handshake/>");
  }

  #fail(condition: string): void {
    this.#socket.end(`${streamError(condition)}${FOOTER}`);
  }
}
