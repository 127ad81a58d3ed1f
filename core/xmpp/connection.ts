import type { Duration } from "../host/duration.ts";
import { Backoff } from "./backoff.ts";
import type { CongestionState } from "./congestion.ts";
import { Stream, type StreamOptions } from "./stream.ts";
import { FatalStreamError, StreamFault } from "./stream-fault.ts";
import type { Element } from "./xml.ts";

const MIB = 1024 * 1024;
const STABLE_AFTER: Duration = 60_000;

/** Where to connect and as whom; the limits have defaults (4 MiB, 30 s, 1 Mi characters), and the stream has no others beside it. */
export type ConnectionOptions = Omit<StreamOptions, keyof typeof LIMITS> &
  Partial<Pick<StreamOptions, keyof typeof LIMITS>>;
const LIMITS = { highWater: 4 * MIB, stuckAfter: 30_000, maxStanza: MIB, shares: 1 };

export interface ConnectionListener {
  /** A top-level iq, message or presence. What it throws is logged, and costs that stanza only. */
  stanza(stanza: Element): void;
  online(): void;
  /** The server has taken all it was sent, after it was owed too much. */
  cleared(): void;
  /** Only after `online`. */
  offline(reason: string): void;
}

/** The component's connection to its server: stream after stream, until it is stopped or it is pointless to go on. */
export class Connection {
  /** Fulfilled when the connection has given up for good; the error says what to change. */
  readonly failed: Promise<FatalStreamError>;
  readonly #options: StreamOptions;
  readonly #listener: ConnectionListener;
  readonly #backoff = new Backoff();
  #giveUp!: (error: FatalStreamError) => void;
  #started: { resolve(): void; reject(error: Error): void } | undefined;
  #stopped: { done: Promise<void>; resolve(): void } | undefined;
  #stream: Stream | undefined;
  #held = false;
  #onlineSince: number | undefined;
  #wasEverOnline = false;
  #cancelRetry = () => {};
  #isHurried = false;

  constructor(options: ConnectionOptions, listener: ConnectionListener) {
    this.#options = { ...LIMITS, ...options };
    this.#listener = listener;
    this.failed = new Promise((resolve) => {
      this.#giveUp = resolve;
    });
  }

  get online(): boolean {
    return this.#stream?.online ?? false;
  }

  /** `paused`: nothing is read until the queue to the server has drained. `stuck`: refuse new messages. */
  get congestion(): CongestionState {
    return this.#stream?.congestion ?? "clear";
  }

  /** Fulfilled when first online; rejects with a `FatalStreamError` when it is pointless to try again. Call it once. */
  start(): Promise<void> {
    if (this.#started) throw new Error("The connection was started before; make a new one.");
    return new Promise((resolve, reject) => {
      this.#started = { resolve, reject };
      this.#attempt();
    });
  }

  /** Sends what is queued, takes leave of the server and closes, within two seconds. There is no way back. */
  stop(): Promise<void> {
    if (this.#stopped) return this.#stopped.done;
    let resolve = () => {};
    const done = new Promise<void>((settle) => {
      resolve = settle;
    });
    this.#stopped = { done, resolve };
    this.#cancelRetry();
    if (this.#stream) this.#stream.close(new StreamFault("Masque closes the connection."));
    else this.#end();
    return done;
  }

  /** Does not wait any longer before it tries again, nor for what the present attempt comes to. */
  hurry(): void {
    if (this.online || this.#stopped || !this.#started) return;
    this.#cancelRetry();
    this.#backoff.reset();
    if (this.#stream) this.#isHurried = true;
    if (this.#stream) this.#stream.close(new StreamFault("There is room on the server now."));
    else this.#attempt();
  }

  /** Until the server has dealt with all that was written so far, or the stream has ended. */
  async echo(): Promise<void> {
    await this.#stream?.echo();
  }

  /** Stops reading from the server, this stream's and later ones', or goes on. */
  hold(held: boolean): void {
    this.#held = held;
    if (this.online) this.#stream!.hold(held);
  }

  /** Sends text at the end of this turn of the event loop. Returns false, and keeps nothing, when not online. */
  write(text: string): boolean {
    return this.#stream?.write(text) ?? false;
  }

  /** The same of bytes in pieces, which are copied. */
  writeAll(pieces: readonly Uint8Array[]): boolean {
    return this.#stream?.writeAll(pieces) ?? false;
  }

  #attempt(): void {
    this.#stream = new Stream(this.#options, {
      stanza: (stanza) => this.#listener.stanza(stanza),
      online: () => this.#online(),
      cleared: () => this.#listener.cleared(),
      offline: (reason) => this.#listener.offline(reason),
      closed: (fault) => this.#closed(fault),
    });
  }

  #online(): void {
    this.#onlineSince = this.#options.clock.now();
    this.#wasEverOnline = true;
    this.#started!.resolve();
    if (this.#held) this.#stream!.hold(true);
    this.#listener.online();
  }

  // The old stream's socket is gone by now: ejabberd would share the stanzas out between two.
  #closed(fault: StreamFault): void {
    const onlineFor = this.#onlineSince === undefined ? undefined : this.#options.clock.now() - this.#onlineSince;
    this.#stream = undefined;
    this.#onlineSince = undefined;
    if (this.#stopped) this.#end();
    else if (fault instanceof FatalStreamError && !this.#isGhost(fault, onlineFor)) this.#fail(fault);
    else this.#retry(fault, onlineFor);
  }

  /** After a lost connection the server may take our own last stream for the other component, until it notices. */
  #isGhost(fault: FatalStreamError, onlineFor: Duration | undefined): boolean {
    return fault.condition === "conflict" && this.#wasEverOnline && onlineFor === undefined;
  }

  #retry(fault: StreamFault, onlineFor: Duration = 0): void {
    if (onlineFor >= STABLE_AFTER) this.#backoff.reset();
    if (this.#isHurried) {
      this.#isHurried = false;
      return this.#attempt();
    }
    const wait = this.#backoff.next();
    this.#cancelRetry = this.#options.clock.after(wait, () => this.#attempt());
    this.#options.log.warn(`${fault.message} Trying again in ${(wait / 1000).toFixed(1)} s.`);
  }

  #fail(error: FatalStreamError): void {
    this.#started!.reject(error);
    this.#giveUp(error);
  }

  #end(): void {
    this.#started?.reject(new StreamFault("The connection was stopped before it was online."));
    this.#stopped!.resolve();
  }
}
