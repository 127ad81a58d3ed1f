import { definePlugin, type Element, NODE, NS, type Plugin, xml } from "masque";
import { emptyStore, type HandClock, parseStanza, type TestHost, testHost } from "masque/testing";
import type { Store } from "../../core/storage/store.ts";
import { bundled } from "../../plugins/index.ts";
import {
  administers,
  isBanned,
  isShown,
  isSuspended,
  type Member,
  type Mode,
  type Place,
  type State,
} from "./model.ts";
import { PEOPLE, type Person, refusal, vcards } from "./people.ts";
import { Unsaid } from "./unsaid.ts";
import { lateLeaks, leaks, plain, SERVICE } from "./witness.ts";

/** The service under test: the tree itself, or a copy of it with a leak planted. */
export interface Tree {
  readonly testHost: typeof testHost;
  readonly emptyStore: typeof emptyStore;
  readonly bundled: readonly Plugin[];
}
export const SOUND: Tree = { testHost, emptyStore, bundled };

/** Where a crash can be had for the asking; "nowhere" lifts it. */
export const FAULTS = [
  "disclose",
  "disclose",
  "disclose",
  "nowhere",
  "stays",
  "join",
  "may",
  "accept",
  "deliver",
  "admit",
  "joined",
] as const;
export type FaultAt = (typeof FAULTS)[number];

/** What somebody sends, and what is true once it is answered by a result. */
export interface Deed {
  readonly stanza: Element;
  readonly follows?: (state: State, reply: Element) => State;
  /** The word that is said with it, if any. */
  readonly says?: { readonly word: string; readonly channel: string };
  /** The message that is to be taken back with it, if any. */
  readonly unsays?: { readonly id: string; readonly channel: string };
}

export type Answering = "truth" | "refusal" | "silence" | "forgery";

export interface Laws {
  /** What a new channel is. */
  readonly initial: Mode;
  /** Owners see hidden JIDs everywhere. */
  readonly everywhere: boolean;
}

/** The real service beside a model of what it may tell, with a witness that reads every byte. */
export class World {
  state: State;
  fault: FaultAt = "nowhere";
  answering: Answering = "silence";
  /** Whether nodes are left unread and requests may fail: what is told is all that counts. */
  watchesOnly = false;
  readonly on: Set<string>;
  /** What happened, in words: printed when something is wrong. */
  readonly story: string[] = [];
  /** Addresses of clients as others know them. */
  readonly seen = new Set<string>();
  /** The last that were given out. */
  invitations: readonly Element[] = [];
  readonly unsaid = new Unsaid();
  /** The last stanzas that reached somebody, for bounces. */
  readonly received = new Map<string, Element[]>();
  host!: TestHost;
  readonly #tree: Tree;
  readonly #laws: Laws;
  readonly #store: Store;
  readonly #sent = new Map<string, string>();
  readonly #hiddenWords = new Map<string, string>();
  readonly #idsEver = new Map<string, string>();
  readonly #presences = new Set<string>();
  readonly #problems: string[] = [];
  #looked = 0;
  #ids = 0;
  steps = 0;
  stanzas = 0;

  private constructor(tree: Tree, laws: Laws, store: Store) {
    this.#tree = tree;
    this.#laws = laws;
    this.#store = store;
    this.on = new Set(tree.bundled.map(({ name }) => name));
    const powers = { decides: true, guards: true, administers: true };
    this.state = { places: new Map(), ...powers, crashes: false, everywhere: laws.everywhere };
  }

  static async begin(laws: Laws, tree: Tree = SOUND): Promise<World> {
    const world = new World(tree, laws, await tree.emptyStore());
    await world.#start();
    return world;
  }

  get initial(): Mode {
    return this.state.decides ? this.#laws.initial : "jid-visible";
  }

  nextId(): string {
    return `s-${++this.#ids}`;
  }

