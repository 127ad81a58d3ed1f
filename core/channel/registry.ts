import type { Clock } from "../host/clock.ts";
import type { Host } from "../host/host.ts";
import type { Logger } from "../host/plugin.ts";
import type { Load } from "../load.ts";
import type { Expiry, ListedChannel, Store, StoredChannel } from "../storage/store.ts";
import { parseJid } from "../xmpp/jid.ts";
import { refuse } from "../xmpp/refuse.ts";
import type { Room } from "../xmpp/room.ts";
import type { Element } from "../xmpp/xml.ts";
import type { ArchiveFound } from "./archives.ts";
import type { Eyes, View } from "./audience.ts";
import { meets, type NodeDeed, type NodeRule, type Role, type Turned } from "./authority.ts";
import { Channel, type Surroundings } from "./channel.ts";
import type { FanOut } from "./fan-out.ts";
import { Fields, type Values } from "./fields.ts";
import type { Generation } from "./generation.ts";
import { Nodes } from "./nodes.ts";
import { notStored } from "./not-stored.ts";
import { Pages } from "./pages.ts";
import type { Participant } from "./participant.ts";
import { addSheets } from "./sheets.ts";
import { type ChannelState, laterId, type Writing } from "./turn.ts";

export interface NewChannel {
  /** A prepared localpart. */
  readonly name: string;
  /** Bare JID of its first owner. */
  readonly by: string;
  readonly generation: Generation;
  readonly listed: boolean;
}

export interface RegistryParts {
  readonly domain: string;
  readonly operators: readonly string[];
  readonly defaultGeneration: Generation;
  readonly store: Store;
  readonly fanOut: FanOut;
  readonly clock: Clock;
  readonly log: Logger;
  readonly load: Load;
  readonly room: Room;
  readonly host: Host;
  readonly isStuck: () => boolean;
  /** The processes that share the channels, where there are several. */
  readonly cluster?: Ownership;
}

/** Whose channels are, where several processes serve them. */
export interface Ownership {
  /** Makes a channel this process's own. */
  own(name: string): Promise<void>;
  /** Whether this process does what is to be done once, for channels that nobody uses. */
  readonly isFirst: boolean;
  /** What is known of a stanza that another process has handed over. */
  handed: Surroundings["handed"];
}

/** Idle channels are let go from memory above this many. */
const MOST_LOADED = 10_000;

/** So many channels of the list are looked at, and in memory, at a time. */
const PAGE = 100;

const NOWHERE: ChannelState = {
  owners: [],
  creator: { jid: "", generation: 1 },
  requires: [],
  info: { id: "", values: {} },
  config: { id: "", values: {}, by: "" },
  absent: [],
  traits: {},
};

/** Between two complaints of the store. */
const SILENCE = 10_000;

/** Every channel of the service: loaded when it is first used, and what all of them have in common. */
export class Registry implements Surroundings {
  readonly domain: string;
  readonly store: Store;
  readonly fanOut: FanOut;
  readonly clock: Clock;
  readonly load: Load;
  readonly pages: Pages;
  readonly defaultGeneration: Generation;
  readonly fields = new Fields();
  readonly nodes = new Nodes();
  readonly keepers = new Set<(stanza: Element) => boolean>();
  readonly protectors = new Set<string>();
  readonly beginnings = new Set<Values>();
  readonly rules = new Set<NodeRule>();
  /** Who of a channel are its administrators: bare JIDs. */
  readonly administrators = new Set<(channel: Channel) => readonly string[]>();
  readonly #host: Host;
  readonly #log: Logger;
  readonly #operators: ReadonlySet<string>;
  readonly #isStuck: () => boolean;
  readonly #cluster: Ownership | undefined;
  #complained = Number.NEGATIVE_INFINITY;
  #refused = 0;
  readonly #loaded = new Map<string, Channel>();
  readonly #loading = new Map<string, Promise<Channel | undefined>>();
  /** Stands for every channel that is not there. */
  readonly #nowhere: Channel;

