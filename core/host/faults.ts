import type { Clock } from "./clock.ts";
import type { Fault, Logger } from "./plugin.ts";

/** Records a crash: whose, where, and what was thrown. */
export type Report = (plugin: string, where: string, error: unknown) => Fault;

const KEPT = 100;

/** Between two complaints of misfortunes. */
const SILENCE = 10_000;

/** What failed beneath a plugin, such as the store, is no crash of the plugin's. By brand, as a refusal is. */
const MISFORTUNE = Symbol.for("masque:misfortune");

/** The crashes of plugins: the last hundred, and how many there were. */
export class Faults {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #heard: ((fault: Fault) => void) | undefined;
  readonly #recent: Fault[] = [];
  readonly #total = new Map<string, number>();
  readonly #sinceStart = new Map<string, number>();
  #complained = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, log: Logger, heard?: (fault: Fault) => void) {
    this.#clock = clock;
    this.#log = log;
    this.#heard = heard;
  }

  report: Report = (plugin, where, error) => {
    const fault = { plugin, where, error, at: this.#clock.now() };
    if (typeof error === "object" && error !== null && MISFORTUNE in error) return this.#bemoan(fault);
    this.#recent.push(fault);
    if (this.#recent.length > KEPT) this.#recent.shift();
    this.#total.set(plugin, this.count(plugin) + 1);
    this.#sinceStart.set(plugin, (this.#sinceStart.get(plugin) ?? 0) + 1);
    this.#log.error({ plugin, where, err: error }, `The plugin "${plugin}" crashed in "${where}".`);
    this.#heard?.(fault);
    return fault;
  };

  /** Counted by whatever failed; here it is said once in a while only, for it may befall every stanza. */
  #bemoan(fault: Fault): Fault {
    const { plugin, where, error, at } = fault;
    if (at - this.#complained < SILENCE) return fault;
    this.#complained = at;
    this.#log.error({ plugin, where, reason: (error as Error).message }, "Something failed beneath a plugin.");
    return fault;
  }

  /** A plugin starts afresh: not degraded, though its crashes remain counted. */
  forgive(plugin: string): void {
    this.#sinceStart.delete(plugin);
  }

  isDegraded(plugin: string): boolean {
    return this.#sinceStart.has(plugin);
  }

  count(plugin: string): number {
    return this.#total.get(plugin) ?? 0;
  }

  /** Oldest first. */
  recent(): Fault[] {
    return [...this.#recent];
  }
}