  /** Sends it all at once, and judges what comes of it. */
  async does(...deeds: readonly Deed[]): Promise<Map<Deed, Element>> {
    this.#push(deeds);
    const fresh = await this.#settled();
    const isOpen = ({ stanza: { name, attrs } }: Deed) =>
      name === "iq" && !fresh.some((each) => each.attrs.id === attrs.id && each.attrs.to === attrs.from);
    if (deeds.some(isOpen)) {
      // Somebody who was asked is silent: his answer comes too late.
      (this.host.clock as HandClock).advance(31_000);
      fresh.push(...(await this.#settled()));
      for (const iq of fresh) for (const answer of this.#answers(iq, "truth")) this.host.push(answer);
      fresh.push(...(await this.#settled()));
    }
    return this.#judge(deeds, fresh);
  }

  /** Words and a change of mode that are on their way when the stream is lost. */
  async cut(deeds: readonly Deed[], after: (state: State) => State): Promise<void> {
    this.host.stream("down");
    this.#push(deeds);
    await this.#settled();
    const before = this.state;
    this.state = after(before);
    this.host.stream("up");
    this.#judge([], await this.#settled(), before);
  }

  async toggles(name: string): Promise<void> {
    if (!this.on.delete(name)) this.on.add(name);
    await this.#operates(() => this.host.engine.host.apply(this.#desired()));
  }

  async reloads(name: string): Promise<void> {
    await this.#operates(() => this.host.engine.host.reload(this.on.has(name) ? name : "cursed"));
  }

  /** From now on there is a crash at this point, and nowhere else. A changed mind is a reloaded plugin. */
  async crashes(at: FaultAt): Promise<void> {
    this.fault = at;
    await this.reloads("cursed");
  }

  async restarts(): Promise<void> {
    await this.#operates(() => this.host.stop());
    await this.#start();
  }

  async waits(ms: number): Promise<void> {
    await this.#operates(async () => (this.host.clock as HandClock).advance(ms));
  }

  /** Reads every node as everybody, and compares with the model. */
  async compares(): Promise<void> {
    this.steps++;
    if (this.watchesOnly || !["nowhere", "disclose"].includes(this.fault) || !this.on.has("participants"))
      return this.#complain();
    const questions = [...this.state.places.keys()].flatMap((name) =>
      PEOPLE.flatMap((person) =>
        [NODE.PARTICIPANTS, NODE.JIDMAP].map((node) => ({
          name,
          person,
          node,
          deed: this.#reading(name, person, node),
        })),
      ),
    );
    const replies = await this.does(...questions.map(({ deed }) => deed));
    for (const { name, person, node, deed } of questions) {
      const place = this.state.places.get(name) as Place;
      const expected = node === NODE.PARTICIPANTS ? this.#people(place, person) : this.#map(place, person);
      const found = itemsIn(replies.get(deed), place.members.get(person.jid)?.generation);
      if (found !== expected)
        this.#problems.push(`${person.name} reads ${node} of ${name}:\n  ${found}\nand not\n  ${expected}`);
    }
    this.#complain();
  }

  /** Nothing that is kept for others to read holds anything that tells who said it. */
  async ends(): Promise<void> {
    for (const name of this.state.places.keys()) {
      const key = (await this.#store.channel(name))?.channel.key ?? 0;
      for (const node of [NODE.MESSAGES, NODE.PRESENCE, NODE.INFO, NODE.CONFIG]) {
        const page = await this.#store.history({ channel: key, node, max: 1000 });
        if (page === "no such message") continue;
        const text = plain(JSON.stringify(page.messages));
        for (const { name, clients } of PEOPLE)
          if ([name, ...clients].some((secret) => text.includes(secret)))
            this.#problems.push(`The archive knows ${name}: ${text}`);
      }
    }
    await this.host.stop();
    await this.#store.close();
    this.#complain();
  }

  known(plugin: string): boolean {
    return this.#tree.bundled.some(({ name }) => name === plugin);
  }

  complains(problem: string): void {
    this.#problems.push(problem);
  }

  #people(place: Place, reader: Person): string {
    const closed = this.#closed(place, reader);
    if (closed) return closed;
    const isAdministrator = administers(this.state, place, reader.jid);
    if (!isAdministrator && !place.members.has(reader.jid)) return "forbidden";
    return listed(
      [...place.members.values()].map((each) => [
        each.id,
        each.nick,
        isShown(this.state, place, each, isAdministrator) ? each.jid : "",
      ]),
    );
  }

  #map(place: Place, reader: Person): string {
    const closed = this.#closed(place, reader);
    if (closed) return closed;
    if (!this.on.has("jidmap")) return "item-not-found";
    const isForAll = place.mode === "jid-visible" && this.state.decides && place.members.has(reader.jid);
    const isAdministrator = administers(this.state, place, reader.jid);
    if (!isAdministrator && !isForAll) return "forbidden";
    const isTold = (each: Member) => isAdministrator || isShown(this.state, place, each, false);
    return listed([...place.members.values()].map((each) => [each.id, "", isTold(each) ? each.jid : ""]));
  }

  /** Why somebody is told nothing at all by a channel, if so: only those in it get to know that it is suspended. */
  #closed(place: Place, { jid }: Person): string | undefined {
    const isInside = administers(this.state, place, jid) || place.members.has(jid);
    if (isSuspended(place, this.state)) return isInside ? "service-unavailable" : "item-not-found";
    return !isInside && isBanned(this.state, place, jid) ? "item-not-found" : undefined;
  }

  #reading(channel: string, { clients }: Person, node: string): Deed {
    const attrs = { type: "get", from: clients[0], to: `${channel}@${SERVICE}`, id: this.nextId() };
    return { stanza: xml("iq", attrs, xml("pubsub", { xmlns: NS.PUBSUB }, xml("items", { node }))) };
  }

  async #operates(operation: () => Promise<unknown>): Promise<void> {
    await operation();
    this.state = {
      ...this.state,
      decides: this.on.has("visibility") && this.on.has("participants"),
      guards: this.on.has("access") && this.on.has("participants"),
      administers: this.on.has("admin"),
      crashes: this.fault === "disclose",
    };
    this.#judge([], await this.#settled());
  }

  #desired() {
    const options: Record<string, object> = {
      visibility: {
        default: this.#laws.initial,
        administrators_see_jids: this.#laws.everywhere ? "everywhere" : "jidmap",
      },
      archive: { nodes: ["info", "config", "presence"] },
    };
    return Object.fromEntries([...this.on, "cursed"].map((name) => [name, options[name] ?? {}]));
  }

