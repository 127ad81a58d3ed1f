import type { Host, Plan, Status } from "../host/host.ts";
import type { Plugin } from "../host/plugin.ts";

/** One plugin, as the page shows it. */
export interface Switch {
  readonly name: string;
  readonly summary: string;
  readonly state: Status["state"];
  /** Why it failed, or what it waits for. */
  readonly reason?: string | undefined;
  /** What switching it, on or off, would stop and start. */
  readonly plan: Plan;
}

/** The plugins of the service that runs on the stage, to be switched while it runs. */
export class Switches {
  readonly #host: Host;
  readonly #catalogue: readonly Plugin[];

  /** @param catalogue the plugins there are */
  constructor(host: Host, catalogue: readonly Plugin[]) {
    this.#host = host;
    this.#catalogue = catalogue;
  }

  list(): Switch[] {
    const status = this.#host.status();
    return this.#catalogue.map(({ name, summary }) => {
      const { state = "off", reason } = status[name] ?? {};
      return { name, summary, state, reason, plan: this.#plan(name, state === "off") };
    });
  }

  has(name: string): boolean {
    return this.#catalogue.some((plugin) => plugin.name === name);
  }

  async turn(name: string, isOn: boolean): Promise<void> {
    await (isOn ? this.#host.enable(name) : this.#host.disable(name));
  }

  // On the stage every plugin is as it is by itself: without options.
  #plan(name: string, isOn: boolean): Plan {
    const wanted = Object.entries(this.#host.status()).filter(([each, { state }]) => each !== name && state !== "off");
    const names = [...wanted.map(([each]) => each), ...(isOn ? [name] : [])];
    return this.#host.plan(Object.fromEntries(names.map((each) => [each, {}])));
  }
}
