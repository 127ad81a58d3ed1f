import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../host/plugin.ts";
import { parseStanza } from "../xmpp/parse.ts";
import { refuse, type StanzaError } from "../xmpp/refuse.ts";
import { type Element, serialize } from "../xmpp/xml.ts";
import { addresseeOf, anyOf, askerOf, isEcho } from "./address.ts";
import type { Census } from "./census.ts";
import { Handing } from "./handing.ts";
import type { Handed, Message } from "./message.ts";
import { type Door, Peers } from "./peers.ts";
import { Route, type Task } from "./route.ts";
import { Sharing, type Streams } from "./sharing.ts";
import { lapsed, uncertain, unreachable } from "./words.ts";

/** What serves the channels of this process. */
export interface Service {
  /** @param done called when its turn has ended */
  receive(stanza: Element, done: () => void): void;
  /** Answers a stanza by an error, if it is one that is answered. */
  refuse(stanza: Element, error: StanzaError): void;
  /** Until everything that was begun in a channel is durable. */
  settled(channel: string): Promise<void>;
  /** Lets a channel go from memory, once everything that was begun in it is durable. */
  release(channel: string): Promise<void>;
  /** Counts what was taken in from the server and is not done. */
  readonly load: { begin(): void; end(): void };
}

/** How long a stanza waits for its channel to be anybody's, in milliseconds. */
const PATIENCE = 20_000;
const PAUSE = 50;
/** One that is silent for so long is cut off. */
const HUNG = 10_000;
/** Of more channels than this it is not remembered where they are served. */
const MOST_ROUTES = 100_000;
const MOST_HOPS = 4;

/**
 * One of several processes that serve a domain together. Each channel is one process's; a stanza that the server sends to
 * another is handed on to it, in order, and handed again, or refused, if that dies before it is done.
 */
export class Cluster {
  readonly #census: Census;
  readonly #peers: Peers;
  readonly #log: Logger;
  readonly #routes = new Map<string, Route>();
  readonly #handing: Handing;
  readonly #sharing: Sharing;
  readonly #marks = new WeakMap<Element, Task>();
  /** Fulfilled when the others have taken this process for dead: it serves nothing from then on. */
  readonly deposed: Promise<void>;
  #service!: Service;
  #isClosed = false;

