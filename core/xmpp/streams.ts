import type { CongestionState } from "./congestion.ts";
import { Connection, type ConnectionListener, type ConnectionOptions } from "./connection.ts";
import type { FatalStreamError } from "./stream-fault.ts";

/**
 * Several connections to a server that shares a domain's stanzas out to all there are, as one. This process has as many
 * of them as its part of the shares is; what is sent goes out on one, so that it stays in order.
 */
export class Streams {
  /** Fulfilled when one has given up for good. */
  readonly failed: Promise<FatalStreamError>;
  readonly #options: ConnectionOptions;
  readonly #listener: ConnectionListener;
  readonly #connections: Connection[] = [];
  #giveUp!: (error: FatalStreamError) => void;
  #begun!: () => void;
  readonly #first: Promise<void>;
  #held = false;
  #isStopping = false;
  #wasOnline = false;

  constructor(options: ConnectionOptions, listener: ConnectionListener) {
    this.#options = options;
    this.#listener = listener;
    this.failed = new Promise((resolve) => {
      this.#giveUp = resolve;
    });
    this.#first = new Promise((resolve) => {
      this.#begun = resolve;
    });
  }

  get online(): boolean {
    return this.#present !== undefined;
  }

  get congestion(): CongestionState {
    return this.#present?.congestion ?? "clear";
  }

  /** Fulfilled when the first of them is online; rejects when that will never be. */
  async start(): Promise<void> {
    await Promise.race([this.#first, this.failed.then((error) => Promise.reject(error))]);
  }

  /** Opens or closes as many as there are too few or too many; returns whether some were closed, once they are. */
  async resize(count: number): Promise<boolean> {
    while (this.#connections.length < count && !this.#isStopping) this.#open();
    const surplus = this.#connections.splice(count);
    await Promise.all(surplus.map((connection) => connection.stop()));
    this.#changed("This process has no share of the stanzas any more.");
    return surplus.length > 0;
  }

  /** Those that have no share try again at once. */
  hurry(): void {
    for (const connection of this.#connections) connection.hurry();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.resize(0);
  }

  /** Until the server has dealt with all that was written so far. */
  async echo(): Promise<void> {
    await this.#present?.echo();
  }

  hold(held: boolean): void {
    this.#held = held;
    for (const connection of this.#connections) connection.hold(held);
  }

  write(text: string): boolean {
    return this.#present?.write(text) ?? false;
  }

  writeAll(pieces: readonly Uint8Array[]): boolean {
    return this.#present?.writeAll(pieces) ?? false;
  }

  get #present(): Connection | undefined {
    return this.#connections.find(({ online }) => online);
  }

  #open(): void {
    const connection = new Connection(this.#options, {
      stanza: (stanza) => this.#listener.stanza(stanza),
      online: () => this.#changed(""),
      cleared: () => this.#listener.cleared(),
      offline: (reason) => {
        this.#changed(reason);
        // What waited for this one, another takes.
        if (this.online) this.#listener.cleared();
      },
    });
    this.#connections.push(connection);
    connection.hold(this.#held);
    connection.start().catch(() => {}); // "failed" tells; and who is stopped first need not be told
    void connection.failed.then((error) => this.#giveUp(error));
  }

  #changed(reason: string): void {
    if (this.online === this.#wasOnline) return;
    this.#wasOnline = this.online;
    if (this.online) this.#listener.online();
    else this.#listener.offline(reason);
    if (this.online) this.#begun();
  }
}
