import { createHash } from "node:crypto";
import { Actor, type TestHost, type TestOptions, testHost } from "masque/testing";
import type { Census } from "../../../core/cluster/census.ts";
import { Cluster } from "../../../core/cluster/cluster.ts";
import { openDoor } from "../../../core/cluster/peers.ts";
import { openShared } from "../../../core/storage/postgres/open.ts";
import type { Store } from "../../../core/storage/store.ts";
import type { Element } from "../../../core/xmpp/xml.ts";
import { freePorts } from "../../servers/server.ts";
import { CuttingProxy } from "../storage/cutting-proxy.ts";

export const SECRET = "toil and trouble";
const LOG = { debug() {}, info() {}, warn() {}, error() {} };

/** One process of several, as far as a test can have several: a host with links and a store of its own. */
export interface Hand {
  readonly host: TestHost;
  readonly cluster: Cluster;
  readonly census: Census;
  readonly store: Store;
  /** Its way to the database. */
  readonly proxy: CuttingProxy;
}

/** Several hosts on one database, and a server that gives each its share of the stanzas, by whom they are for. */
export class Crew {
  /** Those who have a share, in the order of the shares. */
  readonly hands: Hand[] = [];
  readonly #all: Hand[] = [];
  readonly url: string;
  readonly #options: TestOptions;
  readonly #actors = new Map<string, Actor>();

  constructor(url: string, options: TestOptions = {}) {
    this.url = url;
    this.#options = options;
  }

  /** One more process comes, and has a share from now on. */
  async join(): Promise<Hand> {
    const [port] = await freePorts(1);
    const address = `127.0.0.1:${port}`;
    const proxy = await CuttingProxy.to(Number(new URL(this.url).port));
    const { store, census } = await openShared(this.url.replace(/:\d+\//, `:${proxy.port}/`), address);
    const cluster = new Cluster(census, await openDoor(address), SECRET, LOG);
    const host = testHost([], { ...this.#options, store, cluster });
    const hand = { host, cluster, census, store, proxy };
    await host.start();
    await census.ready();
    this.hands.push(hand);
    this.#all.push(hand);
    return hand;
  }

  /** Which of them the server gives what is for this address. */
  at(jid: string): Hand {
    const bare = jid.split("/")[0] as string;
    const hash = createHash("md5").update(bare).digest().readUInt32BE();
    return this.hands[hash % this.hands.length] as Hand;
  }

  actor(name: string): Actor {
    const actor = this.#actors.get(name) ?? new Actor(this, name);
    this.#actors.set(name, actor);
    return actor;
  }

  async start(): Promise<never> {
    return this as never;
  }

  async receive(stanza: Element): Promise<Element[]> {
    this.at(stanza.attrs.to ?? "").host.push(stanza);
    await this.settled();
    return [];
  }

  async settled(): Promise<void> {
    // What one has done may be news to another.
    for (let i = 0; i < 2; i++) for (const { host } of this.hands) await host.settled();
  }

  sentTo(jid: string): Element[] {
    return this.#all.flatMap(({ host }) => host.sentTo(jid));
  }

  /** In whose memory a channel is. */
  holders(name: string): Hand[] {
    return this.hands.filter(({ host }) => [...host.engine.registry.loaded()].some((each) => each.name === name));
  }

  /** As a process ends that is told to. */
  async leave(hand: Hand): Promise<void> {
    this.hands.splice(this.hands.indexOf(hand), 1);
    await hand.host.stop();
    await hand.store.close();
    await hand.census.close();
    hand.cluster.close();
    await hand.proxy.close();
    this.#all.splice(this.#all.indexOf(hand), 1);
  }

  /** As a process ends that is killed: its connections are cut, and nobody listens where it listened. */
  async kill(hand: Hand): Promise<void> {
    this.hands.splice(this.hands.indexOf(hand), 1);
    hand.host.online = false;
    hand.cluster.close();
    await hand.proxy.close();
  }

  async close(): Promise<void> {
    for (const hand of [...this.hands]) await this.leave(hand);
    for (const { host, store, census, proxy } of this.#all) {
      await Promise.all([host.stop(), store.close(), census.close(), proxy.close().catch(() => {})]);
    }
  }
}
