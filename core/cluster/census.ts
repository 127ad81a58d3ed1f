import type { Duration } from "../host/duration.ts";

/** One of the processes that serve a domain together. */
export interface Member {
  /** Given at its start, rising, and to no other ever again. */
  readonly number: number;
  /** Where its fellows reach it: HOST:PORT. */
  readonly address: string;
  /** Whether it has started, and takes its share. */
  readonly isReady: boolean;
  /** Since it last said that it is there, by the database's clock. */
  readonly silent: Duration;
}

export interface CensusListener {
  /** Somebody has come or gone. */
  changed(): void;
  /** This process has been taken for dead, and others have its channels. */
  deposed(): void;
}

/**
 * Who serves the domain, and whose each channel is, as the database knows it. Each process holds a lock by the very
 * session by which it writes: who has that lock knows that the other can write no more.
 */
export interface Census {
  /** This process's own. */
  readonly number: number;
  /** By their numbers, this one among them. */
  readonly members: readonly Member[];
  /** Whether it was long ago that the database has answered: others may have taken over by now, so nothing is to be done. */
  readonly isLapsed: boolean;
  listen(listener: CensusListener): void;
  /** Tells the others that this process takes its share from now on. */
  ready(): Promise<void>;
  /** Asks the database who is there now. */
  look(): Promise<void>;
  /** Takes a channel that is nobody's who lives; "" is the service itself. Returns whose it is, `undefined` where there is none. */
  claim(name: string): Promise<number | undefined>;
  /** Hands a channel of this process's own to another. Nothing of it may be on its way to the store. */
  give(name: string, to: number): Promise<void>;
  /**
   * Takes a process that is gone from the list, if it can indeed write no more.
   * @param isHung whether to cut one off that still has its lock, but has been silent for long
   * @returns whether it is off the list
   */
  depose(number: number, isHung: boolean): Promise<boolean>;
  close(): Promise<void>;
}
