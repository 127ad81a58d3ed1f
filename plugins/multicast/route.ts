import type { Duration, Element, Logger, Parcel } from "masque";
import type { Service } from "./discovery.ts";
import { count, type Lot } from "./packing.ts";
import { type Means, Passage } from "./passage.ts";
import { Proof } from "./proof.ts";

/** What a route needs of the plugin. */
export interface Surroundings extends Omit<Means, "closed"> {
  /** The fewest readers for whom the service is worth while. */
  readonly least: number;
  readonly log: Logger;
  now(): number;
  find(host: string): Promise<Service | undefined>;
}

const PROOF_WITHIN: Duration = 60_000;
/** A service that failed, or was not there, is looked for again. */
const RETRY: Duration = 10 * 60_000;
const NEVER = Number.POSITIVE_INFINITY;

/** A service that is being looked for, and then proven. */
interface Opening {
  proof?: Proof;
}

/** The way to one server's users: through its multicast service while there is one that can be relied on, else straight. */
export class Route {
  readonly #host: string;
  readonly #around: Surroundings;
  #opening: Opening | undefined;
  #passage: Passage | undefined;
  #status: string | undefined;
  #retryAt = Number.NEGATIVE_INFINITY;
  /** What an earlier stream was handed may still be under way. */
  #isHaunted = false;

  constructor(host: string, around: Surroundings) {
    this.#host = host;
    this.#around = around;
  }

  /** Whether copies would all be sent straight now, however many they are. */
  get isClosed(): boolean {
    return !this.#passage && (this.#opening !== undefined || this.#around.now() < this.#retryAt);
  }

  get isHolding(): boolean {
    return this.#isHaunted || (this.#passage?.isHolding ?? false);
  }

  /** In words, for an operator; `undefined` while every copy is sent by itself. */
  get status(): string | undefined {
    return this.#passage && this.#status;
  }

  /** Adds these copies to what is to be written: packed, if that is worth it or what went before must not be overtaken. */
  pack(lots: readonly Lot[], parcel: Parcel, out: Uint8Array[]): void {
    const isMany = count(lots) >= this.#around.least;
    if (isMany && !this.#passage) this.#look();
    if (this.#passage && (isMany || this.#passage.carries(parcel.line))) return this.#passage.pack(lots, parcel, out);
    for (const { rest, beginnings } of lots) for (const beginning of beginnings) out.push(beginning, rest);
  }

  takes(stanza: Element): boolean {
    return (this.#opening?.proof?.takes(stanza) || this.#passage?.takes(stanza)) ?? false;
  }

  online(): void {
    if (this.#isHaunted) this.#look();
  }

  offline(): void {
    this.#isHaunted ||= this.#passage !== undefined && !this.#passage.isEmpty;
    this.#passage = undefined;
    this.#opening = undefined;
    if (this.#retryAt !== NEVER) this.#retryAt = Number.NEGATIVE_INFINITY;
  }

  /** Looks for the service, and has it prove that it can be relied on, unless that was done lately. */
  #look(): void {
    const { now, log } = this.#around;
    if (this.#opening || this.isClosed) return;
    const opening: Opening = {};
    this.#opening = opening;
    const isOver = () => this.#opening !== opening;
    this.#open(opening, isOver)
      .catch((error: Error) => {
        if (!isOver() && error.name !== "AbortError")
          log.warn(`Users of ${this.#host} are written to one by one: ${error.message}.`);
      })
      .finally(() => {
        if (isOver()) return;
        this.#opening = undefined;
        if (!this.#passage) this.#retryAt = now() + RETRY;
        this.#isHaunted = false;
        this.#around.proceed();
      });
  }

  async #open(opening: Opening, isOver: () => boolean): Promise<void> {
    const { find, domain, after, send, log } = this.#around;
    const service = await find(this.#host);
    if (!service || isOver()) return;
    const proof = new Proof(service, domain);
    opening.proof = proof;
    after(PROOF_WITHIN, () => proof.fail("it does not pass on in time what it is sent"));
    send(proof.text);
    await proof.passed.catch((error: Error) => {
      throw new Error(`${service.jid} is not to be relied on, for ${error.message}`);
    });
    if (isOver()) return;
    this.#passage = new Passage(service, { ...this.#around, closed: (reason, until) => this.#close(reason, until) });
    this.#status = `Users of ${this.#host} are written to through ${service.jid}, ${service.limit} at a time.`;
    log.info(this.#status);
  }

  #close(reason: string, until: "later" | "ever"): void {
    this.#passage = undefined;
    this.#retryAt = until === "ever" ? NEVER : this.#around.now() + RETRY;
    this.#around.log.warn(
      `Users of ${this.#host} are written to one by one again: their multicast service failed, for ${reason}.`,
    );
    this.#around.proceed();
  }
}
