import { type Element, NS, refuse, type StanzaError, serialize } from "masque";

export interface SizeLimits {
  /** Bytes. */
  readonly stanza: number;
  readonly body: number;
  readonly nick: number;
  readonly form: number;
  readonly depth: number;
  readonly elements: number;
}

/** No character takes more bytes than this where it is written: a quotation mark is `&quot;`. */
const MOST_BYTES = 6;

/** Measures stanzas, one after the other, in one walk each and without making anything. */
export class Scales {
  /** Characters: of names, of attributes and of text. */
  weight = 0;
  readonly #limits: SizeLimits;
  #elements = 0;
  #depth = 0;
  #problem: StanzaError | undefined;

  constructor(limits: SizeLimits) {
    this.#limits = limits;
  }

  /** What is too large in a stanza; leaves its weight in `weight`. */
  problemIn(stanza: Element): StanzaError | undefined {
    const { elements, depth } = this.#limits;
    this.weight = this.#elements = this.#depth = 0;
    this.#problem = undefined;
    this.#walk(stanza, 1);
    if (this.#elements > elements) return tooMuch(`The stanza has more than ${elements} elements`);
    if (this.#depth > depth) return tooMuch(`The stanza is nested more than ${depth} deep`);
    if (this.#isOver(stanza, this.weight, this.#limits.stanza)) return tooLarge("The stanza", this.#limits.stanza);
    return this.#problem;
  }

  #walk(element: Element, depth: number): void {
    const { name, attrs, children } = element;
    const before = this.weight;
    this.#elements++;
    if (depth > this.#depth) this.#depth = depth;
    this.weight += 2 * name.length + 5;
    for (const key in attrs) this.weight += key.length + attrs[key]!.length + 4;
    for (const child of children) {
      if (typeof child === "string") this.weight += child.length;
      else this.#walk(child, depth + 1);
    }
    this.#judge(element, this.weight - before, depth);
  }

  #judge(element: Element, weight: number, depth: number): void {
    const { body, nick, form } = this.#limits;
    const { name } = element;
    // A message's body, the nick in a request, a form wherever it stands.
    if (name === "body" && depth === 2) this.#keep(element, weight, body, "The body of a message");
    else if (name === "nick" && depth === 3) this.#keep(element, weight, nick, "A nick");
    else if (name === "x" && element.attrs.xmlns === NS.DATA) this.#keep(element, weight, form, "A form");
  }

  #keep(element: Element, weight: number, limit: number, what: string): void {
    if (this.#isOver(element, weight, limit)) this.#problem = tooLarge(what, limit);
  }

  /** Only what may be too large is looked at closely. A body and a nick are their text, without what is around it. */
  #isOver(element: Element, weight: number, limit: number): boolean {
    if (weight * MOST_BYTES <= limit) return false;
    const isText = element.name === "body" || element.name === "nick";
    return Buffer.byteLength(isText ? element.getText() : serialize(element)) > limit;
  }
}

function tooLarge(what: string, bytes: number): StanzaError {
  return tooMuch(`${what} is larger than ${inWords(bytes)}`);
}

function tooMuch(what: string): StanzaError {
  return refuse("policy-violation", `${what}, which is the most that is taken here.`);
}

/** `64 KiB`, or `1000 B` where it comes out even in no larger unit. */
function inWords(bytes: number): string {
  const [unit, worth] = UNITS.find(([, worth]) => bytes % worth === 0) ?? ["B", 1];
  return `${bytes / worth} ${unit}`;
}
const UNITS = [
  ["MiB", 1024 ** 2],
  ["KiB", 1024],
] as const;
