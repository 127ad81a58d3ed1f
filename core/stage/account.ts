import { randomUUID } from "node:crypto";
import { bare, type Jid } from "../xmpp/jid.ts";
import { type Element, xml } from "../xmpp/xml.ts";
import { addressed } from "./address.ts";
import { NS_ROSTER, Roster, rosterItem } from "./roster.ts";

/** One of a user's clients, logged in. */
export interface Session {
  /** Its full JID. */
  readonly jid: string;
  /** The presence it sent last; `undefined` while it is not available. */
  presence: Element | undefined;
  /** Whether it asked for the roster, so that it is told of changes, and how. */
  roster: "unasked" | "plain" | "annotated";
  send(stanza: Element): void;
  /** Another client took its place. */
  replaced(): void;
}

/** A user: his roster, and the clients he has logged in with. */
export class Account {
  /** Bare. */
  readonly jid: string;
  readonly roster = new Roster();
  readonly #sessions = new Map<string, Session>();

  constructor(jid: string) {
    this.jid = jid;
  }

  /** Those of his clients that have sent presence, and so are told what is sent to him. */
  get available(): Session[] {
    return [...this.#sessions.values()].filter(({ presence }) => presence !== undefined);
  }

  session(jid: string): Session | undefined {
    return this.#sessions.get(jid);
  }

  /** A client of the same full JID gives way (RFC 6120 §7.7.2.2). */
  add(session: Session): void {
    const before = this.#sessions.get(session.jid);
    this.#sessions.set(session.jid, session);
    before?.replaced();
  }

  remove(session: Session): void {
    if (this.#sessions.get(session.jid) === session) this.#sessions.delete(session.jid);
  }

  /** Hands a stanza to his clients by the rules of RFC 6121 §8.5, and those of XEP-0405 for what channels send. */
  deliver(stanza: Element, to: Jid): "taken" | "unavailable" {
    const session = this.#sessions.get(to.full);
    if (session) {
      session.send(stanza);
      return "taken";
    }
    const { type = "normal", from = "" } = stanza.attrs;
    if (stanza.name === "iq") return "unavailable";
    if (stanza.name === "presence") return to.resource ? "taken" : this.#spread(stanza);
    if (type === "error") return "taken";
    // XEP-0405 §2.2: every client gets a copy, and when there is none it is dropped, for the channel keeps an archive.
    if (!to.resource && this.roster.isChannel(bare(from))) return this.#spread(stanza);
    if (type === "headline") return to.resource ? "taken" : this.#spread(stanza);
    if (type === "groupchat" || (to.resource && type !== "chat")) return "unavailable";
    return this.available.length > 0 ? this.#spread(stanza) : "unavailable";
  }

  /** Tells his clients that a roster item has changed (RFC 6121 §2.1.6). */
  pushRoster(item: (annotated: boolean) => Element): void {
    for (const session of this.#sessions.values()) {
      if (session.roster === "unasked") continue;
      const query = xml("query", { xmlns: NS_ROSTER }, item(session.roster === "annotated"));
      session.send(xml("iq", { type: "set", id: randomUUID(), from: this.jid, to: session.jid }, query));
    }
  }

  /** The roster as one client wants it, which it is from now on told the changes of. */
  readRoster(session: Session, how: "plain" | "annotated"): Element {
    session.roster = how;
    const items = [...this.roster.contacts].map((contact) => rosterItem(contact, how === "annotated"));
    return xml("query", { xmlns: NS_ROSTER }, items);
  }

  #spread(stanza: Element): "taken" {
    for (const { jid, send } of this.available) send(addressed(stanza, { to: jid }));
    return "taken";
  }
}