  async #start(): Promise<void> {
    this.host = this.#tree.testHost([cursed(() => this.fault)], { store: this.#store, plugins: this.#desired() });
    this.#looked = 0;
    await this.host.start();
    // What starting has to say is as public as anything.
    this.#judge([], await this.#settled());
  }

  #push(deeds: readonly Deed[]): void {
    for (const { stanza, says } of deeds) {
      const { from = "", id } = stanza.attrs;
      if (says) this.unsaid.says(says.word, from.split("/")[0] as string, says.channel);
      const text = plain(stanza.toString());
      this.#sent.set(`${from} ${id}`, text);
      this.host.push(stanza);
    }
  }

  /** What was sent meanwhile, with the people's clients answering what they are asked. */
  async #settled(): Promise<Element[]> {
    const fresh: Element[] = [];
    for (let round = 0; round < 4; round++) {
      try {
        await this.host.settled();
      } catch (error) {
        // The host has an oracle of its own, which asks the service: here the witness must see it by himself.
        const { message } = error as Error;
        if (!message.startsWith("Leaked:")) this.#problems.push(message);
      }
      const news = this.host.sent().slice(this.#looked).map(parseStanza);
      this.#looked += news.length;
      fresh.push(...news);
      const answers = news.flatMap((stanza) => this.#answers(stanza));
      if (answers.length === 0) break;
      for (const answer of answers) this.host.push(answer);
    }
    this.stanzas += fresh.length;
    return fresh;
  }

  #judge(deeds: readonly Deed[], fresh: readonly Element[], before = this.state): Map<Deed, Element> {
    const waiting = new Map(deeds.map((deed) => [`${deed.stanza.attrs.from} ${deed.stanza.attrs.id}`, deed]));
    const replies = new Map<Deed, Element>();
    // What is true at each stanza: with a reply, what the request was to change has been changed.
    const states = [this.state];
    const at = fresh.map((stanza) => {
      const { type, to, id } = stanza.attrs;
      const deed = stanza.name === "iq" && type !== "get" && type !== "set" ? waiting.get(`${to} ${id}`) : undefined;
      if (deed) replies.set(deed, stanza);
      if (deed?.follows && type === "result") states.push(deed.follows(states.at(-1) as State, stanza));
      return states.length - 1;
    });
    this.state = states.at(-1) as State;
    for (const [index, stanza] of fresh.entries()) {
      // One change by itself is told by the rules that hold after it, from the first stanza on.
      const valid = deeds.length < 2 ? [{ ...this.state, before }] : states.slice(at[index]);
      this.#problems.push(...this.#leaks(stanza, valid), ...lateLeaks(stanza, this.#hiddenWords));
      this.#problems.push(...this.unsaid.read(stanza));
      this.#note(stanza);
    }
    for (const { stanza, says, unsays } of deeds) {
      if (stanza.name === "iq" && !replies.has(waiting.get(`${stanza.attrs.from} ${stanza.attrs.id}`) as Deed))
        this.#problems.push(`There is no reply to ${stanza}`);
      const sender = (stanza.attrs.from as string).split("/")[0] as string;
      if (says && this.#isHidden(says.channel, sender, states)) this.#hiddenWords.set(says.word, sender);
      if (unsays) this.unsaid.wishes(unsays.id, sender, this.#isHidden(unsays.channel, sender, states));
    }
    this.#checkIds();
    return replies;
  }

  /** A reply comes from wherever its asker has sent his request: that much are his own words. */
  #leaks(stanza: Element, valid: readonly State[]): string[] {
    const { from = "", type } = stanza.attrs;
    const isReply = stanza.name === "iq" && (type === "result" || type === "error");
    const told = isReply ? xml("iq", { ...stanza.attrs, from: from.split("/")[0] }, stanza.children) : stanza;
    return leaks(told, valid, this.#sent, this.#presences);
  }

  #isHidden(channel: string, sender: string, states: readonly State[]): boolean {
    return !states.some((state) => {
      const place = state.places.get(channel);
      const member = place?.members.get(sender);
      return place && member && isShown(state, place, member, false);
    });
  }

  #note(stanza: Element): void {
    const { from = "", to = "" } = stanza.attrs;
    if (from.includes("#") && from.includes("/")) this.seen.add(from);
    const invitation = stanza.attrs.type === "result" && stanza.getChild("invite")?.getChild("invitation");
    if (invitation) this.invitations = [invitation, ...this.invitations.slice(0, 4)];
    const person = to.split("/")[0] as string;
    this.unsaid.note(stanza);
    this.received.set(person, [stanza, ...(this.received.get(person) ?? []).slice(0, 5)]);
  }

  /** One ID is one person's in one channel, for ever. */
  #checkIds(): void {
    for (const [name, { members }] of this.state.places)
      for (const { id, jid } of members.values()) {
        const owner = this.#idsEver.get(id) ?? `${jid} in ${name}`;
        this.#idsEver.set(id, owner);
        if (owner !== `${jid} in ${name}`) this.#problems.push(`${id} was ${owner}, and is now ${jid} in ${name}.`);
      }
  }

  /** What somebody's client or server says to a relayed iq. */
  #answers(iq: Element, answering = this.answering): Element[] {
    const { type, from, to = "", id } = iq.attrs;
    const person = PEOPLE.find(({ jid }) => jid === to.split("/")[0]);
    if (!person || iq.name !== "iq" || (type !== "get" && type !== "set") || answering === "silence") return [];
    const [payload] = iq.getChildElements();
    const back = (type: string, of = to) => ({ type, from: of, to: from, id });
    if (answering === "refusal")
      return [xml("iq", back("error"), refusal(person, person.clients[0], ...iq.getChildElements()))];
    const told = vcards(person)[payload?.getNS() ?? ""];
    const truth = () => parseStanza(xml("iq", back("result"), told).toString());
    if (answering === "truth") return [truth()];
    const forger = PEOPLE.find(({ jid }) => jid !== person.jid) as Person;
    const forged = xml("iq", back("result", forger.clients[0]), vcards(forger)[payload?.getNS() ?? ""]);
    return [forged, truth(), truth()];
  }

  #complain(): void {
    if (this.#problems.length === 0) return;
    throw new Error(`${this.#problems.slice(0, 3).join("\n")}\nIt went like this:\n${this.story.join("\n")}`);
  }
}

