/** Above this many stanzas and writes under way, no more are read from the stream until half of them are done. */
const MOST = 10_000;

/** Counts what was taken in and is not done yet, so that a server that pushes fast is read no faster than all is done. */
export class Load {
  readonly #hold: (held: boolean) => void;
  #underWay = 0;
  #held = false;

  constructor(hold: (held: boolean) => void) {
    this.#hold = hold;
  }

  get underWay(): number {
    return this.#underWay;
  }

  begin(): void {
    if (++this.#underWay > MOST && !this.#held) this.#set(true);
  }

  end(): void {
    if (--this.#underWay <= MOST / 2 && this.#held) this.#set(false);
  }

  #set(held: boolean): void {
    this.#held = held;
    this.#hold(held);
  }
}
