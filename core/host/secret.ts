import { inspect } from "node:util";
import { z } from "zod";

const SHOWN = "[secret]";

/** Text that gets into no log and no page: whoever prints it sees `[secret]`. */
export class Secret {
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

  [inspect.custom](): string {
    return SHOWN;
  }
}

/** An option that must not be shown; `reveal()` gives the text. Problems with it do not repeat what was written. */
export const secret = z
  .string()
  .min(1)
  .meta({ expects: "text that is not empty", secret: true })
  .transform((text) => new Secret(text));
