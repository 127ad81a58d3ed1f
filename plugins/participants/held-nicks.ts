import { type Channel, type Duration, nickCompared, type Participant, type Turn, type Values } from "masque";

/** What one who left was called. */
export interface HeldNick {
  /** In the form in which nicks are compared. */
  readonly nick: string;
  /** Until when nobody else may be called so, in milliseconds since 1970. */
  readonly until: number;
}

/** Nicks of those who left, kept for them for a while, so that nobody passes for one who was there a moment ago. */
export class HeldNicks {
  readonly #kept: Values<HeldNick>;
  readonly #period: Duration;
  readonly #now: () => number;
  /** Channel and nick -> the place of the one who had it last. */
  readonly #places = new Map<string, string>();

  /** @param kept by place: the channel's key and the ID of the one who left, of whom one nick is kept */
  constructor(kept: Values<HeldNick>, period: Duration, now: () => number) {
    this.#kept = kept;
    this.#period = period;
    this.#now = now;
    const note = (place: string) => {
      const held = kept.get(place);
      if (held) this.#places.set(`${place.split(" ")[0]} ${held.nick}`, place);
    };
    for (const place of kept.keys()) note(place);
    kept.onChange(note);
  }

  /** Whether somebody else than the one of this ID was called so a while ago. */
  isHeld({ key }: Channel, nick: string, id: string): boolean {
    const compared = nickCompared(nick) ?? nick;
    const place = this.#places.get(`${key} ${compared}`);
    const held = place === undefined || place === `${key} ${id}` ? undefined : this.#kept.get(place);
    return held !== undefined && held.nick === compared && held.until > this.#now();
  }

  /** He is about to leave, and from now on his nick is nobody else's; what it comes to is stored with the turn. */
  hold(turn: Turn, { key }: Channel, { id, nick }: Participant): void {
    if (!nick || this.#period === 0) return;
    this.#forget(turn);
    const compared = nickCompared(nick) ?? nick;
    const place = `${key} ${id}`;
    this.#places.set(`${key} ${compared}`, place);
    turn.write(this.#kept.noted(place, { nick: compared, until: this.#now() + this.#period }));
  }

  /** Those kept longest come first, and all of them are kept equally long. */
  #forget(turn: Turn): void {
    for (const place of this.#kept.keys()) {
      const held = this.#kept.get(place);
      if (!held || held.until > this.#now()) return;
      const name = `${place.split(" ")[0]} ${held.nick}`;
      if (this.#places.get(name) === place) this.#places.delete(name);
      turn.write(this.#kept.noted(place, undefined));
    }
  }
}
