import type { Socket } from "node:net";
import { StringDecoder } from "node:string_decoder";
import { type Component, component } from "@xmpp/component";
import type { Clock } from "../host/clock.ts";
import type { Logger } from "../host/plugin.ts";
import { Congestion, type CongestionLimits, type CongestionState } from "./congestion.ts";
import { Echo } from "./echo.ts";
import { Gathering } from "./gathering.ts";
import { parseJid } from "./jid.ts";
import { NS } from "./ns.ts";
import { type Excess, NS_STREAM, StreamParser } from "./parser.ts";
import { errorReply, refuse } from "./refuse.ts";
import { connectionFault, StreamFault, serverFault } from "./stream-fault.ts";
import { Watchdog } from "./watchdog.ts";
import { type Element, serialize, xml } from "./xml.ts";

const HANDSHAKE_WITHIN = 10_000;
const QUIET = 60_000;
const CLOSE_WITHIN = 2_000;
const PING_ID = "masque-still-there";
const FOOTER = "</stream:stream>";

export interface StreamOptions extends CongestionLimits {
  readonly host: string;
  readonly port: number;
  readonly domain: string;
  readonly secret: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Characters. */
  readonly maxStanza: number;
  /** How many streams the server shares the domain's stanzas out to: 1 where this one gets them all. */
  readonly shares: number;
}

export interface StreamListener {
  /** A top-level iq, message or presence; its namespace is the stream root's. */
  stanza(stanza: Element): void;
  online(): void;
  /** The server has taken all it was sent, after it was owed too much. */
  cleared(): void;
  /** Only after `online`, as soon as nothing can be sent. */
  offline(reason: string): void;
  /** Once, last of all, when the socket is gone. */
  closed(fault: StreamFault): void;
}

/**
 * One XEP-0114 stream, from TCP connect to close. @xmpp/component opens it, answers the handshake and parses; its
 * reconnection and its way of handing stanzas round are put out of action, and errors and bytes go through here.
 */
export class Stream {
  readonly #options: StreamOptions;
  readonly #listener: StreamListener;
  readonly #entity: Component;
  readonly #socket: Socket;
  readonly #congestion: Congestion;
  readonly #outgoing = new Gathering((bytes, sent) => this.#send(bytes, sent));
  readonly #decoder = new StringDecoder("utf8");
  readonly #echo: Echo;
  #watchdog: Watchdog | undefined;
  #fault: StreamFault | undefined;
  #held = false;
  #hasBegun = false;
  #cancel: () => void;

