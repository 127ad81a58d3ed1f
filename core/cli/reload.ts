import { Failure } from "../commands/failure.ts";
import type { Plan } from "../host/host.ts";
import { sameOptions } from "../host/options.ts";
import type { Masque } from "../masque.ts";
import type { Guest, Used } from "./blocks.ts";
import type { Config } from "./config.ts";
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

type Read = (known: Used) => Promise<Config>;

/** Brings a running service in line with its changed configuration file. */
export class Reloader {
  readonly #read: Read;
  readonly #started: Config;
  /** Every plugin of another maker that was ever in effect: the host keeps what it knows. */
  readonly #known: Map<string, Guest>;
  readonly #service: Masque;
  readonly #log: Logbook;
  #turn: Promise<unknown> = Promise.resolve();

  /**
   * @param read the configuration as it is now, when these plugins of other makers are loaded; throws ConfigMistakes
   * @param started the one the service was started with
   */
  constructor(read: Read, started: Config, service: Masque, log: Logbook) {
    this.#read = read;
    this.#started = started;
    this.#known = new Map(started.used);
    this.#service = service;
    this.#log = log;
  }

  /** What a reload would do now. Throws ConfigMistakes. */
  async plan(): Promise<Reload> {
    return this.#compare(await this.#read(this.#known));
  }

  /** Throws ConfigMistakes, and then nothing has changed; a Failure when a plugin did not start. One at a time. */
  reload(): Promise<Reload> {
    const done = this.#turn.then(() => this.#reload());
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #reload(): Promise<Reload> {
    const next = await this.#read(this.#known);
    const reload = this.#compare(next);
    this.#log.info(reload, "Reloading the configuration.");
    this.#log.level = next.log.level;
    await this.#service.reconfigure(next.plugins, next.catalogue);
    for (const [name, used] of next.used) if (!this.#known.has(name)) this.#known.set(name, used);
    const failed = Object.entries(this.#service.host.status()).filter(([, { state }]) => state === "failed");
    this.#log.info("The configuration is reloaded.");
    if (failed.length === 0) return reload;
    throw new Failure("failed", failed.map(([name, { reason }]) => `${name} did not start: ${reason}`).join("\n"));
  }

  #compare(next: Config): Reload {
    const sections = ["component", "service", "storage", "cluster", "control"] as const;
    const changed = sections.flatMap((section) => {
      const [before, after] = [
        Object.entries(this.#started[section] ?? {}),
        new Map(Object.entries(next[section] ?? {})),
      ];
      return before.filter(([key, value]) => !sameOptions(value, after.get(key))).map(([key]) => `${section}.${key}`);
    });
    const moved = [...next.used].filter(([name, { use }]) => use !== (this.#known.get(name)?.use ?? use));
    return {
      plan: this.#service.host.plan(next.plugins, next.catalogue),
      atNextStart: [...changed, ...moved.map(([name]) => `plugins.${name}.use`)],
    };
  }
}

export function reloadTable({ plan, atNextStart }: Reload): string {
  const later = atNextStart.map((option) => `\n${option} changed: that counts from the next start on.`);
  return planTable(plan) + later.join("");
}
