import type { Audience, Eyes, Kind } from "./audience.ts";
import type { Participant } from "./participant.ts";

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

/** Something on its way out, a part at a time: what is rendered is what may be told when it is sent. */
export interface Round {
  /** What goes round; its pieces are the beginning of each copy, and the rest of it, in turns. */
  readonly telling?: Telling;
  /** How many copies it makes. */
  readonly copies: number;
  readonly isOver: boolean;
  /** Adds the next part, of `most` bytes or a little more; returns how many bytes they are. */
  next(pieces: Uint8Array[], most: number): number;
  /** The last part was sent, and does not come again. */
  sent(): void;
}

/** A telling on its way round its readers. */
export class TellingRound implements Round {
  readonly telling: Telling;
  /** Who could hear it when the round began: he has his place in it. */
  #all: Audience | undefined;
  #place = { circle: 0, copy: 0 };
  #next = { circle: 0, copy: 0 };

  constructor(telling: Telling) {
    this.telling = telling;
  }

  get copies(): number {
    return this.telling.audience.circles.reduce((sum, { length }) => sum + length, 0);
  }

  get isOver(): boolean {
    return this.#all !== undefined && this.#place.circle >= this.#all.circles.length;
  }

  next(pieces: Uint8Array[], most: number): number {
    const { telling } = this;
    const { audience: then, own, filter } = telling;
    const now = telling.now();
    const all = (this.#all ??= now);
    const [isThen, isNow] = [all.hasGrownFrom(then), now.hasGrownFrom(all)];
    let { circle: c, copy: i } = this.#place;
    let bytes = 0;
    for (let circle = all.circles[c]; circle; circle = all.circles[++c], i = 0) {
      const { prefixes, readers } = circle;
      const length = isThen ? (then.circles[c]?.length ?? 0) : circle.length;
      let tail: Uint8Array | undefined;
      let careful: Uint8Array | undefined;
      for (; i < length; i++) {
        const reader = readers[i] as Participant;
        // All of one reader's copies go together.
        if (bytes >= most && reader !== readers[i - 1]) {
          this.#next = { circle: c, copy: i };
          return bytes;
        }
        let eyes: Eyes | undefined = circle.eyes;
        if (!isThen) eyes = stricter(eyes, then.eyesOf(reader.id));
        if (!isNow && eyes) eyes = stricter(eyes, now.eyesOf(reader.id));
        if (eyes === undefined || filter?.(reader) === false) continue;
        let rest: Uint8Array;
        if (own?.reader === reader.id) rest = own.tail({ ...circle, eyes });
        else if (eyes === circle.eyes) rest = tail ??= telling.tail(circle);
        else rest = careful ??= telling.tail({ ...circle, eyes });
        const prefix = prefixes[i] as Uint8Array;
        pieces.push(prefix, rest);
        bytes += prefix.length + rest.length;
      }
    }
    this.#next = { circle: c, copy: 0 };
    return bytes;
  }

  sent(): void {
    this.#place = this.#next;
  }
}

/** The stricter of how somebody is looked at at two times; `undefined` for one who was not there then. */
function stricter(now: Eyes, then: Eyes | undefined): Eyes | undefined {
  return then === "administrator" ? now : then;
}

/** Much that one reader is told at once, such as the presence of everybody else. */
export interface Recital {
  /** IDs of those he is told of. */
  readonly of: readonly string[];
  /** What he is told of one of them; "" for nothing. */
  text(id: string): string;
}

export class RecitalRound implements Round {
  readonly #recital: Recital;
  #place = 0;
  #next = 0;

  constructor(recital: Recital) {
    this.#recital = recital;
  }

  get copies(): number {
    return this.#recital.of.length;
  }

  get isOver(): boolean {
    return this.#place >= this.#recital.of.length;
  }

  next(pieces: Uint8Array[], most: number): number {
    const { of } = this.#recital;
    let bytes = 0;
    this.#next = this.#place;
    while (bytes < most && this.#next < of.length) {
      const text = Buffer.from(this.#recital.text(of[this.#next++] as string));
      pieces.push(text);
      bytes += text.length;
    }
    return bytes;
  }

  sent(): void {
    this.#place = this.#next;
  }
}
