import type { Plan } from "../host/host.ts";
import { sameOptions } from "../host/options.ts";
import type { Masque } from "../masque.ts";
import type { Config } from "./config.ts";
import { Failure } from "./failure.ts";
import { planTable } from "./tables.ts";

/** What a reload did, or would do. */
export interface Reload {
  readonly plan: Plan;
  /** Options that changed, but count only from the next start on: `component.port`. */
  readonly atNextStart: readonly string[];
}

interface Logbook {
  level: string;
  info(data: object | string, text?: string): void;
}

/** Brings a running service in line with its changed configuration file. */
export class Reloader {
  readonly #read: () => Config;
  readonly #started: Config;
  readonly #service: Masque;
  readonly #log: Logbook;
  #turn: Promise<unknown> = Promise.resolve();

  /**
   * @param read the configuration as it is now; throws ConfigMistakes
   * @param started the one the service was started with
   */
  constructor(read: () => Config, started: Config, service: Masque, log: Logbook) {
    this.#read = read;
    this.#started = started;
    this.#service = service;
    this.#log = log;
  }

  /** What a reload would do now. Throws ConfigMistakes. */
  plan(): Reload {
    return this.#compare(this.#read());
  }

  /** Throws ConfigMistakes, and then nothing has changed; a Failure when a plugin did not start. One at a time. */
  reload(): Promise<Reload> {
    const done = this.#turn.then(() => this.#reload());
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #reload(): Promise<Reload> {
    const next = this.#read();
    const reload = this.#compare(next);
    this.#log.info(reload, "Reloading the configuration.");
    this.#log.level = next.log.level;
    await this.#service.reconfigure(next.plugins);
    const failed = Object.entries(this.#service.host.status()).filter(([, { state }]) => state === "failed");
    this.#log.info("The configuration is reloaded.");
    if (failed.length === 0) return reload;
    throw new Failure("failed", failed.map(([name, { reason }]) => `${name} did not start: ${reason}`).join("\n"));
  }

  #compare(next: Config): Reload {
    const sections = ["component", "service", "storage", "control"] as const;
    const changed = sections.flatMap((section) => {
      const [before, after] = [Object.entries(this.#started[section]), new Map(Object.entries(next[section]))];
      return before.filter(([key, value]) => !sameOptions(value, after.get(key))).map(([key]) => `${section}.${key}`);
    });
    return { plan: this.#service.host.plan(next.plugins), atNextStart: changed };
  }
}

export function reloadTable({ plan, atNextStart }: Reload): string {
  const later = atNextStart.map((option) => `\n${option} changed: that counts from the next start on.`);
  return planTable(plan) + later.join("");
}
