import type { Catalogue } from "./catalogue.ts";
import { inTime } from "./clock.ts";
import { contextOf } from "./context.ts";
import type { Kernel } from "./kernel.ts";
import type { Options } from "./options.ts";
import type { Owner } from "./owner.ts";
import { type Roster, unmet } from "./plan.ts";
import { Scope } from "./scope.ts";

export interface Status {
  readonly state: "on" | "off" | "failed" | "waiting";
  /** It crashed since it started. */
  readonly degraded: boolean;
  /** How often it crashed since the host was made. */
  readonly faults: number;
  /** Labels of everything that will be undone when it stops. */
  readonly holds: readonly string[];
  /** Why it failed, or what it waits for. */
  readonly reason?: string;
}

/** How long a setup may take. */
const SETUP = 10_000;

/** The plugins that run, and those that could not: starts and stops them one at a time. */
export class Crew {
  readonly #kernel: Kernel;
  #catalogue: Catalogue;
  readonly #running = new Map<string, Owner>();
  readonly #failed = new Map<string, string>();
  readonly #kept = new Map<string, Map<string, unknown>>();

  constructor(kernel: Kernel, catalogue: Catalogue) {
    this.#kernel = kernel;
    this.#catalogue = catalogue;
  }

  /** Goes by another catalogue from now on: one that knows all that the one before knew. */
  follow(catalogue: Catalogue): void {
    if (catalogue === this.#catalogue) return;
    this.#catalogue = catalogue;
    this.#kernel.sort();
  }

  get running(): Roster {
    return new Map([...this.#running].map(([name, { options }]) => [name, options]));
  }

  /** Whether a plugin is fully started and not about to stop. */
  runs(name: string): boolean {
    return this.#running.get(name)?.scope.open ?? false;
  }

  /** All or nothing: a setup that throws or stalls leaves the plugin failed, and nothing of it behind. */
  async start(name: string, options: Options): Promise<void> {
    const { clock, faults, log, services, votes } = this.#kernel;
    if (unmet(this.#catalogue, name, this.#running).length > 0) return;
    const scope = new Scope(`The plugin "${name}"`);
    const rank = () => this.#catalogue.rank(name);
    const owner: Owner = { name, rank, options, kept: new Map(this.#kept.get(name)), scope };
    this.#failed.delete(name);
    faults.forgive(name);
    try {
      const setup = Promise.resolve(this.#catalogue.get(name)!.setup(contextOf(this.#kernel, owner)));
      if (!(await inTime(clock, SETUP, setup))) throw new Error(`Its setup did not finish within ${SETUP / 1000} s.`);
    } catch (error) {
      await this.rollback(owner);
      this.#failed.set(name, error instanceof Error ? error.message : String(error));
      log.error({ plugin: name, err: error }, `The plugin "${name}" could not start.`);
      return;
    }
    this.#running.set(name, owner);
    this.#kept.set(name, owner.kept);
    scope.admit(true);
    votes.touch();
    services.publish(scope);
    log.debug({ plugin: name }, "started");
  }

  async rollback(owner: Owner): Promise<void> {
    await this.#kernel.end(owner);
  }

  async stop(name: string): Promise<void> {
    await this.#kernel.end(this.#running.get(name)!);
    this.#running.delete(name);
    this.#kernel.log.debug({ plugin: name }, "stopped");
  }

  /** Drops what is remembered about plugins that shall not run any more. */
  forget(wanted: Roster): void {
    for (const name of this.#kept.keys()) if (!wanted.has(name)) this.#kept.delete(name);
    for (const name of this.#failed.keys()) if (!wanted.has(name)) this.#failed.delete(name);
  }

  status(name: string, wanted: Roster): Status {
    const { faults } = this.#kernel;
    const holds = this.#running.get(name)?.scope.holds() ?? [];
    const health = { degraded: faults.isDegraded(name), faults: faults.count(name), holds };
    const failure = this.#failed.get(name);
    if (this.#running.has(name)) return { state: "on", ...health };
    if (!wanted.has(name)) return { state: "off", ...health, degraded: false };
    if (failure !== undefined) return { state: "failed", ...health, reason: failure };
    return { state: "waiting", ...health, reason: this.#waitsFor(name, wanted) };
  }

  #waitsFor(name: string, wanted: Roster): string {
    const lacking = unmet(this.#catalogue, name, this.#running).map((need) => {
      const provider = this.#catalogue.providers(need).find((plugin) => wanted.has(plugin.name))?.name;
      if (provider === undefined) return `"${need}", which is off`;
      return `"${need}", which ${this.#failed.has(provider) ? "failed" : "waits itself"}`;
    });
    return lacking.length > 0 ? `It waits for ${lacking.join(", and for ")}.` : "It is about to start.";
  }

  /** What each running plugin will have to undo, whenever it did it, and the keys of what would survive its reload. */
  snapshot() {
    return {
      holds: byName(this.#running, ({ scope }) => scope.holds().sort()),
      kept: byName(this.#kept, (kept) => [...kept.keys()].sort()),
    };
  }
}

function byName<T>(map: ReadonlyMap<string, T>, view: (value: T) => string[]): Record<string, string[]> {
  return Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => [name, view(value)]));
}
