import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { randomId } from "masque";

/** What a token says by itself. */
export interface Token {
  /** Which one it is. */
  readonly id: string;
  /** Until when it is good, in ms since 1970. */
  readonly until: number;
}

/** What a token is bound to: with anything else it is none. */
export type Bonds = readonly (string | number)[];

/** A fresh key, as text. */
export function freshKey(): string {
  return randomBytes(32).toString("base64");
}

/** Makes tokens, and knows its own: `id.until.signature`, which say nothing of what they are bound to. */
export class Seal {
  readonly #key: () => string;

  /** @param key as `freshKey` makes it */
  constructor(key: () => string) {
    this.#key = key;
  }

  token(until: number, bonds: Bonds): string {
    return this.#write({ id: randomId(), until }, bonds);
  }

  /** `undefined` for any text that is not a token of ours with these bonds. */
  read(text: string, bonds: Bonds): Token | undefined {
    const [id = "", until = ""] = text.split(".");
    const token = { id, until: Number(until) };
    const [given, right] = [Buffer.from(text), Buffer.from(this.#write(token, bonds))];
    return given.length === right.length && timingSafeEqual(given, right) ? token : undefined;
  }

  #write({ id, until }: Token, bonds: Bonds): string {
    const signature = createHmac("sha256", Buffer.from(this.#key(), "base64")).update(
      JSON.stringify([id, until, ...bonds]),
    );
    return `${id}.${until}.${signature.digest("base64url")}`;
  }
}
