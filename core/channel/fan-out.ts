import type { Logger } from "../host/plugin.ts";
import type { Load } from "../load.ts";
import { type Recital, RecitalRound, type Round, type Telling, TellingRound } from "./round.ts";

/** The stream to the host server, as far as fan-out needs it. */
export interface Wire {
  readonly online: boolean;
  /** More waits to be sent than the server takes: what can wait shall. */
  readonly isCongested: boolean;
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

/** Bytes that a line may send before it is another's turn, and all of them in one turn of the event loop. */
const SLICE = 256 * 1024;
const TURN = 1024 * 1024;

/** Of what waits for the stream to come back, more than this is given up. */
const MOST_WAITING = 10_000;

/** A line that owes its readers more copies takes no messages until it has caught up: seconds of work, at best. */
const MOST_OWED = 5_000_000;

/** What waits to be told of one node of one channel, in its order. */
interface Line {
  readonly rounds: Round[];
  owed: number;
}

/**
 * Writes tellings to the wire, at once if it can. What there is too much of for one turn of the event loop, or for the
 * server, waits in lines, which take turns: no channel is so large that others wait for it. While the stream is down a
 * bounded number is kept.
 */
export class FanOut {
  readonly #wire: Wire;
  readonly #log: Logger;
  readonly #load: Load;
  /** Those in which something waits, in the order in which it is their turn. */
  readonly #lines = new Map<string, Line>();
  #left = TURN;
  #isScheduled = false;
  #spare: Uint8Array[] = [];
  #waiting = 0;
  #dropped = 0;

  constructor(wire: Wire, log: Logger, load: Load) {
    this.#wire = wire;
    this.#log = log;
    this.#load = load;
  }

  /** Tellings that were given up because too many waited for the stream. */
  get dropped(): number {
    return this.#dropped;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Whether so much waits to be told in this line that nothing more may be promised. */
  isBehind(line: string): boolean {
    return (this.#lines.get(line)?.owed ?? 0) > MOST_OWED;
  }

  /** @param line what is told of one line is told in its order */
  tell(line: string, telling: Telling): void {
    this.#take(line, new TellingRound(telling));
  }

  recite(line: string, recital: Recital): void {
    this.#take(line, new RecitalRound(recital));
  }

  /** The stream is back: what waited is rendered by what may be told now. */
  flush(): void {
    if (this.#waiting > 0)
      this.#log.info({ waiting: this.#waiting, dropped: this.#dropped }, "Sending what waited for the stream.");
    this.proceed();
  }

  /** The server has taken what was sent: on with what waits. */
  proceed(): void {
    for (let next = this.#next(); next && this.#isFree; next = this.#next()) {
      const [name, line] = next;
      const [round] = line.rounds as [Round];
      if (!this.#send(name, round)) return;
      if (round.isOver) this.#end(line);
      this.#lines.delete(name);
      if (line.rounds.length > 0) this.#lines.set(name, line);
    }
  }

  /** Something waits for nothing but its turn. */
  get busy(): boolean {
    return this.#waiting > 0 && this.#wire.online && !this.#wire.isCongested;
  }

  /**
   * Resolves when nothing waits any more, or the server does not take it.
   * @param of only in lines whose names begin so
   */
  async emptied(of = ""): Promise<void> {
    const isLeft = () => [...this.#lines.keys()].some((line) => line.startsWith(of));
    while (this.busy && isLeft()) await new Promise((next) => setImmediate(next));
  }

  #take(name: string, round: Round): void {
    let isTaken = this.#lines.size === 0;
    while (isTaken && this.#isFree && !round.isOver) isTaken = this.#send(name, round);
    if (round.isOver) return;
    const line = this.#lines.get(name) ?? { rounds: [], owed: 0 };
    this.#lines.set(name, line);
    line.rounds.push(round);
    line.owed += round.copies;
    this.#waiting++;
    this.#load.begin();
    if (!this.#wire.online && this.#waiting > MOST_WAITING) this.#giveUp();
  }

  /** Whether something may be sent in this turn of the event loop. */
  get #isFree(): boolean {
    return this.#left > 0 && this.#wire.online && !this.#wire.isCongested;
  }

  /** Sends the next part; false when the stream is down. */
  #send(line: string, round: Round): boolean {
    const pieces = this.#spare;
    // Whoever is asked about a copy may have something to tell himself.
    this.#spare = [];
    const length = round.next(pieces, SLICE);
    const { telling } = round;
    const isTaken = length === 0 || this.#wire.writeAll(pieces, telling && { line, telling });
    if (isTaken) round.sent();
    pieces.length = 0;
    this.#spare = pieces;
    this.#left -= length;
    this.#schedule();
    return isTaken;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#left = TURN;
      this.proceed();
    });
  }

  #next(): [string, Line] | undefined {
    return this.#lines.entries().next().value;
  }

  #end(line: Line): void {
    line.owed -= (line.rounds.shift() as Round).copies;
    this.#waiting--;
    this.#load.end();
  }

  #giveUp(): void {
    const [name, line] = this.#next() as [string, Line];
    this.#end(line);
    this.#dropped++;
    if (line.rounds.length === 0) this.#lines.delete(name);
  }
}