  constructor(parts: RegistryParts) {
    this.domain = parts.domain;
    this.store = parts.store;
    this.fanOut = parts.fanOut;
    this.clock = parts.clock;
    this.load = parts.load;
    this.pages = new Pages(parts.room);
    this.defaultGeneration = parts.defaultGeneration;
    this.#operators = new Set(parts.operators.map((jid) => parseJid(jid)?.bare ?? jid));
    this.#host = parts.host;
    this.#log = parts.log;
    this.#isStuck = parts.isStuck;
    this.#cluster = parts.cluster;
    const state = JSON.stringify(NOWHERE);
    this.#nowhere = this.#empty({ key: 0, name: "", created: 0, listed: false, state });
    addSheets(this);
  }

  find(name: string): Channel | undefined | Promise<Channel | undefined> {
    return this.#loaded.get(name) ?? this.#loading.get(name) ?? this.#load(name);
  }

  /** A channel as it is, to be looked at and not to be changed: another process may serve it. */
  look(name: string): Channel | undefined | Promise<Channel | undefined> {
    return this.#cluster && !this.#loaded.has(name) ? this.#stored(name) : this.find(name);
  }

  /** A channel as far as this JID may know of it, to be looked at. */
  async findFor(name: string, jid: string): Promise<Channel | undefined> {
    const found = this.look(name);
    const channel = await found;
    if (this.admits(channel, jid)) return channel;
    if (!(found instanceof Promise)) await this.pretend();
    return undefined;
  }

  /** Does what looking for a channel that is not there takes: for one that must seem not to be there. */
  async pretend(): Promise<void> {
    await this.store.channel("");
  }

  /** The channels in memory. */
  loaded(): Iterable<Channel> {
    return this.#loaded.values();
  }

  /** Whether it is this process that looks after a channel when nobody asks for it. */
  minds(name: string): boolean {
    return this.#cluster === undefined || this.#loaded.has(name) || this.#cluster.isFirst;
  }

  handed(stanza: Element): ReturnType<Ownership["handed"]> {
    return this.#cluster?.handed(stanza);
  }

  /** Until everything that was begun in a channel is durable. */
  async settled(name: string): Promise<void> {
    await this.#loaded.get(name)?.settled();
  }

