import { EventEmitter, once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Channels } from "../../core/channel/channels.ts";
import { type Clock, systemClock } from "../../core/host/clock.ts";
import type { Desired, Host } from "../../core/host/host.ts";
import type { Logger, Plugin } from "../../core/host/plugin.ts";
import { Masque } from "../../core/masque.ts";
import { LeakOracle } from "../../core/testing/leak-oracle.ts";
import { parseJid } from "../../core/xmpp/jid.ts";
import { type Element, serialize } from "../../core/xmpp/xml.ts";
import { bundled } from "../../plugins/index.ts";
import { freshUrl } from "../fresh-url.ts";
import { type HostServer, hostServer } from "../host-server.ts";
import { Person, SERVICE } from "./person.ts";

/** All plugins, and nobody is kept from sending as often as a test likes. */
export const UNLIMITED: Desired = {
  ...Object.fromEntries(bundled.map(({ name }) => [name, {}])),
  limits: { sender_burst: 1_000_000, channel_burst: 1_000_000 },
};

export interface PlayOptions {
  /** Plugins beside those that come with Masque. */
  readonly guests?: readonly Plugin[];
  /** Which plugins run, and their options; all of them without it. */
  readonly plugins?: Desired;
  readonly clock?: Clock;
  /** The leak oracle takes what anybody writes for a leak: it is off where people write any words at all. */
  readonly isUnwatched?: boolean;
}

/** The whole service on a real socket and a real file, with a server that a test writes the words of. */
export class Play {
  readonly folder = mkdtempSync(join(tmpdir(), "masque-play-"));
  server!: HostServer;
  storage!: string;
  masque!: Masque;
  /** What was registered before any plugin started. */
  first!: ReturnType<Host["snapshot"]>;
  /** What the service has logged, oldest first. */
  readonly lines: string[] = [];
  /** Those of them that were errors. */
  readonly errors: string[] = [];
  readonly #options: PlayOptions;
  readonly #bus = new EventEmitter().setMaxListeners(0);
  readonly #people = new Map<string, Person>();
  #channels!: Channels;
  readonly #oracle = new LeakOracle();
  readonly #leaks: string[] = [];

  private constructor(options: PlayOptions) {
    this.#options = options;
  }

  static async begin(options: PlayOptions = {}): Promise<Play> {
    const play = new Play(options);
    play.server = await hostServer();
    play.storage = await freshUrl(join(play.folder, "masque.db"));
    if (!options.isUnwatched) play.server.reader = (stanza) => play.#read(stanza);
    await play.start();
    return play;
  }

  /** Starts the service, or a new one on what the last has left. */
  async start(): Promise<void> {
    const { guests = [], plugins, clock = systemClock } = this.#options;
    const catalogue = [...bundled, ...guests];
    const options = {
      host: "127.0.0.1",
      port: this.server.port,
      secret: this.server.secret,
      domain: SERVICE,
      name: "Shakespearean Chat Service",
      operators: [],
      defaultGeneration: 1,
      storage: this.storage,
      plugins: plugins ?? Object.fromEntries(catalogue.map(({ name }) => [name, {}])),
    } as const;
    this.masque = new Masque(catalogue, options, this.#log(), clock);
    await this.masque.start((host) => {
      this.#channels = host.core.get(Channels);
      this.first = host.snapshot();
    });
  }

  async restart(): Promise<void> {
    await this.masque.stop();
    await this.start();
  }

  async end(): Promise<void> {
    if (this.server.connected) this.server.drop();
    await this.masque.stop();
    await this.server.close();
    rmSync(this.folder, { recursive: true });
    if (this.#leaks.length > 0) throw new Error(`Leaked:\n${this.#leaks.join("\n")}`);
  }

  #read(stanza: Element): void {
    const local = parseJid(stanza.attrs.from)?.local ?? "";
    const channel = local && this.#channels.find(local.slice(local.indexOf("#") + 1));
    if (channel && !(channel instanceof Promise)) this.#leaks.push(...this.#oracle.leaksIn(stanza, [channel]));
  }

  /** Somebody of shakespeare.example; the same for the same name. */
  person(name: string): Person {
    let person = this.#people.get(name);
    if (!person) {
      person = new Person(this, name);
      this.#people.set(name, person);
    }
    return person;
  }

  /** Hands stanzas to the service, all in one packet. */
  async sends(...stanzas: Element[]): Promise<void> {
    for (const stanza of stanzas) this.#oracle.hears(stanza);
    await this.server.write(stanzas.map(serialize).join(""));
  }

  /** Until the service has logged a line with these words for the `count`th time. */
  async logs(words: string, count = 1): Promise<void> {
    while (this.lines.filter((line) => line.includes(words)).length < count) await once(this.#bus, "line");
  }

  #log(): Logger {
    const note = (data: object | string, text?: string) => {
      this.lines.push(text ?? String(data));
      this.#bus.emit("line");
    };
    const error = (data: object | string, text?: string) => {
      const cause = typeof data === "object" && "err" in data ? `: ${(data.err as Error).stack}` : "";
      this.errors.push(`${text ?? data}${cause}`);
      note(data, text);
    };
    return { debug: () => {}, info: note, warn: note, error };
  }
}
