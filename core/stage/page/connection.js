import { child, parse, text, xml } from "./element.js";
import { CLIENT } from "./namespaces.js";

const FRAMING = "urn:ietf:params:xml:ns:xmpp-framing";
const SASL = "urn:ietf:params:xml:ns:xmpp-sasl";
const BIND = "urn:ietf:params:xml:ns:xmpp-bind";

/** What somebody answered who would not do as he was asked. */
export class Refusal extends Error {
  constructor(stanza) {
    const error = child(stanza, "error");
    super(text(error, "text") || [...(error?.children ?? [])][0]?.localName || "It was refused.");
    this.condition = [...(error?.children ?? [])][0]?.localName;
  }
}

/**
 * One client's XMPP over WebSocket (RFC 7395). Every frame is told to `wire(direction, text, words)`, with what the one
 * who sent it wanted to say about it; stanzas nobody asked for go to `stanza(element)`.
 */
export class Connection {
  #socket;
  #domain;
  #listener;
  #asked = new Map();
  #waiting = [];

  constructor(url, domain, listener) {
    this.#domain = domain;
    this.#listener = listener;
    this.#socket = new WebSocket(url, "xmpp");
    this.#socket.onmessage = ({ data }) => this.#read(data);
    this.#socket.onclose = () => this.#listener.closed();
  }

  /** Logs in, and returns the address this client is given. */
  async logIn(name, resource) {
    await new Promise((resolve) => {
      this.#socket.onopen = resolve;
    });
    await this.#open();
    // The stage asks for no password of anybody; any other server would.
    const words = btoa(`\0${name}\0masque`);
    this.#send(
      xml("auth", SASL, { mechanism: "PLAIN" }, words),
      "You say who you are; on the stage, any password will do",
    );
    await this.#next();
    await this.#open();
    const bind = xml("bind", BIND, {}, xml("resource", BIND, {}, resource));
    const bound = await this.ask({
      type: "set",
      payload: bind,
      sent: "You ask for an address for this client",
      answered: "This client has an address of its own, next to your account's",
    });
    return text(child(bound, "bind"), "jid");
  }

  /** Sends an iq; returns the reply, or throws a Refusal. */
  ask({ type, to, payload, sent, answered, refused }) {
    const id = crypto.randomUUID().slice(0, 8);
    this.#send(xml("iq", CLIENT, { type, to, id }, payload), sent);
    return new Promise((resolve, reject) => this.#asked.set(id, { resolve, reject, answered, refused }));
  }

  send(stanza, words) {
    this.#send(stanza, words);
  }

  #open() {
    this.#send(xml("open", FRAMING, { to: this.#domain, version: "1.0" }), "You open a stream to your server");
    return this.#next();
  }

  /** The next frame that is no stanza, but for the server's own `<open/>`. */
  #next() {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #send(element, words) {
    const frame = new XMLSerializer().serializeToString(element);
    this.#listener.wire("out", parse(frame), words);
    this.#socket.send(frame);
  }

  #read(frame) {
    const element = parse(frame);
    const { localName, namespaceURI } = element;
    if (namespaceURI === CLIENT) return this.#stanza(element);
    this.#listener.wire("in", element);
    if (namespaceURI !== FRAMING && localName !== "error") this.#waiting.shift()?.(element);
  }

  #stanza(stanza) {
    const id = stanza.getAttribute("id");
    const type = stanza.getAttribute("type");
    const asked = stanza.localName === "iq" && type !== "set" && type !== "get" ? this.#asked.get(id) : undefined;
    this.#listener.wire("in", stanza, type === "error" ? asked?.refused : asked?.answered);
    this.#asked.delete(asked && id);
    if (!asked) this.#listener.stanza(stanza);
    else if (type === "error") asked.reject(new Refusal(stanza));
    else asked.resolve(stanza);
  }
}
