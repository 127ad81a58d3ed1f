import { type Condition, conditionIn, type Duration, type Element, escapeXml, type Parcel, randomId } from "masque";
import type { Service } from "./discovery.ts";
import { type Lot, packed, parts } from "./packing.ts";
import { isTelling, written } from "./spelling.ts";
import { UnderWay } from "./under-way.ts";

/** What a passage needs of the plugin. */
export interface Means {
  /** The component's own. */
  readonly domain: string;
  after(delay: Duration, task: () => void): void;
  send(text: string): void;
  /** Sends once more, a stanza each, what reached nobody. */
  again(parcel: Parcel, beginnings: readonly Uint8Array[]): void;
  /** What was held may go. */
  proceed(): void;
  /** Nothing is under way any more, and nothing more goes this way: until it is tried again, or for ever. */
  closed(reason: string, until: "later" | "ever"): void;
}

/** So many copies may be under way: the server takes them faster than it delivers them, and has them in memory. */
const MOST_UNDER_WAY = 20_000;
const PATIENCE: Duration = 30_000;

/** After these nobody was sent anything (XEP-0033 §5, §8); after any other, nobody knows who was. */
const UNDELIVERED: ReadonlySet<Condition> = new Set<Condition>([
  "bad-request",
  "feature-not-implemented",
  "forbidden",
  "item-not-found",
  "not-acceptable",
  "not-allowed",
  "not-authorized",
  "policy-violation",
  "remote-server-not-found",
  "resource-constraint",
  "service-unavailable",
]);

/**
 * The way through a service that was proven. What is handed to it must not be overtaken by what is sent straight: behind
 * it goes an echo, which the service passes on to the component itself, and which tells how far it has got.
 */
export class Passage {
  readonly #service: Service;
  readonly #means: Means;
  readonly #underWay = new UnderWay();
  readonly #token = randomId();
  #last = 0;
  /** The number of the echo that is awaited; 0 for none. */
  #echo = 0;
  #isWatched = false;
  #isFull = false;
  #failure: string | undefined;
  #isTelling = false;

  constructor(service: Service, means: Means) {
    this.#service = service;
    this.#means = means;
  }

  get isHolding(): boolean {
    return this.#isFull || this.#failure !== undefined;
  }

  get isEmpty(): boolean {
    return this.#underWay.size === 0;
  }

  /** Whether something of this line may still be overtaken. */
  carries(line: string): boolean {
    return this.#underWay.has(line);
  }

  /** Adds these copies, packed, to what is to be written. */
  pack(lots: readonly Lot[], parcel: Parcel, out: Uint8Array[]): void {
    for (const { rest, beginnings } of lots) {
      for (const part of parts(beginnings, this.#service.limit)) {
        const number = ++this.#last;
        out.push(...packed(escapeXml(this.#here(number)), this.#service.spelling, part, rest));
        this.#underWay.add(number, { parcel, beginnings: part });
      }
    }
    this.#isFull ||= this.#underWay.copies > MOST_UNDER_WAY;
    if (this.#echo === 0) out.push(Buffer.from(this.#askForEcho()));
  }

  /** Whether a message is an answer of the service, or an echo; if so, draws its conclusions. */
  takes(stanza: Element): boolean {
    const { from, to, type } = stanza.attrs;
    const isError = type === "error";
    const number = isError ? numberIn(from, this.#here("")) : numberIn(to, this.#back(""));
    if (number === undefined) return false;
    if (isError) this.#refused(number, conditionIn(stanza));
    else if (isTelling(stanza)) {
      this.#isTelling = true;
      this.#failure ??= "it tells its recipients of one another";
    }
    this.#reached(isError && number !== this.#echo ? 0 : number);
    return true;
  }

  /** Nothing more goes this way; what is told waits until all has arrived that did. */
  #end(failure: string): void {
    if (this.isEmpty) this.#means.closed(failure, this.#isTelling ? "ever" : "later");
    else if (this.#echo === 0) this.#means.send(this.#askForEcho());
  }

  #refused(number: number, condition: Condition): void {
    const load = this.#underWay.take(number);
    if (load && UNDELIVERED.has(condition)) this.#means.again(load.parcel, load.beginnings);
    this.#failure ??= `it answers ${condition}`;
  }

  /** All up to this number has been dealt with: the service takes one after the other. */
  #reached(number: number): void {
    this.#underWay.takeUntil(number);
    if (number >= this.#echo) this.#echo = 0;
    if (this.#failure) return this.#end(this.#failure);
    if (!this.isEmpty && this.#echo === 0) this.#means.send(this.#askForEcho());
    if (!this.#isFull || this.#underWay.copies > MOST_UNDER_WAY / 2) return;
    this.#isFull = false;
    this.#means.proceed();
  }

  #askForEcho(): string {
    this.#echo = ++this.#last;
    this.#watch();
    return (
      `<message to='${escapeXml(this.#here(this.#echo))}' from='${this.#means.domain}' id='${this.#token}-${this.#echo}'>` +
      `${written(this.#service.spelling, [this.#back(this.#echo)])}</message>`
    );
  }

  /** A service that says nothing any more is not waited for: what it did with what it has, nobody knows. */
  #watch(): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    const awaited = this.#echo;
    this.#means.after(PATIENCE, () => {
      this.#isWatched = false;
      if (this.#echo === 0) return;
      if (this.#echo !== awaited) return this.#watch();
      this.#underWay.clear();
      this.#end("it does not answer any more");
    });
  }

  #here(number: number | string): string {
    return `${this.#service.jid}/${this.#token}-${number}`;
  }

  #back(number: number | string): string {
    return `${this.#means.domain}/${this.#token}-${number}`;
  }
}

function numberIn(address: string | undefined, before: string): number | undefined {
  return address?.startsWith(before) ? Number(address.slice(before.length)) : undefined;
}
