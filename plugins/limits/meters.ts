import type { Duration } from "masque";

/** What one sender, or one channel, has used up. Changed in place, for it is on the way of every stanza. */
export interface Meter {
  /** When all of it is free again, in milliseconds since 1970. */
  until: number;
  isExempt: boolean;
  /** How many stanzas had to wait, and how many were refused. */
  delayed: number;
  refused: number;
}

/** So many are remembered at the least. One who is forgotten has his whole burst again. */
const MOST = 50_000;

/** A meter for each name. Two generations: the older, which nobody has asked for lately, is forgotten as a whole. */
export class Meters {
  #young = new Map<string, Meter>();
  #old = new Map<string, Meter>();

  of(name: string, isExempt?: (name: string) => boolean): Meter {
    const known = this.#young.get(name);
    if (known) return known;
    const meter = this.#old.get(name) ?? { until: 0, isExempt: isExempt?.(name) ?? false, delayed: 0, refused: 0 };
    if (this.#young.size >= MOST) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(name, meter);
    return meter;
  }

  *[Symbol.iterator](): Iterator<[string, Meter]> {
    yield* this.#young;
    for (const [name, meter] of this.#old) if (!this.#young.has(name)) yield [name, meter];
  }
}

/** So many at once, and then so many a second (a token bucket, kept as the one moment at which it is full). */
export class Rate {
  /** How long it takes until one more is free, and all of them. */
  readonly #each: Duration;
  readonly #all: Duration;
  readonly #longest: Duration;

  /** @param longest how long anything may be made to wait at the most */
  constructor(burst: number, perSecond: number, longest: Duration = 0) {
    this.#each = 1000 / perSecond;
    this.#all = burst * this.#each;
    this.#longest = longest;
  }

  /** How long something of this amount has to wait; it is counted unless that is longer than `patience`. */
  take(meter: Meter, amount: number, now: number, patience: Duration = 0): Duration {
    // The clock was set back, or the rate is another after a reload: what was used up is not known.
    if (meter.until > now + this.#all + this.#longest) meter.until = now;
    const until = Math.max(now, meter.until) + Math.min(amount * this.#each, this.#all);
    // What is below a millisecond is an error in the sum.
    const wait = Math.max(0, Math.floor(until - now - this.#all));
    if (wait <= patience) meter.until = until;
    return wait;
  }
}
