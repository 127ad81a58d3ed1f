import { bundled } from "../../plugins/index.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Outcome } from "../commands/command.ts";
import { CommandTable } from "../commands/table.ts";
import type { Service } from "../container.ts";
import { Engine, type ServiceOptions } from "../engine.ts";
import type { Desired } from "../host/host.ts";
import type { Fault, Logger, Plugin } from "../host/plugin.ts";
import type { Store } from "../storage/store.ts";
import { parseJid } from "../xmpp/jid.ts";
import { parseStanza, stanzasIn } from "../xmpp/parse.ts";
import type { Element } from "../xmpp/xml.ts";
import { Actor } from "./actor.ts";
import { emptyStore } from "./empty-store.ts";
import { HandClock } from "./hand-clock.ts";
import { LeakOracle } from "./leak-oracle.ts";

export interface TestOptions extends Partial<ServiceOptions> {
  /** Which plugins run, and their options; without it the given ones run, and what they and the actors need. */
  readonly plugins?: Desired;
  /** A store to stand on, such as one that another host was closed on; an empty one without it. */
  readonly store?: Store;
  /** The processes among which this host is one; `store` is what they share. */
  readonly cluster?: Cluster;
}

const BASIC = ["channels", "participants", "messages"];
const SERVICE: ServiceOptions = {
  domain: "mix.shakespeare.example",
  name: "Shakespearean Chat Service",
  operators: [],
  defaultGeneration: 1,
};

/**
 * A host for a test: the real engine with an empty store, a clock that stands still, and a wire that remembers.
 * Everything sent is read by the leak oracle.
 * @example
 * const { hecate, hag66 } = await testHost([mentionsOnly]).coven("hecate", "hag66");
 */
export function testHost(plugins: readonly Plugin[] = [], options: TestOptions = {}): TestHost {
  return new TestHost(plugins, options);
}

export class TestHost {
  readonly clock = new HandClock();
  /** What went wrong, in the words of the log. */
  readonly complaints: string[] = [];
  /** False: the stream to the server is down. */
  online = true;
  /** True: the server takes less than it is sent. */
  isCongested = false;
  /** True: the server has not taken anything for a while. */
  isStuck = false;
  /** True: the service takes nothing more from the stream for now. */
  isHeld = false;
  /**
   * Services of the server, by domain: what is sent to one is its own business, such as the addresses a multicast service
   * is given; what people get of it, it hands on.
   */
  readonly services = new Map<string, (stanza: Element) => void>();
  readonly #catalogue: readonly Plugin[];
  readonly #options: TestOptions;
  readonly #sent: { text: string; stanza: Element }[] = [];
  readonly #actors = new Map<string, Actor>();
  readonly #oracle = new LeakOracle();
  readonly #leaks: string[] = [];
  readonly #commands = new CommandTable();
  #started: Promise<{ engine: Engine; store: Store }> | undefined;
  #engine: Engine | undefined;

  constructor(plugins: readonly Plugin[], options: TestOptions) {
    const own = new Set(plugins.map((plugin) => plugin.name));
    this.#catalogue = [...plugins, ...bundled.filter((plugin) => !own.has(plugin.name))];
    this.#options = { ...options, plugins: options.plugins ?? this.#needed([...BASIC, ...own]) };
  }

  /** Starts the plugins; every other method does so by itself. */
  async start(): Promise<this> {
    this.#started ??= this.#start();
    await this.#started;
    return this;
  }

