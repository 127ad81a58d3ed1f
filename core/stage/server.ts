import type { Clock } from "../host/clock.ts";
import type { Logger } from "../host/plugin.ts";
import { parseJid } from "../xmpp/jid.ts";
import { errorReply, refuse, type StanzaError } from "../xmpp/refuse.ts";
import { Requests } from "../xmpp/requests.ts";
import { Room } from "../xmpp/room.ts";
import { Router } from "../xmpp/router.ts";
import type { Element } from "../xmpp/xml.ts";
import { Account } from "./account.ts";
import { answer } from "./answers.ts";

type Send = (stanza: Element) => void;

/** A small XMPP server: accounts, made when somebody first logs in, and components, between whom it passes stanzas. */
export class Server {
  readonly domain: string;
  /** What the server asks of others in its users' names. */
  readonly requests: Requests;
  readonly #accounts = new Map<string, Account>();
  readonly #components = new Map<string, Send>();
  readonly #router: Router;
  readonly #stop = new AbortController();

  constructor(domain: string, clock: Clock, log: Logger) {
    this.domain = domain;
    this.requests = new Requests((stanza) => {
      this.route(stanza);
      return true;
    }, clock);
    this.#router = new Router({
      answer: (stanza, from, to) => answer(this, stanza, from, to),
      settle: (reply, from) => this.requests.settle(reply, from),
      send: (stanza) => this.route(stanza),
      log,
      load: { begin: () => {}, end: () => {} },
      room: new Room({ isCongested: false, isStuck: false }),
      admit: () => 0,
      clock,
    });
  }

  /** Aborted when the server closes. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** The domains of the components that are connected. */
  get components(): Iterable<string> {
    return this.#components.keys();
  }

  account(jid: string): Account | undefined {
    return this.#accounts.get(jid);
  }

  /** The account of somebody who logs in; it is made when there is none. */
  logIn(jid: string): Account {
    let account = this.#accounts.get(jid);
    if (!account) this.#accounts.set(jid, (account = new Account(jid)));
    return account;
  }

  /** Connects a component; returns how to disconnect it, or "conflict" when another serves the domain. */
  plug(domain: string, send: Send): (() => void) | "conflict" {
    if (this.#components.has(domain)) return "conflict";
    this.#components.set(domain, send);
    return () => void this.#components.delete(domain);
  }

  /** Passes on a stanza whose `from` was checked. */
  route(stanza: Element): void {
    const to = parseJid(stanza.attrs.to);
    if (!to) return this.#bounce(stanza, refuse("jid-malformed", "The address this was sent to is malformed."));
    if (to.domain !== this.domain) {
      const send = this.#components.get(to.domain);
      return send ? send(stanza) : this.#bounce(stanza, refuse("remote-server-not-found"));
    }
    const isOurs = to.local === "" || (stanza.name === "iq" && to.resource === "");
    if (isOurs) return this.#router.receive(stanza);
    const verdict = this.#accounts.get(to.bare)?.deliver(stanza, to) ?? "unavailable";
    if (verdict === "unavailable") this.#bounce(stanza, refuse("service-unavailable"));
  }

  close(): void {
    this.#stop.abort();
  }

  #bounce(stanza: Element, error: StanzaError): void {
    const { type } = stanza.attrs;
    if (stanza.name === "presence" || type === "error" || (stanza.name === "iq" && type === "result")) return;
    this.route(errorReply(stanza, error));
  }
}
