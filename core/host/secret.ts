import { z } from "zod";

const SHOWN = "[secret]";

// Found by brand, because a plugin may bring a second copy of this module.
const BRAND = Symbol.for("masque:Secret");
const INSPECT: unique symbol = Symbol.for("nodejs.util.inspect.custom");

/** Text that gets into no log and no page: whoever prints it sees `[secret]`. */
export class Secret {
  readonly [BRAND] = true;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [INSPECT](): string {
    return SHOWN;
  }
}

export function isSecret(value: unknown): value is Secret {
  return typeof value === "object" && value !== null && BRAND in value;
}

/** An option that must not be shown; `reveal()` gives the text. Problems with it do not repeat what was written. */
export const secret = z
  .string()
  .min(1)
  .meta({ expects: "text that is not empty", secret: true })
  .transform((text) => new Secret(text));
