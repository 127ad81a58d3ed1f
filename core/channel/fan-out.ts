import type { Logger } from "../host/plugin.ts";
import type { Audience, Eyes, Kind } from "./audience.ts";
import type { Participant } from "./participant.ts";

/** The stream to the host server, as far as fan-out needs it. */
export interface Wire {
  readonly online: boolean;
  /** The server has not taken anything for a while. */
  readonly isStuck: boolean;
  /** Stops reading from the stream, or goes on. */
  hold(held: boolean): void;
  /** False when the stream is down: nothing was taken. */
  write(text: string): boolean;
  /** The same of bytes in pieces, which are copied; `parcel` says whose they are. */
  writeAll(pieces: readonly Uint8Array[], parcel?: Parcel): boolean;
}

/** What is told, and in which line: what is told of one line is told in its order. */
export interface Parcel {
  readonly line: string;
  readonly telling: Telling;
}

/** Something to be told to many: rendered once for each circle of readers, when it is sent. */
export interface Telling {
  /** Who was to hear it when it was decided. */
  readonly audience: Audience;
  /** Who may hear it now. */
  now(): Audience;
  /** Everything after the address, for readers of one kind. */
  tail(kind: Kind): Uint8Array;
  /** For this reader's own copy, where it differs. */
  readonly own?: { readonly reader: string; tail(kind: Kind): Uint8Array } | undefined;
  /** Asked once for each reader; `undefined` when nobody filters. */
  readonly filter?: ((reader: Participant) => boolean) | undefined;
}

const MOST_WAITING = 10_000;

/** Writes tellings to the wire, and keeps a bounded number of them while the stream is down. */
export class FanOut {
  readonly #wire: Wire;
  readonly #log: Logger;
  #outbox: Parcel[] = [];
  #spare: Uint8Array[] = [];
  #dropped = 0;

  constructor(wire: Wire, log: Logger) {
    this.#wire = wire;
    this.#log = log;
  }

  /** Tellings that were given up because too many waited for the stream. */
  get dropped(): number {
    return this.#dropped;
  }

  get waiting(): number {
    return this.#outbox.length;
  }

  /** @param line what is told of one line is told in its order */
  tell(line: string, telling: Telling): void {
    if (this.#wire.online) {
      const pieces = this.#spare;
      // Whoever is asked about a copy may have something to tell himself.
      this.#spare = [];
      copies(telling, pieces);
      const isTaken = pieces.length === 0 || this.#wire.writeAll(pieces, { line, telling });
      pieces.length = 0;
      this.#spare = pieces;
      if (isTaken) return;
    }
    this.#outbox.push({ line, telling });
    if (this.#outbox.length > MOST_WAITING) {
      this.#outbox.shift();
      this.#dropped++;
    }
  }

  /** The stream is back: what waited is rendered by what may be told now. */
  flush(): void {
    const waiting = this.#outbox;
    this.#outbox = [];
    if (waiting.length > 0)
      this.#log.info({ waiting: waiting.length, dropped: this.#dropped }, "Sending what waited for the stream.");
    for (const { line, telling } of waiting) this.tell(line, telling);
  }
}

/** Adds all copies of one telling, piece by piece. */
export function copies(telling: Telling, pieces: Uint8Array[]): void {
  const now = telling.now();
  const { audience: then, own, filter } = telling;
  const same = now === then;
  for (const circle of now.circles) {
    const { prefixes, readers } = circle;
    let tail: Uint8Array | undefined;
    let careful: Uint8Array | undefined;
    for (let i = 0; i < prefixes.length; i++) {
      const reader = readers[i] as Participant;
      const eyes = same ? circle.eyes : stricter(circle.eyes, then.eyesOf(reader.id));
      if (eyes === undefined || filter?.(reader) === false) continue;
      let rest: Uint8Array;
      if (own?.reader === reader.id) rest = own.tail({ ...circle, eyes });
      else if (eyes === circle.eyes) rest = tail ??= telling.tail(circle);
      else rest = careful ??= telling.tail({ ...circle, eyes });
      pieces.push(prefixes[i] as Uint8Array, rest);
    }
  }
}

/** The stricter of how somebody is looked at now and then; `undefined` for one who was not there then. */
function stricter(now: Eyes, then: Eyes | undefined): Eyes | undefined {
  return then === "administrator" ? now : then;
}