  /** Lets a channel go: another process may load it once this resolves. */
  async release(name: string): Promise<void> {
    const channel = (await this.#loading.get(name)) ?? this.#loaded.get(name);
    await channel?.retire();
    if (channel) await this.fanOut.emptied(`${channel.key} `);
    if (this.#loaded.get(name) === channel) this.#loaded.delete(name);
  }

  /** Nothing is under way in any channel. */
  get idle(): boolean {
    return this.#loading.size === 0 && [...this.#loaded.values()].every((channel) => channel.idle);
  }

  async create({ name, by, generation, listed }: NewChannel): Promise<Channel> {
    if (this.#host.unprotected().length > 0) {
      throw refuse("service-unavailable", "For a moment nobody can create channels here: please try again.");
    }
    const created = this.clock.now();
    const id = laterId("", created);
    const state: ChannelState = {
      owners: [by],
      creator: { jid: by, generation },
      requires: [...this.protectors],
      info: { id, values: {} },
      config: { id, values: Object.assign({}, ...this.beginnings), by },
      absent: [],
      traits: {},
    };
    const key = await this.store.create({ name, created, listed, state: JSON.stringify(state) }).catch((error) => {
      this.#complain(name, error);
      throw notStored(error);
    });
    if (key === "taken") throw refuse("conflict", "There is a channel of this name already.");
    // One of this name may be destroyed already, and not yet let go.
    if (this.#loaded.get(name)?.key !== key) this.#loaded.delete(name);
    const channel = (await this.find(name)) as Channel;
    this.#host.emit("channel/created", { channel, by });
    return channel;
  }

  async destroy(found: Channel, by: string, isDue = () => true): Promise<boolean> {
    const channel = this.#cluster ? await this.find(found.name) : found;
    if (channel?.key !== found.key) return false;
    const nodes = this.nodes.names().filter((node) => this.nodes.has(channel, node));
    if (!(await channel.destroy(nodes, isDue))) return false;
    this.#loaded.delete(channel.name);
    this.#host.emit("channel/destroyed", { channel, by });
    return true;
  }

  async expire({ name, channel: key, node }: ArchiveFound, bounds: Pick<Expiry, "before" | "keep">): Promise<void> {
    const expiry: Writing = { put: "expiry", channel: key, node, ...bounds };
    const channel = this.#loaded.get(name) ?? (await this.#loading.get(name));
    if (channel?.key !== key) return this.store.put([expiry]);
    // Whoever has looked up a message to change it has his turn first.
    await channel.update((turn) => turn.write(expiry)).catch(() => {}); // reported where it broke
  }

  /** Names of listed channels that this JID may join, in ascending order after `after`. */
  async listed(jid: string, after: string, limit: number): Promise<string[]> {
    const names: string[] = [];
    for (let last: string | undefined = after; last !== undefined && names.length < limit; ) {
      const page = await this.store.listed(jid, last, PAGE);
      for (const each of page) if (this.#admitsListed(each, jid)) names.push(each.channel.name);
      last = page.length < PAGE ? undefined : page.at(-1)?.channel.name;
    }
    return names.slice(0, limit);
  }

  /** Whoever looks at the list loads none of those on it. */
  #admitsListed({ channel, here }: ListedChannel, jid: string): boolean {
    const loaded = this.#loaded.get(channel.name);
    if (loaded) return this.admits(loaded, jid);
    return here || this.admits(this.#empty(channel), jid);
  }

  /** A channel as if nobody were in it. */
  #empty(channel: StoredChannel): Channel {
    return new Channel(this, { channel, participants: [], wasLeft: false });
  }

  isKept(stanza: Element): boolean {
    for (const isKept of this.keepers) if (isKept(stanza)) return true;
    return false;
  }

  /**
   * Whether this JID gets to know that the channel exists: those in it, and who manages it, always do; others, if they
   * could join it. Nobody can join one that is suspended.
   */
  admits(channel: Channel | undefined, jid: string, invited = false): channel is Channel {
    if (channel && meets(channel.roleOf(jid), "participants")) return true;
    const question = { channel: channel ?? this.#nowhere, jid, invited };
    const isAdmitted = this.#host.vote("channel/admit", question, ["admit", "refuse"]) === "admit";
    return channel !== undefined && isAdmitted && channel.missing().length === 0;
  }

  stays(channel: Channel, participant: Participant): boolean {
    return this.#host.vote("participant/stays", { channel, participant }, ["stays", "goes"]) === "stays";
  }

  /** @param least who may, unless a plugin answers otherwise */
  async may(actor: string, action: string, channel: Channel | undefined, least: Role = "owners"): Promise<boolean> {
    const byRole = () => (channel ? meets(channel.roleOf(actor), least) : this.isOperator(actor));
    return this.#host.ask("actor/may", { actor, action, channel, least }, (fault) => !fault && byRole());
  }

  /** Who may do this with a node: nobody, where there is none of that name. */
  least(channel: Channel, node: string, verb: NodeDeed["verb"]): Role {
    const spec = this.nodes.get(node);
    if (!spec || !this.nodes.has(channel, node, verb)) return "nobody";
    let strictest: Role | undefined;
    for (const rule of this.rules) {
      const least = rule.least(channel, node, verb);
      if (least && (!strictest || meets(least, strictest))) strictest = least;
    }
    return strictest ?? spec[verb] ?? "owners";
  }

  /** @param joining judged as if the actor were in the channel already */
  async mayNode(
    actor: string,
    channel: Channel,
    node: string,
    verb: NodeDeed["verb"],
    joining = false,
  ): Promise<boolean> {
    if (!this.nodes.has(channel, node, verb)) return false;
    const byRole = () => {
      const least = this.least(channel, node, verb);
      return meets(channel.roleOf(actor), least) || (joining && meets("participants", least));
    };
    if (verb === "subscribe" && !byRole()) return false;
    return this.#host.ask("node/may", { actor, channel, node, verb, joining }, (fault) => !fault && byRole());
  }

  get isStuck(): boolean {
    return this.#isStuck();
  }

  /** How one who asks is spoken to, and what he may see. */
  viewOf(channel: Channel, jid: string): View {
    return { generation: channel.generationFor(jid, this.defaultGeneration), eyes: channel.eyesOf(jid) };
  }

  version(): number {
    return this.#host.version;
  }

  missing(plugins: readonly string[]): string[] {
    return plugins.filter((name) => !this.#host.runs(name));
  }

  discloses(channel: Channel, participant: Participant, eyes: Eyes): boolean {
    return this.#host.vote("jid/disclose", { channel, participant, eyes }, ["visible", "hidden"]) === "visible";
  }

  current(channel: Channel): Channel {
    const loaded = this.#loaded.get(channel.name);
    return loaded?.key === channel.key ? loaded : channel;
  }

  turned(turned: Turned): void {
    this.#host.emit("channel/turned", turned);
    if (turned.turn.state !== turned.state) this.#endSubscriptions(turned);
  }

  /** What takes a right ends with it; of a node whose plugin is off nobody can tell, and nobody is told. */
  #endSubscriptions({ channel, sequel }: Turned): void {
    for (const each of channel.participants) {
      if (sequel.gone.has(each.id)) continue;
      const participant = sequel.here.get(each.id) ?? each;
      const ended = [...participant.nodes].filter((node) => this.nodes.get(node) && !channel.isTold(participant, node));
      if (ended.length > 0) sequel.put({ ...participant, nodes: without(participant.nodes, ended) });
    }
  }

  broken(channel: Channel, error: unknown): void {
    const { name } = channel;
    this.#complain(name, error);
    if (this.#loaded.get(name) !== channel) return;
    this.#loaded.delete(name);
    // Whatever of this channel is still on its way to the store comes before it is read again.
    const settled = this.store.put([]);
    this.#remember(
      name,
      settled.then(() => this.#read(name)),
    );
  }

  /** Once in a while, and in a line each: a full disk refuses everything, and may be the log's own. */
  #complain(channel: string, error: unknown): void {
    const now = this.clock.now();
    this.#refused++;
    if (now - this.#complained < SILENCE) return;
    const reason = error instanceof Error ? error.message : String(error);
    this.#log.error({ channel, reason, refused: this.#refused }, "What could not be stored was not done.");
    this.#complained = now;
    this.#refused = 0;
  }

  isOperator(jid: string): boolean {
    return this.#operators.has(jid);
  }

  isAdministrator(channel: Channel, jid: string): boolean {
    for (const of of this.administrators) if (of(channel).includes(jid)) return true;
    return false;
  }

  #load(name: string): Promise<Channel | undefined> {
    return this.#remember(name, this.#read(name));
  }

  #remember(name: string, loading: Promise<Channel | undefined>): Promise<Channel | undefined> {
    const loaded = loading.finally(() => this.#loading.delete(name));
    this.#loading.set(name, loaded);
    // Whoever asks meanwhile gets this promise, and with it the failure.
    loaded.catch(() => {});
    return loaded;
  }

  async #stored(name: string): Promise<Channel | undefined> {
    const found = await this.store.channel(name);
    return found && new Channel(this, found);
  }

  async #read(name: string): Promise<Channel | undefined> {
    await this.#cluster?.own(name);
    const found = await this.store.channel(name);
    if (!found) return undefined;
    this.#makeRoom();
    const channel = new Channel(this, found);
    this.#loaded.set(name, channel);
    this.#host.emit("channel/loaded", { channel });
    return channel;
  }

  #makeRoom(): void {
    if (this.#loaded.size < MOST_LOADED) return;
    for (const [name, channel] of this.#loaded) {
      if (this.#loaded.size < MOST_LOADED * 0.9) return;
      if (channel.idle) this.#loaded.delete(name);
    }
  }
}

function without(nodes: ReadonlySet<string>, ended: readonly string[]): ReadonlySet<string> {
  return new Set([...nodes].filter((node) => !ended.includes(node)));
}
