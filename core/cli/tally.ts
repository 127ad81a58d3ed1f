import type { Doing } from "../commands/command.ts";

/** Between two words on how far it is, in milliseconds. */
const PAUSE = 5_000;

/** Counts what is moved, table by table, and says so now and then. */
export class Tally {
  readonly #deed: string;
  readonly #doing: Doing;
  readonly #counts: Record<string, number> = {};
  #said = Date.now();

  /** @param deed what is done, in the past tense */
  constructor(deed: string, doing: Doing) {
    this.#deed = deed;
    this.#doing = doing;
  }

  readonly count = (table: string, rows: number): void => {
    this.#counts[table] = (this.#counts[table] ?? 0) + rows;
    if (Date.now() - this.#said < PAUSE) return;
    this.#said = Date.now();
    this.#say("so far");
  };

  end(): void {
    this.#say("in all");
  }

  #say(when: string): void {
    const parts = Object.entries(this.#counts).map(([table, rows]) => `${rows} ${table.replaceAll("_", " ")}`);
    this.#doing.say(this.#counts, `${this.#deed} ${when}: ${parts.join(", ") || "nothing"}.`);
  }
}
