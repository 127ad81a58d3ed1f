import { setTimeout as pause } from "node:timers/promises";
import { type Element, NODE, NS, xml } from "masque";
import { form, publish } from "../core/channel/replies.ts";
import { COVEN } from "../scenarios/person.ts";
import { Chance } from "./chance.ts";
import { Hearing } from "./hearing.ts";
import type { House } from "./house.ts";
import { archive, banned, nicks, preference } from "./look.ts";
import { judge, type Problem } from "./oracle.ts";
import { type Part, Player } from "./player.ts";
import type { Register } from "./register.ts";

const PARTS: readonly Part[] = [
  { name: "hecate", generation: 0, by: "server" },
  { name: "hag66", generation: 1, by: "ejabberd" },
  { name: "crone1", generation: 1, by: "client" },
  { name: "banquo", generation: 0, by: "client" },
  { name: "macbeth", generation: 1, by: "server" },
  { name: "fleance", generation: 1, by: "server" },
];

/** Between two attempts to say what is refused for the moment. */
const PAUSE = 50;

type Found<K extends "place" | "nick" | "preference"> = Player[K] extends Register<infer T> ? T : never;

/** People in a channel that hides them, who talk all the time, and remember what they were told. */
export class Company {
  readonly house: House;
  readonly hearing: Hearing;
  readonly players: readonly Player[];
  /** What happened that must not, beside what the oracle finds. */
  readonly #wrong: Problem[] = [];
  readonly #chance: Chance;
  #isHushed = false;
  #seen = 0;

  constructor(house: House, chance: Chance) {
    this.house = house;
    this.#chance = chance;
    this.players = PARTS.map((part) => new Player(part, this, new Chance(chance.upTo(2 ** 31))));
    const jids = this.players.map(({ person }) => person.jid);
    this.hearing = new Hearing(jids, this.hecate.person.jid);
    house.server.reader = (stanza) => this.hearing.take(stanza);
  }

  get hecate(): Player {
    return this.players[0] as Player;
  }

  /** Those who stay, whatever happens. */
  get stable(): readonly Player[] {
    return this.players.slice(0, 4);
  }

  /** Which TCP stream it is that things are sent into. */
  get stream(): number {
    return this.house.server.connections;
  }

  wrong(says: string): void {
    this.#wrong.push({ wrong: "otherwise wrong", says });
  }

  async gathers(): Promise<void> {
    const { hecate } = this;
    await hecate.person.creates("coven", 0);
    for (const player of this.players) await player.joins();
    const config = publish(NODE.CONFIG, xml("item", {}, form({ "User Message Retraction": "true" }, NS.MIX_ADMIN)));
    if (!(await hecate.does(COVEN, config))) throw new Error("hecate may not configure her own channel.");
  }

  /** The answer to an iq; `undefined` when the stream is lost before. */
  async ask(iq: Element): Promise<Element | undefined> {
    const { from, id } = iq.attrs;
    await this.house.sends(iq).catch(() => {});
    const key = `${from} ${id}`;
    await this.until(() => this.hearing.replies.has(key));
    return this.hearing.replies.get(key);
  }

  /** Until this is true, or the stream is lost. */
  async until(condition: () => boolean): Promise<void> {
    const { server } = this.house;
    const stream = this.stream;
    await server.when(() => condition() || !server.connected || this.stream !== stream);
  }

  /** Until so many more copies of messages have been heard, or so many messages refused. */
  async hears(copies: number): Promise<void> {
    const goal = this.hearing.copies + copies;
    await this.until(() => this.hearing.copies >= goal);
  }

  async isRefused(messages: number): Promise<void> {
    const goal = this.hearing.refused.size + messages;
    await this.until(() => this.hearing.refused.size >= goal);
  }