  constructor(options: StreamOptions, listener: StreamListener) {
    this.#options = options;
    this.#listener = listener;
    this.#echo = new Echo(options.domain, options.shares);
    this.#entity = this.#prepare();
    this.#connect();
    this.#socket = this.#entity.socket!;
    this.#congestion = new Congestion(
      this.#socket,
      options.clock,
      options,
      () => this.close(new StreamFault("The server sends stanzas, but has taken none for a long time.")),
      () => listener.cleared(),
    );
    this.#cancel = options.clock.after(HANDSHAKE_WITHIN, () => this.#late());
  }

  get online(): boolean {
    return this.#hasBegun && this.#fault === undefined;
  }

  get congestion(): CongestionState {
    return this.#congestion.state;
  }

  hold(held: boolean): void {
    this.#held = held;
    this.#congestion.hold(held);
  }

  /** Returns false, and sends nothing, when the stream is not online. */
  write(text: string): boolean {
    if (!this.online) return false;
    this.#outgoing.text(text);
    return true;
  }

  /** The same of bytes in pieces, which are copied. */
  writeAll(pieces: readonly Uint8Array[]): boolean {
    if (!this.online) return false;
    this.#outgoing.pieces(pieces);
    return true;
  }

  /** Until the server has dealt with all that was written so far: what is sent to ourselves last comes back then. */
  async echo(): Promise<void> {
    if (!this.online || this.#echo.address === undefined) return;
    this.#ping();
    await this.#echo.heard();
  }

  /** Sends what is queued, takes leave, and closes; destroys the socket when that takes more than two seconds. */
  close(fault: StreamFault): void {
    if (this.#fault) return;
    this.#outgoing.flush();
    this.#fault = fault;
    this.#cancel();
    this.#watchdog?.stop();
    this.#echo.end();
    this.#congestion.stop();
    if (this.#entity.root && !this.#socket.destroyed) {
      this.#cancel = this.#options.clock.after(CLOSE_WITHIN, () => this.#socket.destroy());
      this.#socket.end(fault.complaint ? `${complaint(fault.complaint)}${FOOTER}` : FOOTER);
    } else this.#socket.destroy();
    if (this.#hasBegun) this.#listener.offline(fault.message);
  }

  #send(bytes: Uint8Array, sent: () => void): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return;
    this.#socket.write(bytes, sent);
    this.#congestion.wrote();
  }

  #prepare(): Component {
    const { host, port, domain, secret } = this.#options;
    // The package hashes Latin-1; XEP-0114 §3 as every server reads it wants the bytes of UTF-8.
    const password = Buffer.from(secret).toString("latin1");
    const entity = component({ service: "", domain, password });
    entity.reconnect.stop();
    // Its middleware throws on a `from` that is no JID, answers iqs by itself, and trusts any sender's reply.
    entity.removeAllListeners("element");
    // Its own time limits run on real time and reject promises nobody waits for.
    entity.timeout = 0;
    entity.Parser = StreamParser.bind(null, this.#options.maxStanza);
    entity.socketParameters = () => ({ host, port });
    entity._onElement = (element: Element) => this.#element(element);
    entity._onData = (data) => this.#read(data);
    entity.on("connect", () => this.#socket.setNoDelay(true).setKeepAlive(true, QUIET));
    entity.on("error", (error: Error) => this.close(this.#unexpected(error)));
    entity.on("close", () => this.close(new StreamFault("The server closed the stream.")));
    entity.on("disconnect", () => this.#closed());
    return entity;
  }

  #connect(): void {
    const { domain } = this.#options;
    const open = async () => {
      await this.#entity.connect("");
      const opened = this.#entity.open({ domain });
      this.#entity.parser!.on("left-out", (...leftOut: LeftOut) => this.#leftOut(...leftOut));
      await opened;
    };
    open().catch((error: Error) => this.close(this.#unexpected(error)));
  }

  #read(data: Buffer): void {
    if (this.#fault) return;
    this.#watchdog?.heard();
    try {
      this.#entity.parser?.write(this.#decoder.write(data));
    } catch (error) {
      this.close(error instanceof StreamFault ? error : unreadable(error as Error));
    }
  }

  #element(element: Element): void {
    if (this.#fault) return;
    const { name } = element;
    if (this.#watchdog && (name === "message" || name === "iq" || name === "presence")) this.#stanza(element);
    else if (element.is("error", NS_STREAM)) this.#serverError(element);
    else this.#handshake(element);
  }

  #stanza(stanza: Element): void {
    if (stanza.attrs.id === PING_ID && this.#echo.isOurs(stanza)) return this.#heardOurselves(stanza);
    // What comes shows that there is a share, too.
    this.#begin();
    try {
      this.#listener.stanza(stanza);
    } catch (error) {
      // A defect behind the listener must not pass for malformed XML.
      this.#options.log.error({ error }, `The stanza <${stanza.name}/> was lost to an internal error.`);
    }
  }

  #handshake(answer: Element): void {
    this.#entity.emit("element", answer);
    if (answer.name !== "handshake" || this.#watchdog) return;
    this.#watchdog = new Watchdog(this.#options.clock, QUIET, {
      ask: () => this.#ping(),
      giveUp: () => this.close(new StreamFault("The server has fallen silent and does not answer a ping.")),
      resting: () => this.#held || this.congestion === "paused",
    });
    if (this.#echo.address === undefined) this.#ping();
    else this.#begin();
  }

  #begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#cancel();
    this.#listener.online();
  }

  /** What we have sent to ourselves comes back on the stream that has the share in which its address is. */
  #heardOurselves({ attrs: { to = "" } }: Element): void {
    if (this.#echo.hear(to)) this.#begin();
  }

  #serverError(error: Element): void {
    const conditions = error.getChildElements().filter((child) => child.name !== "text");
    this.close(serverFault(conditions[0]?.name ?? "undefined-condition", error.getChildText("text"), this.#options));
  }

  #leftOut(stanza: Element | undefined, excess: Excess): void {
    this.#options.log.warn(`A ${stanza ? `<${stanza.name}/>` : "stanza"} was refused: it is ${excess}.`);
    if (!stanza || !this.online) return;
    const { name, attrs } = stanza;
    // Who goes is gone, whatever he says about it.
    if (name === "presence" && attrs.type === "unavailable") return this.#stanza(bare(stanza));
    if (attrs.type === "error" || attrs.type === "result" || name === "presence" || !parseJid(attrs.from)) return;
    const refusal = refuse("policy-violation", `The stanza is ${excess}.`);
    this.write(serialize(errorReply(stanza, refusal, { echo: false })));
  }

  // To ourselves: a server routes that back, while nobody can know which other address it would answer for (XEP-0199).
  #ping(): void {
    for (const address of this.#echo.calls()) this.#outgoing.text(pingOf(address));
  }

  #late(): void {
    const { host, port } = this.#options;
    const place = `${host}:${port}`;
    if (this.#watchdog)
      return this.close(new StreamFault(`${place} gives this stream no share: others have them all.`));
    const text = this.#socket.connecting
      ? `No connection to ${place} within ${HANDSHAKE_WITHIN / 1000} s.`
      : `${place} took the connection, but did not complete the handshake within ${HANDSHAKE_WITHIN / 1000} s.`;
    this.close(new StreamFault(text));
  }

  #closed(): void {
    this.close(new StreamFault("The server cut the connection."));
    this.#cancel();
    this.#listener.closed(this.#fault!);
  }

  /** A system error, or the package's own. */
  #unexpected(error: Error & { code?: string }): StreamFault {
    return connectionFault(error, this.#options);
  }
}

function pingOf(address: string): string {
  const attrs = { type: "get", id: PING_ID, from: address, to: address };
  return serialize(xml("iq", attrs, xml("ping", { xmlns: NS.PING })));
}

type LeftOut = [stanza: Element | undefined, excess: Excess];

function bare(stanza: Element): Element {
  stanza.children = [];
  return stanza;
}

/** ltx throws plain errors. */
function unreadable(error: Error): StreamFault {
  return new StreamFault(`The stream could not be read: ${error.message}.`, "not-well-formed");
}

function complaint(condition: string): string {
  return `<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>`;
}
