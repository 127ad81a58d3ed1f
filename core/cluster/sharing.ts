import { setTimeout as sleep } from "node:timers/promises";
import type { Census } from "./census.ts";
import type { Peers } from "./peers.ts";

/** The streams to the server. */
export interface Streams {
  /** Resolves once those that are too many are closed; returns whether there were any. */
  resize(count: number): Promise<boolean>;
  /** There is room for those that have found none. */
  hurry(): void;
  /** Until the server has dealt with all that was written so far. */
  echo(): Promise<void>;
}

/** How long the server may take to say that it has dealt with what it was sent, in milliseconds. */
const ECHO = 2_000;

/**
 * This process's part of all the streams that the server shares the domain out to: those that came first have one more
 * where it does not come out even, and none while the database cannot be reached.
 */
export class Sharing {
  readonly #census: Census;
  readonly #peers: Peers;
  #streams: Streams | undefined;
  #total = 0;
  #turn: Promise<void> = Promise.resolve();

  constructor(census: Census, peers: Peers) {
    this.#census = census;
    this.#peers = peers;
  }

  /** @param total how many streams there are of all processes together */
  async begin(streams: Streams, total: number): Promise<void> {
    this.#streams = streams;
    this.#total = total;
    await this.#census.ready();
  }

  /** The list of processes has changed, or whether the database answers. */
  follow(): void {
    const { number, isLapsed } = this.#census;
    const members = this.#census.members.filter(({ isReady }) => isReady);
    const rank = members.findIndex((each) => each.number === number);
    if (rank < 0) return;
    const part = Math.floor(this.#total / members.length) + (rank < this.#total % members.length ? 1 : 0);
    this.#turn = this.#turn.then(async () => {
      if (await this.#streams?.resize(isLapsed ? 0 : part)) this.#peers.sendAll({ kind: "room" });
    });
  }

  hurry(): void {
    this.#streams?.hurry();
  }

  /** Until the server has dealt with all that was written so far, or takes very long. */
  async echo(): Promise<void> {
    if (this.#streams) await Promise.race([this.#streams.echo(), sleep(ECHO, undefined, { ref: false })]);
  }
}
