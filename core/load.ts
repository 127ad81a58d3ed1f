import type { Element } from "./xmpp/xml.ts";

/** Above this many stanzas and writes under way, no more are read from the stream until half of them are done. */
const MOST = 10_000;
/** One that takes more memory counts once for every so many bytes. */
const LARGE = 8192;
/** What an element takes in memory besides its text, about. */
const ELEMENT = 256;

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

  /** @param weight of `weightOf`, or for so many characters of `weightFor` */
  begin(weight = 1): void {
    this.#underWay += weight;
    if (this.#underWay > MOST && !this.#held) this.#set(true);
  }

  end(weight = 1): void {
    this.#underWay -= weight;
    if (this.#underWay <= MOST / 2 && this.#held) this.#set(false);
  }

  #set(held: boolean): void {
    this.#held = held;
    this.#hold(held);
  }
}

/** How much a text of so many characters counts. */
export function weightFor(length: number): number {
  return 1 + Math.floor(length / LARGE);
}

/** How much a stanza counts. */
export function weightOf(stanza: Element): number {
  return weightFor(sizeOf(stanza));
}

function sizeOf({ attrs, children }: Element): number {
  let size = ELEMENT;
  for (const name in attrs) size += (attrs[name] as string).length;
  for (const child of children) size += typeof child === "string" ? child.length : sizeOf(child);
  return size;
}
