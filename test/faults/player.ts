import { setTimeout as pause } from "node:timers/promises";
import { CORE, type Element, type Generation, NODE, NS, xml } from "masque";
import { form } from "../core/channel/replies.ts";
import { COVEN, Person } from "../scenarios/person.ts";
import type { Chance } from "./chance.ts";
import type { Company } from "./company.ts";
import { retractionOf } from "./hearing.ts";
import type { Utterance } from "./oracle.ts";
import { Register } from "./register.ts";

/** How long who was refused waits before he says something again. */
const PATIENCE = 20;

/** At most so many messages are in a packet. */
const MOST_AT_ONCE = 30;

export interface Part {
  readonly name: string;
  readonly generation: Generation;
  /** Whether his server joins for him, or ejabberd's, or his client does by itself. */
  readonly by: "server" | "ejabberd" | "client";
}

/** Somebody in the company, and what of him must outlive every fault. */
export class Player {
  readonly name: string;
  readonly person: Person;
  /** Where the channel's messages reach him. */
  readonly address: string;
  readonly nick: Register<string>;
  readonly preference = new Register("block");
  readonly place = new Register<"in" | "out" | "banned">("out");
  /** His Stable Participant ID. */
  id = "";
  readonly #generation: Generation;
  readonly #signed: string;
  readonly #company: Company;
  readonly #chance: Chance;
  readonly #sent: { id: string; words: string; stream: number }[] = [];
  #judged = 0;
  #count = 0;

  constructor({ name, generation, by }: Part, company: Company, chance: Chance) {
    this.name = name;
    this.person = new Person(company.house, name);
    this.address = by === "client" ? this.person.client : this.person.jid;
    this.nick = new Register(name);
    this.#generation = generation;
    this.#signed = by === "ejabberd" ? "rr-" : "";
    this.#company = company;
    this.#chance = chance;
  }

  get proxy(): string {
    return `${this.id}#${COVEN}`;
  }

  /** How much he has sent, refused or not. */
  get sent(): number {
    return this.#sent.length;
  }

  /** Whether he was told that this is not taken. */
  isRefused(words: string): boolean {
    return this.#sent.some((each) => each.words === words && this.#isRefused(each.id));
  }

  /** What he has said since this was last asked, and what is known to have come of it. */
  utterances(): Utterance[] {
    const said = this.#sent.slice(this.#judged).map(({ id, ...said }) => ({ ...said, isRefused: this.#isRefused(id) }));
    this.#judged = this.#sent.length;
    return said;
  }

  async joins(): Promise<void> {
    const { name } = this;
    await this.place.becomes("in", async () => {
      const nodes = [NODE.MESSAGES, NODE.INFO, NODE.CONFIG];
      const options = { generation: this.#generation, from: this.address, signed: this.#signed, nodes, nick: name };
      const reply = await this.#company.ask(this.person.joining(options));
      if (reply?.attrs.type !== "result") return reply && false;
      const id = reply.getChild("join")?.attrs.id ?? "";
      if (this.id && this.id !== id) this.#company.wrong(`${name} came back under another ID.`);
      this.id = id;
      this.nick.is(name);
      return true;
    });
  }

  async leaves(): Promise<void> {
    const leave = xml("leave", { xmlns: CORE[this.#generation] });
    await this.place.becomes("out", () => this.does(COVEN, leave, this.person.jid));
  }

  async renames(): Promise<void> {
    const nick = `${this.name} the ${++this.#count}`;
    const setnick = xml("setnick", { xmlns: CORE[this.#generation] }, xml("nick", {}, nick));
    await this.nick.becomes(nick, () => this.does(COVEN, setnick));
  }

  async prefers(): Promise<void> {
    const value = this.preference.allows("block") ? "allow" : "block";
    const preference = xml("user-preference", { xmlns: NS.MIX_ANON }, form({ vCard: value }, NS.MIX_ANON));
    await this.preference.becomes(value, () => this.does(COVEN, preference));
  }

  /** Says some things in one packet, and waits until everybody knows of them, or he knows that they are refused. */
  async says(): Promise<void> {
    const words = Array.from({ length: this.#chance.upTo(MOST_AT_ONCE) }, () => `${this.name} says ${++this.#count}`);
    await this.sends(words.map((each) => this.#noted(this.person.words(each, COVEN, this.#from), each)));
  }

  /** Says something, without waiting for anything; returns it. */
  async closes(): Promise<string> {
    const words = `${this.name} closes ${++this.#count}`;
    await this.#company.house.sends(this.#noted(this.person.words(words, COVEN, this.#from), words)).catch(() => {});
    return words;
  }

  /** Takes back something of his that was heard. */
  async retracts(): Promise<void> {
    const own = this.#company.hearing.at(this.address).filter(({ words }) => words.startsWith(`${this.name} says`));
    const { id } = own.at(-this.#chance.upTo(20)) ?? {};
    const words = retractionOf(id ?? "");
    if (!id || this.#sent.some((each) => each.words === words)) return;
    const attrs = { type: "groupchat", from: this.#from, to: COVEN, id: this.person.nextId() };
    await this.sends([this.#noted(xml("message", attrs, xml("retract", { xmlns: NS.MIX_MISC, id })), words)]);
  }

  /** Writes to another's proxy, or answers to the token that he was written from. */
  async whispers(to: Player): Promise<void> {
    const words = `${this.name} whispers ${++this.#count}`;
    const { hearing } = this.#company;
    const last = hearing.whispers.findLast(
      (each) => each.to.startsWith(this.person.jid) && each.from.startsWith(to.id),
    );
    const attrs = { type: "chat", from: this.person.client, to: last?.from ?? to.proxy, id: this.person.nextId() };
    await this.#company.house.sends(xml("message", attrs, xml("body", {}, words))).catch(() => {});
    const arrived = () => hearing.whispers.find((each) => each.words === words);
    await this.#company.until(() => arrived() !== undefined || this.#isRefused(attrs.id));
    const reached = arrived()?.to;
    if (last && reached && reached !== to.person.client)
      this.#company.wrong(`What ${this.name} wrote to the token of ${to.name} reached ${reached}.`);
  }

  /** Asks something of the channel. True if it was done, false if refused, `undefined` if the stream was lost meanwhile. */
  async does(to: string, payload: Element, from = this.person.client): Promise<boolean | undefined> {
    const id = this.person.nextId();
    const reply = await this.#company.ask(xml("iq", { type: "set", from, to, id }, payload));
    return reply && reply.attrs.type === "result";
  }

  async sends(messages: readonly Element[]): Promise<void> {
    const { house, hearing } = this.#company;
    const sent = this.#sent.slice(-messages.length);
    // The end may come at any time: that is the play.
    await house.sends(...messages).catch(() => {});
    await this.#company.until(() => sent.every(({ id, words }) => hearing.words.has(words) || this.#isRefused(id)));
    if (sent.some(({ id }) => this.#isRefused(id))) await pause(PATIENCE);
  }

  get #from(): string {
    return this.person.client;
  }

  #noted(message: Element, words: string): Element {
    this.#sent.push({ id: message.attrs.id ?? "", words, stream: this.#company.stream });
    return message;
  }

  #isRefused(id: string): boolean {
    return this.#company.hearing.refused.has(`${this.#from} ${id}`);
  }
}
