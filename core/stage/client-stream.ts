import { randomUUID } from "node:crypto";
import type { WebSocket } from "ws";
import { parseJid } from "../xmpp/jid.ts";
import { NS_STREAM } from "../xmpp/parser.ts";
import { errorReply, refuse } from "../xmpp/refuse.ts";
import { StreamFault } from "../xmpp/stream-fault.ts";
import { type Element, xml } from "../xmpp/xml.ts";
import type { Account, Session } from "./account.ts";
import { addressed } from "./address.ts";
import { frameOf, readFrame } from "./frame.ts";
import { broadcast, vanish } from "./presence.ts";
import { logIn, MECHANISMS, NS_SASL } from "./sasl.ts";
import type { Server } from "./server.ts";
import { streamError } from "./stream-error.ts";

const NS_FRAMING = "urn:ietf:params:xml:ns:xmpp-framing";
const NS_BIND = "urn:ietf:params:xml:ns:xmpp-bind";
const NS_SESSION = "urn:ietf:params:xml:ns:xmpp-session";

/** The server's side of one client's XMPP over WebSocket (RFC 7395): log-in, resource, and then stanzas. */
export class ClientStream {
  readonly #socket: WebSocket;
  readonly #server: Server;
  #isOpen = false;
  #account: Account | undefined;
  #session: Session | undefined;

  constructor(socket: WebSocket, server: Server) {
    this.#socket = socket;
    this.#server = server;
    socket.on("message", (data) => this.#read(data.toString()));
    // "close" follows, and is all there is to it.
    socket.on("error", () => {});
    socket.on("close", () => this.#leave());
  }

  /** Takes leave of the client. */
  close(): void {
    this.#write(`<close xmlns='${NS_FRAMING}'/>`);
    this.#socket.close();
  }

  #read(text: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    try {
      this.#take(readFrame(text));
    } catch (error) {
      // Besides its own faults the parser throws plain errors of ltx's.
      this.#fail((error instanceof StreamFault && error.complaint) || "not-well-formed");
    }
  }

  #take(element: Element): void {
    if (element.is("close", NS_FRAMING)) this.close();
    else if (element.is("open", NS_FRAMING)) this.#open(element);
    else if (!this.#isOpen) throw new StreamFault("The stream is not open.", "not-authorized");
    else if (!this.#account) this.#authenticate(element);
    else if (!this.#session) this.#bind(this.#account, element);
    else this.#stanza(this.#account, this.#session, element);
  }

  #open({ attrs }: Element): void {
    const { domain } = this.#server;
    this.#write(`<open xmlns='${NS_FRAMING}' from='${domain}' id='${randomUUID()}' version='1.0' xml:lang='en'/>`);
    if (attrs.to !== domain) return this.#fail("host-unknown");
    this.#isOpen = true;
    const offers = this.#account
      ? `<bind xmlns='${NS_BIND}'/><session xmlns='${NS_SESSION}'><optional/></session>`
      : `<mechanisms xmlns='${NS_SASL}'>${MECHANISMS.map((name) => `<mechanism>${name}</mechanism>`).join("")}</mechanisms>`;
    this.#write(`<stream:features xmlns:stream='${NS_STREAM}'>${offers}</stream:features>`);
  }

  #authenticate(element: Element): void {
    if (!element.is("auth", NS_SASL)) throw new StreamFault("Who are you?", "not-authorized");
    const user = logIn(element, this.#server.domain);
    if ("failure" in user) return this.#write(`<failure xmlns='${NS_SASL}'><${user.failure}/></failure>`);
    this.#account = this.#server.logIn(user.jid);
    this.#isOpen = false;
    this.#write(`<success xmlns='${NS_SASL}'/>`);
  }

  #bind(account: Account, iq: Element): void {
    const bind = iq.getChild("bind", NS_BIND);
    if (iq.name !== "iq" || !bind) throw new StreamFault("A client binds a resource first.", "not-authorized");
    const jid = parseJid(`${account.jid}/${bind.getChildText("resource") || randomUUID()}`)?.full;
    if (!jid) return this.#write(frameOf(errorReply(iq, refuse("bad-request", "This cannot be a resource."))));
    const session: Session = {
      jid,
      presence: undefined,
      roster: "unasked",
      send: (stanza) => this.#write(frameOf(stanza)),
      replaced: () => {
        this.#leave();
        this.#fail("conflict");
      },
    };
    this.#session = session;
    account.add(session);
    this.#result(iq, xml("bind", { xmlns: NS_BIND }, xml("jid", {}, jid)));
  }

  #stanza(account: Account, session: Session, stanza: Element): void {
    const { from, to } = stanza.attrs;
    if (!["iq", "message", "presence"].includes(stanza.name))
      throw new StreamFault("That is no stanza.", "unsupported-stanza-type");
    if (from !== undefined && ![account.jid, session.jid].includes(parseJid(from)?.full ?? ""))
      throw new StreamFault("That is somebody else's address.", "invalid-from");
    if (stanza.getChild("session", NS_SESSION)) return this.#result(stanza);
    if (stanza.name === "presence" && to === undefined)
      return broadcast(account, session, stanza, (each) => this.#server.route(each));
    // RFC 6120 §10.3: what is sent to nobody is for the user's own account.
    this.#server.route(addressed(stanza, { from: session.jid, to: to ?? account.jid }));
  }

  #result(iq: Element, payload?: Element): void {
    this.#write(frameOf(xml("iq", { type: "result", id: iq.attrs.id }, payload)));
  }

  #write(frame: string): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(frame);
  }

  #fail(condition: string): void {
    this.#write(streamError(condition));
    this.close();
  }

  /** Once: a client that takes this one's place has the same address. */
  #leave(): void {
    const session = this.#session;
    this.#session = undefined;
    if (!this.#account || !session) return;
    this.#account.remove(session);
    vanish(this.#account, session, (stanza) => this.#server.route(stanza));
  }
}
