import type { Clock } from "../host/clock.ts";
import { type Load, weightFor } from "../load.ts";
import type {
  Change,
  FoundChannel,
  HistoryPage,
  HistoryQuery,
  Mark,
  Store,
  StoredChannel,
  StoredItem,
} from "../storage/store.ts";
import { NODE, NS } from "../xmpp/ns.ts";
import { refuse } from "../xmpp/refuse.ts";
import { type Element, escapeXml } from "../xmpp/xml.ts";
import { archiveId } from "./archive-id.ts";
import { Audience, type Copies, type Eyes, type View } from "./audience.ts";
import { meets, type Role, type Turned } from "./authority.ts";
import type { FanOut } from "./fan-out.ts";
import type { Sheet, Values } from "./fields.ts";
import type { Generation } from "./generation.ts";
import { Line } from "./line.ts";
import { notStored } from "./not-stored.ts";
import type { Pages } from "./pages.ts";
import { fromStored, isSameButClients, type Participant, randomId, toStored } from "./participant.ts";
import { Roster } from "./roster.ts";
import type { Recital, Telling } from "./round.ts";
import { Speech } from "./speech.ts";
import { type ChannelState, Turn, type Writing } from "./turn.ts";
import { type Sights, Verdicts } from "./verdicts.ts";

/** What a channel needs of the house around it. */
export interface Surroundings {
  readonly domain: string;
  readonly store: Store;
  readonly fanOut: FanOut;
  readonly clock: Clock;
  readonly load: Load;
  readonly pages: Pages;
  /** Operators manage every channel. */
  isOperator(jid: string): boolean;
  isAdministrator(channel: Channel, jid: string): boolean;
  /** Who may be told of a node at all. */
  least(channel: Channel, node: string, verb: "subscribe"): Role;
  /** Rises whenever an answer to `isAdministrator`, `least`, `discloses` or `missing` may have changed with the plugins. */
  version(): number;
  /** Those of these plugins that are not running. */
  missing(plugins: readonly string[]): string[];
  discloses(channel: Channel, participant: Participant, eyes: Eyes): boolean;
  /** The server does not take what it is sent: nothing new can be promised. */
  readonly isStuck: boolean;
  /** The channel as it is in memory now: another object, if it was loaded anew since. */
  current(channel: Channel): Channel;
  /** A turn has been applied; what follows from it may be added, and becomes durable with it. */
  turned(turned: Turned): void;
  /** The id under which a stanza is archived that another process has handed over, and whether it may be archived already. */
  handed(stanza: Element): { readonly id?: string; readonly isAgain?: boolean } | undefined;
  /** A commit failed: what is in memory is not what is stored. */
  broken(channel: Channel, error: unknown): void;
}

/** What is passed on of a message, and what else is stored with it, in one transaction. */
export interface Saying {
  /** Children as XML text. */
  readonly payload: string;
  readonly writings: readonly Writing[];
}

/** A message on its way in. */
export interface Draft {
  /** Bare JID; `undefined` when the channel itself speaks. */
  readonly sender: string | undefined;
  /**
   * The children that are passed on, as XML text; or what finds that out at the message's place in the order, when all
   * before it is durable. It may refuse, or find that there is nothing to be said.
   */
  readonly payload: string | ((mark: Mark) => Promise<Saying | undefined>);
  /** The id its sender gave it. */
  readonly id: string | undefined;
  /** The stanza by which it came. */
  readonly stanza?: Element;
  readonly keep: boolean;
  readonly filter?: ((reader: Participant) => boolean) | undefined;
}