/** Crashes wherever it is wanted. */
function cursed(at: () => FaultAt): Plugin {
  const crash = (point: FaultAt) => {
    if (at() === point) throw new Error("Something wicked this way comes.");
    return undefined;
  };
  return definePlugin({
    name: "cursed",
    summary: "Crashes on demand.",
    setup({ guard, handle, on }) {
      guard("jid/disclose", () => crash("disclose"));
      guard("participant/stays", () => crash("stays"));
      guard("channel/admit", () => crash("admit"));
      handle("participant/join", () => crash("join"), 200);
      handle("node/may", () => crash("may"), 200);
      handle("message/accept", () => crash("accept"), 200);
      handle("message/deliver", () => () => crash("deliver") ?? "deliver");
      on("participant/joined", () => void crash("joined"));
    },
  });
}

/** The items of a reply in a form that two can be compared in, or the condition of its error. */
function itemsIn(reply: Element | undefined, generation: number | undefined): string {
  if (reply?.attrs.type !== "result") return reply?.getChild("error")?.getChildElements()[0]?.name ?? "no reply";
  const items = reply.getChild("pubsub")?.getChild("items")?.getChildren("item") ?? [];
  return listed(
    items.map(({ attrs: { id = "" }, ...item }) => {
      const participant = (item as Element).children[0] as Element;
      const isProxy = id.includes("#");
      const handle = generation === undefined || isProxy === (generation === 0) ? id.split("#")[0] : `wrong ${id}`;
      return [handle as string, participant.getChildText("nick") ?? "", participant.getChildText("jid") ?? ""];
    }),
  );
}

function listed(rows: readonly (readonly string[])[]): string {
  return rows
    .map((row) => row.join(" "))
    .sort()
    .join("; ");
}
