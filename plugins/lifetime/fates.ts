import type { Channel, Duration, Values } from "masque";

/** What is known of a channel's end without loading it. */
export interface Fate {
  /** Of the channel this is about: another one may have its name by now. */
  readonly key: number;
  readonly listed: boolean;
  /** When it ends because its owner wants it to, in milliseconds since 1970. */
  readonly end?: number;
  /** Since when nobody is in it. */
  readonly empty?: number;
}

/** Of which channels the end can be foreseen, by name. */
export class Fates {
  readonly #kept: Values<Fate>;
  readonly #patience: (listed: boolean) => Duration;

  /** @param patience how long nobody may be in a listed channel, or in an ad hoc one; 0 for ever */
  constructor(kept: Values<Fate>, patience: (listed: boolean) => Duration) {
    this.#kept = kept;
    this.#patience = patience;
  }

  /** When a channel is to end, in milliseconds since 1970; infinity for never. */
  due(name: string): number {
    const fate = this.#kept.get(name);
    const end = fate?.end ?? Number.POSITIVE_INFINITY;
    const patience = fate ? this.#patience(fate.listed) : 0;
    return fate?.empty === undefined || patience === 0 ? end : Math.min(end, fate.empty + patience);
  }

  /** Names of those that are to end by then. */
  dueBy(time: number): string[] {
    return [...this.#kept.keys()].filter((name) => this.due(name) <= time);
  }

  /** What is to be kept of a channel as it is now, nothing of most; `undefined` when that is kept already. */
  news(channel: Channel, end: number | undefined, now: number): { fate: Fate | undefined } | undefined {
    const { name, key, listed, size } = channel;
    const kept = this.#kept.get(name);
    const known = kept?.key === key ? kept : undefined;
    const empty = size > 0 ? undefined : (known?.empty ?? now);
    if (known === kept && known?.end === end && known?.empty === empty) return undefined;
    if (end === undefined && empty === undefined) return { fate: undefined };
    return { fate: { key, listed, ...(end !== undefined && { end }), ...(empty !== undefined && { empty }) } };
  }
}
