import type { Clock } from "./clock.ts";

/** What came of asking a plugin: it answered, refused, crashed, or gave this word. */
export interface Outcome {
  readonly plugin: string;
  readonly outcome: string;
  readonly at: number;
}

const KEPT = 16;

/** The last few outcomes of one question. Cells are used again, since this is on the way of every message. */
export class Recent {
  readonly #clock: Clock;
  readonly #cells: { plugin: string; outcome: string; at: number }[] = [];
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(plugin: string, outcome: string): void {
    const at = this.#clock.now();
    const cell = this.#cells[this.#count++ % KEPT];
    if (cell === undefined) {
      this.#cells.push({ plugin, outcome, at });
      return;
    }
    cell.plugin = plugin;
    cell.outcome = outcome;
    cell.at = at;
  }

  /** Copies, oldest first. */
  list(): Outcome[] {
    const oldest = this.#count % this.#cells.length || 0;
    return [...this.#cells.slice(oldest), ...this.#cells.slice(0, oldest)].map((cell) => ({ ...cell }));
  }
}