/** A channel, loaded: who is in it, what it is, and the one order in which everything in it happens. */
export class Channel {
  readonly key: number;
  readonly name: string;
  readonly jid: string;
  readonly listed: boolean;
  readonly created: number;
  readonly #around: Surroundings;
  readonly #roster = new Roster();
  readonly #verdicts = new Verdicts(
    (participant, eyes) => this.missing().length === 0 && this.#around.discloses(this, participant, eyes),
  );
  readonly #line = new Line();
  readonly #audiences = new Map<string, { readonly node: string; audience: Audience }>();
  #audiencesAt = 0;
  #state: ChannelState;
  #owners: ReadonlySet<string>;
  #uncommitted = 0;
  #latest = 0;
  #broken = false;
  #ended = false;
  #revision = 0;
  /** Whether anybody has ever left: where nobody has, nobody need be looked for among those who did. */
  #wasLeft: boolean;

  constructor(around: Surroundings, { channel: stored, participants, wasLeft }: FoundChannel) {
    this.#around = around;
    this.key = stored.key;
    this.name = stored.name;
    this.jid = `${stored.name}@${around.domain}`;
    this.listed = stored.listed;
    this.created = stored.created;
    // One made by an earlier Masque has all nodes, and no traits.
    this.#state = { absent: [], traits: {}, ...(JSON.parse(stored.state) as Omit<ChannelState, "absent" | "traits">) };
    this.#owners = new Set(this.#state.owners);
    this.#wasLeft = wasLeft;
    for (const each of participants) this.#roster.put(fromStored(each));
  }

  get state(): ChannelState {
    return this.#state;
  }

  get owners(): ReadonlySet<string> {
    return this.#owners;
  }

  /** In no particular order that a JID could be read from. */
  get participants(): Iterable<Participant> {
    return this.#roster;
  }

  get size(): number {
    return this.#roster.size;
  }

  /** Somebody in the channel now, by bare JID. */
  participant(jid: string): Participant | undefined {
    return this.#roster.byJid(jid);
  }

  /** Somebody in the channel now, by Stable Participant ID. */
  byId(id: string): Participant | undefined {
    return this.#roster.byId(id);
  }

  /** Somebody in the channel now, by a nick that is the same or looks the same (RFC 8266). */
  byNick(nick: string): Participant | undefined {
    return this.#roster.byNick(nick);
  }

  /** One who was here before, as he left; his ID is kept for him (XEP-0369 §3.5). */
  async former(jid: string): Promise<Participant | undefined> {
    const stored = this.#wasLeft ? await this.#around.store.former(this.key, jid) : undefined;
    return stored && fromStored(stored);
  }

  /** Somebody who is in the channel, or was, by the ID that is his for ever. */
  async known(id: string): Promise<Participant | undefined> {
    const stored = await this.#around.store.known(this.key, id);
    return this.byId(id) ?? (stored && fromStored(stored));
  }

  /** A page of what was said (XEP-0313). */
  history(query: Omit<HistoryQuery, "channel">): Promise<HistoryPage> {
    return this.#around.pages.read(() => this.#around.store.history({ ...query, channel: this.key }));
  }

  /** The items that a plugin has put into a node, in the order in which it did. */
  items(node: string): Promise<StoredItem[]> {
    return this.#around.store.items(this.key, node);
  }

  /** The first and the last message kept of a node. */
  extent(node: string): Promise<{ first: Mark; last: Mark } | undefined> {
    return this.#around.store.extent(this.key, node);
  }

  sheet(sheet: Sheet): Values {
    return this.#state[sheet].values;
  }

  /** The generation in which one speaks to this JID (semantics: his join's, or else his create's). */
  generationFor(jid: string, otherwise: Generation): Generation {
    const participant = this.#roster.byJid(jid);
    if (participant) return participant.generation;
    return this.#state.creator.jid === jid ? this.#state.creator.generation : otherwise;
  }

  /** The highest role he has here. */
  roleOf(jid: string): Role {
    if (this.#owners.has(jid) || this.#around.isOperator(jid)) return "owners";
    if (this.#around.isAdministrator(this, jid)) return "admins";
    return this.#roster.byJid(jid) ? "participants" : "allowed";
  }

  eyesOf(jid: string): Eyes {
    const role = this.roleOf(jid);
    if (meets(role, "admins")) return "administrator";
    return role === "participants" ? "participant" : "stranger";
  }

  /** Which plugins this channel waits for; empty when it is served. */
  missing(): string[] {
    return this.#state.requires.length === 0 ? [] : this.#around.missing(this.#state.requires);
  }

  /**
   * Whether a participant's JID may be shown, as he is now; never while a plugin the channel relies on is away. What
   * waited for the stream asks this late: of a channel, or a participant, that has become another since.
   */
  shows(participant: Participant, eyes: Eyes): boolean {
    return this.sights(participant)[eyes];
  }

  /** The same by whom he is shown to. */
  sights(participant: Participant): Sights {
    const current = this.#around.current(this);
    if (current !== this) return current.sights(participant);
    const now = this.#roster.byId(participant.id) ?? participant;
    return this.#verdicts.of(now, this.#around.version(), this.#revision);
  }

  /** Nothing is under way: the channel may be let go from memory. */
  get idle(): boolean {
    return this.#line.idle && this.#uncommitted === 0;
  }

  /**
   * Changes the channel: `change` runs alone, in its place in the order; what it notes in the turn is applied,
   * stored, and told only once it is durable. A `change` that throws leaves no trace.
   * @returns what `change` returned, once it is durable
   */
  update<T>(change: (turn: Turn) => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#line.enter(() => {
        const refusal = this.#refusal();
        if (refusal) return reject(refusal);
        const turn = new Turn(this);
        const finish = (result: T) => this.#finish(turn).then(() => resolve(result), reject);
        try {
          const result = change(turn);
          if (!(result instanceof Promise)) return void finish(result);
          return result.then((value) => void finish(value), reject);
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  /**
   * Takes a message into the channel's order: archived (if worth it), then reflected to everybody who is subscribed.
   * @returns when it is durable and told
   * @throws StanzaError when its sender is not in the channel, or it could not be stored
   */
  post(draft: Draft): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#line.enter(() => {
        const refusal = this.#refusal();
        if (refusal) return reject(refusal);
        const sender = draft.sender === undefined ? undefined : this.#roster.byJid(draft.sender);
        if (draft.sender !== undefined && !sender)
          return reject(refuse("forbidden", "Only participants may speak here: join the channel first."));
        if (this.#around.isStuck || this.#around.fanOut.isBehind(this.#lineOf(NODE.MESSAGES)))
          return reject(refuse("resource-constraint"));
        // An archive that is in order by time, too, is quicker to search; a clock may be set back.
        this.#latest = Math.max(this.#latest, this.#around.clock.now());
        const handed = draft.stanza && this.#around.handed(draft.stanza);
        const mark = { id: handed?.id ?? archiveId(), at: this.#latest };
        const say = ({ payload, writings }: Saying) => {
          const said = { id: mark.id, sender: sender?.id ?? "", nick: sender?.nick ?? this.name, payload };
          this.#say(new Speech(this, sender, draft, said), mark.at, draft.keep, writings, (error) =>
            error ? reject(error) : resolve(),
          );
        };
        const { payload } = draft;
        if (typeof payload === "string" && !handed?.isAgain) return say({ payload, writings: [] });
        const found = this.#committed().then(async () => {
          if (handed?.isAgain && (await this.#isArchived(mark.id))) return undefined;
          return typeof payload === "string" ? { payload, writings: [] } : payload(mark);
        });
        return found.then((saying) => (saying ? say(saying) : resolve()), reject);
      });
    });
  }

  async #isArchived(id: string): Promise<boolean> {
    return (await this.history({ node: NODE.MESSAGES, ids: [id], max: 1 })) !== "no such message";
  }

  /** Stores what is said, if it is to be kept, and tells it; at once when there is nothing to wait for. */
  #say(speech: Speech, at: number, keep: boolean, writings: readonly Writing[], done: Settled): void {
    const { said, shown } = speech;
    const message = { channel: this.key, node: NODE.MESSAGES, at, ...said, shown: shown.participant };
    const changes: readonly Change[] = keep ? [{ put: "message", message }, ...writings] : writings;
    this.#commit(changes, done, () => this.#around.fanOut.tell(this.#lineOf(NODE.MESSAGES), speech));
  }

  /** Tells a node's subscribers of items (XEP-0060 §7.1.2); `items` is asked once for each kind of reader. */
  tell(node: string, items: (view: View) => string): void {
    this.event(node, (view) => `<items node='${node}'>${items(view)}</items>`);
  }

  /** Sends a pubsub event to a node's subscribers, or to those who were: a headline, which reaches every client and waits for none (RFC 6121 §8.5). */
  event(node: string, content: (view: View) => string, subscribers?: Audience): void {
    const id = randomId();
    const from = escapeXml(this.jid);
    const tail = (view: View) =>
      Buffer.from(
        ` from='${from}' id='${id}' type='headline'><event xmlns='${NS.PUBSUB_EVENT}'>${content(view)}</event></message>`,
      );
    const now = () => subscribers ?? this.audience(node);
    this.#around.fanOut.tell(this.#lineOf(node), { audience: now(), now, tail });
  }

  /** Sends presence to its subscribers; `text` is all after the address, for one kind of reader. */
  present(text: (view: View) => string, to: Pick<Telling, "audience" | "filter">): void {
    const now = () => this.audience(NODE.PRESENCE, "presence");
    this.#around.fanOut.tell(this.#lineOf(NODE.PRESENCE), { ...to, now, tail: (view) => Buffer.from(text(view)) });
  }

  /** Tells one reader much at once, in its order among all that is told of the node. */
  recite(node: string, recital: Recital): void {
    // One that was loaded anew meanwhile is another, and so may be those in it.
    const text = (id: string) => (this.#around.current(this) === this ? recital.text(id) : "");
    this.#around.fanOut.recite(this.#lineOf(node), { ...recital, text });
  }

  #lineOf(node: string): string {
    return `${this.key} ${node}`;
  }

  /** Whether he is subscribed to a node, and may be. */
  isTold(participant: Participant, node: string): boolean {
    return participant.nodes.has(node) && this.#hears(participant.jid, this.#around.least(this, node, "subscribe"));
  }

  #hears(jid: string, least: Role): boolean {
    return meets("participants", least) || meets(this.roleOf(jid), least);
  }

  /** Who gets the copies of a node now. */
  audience(node: string, copies: Copies = node === NODE.MESSAGES ? "groupchat" : "event"): Audience {
    const current = this.#around.current(this);
    if (current !== this) return current.audience(node, copies);
    if (this.#audiencesAt !== this.#around.version()) this.#audiences.clear();
    this.#audiencesAt = this.#around.version();
    const key = `${copies} ${node}`;
    let known = this.#audiences.get(key);
    if (!known) {
      const least = this.#around.least(this, node, "subscribe");
      const readers = [...this.#roster].filter(({ jid, nodes }) => nodes.has(node) && this.#hears(jid, least));
      known = { node, audience: new Audience(readers, (each) => this.eyesOf(each.jid), copies) };
      this.#audiences.set(key, known);
    }
    return known.audience;
  }

  /**
   * Forgets the channel, and tells the subscribers of these nodes that they are no more (XEP-0060 §8.4).
   * @param isDue asked when it is its turn: whether it is still to be
   * @returns whether it was
   */
  async destroy(nodes: readonly string[], isDue: () => boolean): Promise<boolean> {
    return this.update((turn) => {
      if (!isDue()) return false;
      turn.destroy();
      turn.after(() => {
        for (const node of nodes) this.event(node, () => `<delete node='${node}'/>`);
      });
      return true;
    });
  }

  /** Until everything that was begun so far is durable, or has failed. */
  settled(): Promise<void> {
    return new Promise((resolve) => this.#line.enter(() => void this.#committed().then(resolve, () => resolve())));
  }

  /** The same; and nothing more is begun. */
  retire(): Promise<void> {
    const settled = this.settled();
    this.#line.enter(() => {
      this.#broken = true;
    });
    return settled;
  }

  toStored(): StoredChannel {
    const { key, name, created, listed } = this;
    return { key, name, created, listed, state: JSON.stringify(this.#state) };
  }

  /** Why nothing more can be done with it: it is destroyed, or not what is stored. */
  #refusal(): Error | undefined {
    if (this.#ended) return refuse("item-not-found");
    return this.#broken ? unsettled() : undefined;
  }

  #finish(turn: Turn): Promise<void> {
    const state = this.#state;
    const was = this.#participantsIn(turn);
    const changes = this.#apply(turn);
    const sequel = new Turn(this);
    if (changes.length > 0 && !turn.destroyed) {
      this.#around.turned({ channel: this, turn, was, state, sequel });
      changes.push(...this.#apply(sequel));
    }
    return new Promise((resolve, reject) => {
      const done = (error?: Error) => (error ? reject(error) : resolve());
      this.#commit(changes, done, () => {
        for (const tell of [...turn.tellings, ...sequel.tellings]) tell();
      });
    });
  }

  /** Those whom a turn changes, as they were before it. */
  #participantsIn({ here, gone }: Turn): Map<string, Participant> {
    const was = new Map<string, Participant>();
    for (const id of [...here.keys(), ...gone.keys()]) {
      const participant = this.#roster.byId(id);
      if (participant) was.set(id, participant);
    }
    return was;
  }

  #apply(turn: Turn): Change[] {
    if (turn.destroyed) {
      this.#ended = true;
      return [...turn.writings, { put: "no channel", key: this.key }];
    }
    const changes: Change[] = [...turn.writings];
    if (turn.here.size + turn.gone.size > MANY) this.#audiences.clear();
    for (const participant of turn.here.values()) {
      const before = this.#roster.byId(participant.id);
      this.#roster.put(participant);
      // Clients come and go all day; that changes neither who is told anything, nor what about others may be shown.
      if (!isSameButClients(before, participant)) this.#reseat(before, participant);
      changes.push({ put: "participant", participant: toStored(this.key, participant, true) });
    }
    if (turn.gone.size > 0) this.#wasLeft = true;
    for (const participant of turn.gone.values()) {
      const before = this.#roster.byId(participant.id);
      this.#roster.remove(participant);
      this.#reseat(before, undefined);
      changes.push({ put: "participant", participant: toStored(this.key, participant, false) });
    }
    if (turn.state !== this.#state) {
      this.#state = turn.state;
      this.#owners = new Set(turn.state.owners);
      this.#audiences.clear();
      this.#revision++;
      changes.push({ put: "channel", channel: this.toStored() });
    }
    return changes;
  }

  /** Somebody has come, gone, or become another: his places in the audiences are others; nobody else is looked at for it. */
  #reseat(before: Participant | undefined, after: Participant | undefined): void {
    this.#revision++;
    for (const known of this.#audiences.values()) {
      if (before?.nodes.has(known.node)) known.audience = known.audience.without(before.id);
      if (after && this.isTold(after, known.node)) known.audience = known.audience.with(after, this.eyesOf(after.jid));
    }
  }

  /** Everything before this is durable. */
  #committed(): Promise<void> {
    return new Promise((resolve, reject) => this.#commit([], (error) => (error ? reject(error) : resolve())));
  }

  /** Stores changes, and then tells of them; at once where there is nothing to wait for. */
  #commit(changes: readonly Change[], done: Settled, tell: () => void = () => {}): void {
    const told = (error?: Error) => {
      if (error) return done(error);
      try {
        tell();
        done();
      } catch (error) {
        done(error as Error);
      }
    };
    // Nothing to be stored, and nothing under way that it builds on.
    if (changes.length === 0 && this.#uncommitted === 0) return told();
    this.#uncommitted++;
    const weight = weightFor(changes.reduce((size, change) => size + sizeOf(change), 0));
    this.#around.load.begin(weight);
    // What follows builds on what is in memory now, and must not become true without it.
    this.#around.store.commit(changes, this, (error) => {
      this.#uncommitted--;
      this.#around.load.end(weight);
      if (!error) return told();
      this.#broken = true;
      this.#around.broken(this, error);
      told(notStored(error));
    });
  }
}

/** Above so many changes it is quicker to look at everybody anew. */
const MANY = 8;

/** Called once, with what went wrong. */
type Settled = (error?: Error) => void;

/** What takes memory in a change: what somebody wrote. */
function sizeOf(change: Change): number {
  if (change.put === "message" || change.put === "revision") return change.message.payload.length;
  return change.put === "item" ? change.item.payload.length : 0;
}

function unsettled(): Error {
  return refuse("resource-constraint", "The channel is being loaded anew; please try again.");
}
