import type { Socket } from "node:net";
import type { Clock } from "../host/clock.ts";
import type { Duration } from "../host/duration.ts";

/** How often a server that takes nothing is read a little, and then no more for a while, before it is given up. */
const MOST_ROUNDS = 10;

/** `paused`: too much waits to be sent, so nothing is read. `stuck`: the server reads nothing; refuse what is new. */
export type CongestionState = "clear" | "paused" | "stuck";

export interface CongestionLimits {
  /** Bytes waiting to be sent above which reading pauses. */
  readonly highWater: number;
  readonly stuckAfter: Duration;
}

/**
 * Back-pressure on one socket. A server that sends more than it takes is not read until it has caught up. If it takes
 * nothing at all it may be waiting for us to read, so after a while we do, until what it is owed has grown as much again.
 */
export class Congestion {
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #limits: CongestionLimits;
  readonly #giveUp: () => void;
  readonly #cleared: () => void;
  #state: CongestionState = "clear";
  #held = false;
  #ceiling = 0;
  #rounds = 0;
  #cancel = () => {};

  /**
   * @param giveUp called when a server has taken nothing for five minutes, but sends all the time
   * @param cleared called when the server has taken all it was sent, and there was too much of it
   */
  constructor(socket: Socket, clock: Clock, limits: CongestionLimits, giveUp: () => void, cleared: () => void) {
    this.#socket = socket;
    this.#clock = clock;
    this.#limits = limits;
    this.#giveUp = giveUp;
    this.#cleared = cleared;
    socket.on("drain", () => this.#clear());
  }

  get state(): CongestionState {
    return this.#state;
  }

  /** To be called after each write. */
  wrote(): void {
    const waiting = this.#socket.writableLength;
    if (waiting <= this.#limits.highWater) return;
    if (this.#state === "clear") this.#pause();
    else if (this.#state === "stuck" && waiting > this.#ceiling) this.#pauseAgain();
  }

  /** Stops reading for a reason of the program's own, or goes on. */
  hold(held: boolean): void {
    this.#held = held;
    this.#read();
  }

  stop(): void {
    this.#cancel();
    this.#socket.resume();
  }

  #read(): void {
    // What is stuck is not done sooner by being left alone, and nothing new is taken in.
    if (this.#state === "paused" || (this.#held && this.#state === "clear")) this.#socket.pause();
    else this.#socket.resume();
  }

  #pause(): void {
    this.#state = "paused";
    this.#read();
    this.#watch();
  }

  #pauseAgain(): void {
    if (++this.#rounds === MOST_ROUNDS) this.#giveUp();
    else this.#pause();
  }

  #watch(): void {
    const sent = this.#sent();
    this.#cancel = this.#clock.after(this.#limits.stuckAfter, () => {
      if (this.#sent() === sent) return this.#stick();
      this.#rounds = 0;
      this.#watch();
    });
  }

  #stick(): void {
    this.#state = "stuck";
    this.#ceiling = this.#socket.writableLength + this.#limits.highWater;
    this.#read();
  }

  #clear(): void {
    if (this.#state === "clear") return;
    this.#cancel();
    this.#state = "clear";
    this.#rounds = 0;
    // What waits for this may be too much at once.
    this.#cleared();
    this.#read();
  }

  /** Bytes handed to the system so far. */
  #sent(): number {
    return this.#socket.bytesWritten - this.#socket.writableLength;
  }
}