  /** The engine underneath, once it was started. */
  get engine(): Engine {
    if (!this.#engine) throw new Error("The test host has not been started: await start() first.");
    return this.#engine;
  }

  /** A service of a running plugin, or of the core. */
  use<T>(service: Service<T>): T {
    return this.engine.host.core.get(service);
  }

  /** People of shakespeare.example, in a channel "coven" that the first of them has created. */
  async coven<N extends string>(...names: N[]): Promise<Record<N, Actor> & { host: TestHost }> {
    const actors = names.map((name) => this.actor(name));
    await actors[0]?.creates("coven");
    for (const actor of actors) await actor.joins("coven");
    return { ...Object.fromEntries(actors.map((actor) => [actor.name, actor])), host: this } as Record<N, Actor> & {
      host: TestHost;
    };
  }

  /** Somebody of shakespeare.example, with one client; the same one for the same name. */
  actor(name: string): Actor {
    let actor = this.#actors.get(name);
    if (!actor) {
      actor = new Actor(this, name);
      this.#actors.set(name, actor);
    }
    return actor;
  }

  /** Hands a stanza to the service as the server would, and waits until all is done that follows from it. */
  async receive(stanza: Element | string): Promise<Element[]> {
    const before = this.#sent.length;
    this.push(stanza);
    await this.settled();
    return this.#sent.slice(before).map(({ stanza }) => stanza);
  }

  /** Hands a stanza to the service and does not wait. */
  push(stanza: Element | string): void {
    const parsed = typeof stanza === "string" ? parseStanza(stanza) : parseStanza(stanza.toString());
    this.#oracle.hears(parsed);
    this.engine.receive(parsed);
  }

  /** A stanza from a service of the server, for the component or for people: what people get is read by the oracle. */
  handOn(stanza: Element): void {
    if (parseJid(stanza.attrs.to)?.domain === this.engine.registry.domain) this.push(stanza);
    else this.#deliver(parseStanza(stanza.toString()));
  }

  /** Until nothing is under way any more. Throws if anything leaked. */
  async settled(): Promise<void> {
    const { engine, store } = await (this.#started ??= this.#start());
    do {
      await store.put([]);
      await new Promise((resolve) => setImmediate(resolve));
    } while (engine.busy > 0 || !engine.registry.idle || engine.fanOut.busy || this.#options.cluster?.idle === false);
    if (this.#leaks.length > 0) throw new Error(`Leaked:\n${this.#leaks.splice(0).join("\n")}`);
  }

  /** Every stanza sent so far, as text. */
  sent(): string[] {
    return this.#sent.map(({ text }) => text);
  }

  /** Every stanza sent so far to this JID, bare or full. */
  sentTo(jid: string): Element[] {
    return this.#sent
      .map(({ stanza }) => stanza)
      .filter(({ attrs }) => attrs.to === jid || attrs.to?.startsWith(`${jid}/`));
  }

  /** What a command comes to: `await host.command("channel", "show", "coven")`. Throws a Failure. */
  async command(...words: string[]): Promise<Outcome> {
    await this.start();
    return this.#commands.obey(words);
  }

  /** Crashes of plugins so far. */
  faults(): Fault[] {
    return this.engine.host.faults();
  }

  /** The stream to the server goes down, or comes back. */
  stream(is: "up" | "down"): void {
    this.online = is === "up";
    if (this.online) this.engine.online();
    else this.engine.offline();
  }

  /** Stops every plugin and lets go of the store. */
  async stop(): Promise<void> {
    const { engine, store } = await (this.#started ??= this.#start());
    await engine.host.stop();
    if (store !== this.#options.store) await store.close();
  }

  async #start(): Promise<{ engine: Engine; store: Store }> {
    const store = this.#options.store ?? (await emptyStore());
    const host = this;
    const wire = {
      get online() {
        return host.online;
      },
      get isCongested() {
        return host.isCongested;
      },
      get isStuck() {
        return host.isStuck;
      },
      hold: (held: boolean) => {
        this.isHeld = held;
      },
      write: (text: string) => this.online && this.#write(text),
      writeAll: (pieces: readonly Uint8Array[]) => this.online && this.#write(Buffer.concat(pieces).toString()),
    };
    const engine = new Engine(
      this.#catalogue,
      { ...SERVICE, ...this.#options },
      {
        ...{ store, wire, clock: this.clock, log: this.#log(), commands: this.#commands, version: "0.0.0-test" },
        ...(this.#options.cluster && { cluster: this.#options.cluster }),
      },
    );
    this.#engine = engine;
    await engine.host.apply(this.#options.plugins ?? {});
    engine.join();
    return { engine, store };
  }

  #write(text: string): true {
    for (const stanza of stanzasIn(text)) {
      const { local, domain } = parseJid(stanza.attrs.to) ?? { local: "", domain: "" };
      const service = local === "" ? this.services.get(domain) : undefined;
      if (!service) this.#deliver(stanza);
      else {
        this.#sent.push({ text: stanza.toString(), stanza });
        service(stanza);
      }
    }
    return true;
  }

  #deliver(stanza: Element): void {
    this.#leaks.push(...this.#oracle.leaksIn(stanza, this.engine.registry.loaded()));
    this.#sent.push({ text: stanza.toString(), stanza });
  }

  #needed(names: readonly string[], needed = new Set<string>()): Desired {
    for (const name of names) {
      if (needed.has(name)) continue;
      needed.add(name);
      const plugin = this.#catalogue.find((each) => each.name === name || each.provides?.includes(name));
      this.#needed(plugin?.dependsOn ?? [], needed);
    }
    return Object.fromEntries([...needed].map((name) => [name, {}]));
  }

  #log(): Logger {
    const complain = (data: object | string, text?: string) =>
      void this.complaints.push(typeof data === "string" ? data : (text ?? ""));
    return { debug: () => {}, info: () => {}, warn: complain, error: complain };
  }
}
