import type { Parcel, Wire } from "./channel/fan-out.ts";
import { TellingRound } from "./channel/round.ts";
import { service } from "./container.ts";
import type { Host } from "./host/host.ts";
import type { Context } from "./host/plugin.ts";
import type { Element } from "./xmpp/xml.ts";

/** One who knows a shorter way for copies than a stanza each. */
export interface Carrier {
  /** Nothing may be told now, lest it overtake what is on its way; it waits until `proceed`. */
  readonly isHolding: boolean;
  /**
   * Packs the copies of one telling, or of a part of it.
   * @param pieces what begins each copy, `<message to='…'` or the like, and the rest of it, in turns
   * @returns what is to be written instead
   */
  pack(pieces: readonly Uint8Array[], parcel: Parcel): readonly Uint8Array[];
  /** Whether a stanza is an answer to what it has sent, and nobody else's business. */
  takes(stanza: Element): boolean;
  online(): void;
  offline(): void;
}

/** How copies leave, for the plugin that carries them. */
export interface Post {
  /** One plugin can carry at a time. */
  carry(carrier: Carrier): void;
  /**
   * Sends copies that did not reach anybody once more, a stanza each, as far as they may still be told.
   * @param beginnings of those that are meant, as they were packed
   */
  again(parcel: Parcel, beginnings: readonly Uint8Array[]): void;
  /** What the carrier held may go. */
  proceed(): void;
}

export const Post = service<Post>("post");

/** Stands between what is told and the wire; without a carrier nothing passes but the wire's own bytes. */
export class PostOffice implements Wire {
  readonly #wire: Wire;
  readonly #host: Pick<Host, "report">;
  readonly #proceed: () => void;
  #carrier: { readonly plugin: string; readonly it: Carrier } | undefined;

  constructor(wire: Wire, host: Pick<Host, "report">, proceed: () => void) {
    this.#wire = wire;
    this.#host = host;
    this.#proceed = proceed;
  }

  get online(): boolean {
    return this.#wire.online;
  }

  get isCongested(): boolean {
    return this.#wire.isCongested || (this.#carrier?.it.isHolding ?? false);
  }

  get isStuck(): boolean {
    return this.#wire.isStuck;
  }

  hold(held: boolean): void {
    this.#wire.hold(held);
  }

  write(text: string): boolean {
    return this.#wire.write(text);
  }

  writeAll(pieces: readonly Uint8Array[], parcel?: Parcel): boolean {
    if (!this.#carrier || !parcel) return this.#wire.writeAll(pieces);
    return this.#wire.writeAll(this.#ask("pack", (carrier) => carrier.pack(pieces, parcel)) ?? pieces);
  }

  takes(stanza: Element): boolean {
    return this.#ask("takes", (carrier) => carrier.takes(stanza)) ?? false;
  }

  announce(is: "online" | "offline"): void {
    this.#ask(is, (carrier) => carrier[is]());
  }

  for(consumer: Pick<Context, "name" | "cleanup">): Post {
    return {
      carry: (carrier) => {
        if (this.#carrier) throw new Error(`Copies are carried already, by "${this.#carrier.plugin}".`);
        this.#carrier = { plugin: consumer.name, it: carrier };
        consumer.cleanup("carrier", () => {
          this.#carrier = undefined;
          this.#proceed();
        });
      },
      again: (parcel, beginnings) => this.#again(parcel, beginnings),
      proceed: () => this.#proceed(),
    };
  }

  #again({ telling }: Parcel, beginnings: readonly Uint8Array[]): void {
    const meant = new Set(beginnings.map(String));
    const all: Uint8Array[] = [];
    new TellingRound(telling).next(all, Number.POSITIVE_INFINITY);
    this.#wire.writeAll(all.filter((_, i) => meant.has(String(all[i - (i % 2)]))));
  }

  /** A crash is the plugin's; what it did not pack leaves as it is. */
  #ask<T>(what: string, ask: (carrier: Carrier) => T): T | undefined {
    if (!this.#carrier) return undefined;
    try {
      return ask(this.#carrier.it);
    } catch (error) {
      this.#host.report(this.#carrier.plugin, `carrier ${what}`, error);
      return undefined;
    }
  }
}
