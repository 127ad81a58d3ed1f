import { About } from "./about.ts";
import { Channels, channelsFor } from "./channel/channels.ts";
import { FanOut, type Wire } from "./channel/fan-out.ts";
import type { Generation } from "./channel/generation.ts";
import { Reception } from "./channel/reception.ts";
import { Registry } from "./channel/registry.ts";
import type { Cluster } from "./cluster/cluster.ts";
import { Commands } from "./commands/command.ts";
import type { CommandTable } from "./commands/table.ts";
import { Container } from "./container.ts";
import { Entrance, Judges } from "./entrance.ts";
import type { Clock } from "./host/clock.ts";
import { Host } from "./host/host.ts";
import type { Logger, Plugin } from "./host/plugin.ts";
import { Load } from "./load.ts";
import { Post, PostOffice } from "./post.ts";
import { powersFor } from "./powers.ts";
import type { Store } from "./storage/store.ts";
import { FeatureList, Features } from "./xmpp/features.ts";
import { Requests } from "./xmpp/requests.ts";
import { Room } from "./xmpp/room.ts";
import { Router } from "./xmpp/router.ts";
import { type Element, serialize } from "./xmpp/xml.ts";

/** What an operator decides about the service as a whole. */
export interface ServiceOptions {
  readonly domain: string;
  readonly name: string;
  readonly operators: readonly string[];
  readonly defaultGeneration: Generation;
}

/** What the engine stands on. */
export interface Ground {
  readonly store: Store;
  readonly wire: Wire;
  readonly clock: Clock;
  readonly log: Logger;
  readonly commands: CommandTable;
  readonly version: string;
  /** The processes that serve the domain together, where there are several. */
  readonly cluster?: Cluster;
}

/** The service between a stream and a store: stanzas go in by `receive`, and come out on the wire. */
export class Engine {
  readonly host: Host;
  readonly registry: Registry;
  readonly fanOut: FanOut;
  readonly #post: PostOffice;
  readonly #router: Router;
  readonly #load: Load;
  readonly #cluster: Cluster | undefined;
  readonly #requests: Requests;
  readonly #room: Room;

  constructor(
    plugins: readonly Plugin[],
    options: ServiceOptions,
    { store, wire, clock, log, commands, version, cluster }: Ground,
  ) {
    const load = new Load((held) => wire.hold(held));
    this.#load = load;
    this.#cluster = cluster;
    const send = (stanza: Element | string) => wire.write(typeof stanza === "string" ? stanza : serialize(stanza));
    const features = new FeatureList();
    this.#requests = new Requests(send, clock, cluster?.tag);
    this.#room = new Room(wire);
    this.host = new Host(plugins, {
      clock,
      log,
      container: new Container().value(About, { ...options, version }).value(Features, features),
      powers: powersFor({ send, requests: this.#requests, features, store }),
    });
    this.#post = new PostOffice(wire, this.host, () => this.fanOut.proceed());
    this.host.provide(Post, (consumer) => this.#post.for(consumer));
    this.fanOut = new FanOut(this.#post, log, load);
    this.registry = new Registry({
      ...options,
      store,
      load,
      room: this.#room,
      fanOut: this.fanOut,
      clock,
      log,
      host: this.host,
      isStuck: () => wire.isStuck,
      ...(cluster && { cluster }),
    });
    this.host.provide(Channels, (consumer) => channelsFor(this.registry, consumer));
    this.host.provide(Commands, (consumer) => commands.for(consumer));
    const judges = new Judges(this.host);
    this.host.provide(Entrance, (consumer) => judges.for(consumer));
    const reception = new Reception(this.registry, this.host);
    this.#router = new Router({
      admit: judges.admit,
      answer: (stanza, from, to) => reception.answer(stanza, from, to),
      settle: (reply, from) => this.#requests.settle(reply, from),
      send: (stanza) => void send(stanza),
      room: this.#room,
      log,
      load,
      clock,
    });
  }

  receive(stanza: Element): void {
    if (this.#post.takes(stanza)) return;
    if (this.#cluster) this.#cluster.receive(stanza);
    else this.#router.receive(stanza);
  }

  /** Serves, beside others, the channels that are this process's own. */
  join(): void {
    const cluster = this.#cluster;
    if (!cluster) return;
    this.host.core.handle("service/status", () => cluster.status);
    cluster.begin({
      receive: (stanza, done) => (this.#post.takes(stanza) ? done() : this.#router.receive(stanza, done)),
      refuse: (stanza, error) => this.#router.refuse(stanza, error),
      settled: (channel) => this.registry.settled(channel),
      release: (channel) => this.registry.release(channel),
      load: this.#load,
    });
  }

  /** Senders whose stanzas are being answered. */
  get busy(): number {
    return this.#router.busy;
  }

  online(): void {
    this.#post.announce("online");
    this.fanOut.flush();
  }

  offline(): void {
    this.#requests.disconnected();
    this.#post.announce("offline");
    this.#room.open();
  }

  /** The server has taken all it was sent, after it was owed too much: on with what waits. */
  cleared(): void {
    this.fanOut.proceed();
    this.#room.open();
  }
}
