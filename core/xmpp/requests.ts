import { randomUUID } from "node:crypto";
import type { Clock } from "../host/clock.ts";
import type { Duration } from "../host/duration.ts";
import { parseJid } from "./jid.ts";
import { NS } from "./ns.ts";
import { conditionIn, refuse, type StanzaError } from "./refuse.ts";
import { type Element, xml } from "./xml.ts";

interface Pending {
  /** The JID that asked; `undefined` where the request did not say. */
  readonly by: string | undefined;
  settle(reply: Element): void;
  fail(error: StanzaError): void;
}

/** iqs this service sent, waiting for their replies. A reply counts only from the JID that was asked, to the one that asked. */
export class Requests {
  readonly #pending = new Map<string, Pending>();
  /** How those who asked are told that their plugin stops. */
  readonly #asking = new WeakMap<AbortSignal, Set<() => void>>();
  readonly #send: (stanza: Element) => boolean;
  readonly #clock: Clock;
  readonly #tag: string;

  /** @param tag what the ids of all requests begin with */
  constructor(send: (stanza: Element) => boolean, clock: Clock, tag = "") {
    this.#send = send;
    this.#clock = clock;
    this.#tag = tag;
  }

  /**
   * Sends an iq of type get or set, from and to prepared JIDs, under a fresh id.
   * @returns the reply of type result
   * @throws an error reply as a StanzaError; `remote-server-timeout` when none comes in time; `recipient-unavailable`
   * when the stream is down, or goes down meanwhile; an AbortError when `signal` is aborted
   */
  request(iq: Element, timeout: Duration, signal: AbortSignal): Promise<Element> {
    const id = this.#tag + randomUUID();
    const stanza = xml("iq", { ...iq.attrs, id }, ...iq.children);
    const key = `${id} ${stanza.attrs.to}`;
    let forget = () => {};
    const reply = new Promise<Element>((resolve, reject) => {
      const abort = () => reject(new DOMException("The plugin that asked has stopped.", "AbortError"));
      if (signal.aborted) return abort();
      const cancel = this.#clock.after(timeout, () => reject(refuse("remote-server-timeout")));
      const asking = this.#askingUnder(signal);
      asking.add(abort);
      forget = () => {
        cancel();
        asking.delete(abort);
        this.#pending.delete(key);
      };
      const settle = (answer: Element) =>
        answer.attrs.type === "result" ? resolve(answer) : reject(refusalIn(answer));
      this.#pending.set(key, { by: stanza.attrs.from, settle, fail: reject });
      if (!this.#send(stanza)) reject(refuse("recipient-unavailable"));
    });
    return reply.finally(() => forget());
  }

  /** A signal with ten thousand listeners takes long to be rid of one. */
  #askingUnder(signal: AbortSignal): Set<() => void> {
    let asking = this.#asking.get(signal);
    if (!asking) {
      const all = new Set<() => void>();
      signal.addEventListener("abort", () => {
        for (const abort of all) abort();
      });
      this.#asking.set(signal, all);
      asking = all;
    }
    return asking;
  }

  /** Hands a result or error to whoever asked for it; anything else goes nowhere. */
  settle(reply: Element, from: string): void {
    const pending = this.#pending.get(`${reply.attrs.id} ${from}`);
    if (!pending || (pending.by !== undefined && parseJid(reply.attrs.to)?.full !== pending.by)) return;
    pending.settle(reply);
  }

  /** The stream is down: no reply will come. */
  disconnected(): void {
    for (const pending of this.#pending.values()) pending.fail(refuse("recipient-unavailable"));
  }

  get size(): number {
    return this.#pending.size;
  }
}

/** What the other side refused, in its own words. */
function refusalIn(reply: Element): StanzaError {
  const text = reply.getChild("error")?.getChildText("text", NS.STANZAS);
  return refuse(conditionIn(reply), text ?? undefined);
}
