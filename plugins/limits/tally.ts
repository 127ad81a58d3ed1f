import type { Duration, Logger } from "masque";
import type { Meter, Meters } from "./meters.ts";

/** What was limited in all. Plain data. */
export interface Total {
  readonly since: number;
  delayed: number;
  refused: number;
}

export interface Row {
  readonly name: string;
  readonly delayed: number;
  readonly refused: number;
}

/** Between two lines in the log. */
const SILENCE: Duration = 60_000;

const MOST_SHOWN = 10;

/** Counts who is made to wait and who is refused, for operators. */
export class Tally {
  readonly total: Total;
  readonly #channels: Meters;
  readonly #log: Logger;
  #told = Number.NEGATIVE_INFINITY;

  constructor(total: Total, channels: Meters, log: Logger) {
    this.total = total;
    this.#channels = channels;
    this.#log = log;
  }

  /** @param channel the name of the one that was addressed, whether there is such a one or not; "" for the service */
  count(verdict: "delayed" | "refused", sender: Meter, channel: string, now: number): void {
    sender[verdict]++;
    this.total[verdict]++;
    if (channel) this.#channels.of(channel)[verdict]++;
    if (now - this.#told < SILENCE) return;
    this.#told = now;
    const { delayed, refused } = this.total;
    this.#log.warn({ delayed, refused }, 'Somebody sends more than is taken: "masque limits" says who.');
  }
}

/** Those with the most, the worst first. */
export function worst(meters: Meters): Row[] {
  const rows = [...meters].map(([name, { delayed, refused }]) => ({ name, delayed, refused }));
  return rows
    .filter(({ delayed, refused }) => delayed + refused > 0)
    .sort((a, b) => b.refused - a.refused || b.delayed - a.delayed)
    .slice(0, MOST_SHOWN);
}