  /** @param door where the other processes call */
  constructor(census: Census, door: Door, secret: string, log: Logger) {
    this.#census = census;
    this.#log = log;
    this.#peers = new Peers(census.number, secret, door, {
      hear: (message, from) => this.#hear(message, from),
      gone: (number) => this.#gone(number),
      look: () => census.look().catch(() => {}), // who is not known then calls again
      unreachable: (number, isGone) => void this.#suspect(number, isGone),
    });
    this.#handing = new Handing(this.#peers);
    this.#sharing = new Sharing(census, this.#peers);
    this.deposed = new Promise((resolve) => {
      census.listen({ changed: () => this.#follow(), deposed: () => resolve() });
    });
  }

  /** What the ids of this process's own requests begin with, so that the answers find back to it. */
  get tag(): string {
    return `${this.#census.number}.`;
  }

  /** Whether this process sees to what is to be done once, wherever it is done. */
  get isFirst(): boolean {
    return this.#routes.get("")?.at === this.#census.number;
  }

  /** One sentence for operators. */
  get status(): string {
    const others = this.#census.members.map(({ number }) => number).filter((number) => number !== this.#census.number);
    const beside = others.length > 0 ? `beside ${others.join(" and ")}` : "with no other beside it";
    const own = [...this.#routes.values()].filter(({ at }) => at === this.#census.number).length;
    return `This is process ${this.#census.number}, ${beside}; it serves ${own} of the channels that are in use.`;
  }

  /** Nothing is handed over, and nothing waits. */
  get idle(): boolean {
    return this.#handing.idle && [...this.#routes.values()].every(({ isIdle }) => isIdle);
  }

  begin(service: Service): void {
    this.#service = service;
    this.#follow();
  }

  /** @param total how many streams the server shares the stanzas out to, those of all processes together */
  async shareOut(streams: Streams, total: number): Promise<void> {
    await this.#sharing.begin(streams, total);
  }

  close(): void {
    this.#isClosed = true;
    this.#peers.close();
  }

  /** A stanza from the server. */
  receive(stanza: Element): void {
    const asker = askerOf(stanza);
    if (asker !== undefined && asker !== this.#census.number)
      return this.#peers.send(asker, { kind: "reply", stanza: serialize(stanza) });
    if (this.#census.isLapsed) return this.#service.refuse(stanza, lapsed());
    if (asker !== undefined) return this.#service.receive(stanza, () => {});
    if (isEcho(stanza)) return this.#peers.sendAll({ kind: "reply", stanza: serialize(stanza) });
    const { channel, isDirect } = addresseeOf(stanza);
    this.#service.load.begin();
    this.#take(this.#route(channel), { stanza, isDirect, hops: 0 });
  }

  /** What is known of a stanza that was handed over by another process: the id it is archived under. */
  handed(stanza: Element): Pick<Task, "id" | "isAgain"> | undefined {
    return this.#marks.get(stanza);
  }

  /**
   * Makes a channel this process's own before it is loaded; one that another process serves is asked of it.
   * @throws StanzaError `resource-constraint` when it cannot be had
   */
  async own(name: string): Promise<void> {
    for (let tries = 0; tries < 10; tries++) {
      const leaving = this.#routes.get(name);
      if (leaving?.isLeaving) await new Promise<void>((go) => leaving.wishes.push(go));
      const owner = await this.#census.claim(name);
      if (owner === undefined || owner === this.#census.number) return;
      const route = this.#route(name);
      route.hold();
      route.at = owner;
      const granted = new Promise<void>((go) => route.wishes.push(go));
      if (this.#peers.has(owner)) this.#peers.send(owner, { kind: "accept", channel: name });
      else void this.#settle(route);
      // Who has it may be waiting for one that this process has.
      await Promise.race([granted, sleep(PATIENCE / 10, undefined, { ref: false })]);
      if (tries > 0) await sleep(PAUSE, undefined, { ref: false });
    }
    throw refuse("resource-constraint", "The channel is served by another process just now: please try again.");
  }

  #route(name: string): Route {
    let route = this.#routes.get(name);
    if (route) return route;
    if (this.#routes.size >= MOST_ROUTES)
      for (const [old, { isIdle }] of this.#routes) if (isIdle && old !== "") this.#routes.delete(old);
    route = new Route(name);
    this.#routes.set(name, route);
    return route;
  }

  /** The list of processes has changed. */
  #follow(): void {
    if (!this.#service) return;
    this.#peers.follow(this.#census.members);
    this.#sharing.follow();
    const service = this.#route("");
    if (service.at === undefined) {
      service.hold();
      void this.#settle(service);
    }
  }

  #take(route: Route, task: Task): void {
    const { number } = this.#census;
    if (route.queue) route.queue.push(task);
    else if (route.at === number) this.#serve(route, task);
    else if (task.hops > MOST_HOPS) this.#turnAway(task, unreachable());
    else if (route.at === undefined || route.at === task.from) {
      route.hold().push(task);
      // Who hands it back waits for it to be done: so would this.
      void this.#settle(route, route.at === undefined);
    } else {
      if (task.from !== undefined) this.#peers.send(task.from, { kind: "moved", channel: route.channel });
      this.#hand(route, task, route.at);
    }
  }

  #serve(route: Route, task: Task): void {
    const { channel } = route;
    route.begin();
    if (task.id) this.#marks.set(task.stanza, task);
    if (route.suits(task)) this.#peers.send(task.from as number, { kind: "offer", channel });
    this.#service.receive(task.stanza, () => {
      const end = () => {
        this.#finish(task);
        route.end();
      };
      if (task.from === undefined) end();
      else void this.#service.settled(channel).then(end, end);
    });
  }

  #hand(route: Route, task: Task, to: number): void {
    if (!this.#handing.hand(route, task, to)) this.#turnAway(task, unreachable());
  }

  #finish({ from, no }: Task): void {
    if (from === undefined) this.#service.load.end();
    else this.#peers.send(from, { kind: "done", no: no as number });
  }

  #turnAway(task: Task, error: StanzaError): void {
    this.#service.refuse(task.stanza, error);
    this.#finish(task);
  }

  /** Finds out whose a channel is, when nothing of it is under way any more, and lets what waits go on. */
  async #settle(route: Route, inOrder = true): Promise<void> {
    if (route.isSettling) return;
    route.isSettling = true;
    route.hold();
    if (inOrder) await route.calm();
    const owner = await this.#ownerOf(route.channel);
    route.isSettling = false;
    if (owner === "unknown") return this.#giveUp(route);
    this.#flow(route, owner);
  }

  /** The process that a channel is, or by this becomes, the charge of; `undefined` where there is no such channel. */
  async #ownerOf(channel: string): Promise<number | undefined | "unknown"> {
    const end = performance.now() + PATIENCE;
    while (!this.#isClosed && performance.now() < end) {
      try {
        const owner = await this.#census.claim(channel);
        if (owner === undefined || owner === this.#census.number || this.#peers.has(owner)) return owner;
        await this.#census.look();
      } catch (error) {
        this.#log.debug({ channel, err: error }, "It cannot be found out which process serves a channel.");
      }
      await sleep(PAUSE, undefined, { ref: false });
    }
    return "unknown";
  }

  #flow(route: Route, owner: number | undefined): void {
    const tasks = route.queue ?? [];
    route.queue = undefined;
    route.at = owner;
    route.granted();
    for (const task of tasks) {
      if (owner !== undefined || route.queue) this.#take(route, task);
      else this.#answerForNobody(route, task);
    }
  }

  /**
   * There is no such channel. What is written to somebody in one that there is, is handed on by most processes: so is
   * this, so that the time it takes does not tell the one from the other.
   */
  #answerForNobody(route: Route, task: Task): void {
    const to = anyOf(this.#census.members, route.channel)?.number;
    const isHere = task.isDirect || task.hops > 0 || to === undefined || !this.#peers.has(to);
    if (isHere) this.#serve(route, task);
    else this.#hand(route, task, to);
  }

  #giveUp(route: Route): void {
    const tasks = route.queue ?? [];
    route.queue = undefined;
    route.at = undefined;
    route.granted();
    for (const task of tasks) this.#turnAway(task, unreachable());
  }

  #hear(message: Message, from: number): void {
    switch (message.kind) {
      case "stanza":
        return this.#accept(message, from);
      case "done":
        return this.#done(message.no);
      case "reply":
        return this.#service.receive(parseStanza(message.stanza), () => {});
      case "moved":
        return this.#moved(this.#route(message.channel), from);
      case "offer":
        return this.#offered(this.#route(message.channel), from);
      case "accept":
        return void this.#move(this.#route(message.channel), from);
      case "yours":
        return void this.#settle(this.#route(message.channel));
      case "room":
        return this.#sharing.hurry();
    }
  }

  #accept({ no, channel, stanza, hops, id, isAgain }: Handed, from: number): void {
    const parsed = parseStanza(stanza);
    const { isDirect } = addresseeOf(parsed);
    const task = { stanza: parsed, isDirect, hops, from, no, id, isAgain };
    if (this.#census.isLapsed) return this.#turnAway(task, lapsed());
    this.#take(this.#route(channel), task);
  }

  #done(no: number): void {
    const handed = this.#handing.done(no);
    if (!handed) return;
    this.#finish(handed.task);
    handed.route.end();
  }

  #moved(route: Route, from: number): void {
    if (route.at !== from && route.wishes.length === 0) return;
    void this.#settle(route);
  }

  #offered(route: Route, from: number): void {
    if (route.at !== from || route.queue) return;
    route.hold();
    this.#peers.send(from, { kind: "accept", channel: route.channel });
  }

  /** Gives a channel to another process, once all that came before is done. */
  async #move(route: Route, to: number): Promise<void> {
    const { channel } = route;
    if (route.queue) return this.#peers.send(to, { kind: "moved", channel });
    route.hold();
    route.isSettling = true;
    try {
      if ((await this.#census.claim(channel)) !== this.#census.number)
        throw new Error("It is served elsewhere already.");
      await route.calm();
      await this.#service.release(channel);
      route.isLeaving = true;
      // Its readers have what was told from here before they are told anything from there.
      await this.#sharing.echo();
      await this.#census.give(channel, to);
      this.#peers.send(to, { kind: "yours", channel });
      route.isSettling = route.isLeaving = false;
      this.#flow(route, to);
    } catch (error) {
      route.isSettling = route.isLeaving = false;
      this.#log.debug({ channel, err: error }, "A channel could not be given to another process.");
      this.#peers.send(to, { kind: "moved", channel });
      void this.#settle(route);
    }
  }

  /** What was handed to a process that is gone is handed again; what would be heard twice by that is refused. */
  #gone(number: number): void {
    this.#log.warn({ process: number }, "A process is gone: the others take over its channels.");
    for (const route of this.#routes.values()) {
      if (route.at !== number) continue;
      route.at = undefined;
      // Somebody waits for it to be given, or for what is done once.
      if (route.queue || route.channel === "") void this.#settle(route);
    }
    for (const { route, task } of this.#handing.lost(number)) {
      if (isPrivate(task)) this.#turnAway(task, uncertain());
      else route.hold().unshift({ ...task, isAgain: true });
      route.end();
      if (route.queue) void this.#settle(route);
    }
  }

  /** A process cannot be reached: it is taken off the list if it is gone, or has been silent for too long. */
  async #suspect(number: number, isGone: boolean): Promise<void> {
    try {
      await this.#census.look();
      const member = this.#census.members.find((each) => each.number === number);
      if (!member) return;
      const isHung = member.silent > HUNG;
      if (isGone || isHung) await this.#census.depose(number, isHung);
    } catch (error) {
      this.#log.debug({ process: number, err: error }, "It cannot be found out whether a process is alive.");
    }
  }
}

/** Nothing tells afterwards whether it has reached the one it was for. */
function isPrivate({ stanza, isDirect }: Task): boolean {
  return stanza.name === "message" && !isDirect;
}