  /** Everybody acts until they are hushed, or the stream is lost; resolves when nobody waits for anything. */
  async plays(): Promise<void> {
    this.#isHushed = false;
    const stream = this.stream;
    const goesOn = () => !this.#isHushed && this.stream === stream && this.house.server.connected;
    const acts = async (act: () => Promise<void>) => {
      while (goesOn()) await act();
    };
    const [, , , , macbeth, fleance] = this.players as [Player, Player, Player, Player, Player, Player];
    await Promise.all([
      ...this.stable.map((player) => acts(() => this.#act(player))),
      acts(() => this.#usurp(macbeth)),
      acts(() => this.#flee(fleance)),
    ]);
  }

  hush(): void {
    this.#isHushed = true;
  }

  /**
   * Looks at everything, when nothing is under way any more.
   * @param isTold whether the stream has held since the last time, so that whatever was kept was told, too
   */
  async problems(isTold: boolean): Promise<Problem[]> {
    await this.#settles();
    const kept = await archive(this);
    const said = new Map(this.players.map((player) => [player.name, player.utterances()]));
    const { heard, whispers, leaks } = this.hearing;
    const found = judge({ kept, heard, said, whispers, stream: this.stream });
    const own = new Set(this.hearing.at(this.hecate.address).map(({ id }) => id));
    const untold = isTold ? kept.slice(this.#seen).filter(({ id }) => !own.has(id)) : [];
    this.#seen = kept.length;
    for (const { id, words } of untold) found.push({ wrong: "lost", says: `Kept, and not told: ${id} "${words}".` });
    await this.#looks();
    for (const leak of leaks.splice(0)) this.wrong(`Leaked: ${leak}`);
    return [...found, ...this.#wrong.splice(0)];
  }

  async #act(player: Player): Promise<void> {
    const act = this.#chance.upTo(12);
    if (act === 1) return player.renames();
    if (act === 2) return player.prefers();
    if (act === 3) return player.retracts();
    const others = this.stable.filter((each) => each !== player);
    if (act === 4) return player.whispers(this.#chance.pick(others));
    return player.says();
  }

  /** macbeth speaks until he is banned, and comes back when he is pardoned. */
  async #usurp(macbeth: Player): Promise<void> {
    const place = macbeth.place.certain;
    const list = (verb: "publish" | "retract") => {
      const item = xml("item", { id: macbeth.person.jid });
      return this.hecate.does(COVEN, xml("pubsub", { xmlns: NS.PUBSUB }, xml(verb, { node: NODE.BANNED }, item)));
    };
    if (place === "out") return macbeth.joins();
    if (place === "banned") return macbeth.place.becomes("out", () => list("retract"));
    if (place === "in" && this.#chance.of(0.2)) return macbeth.place.becomes("banned", () => list("publish"));
    return macbeth.says();
  }

  async #flee(fleance: Player): Promise<void> {
    if (fleance.place.certain === "out") return fleance.joins();
    return this.#chance.of(0.2) ? fleance.leaves() : fleance.says();
  }

  /** Until all that was on its way has arrived: a message has its place behind everything. */
  async #settles(): Promise<void> {
    for (;;) {
      const words = await this.hecate.closes();
      await this.until(
        () =>
          this.stable.every(({ address }) => this.hearing.at(address).at(-1)?.words === words) ||
          this.hecate.isRefused(words),
      );
      if (!this.hecate.isRefused(words)) return;
      await pause(PAUSE);
    }
  }

  /** Who is in the channel, and what is known of him. */
  async #looks(): Promise<void> {
    const [isBanned, here] = [await banned(this), await nicks(this)];
    for (const player of this.players) {
      const { id, name, person } = player;
      const nick = here.get(id);
      if (isBanned.has(person.jid) && nick !== undefined) this.wrong(`${name} is banned, and here.`);
      this.#compares(player, "place", isBanned.has(person.jid) ? "banned" : nick === undefined ? "out" : "in");
      if (nick === undefined) continue;
      this.#compares(player, "nick", nick);
      this.#compares(player, "preference", await preference(this, player));
      here.delete(id);
    }
    if (here.size > 0) this.wrong(`There are strangers here: ${[...here.values()].join(", ")}.`);
  }

  /** What is there now is what was asked for and granted, or what was asked for and never answered. */
  #compares<K extends "place" | "nick" | "preference">(player: Player, what: K, found: Found<K>): void {
    const register = player[what] as Register<Found<K>>;
    if (!register.allows(found)) this.wrong(`The ${what} of ${player.name} is "${found}", not "${register}".`);
    register.is(found);
  }
}
