import { randomUUID } from "node:crypto";
import type { Element } from "./xml.ts";

/** Calls for each share: that all of them miss a share of one in many happens once in a million million times. */
const CALLS = 32;

/**
 * The address under which a stream hears itself. A server that shares a domain out to several streams, by a hash of who
 * a stanza is for that nobody else knows, is found out by calling many addresses: the one that comes back is in this
 * stream's own share. Where none does it has no share at all, as one too many has not with ejabberd.
 */
export class Echo {
  /** `undefined` until it is found out. */
  address: string | undefined;
  readonly #domain: string;
  readonly #shares: number;
  readonly #called = new Set<string>();
  /** Calls of the one address that have not come back, and who waits for each. */
  #calls: (() => void)[] = [];

  constructor(domain: string, shares: number) {
    this.#domain = domain;
    this.#shares = shares;
    if (shares === 1) this.address = domain;
  }

  /** Addresses to be called: the one, as soon as it is known. */
  calls(): Iterable<string> {
    if (this.address !== undefined) {
      this.#calls.push(() => {});
      return [this.address];
    }
    for (let i = 0; i < CALLS * this.#shares; i++) this.#called.add(`${randomUUID()}@${this.#domain}`);
    return this.#called;
  }

  /** Until the last call has come back, or never will. */
  heard(): Promise<void> {
    return new Promise((resolve) => {
      this.#calls[this.#calls.length - 1] = resolve;
    });
  }

  end(): void {
    for (const go of this.#calls.splice(0)) go();
  }

  /** Whether a stanza is a call, of this stream or of another of the same domain: no server lets others speak for it. */
  isOurs({ attrs: { from, to = "" } }: Element): boolean {
    return from === to && (to === this.#domain || to.endsWith(`@${this.#domain}`));
  }

  /** Returns whether by this the address is found. */
  hear(to: string): boolean {
    if (to === this.address) this.#calls.shift()?.();
    if (this.address !== undefined || !this.#called.delete(to)) return false;
    this.address = to;
    this.#called.clear();
    return true;
  }
}
