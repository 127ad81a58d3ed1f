import type { Channel, Context, Duration, Values } from "masque";

interface HeldName {
  /** Bare JIDs of those who may use it. */
  readonly owners: readonly string[];
  /** Until when nobody else may, in milliseconds since 1970. */
  readonly until: number;
}

/** Names of channels that are no more, kept for their owners for a while, so that no other channel passes for one of them. */
export class HeldNames {
  readonly #kept: Values<HeldName>;
  readonly #period: Duration;
  readonly #now: () => number;

  private constructor(kept: Values<HeldName>, period: Duration, now: () => number) {
    this.#kept = kept;
    this.#period = period;
    this.#now = now;
  }

  static async open(period: Duration, { store, now }: Pick<Context, "store" | "now">): Promise<HeldNames> {
    return new HeldNames(await store("held names"), period, now);
  }

  isHeld(name: string, jid: string): boolean {
    const held = this.#kept.get(name);
    return held !== undefined && held.until > this.#now() && !held.owners.includes(jid);
  }

  /** The channel is no more: its name is held at once, and resolves when that is durable. */
  async hold({ name, owners, listed }: Channel): Promise<void> {
    if (listed && this.#period > 0)
      await this.#kept.set(name, { owners: [...owners], until: this.#now() + this.#period });
    // Those kept longest come first.
    for (const name of this.#kept.keys()) {
      if (this.#kept.get(name)!.until > this.#now()) return;
      await this.#kept.set(name, undefined);
    }
  }
}
