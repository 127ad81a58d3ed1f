import { type ClusterOptions, type Joined, joinCluster } from "./cluster/open.ts";
import { CommandTable } from "./commands/table.ts";
import { Engine, type ServiceOptions } from "./engine.ts";
import { type Clock, systemClock } from "./host/clock.ts";
import type { Desired, Host, Plan } from "./host/host.ts";
import type { Logger, Plugin } from "./host/plugin.ts";
import { openStore } from "./storage/open.ts";
import type { Failures, Store } from "./storage/store.ts";
import { StoreError } from "./storage/store-error.ts";
import { VERSION } from "./version.ts";
import { Connection } from "./xmpp/connection.ts";
import { type FatalStreamError, StreamFault } from "./xmpp/stream-fault.ts";
import { Streams } from "./xmpp/streams.ts";

/** Everything an operator decides. */
export interface MasqueOptions extends ServiceOptions {
  /** The server's port for components (XEP-0114). */
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  /** "sqlite:FILE", "sqlite::memory:" or "postgres://USER@HOST/DATABASE". */
  readonly storage: string;
  readonly plugins: Desired;
  /** Where this is one of several processes that serve the domain. */
  readonly cluster?: ClusterOptions;
}

/** The whole program: an engine, its store, and its connection to the server. */
export class Masque {
  readonly #options: MasqueOptions;
  readonly #catalogue: readonly Plugin[];
  readonly #log: Logger;
  readonly #clock: Clock;
  /** What an operator can have it do; there before it has started. */
  readonly commands = new CommandTable();
  #store: Store | undefined;
  #engine: Engine | undefined;
  #joined: Joined | undefined;
  #connection: Connection | Streams | undefined;
  #opening: Promise<Connection | Streams> | undefined;
  #isStopping = false;

  constructor(catalogue: readonly Plugin[], options: MasqueOptions, log: Logger, clock: Clock = systemClock) {
    this.#catalogue = catalogue;
    this.#options = options;
    this.#log = log;
    this.#clock = clock;
  }

  get host(): Host {
    if (!this.#engine) throw new Error("The service has not been started.");
    return this.#engine.host;
  }

  get online(): boolean {
    return this.#connection?.online ?? false;
  }

  /** What the store could not do. */
  get storage(): Failures {
    return this.#store?.failures() ?? { count: 0 };
  }

  /** Fulfilled when the connection has given up for good, or other processes have taken over. */
  get failed(): Promise<FatalStreamError | StoreError> {
    if (!this.#connection) throw new Error("The service has not been started.");
    const deposed = this.#joined?.cluster.deposed.then(() => new StoreError(DEPOSED));
    return deposed ? Promise.race([this.#connection.failed, deposed]) : this.#connection.failed;
  }

  /**
   * Opens the store, starts the plugins and connects; resolves when first online.
   * @param prepare called before any plugin starts
   * @throws StoreError, ConfigError, FatalStreamError when the server will never have it so, StreamFault when stopped
   */
  async start(prepare: (host: Host) => void = () => {}): Promise<void> {
    this.#opening = this.#open(prepare);
    const connection = await this.#opening;
    if (this.#isStopping) throw new StreamFault("The service was stopped before it was online.");
    await connection.start();
  }

  async #open(prepare: (host: Host) => void): Promise<Connection | Streams> {
    const { host, port, domain, secret, storage, plugins, cluster: shared } = this.#options;
    const [log, clock] = [this.#log, this.#clock];
    this.#joined = shared && (await joinCluster(storage, shared, secret, log));
    this.#store = this.#joined?.store ?? (await openStore(storage, log));
    const { cluster } = this.#joined ?? {};
    const connection = new (cluster ? Streams : Connection)(
      { host, port, domain, secret, clock, log, shares: shared?.streams ?? 1 },
      {
        stanza: (stanza) => engine.receive(stanza),
        online: () => {
          log.info({ domain, host, port }, "Connected to the server.");
          engine.online();
        },
        cleared: () => engine.cleared(),
        offline: (reason) => {
          if (!this.#isStopping) log.warn({ domain, reason }, "The connection to the server is lost.");
          engine.offline();
        },
      },
    );
    const wire = {
      get online() {
        return connection.online;
      },
      get isCongested() {
        return connection.congestion !== "clear";
      },
      get isStuck() {
        return connection.congestion === "stuck";
      },
      hold: (held: boolean) => connection.hold(held),
      write: (text: string) => connection.write(text),
      writeAll: (pieces: readonly Uint8Array[]) => connection.writeAll(pieces),
    };
    const engine = new Engine(this.#catalogue, this.#options, {
      store: this.#store,
      wire,
      clock,
      log,
      commands: this.commands,
      version: VERSION,
      ...(cluster && { cluster }),
    });
    this.#engine = engine;
    this.#connection = connection;
    prepare(engine.host);
    await engine.host.apply(plugins);
    engine.join();
    if (shared && connection instanceof Streams) await cluster?.shareOut(connection, shared.streams);
    return connection;
  }

  /**
   * Converges to other plugins and options; returns what was stopped and started.
   * @param catalogue all plugins there are now
   */
  reconfigure(plugins: Desired, catalogue: readonly Plugin[]): Promise<Plan> {
    return this.host.apply(plugins, catalogue);
  }

  /** Stops the plugins, writes and sends what was accepted, and says goodbye. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    // What is still being opened could not be closed; `start` tells why it failed.
    await Promise.allSettled([this.#opening]);
    await this.#engine?.host.stop();
    await this.#store?.close();
    await this.#engine?.fanOut.emptied();
    await this.#connection?.stop();
    await this.#joined?.census.close();
    this.#joined?.cluster.close();
  }
}

const DEPOSED =
  "Other processes have taken over from this one, which could not reach the database: what it remembers is no longer true. Start it again.";
