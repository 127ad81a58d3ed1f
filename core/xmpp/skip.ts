import { restricted } from "./stream-fault.ts";

/** Where in the text it is: between tags, right behind a "<" or a "<!", in a tag, in a value in quotes, in CDATA. */
type Place = "text" | "<" | "<!" | "tag" | '"' | "'" | "cdata";

const QUOTE_OR_END = /["'>]/g;

/** Reads on to the end of a stanza that nobody wants, however large it is, and keeps none of it. */
export class Skip {
  #depth: number;
  #place: Place = "text";
  #isEndTag = false;
  /** The two characters before those at hand. */
  #before = "";

  /** @param depth how many of the stanza's elements are open, itself included; what comes next is no part of a tag */
  constructor(depth: number) {
    this.#depth = depth;
  }

  /**
   * How many of these characters belong to the stanza, once it ends in them; `undefined` when it goes on.
   * @throws StreamFault at what has no place in a stream
   */
  read(text: string): number | undefined {
    for (let at = 0; at < text.length; at++) {
      at = this.#next(text, at);
      if (at === -1) break;
      if (this.#step(text, at) && this.#depth === 0) return at + 1;
    }
    this.#before = (this.#before + text.slice(-2)).slice(-2);
    return undefined;
  }

  /** The next character that matters, or -1. */
  #next(text: string, from: number): number {
    const place = this.#place;
    if (place === "<" || place === "<!") return from;
    if (place === "text") return text.indexOf("<", from);
    if (place === "cdata") return text.indexOf(">", from);
    if (place !== "tag") return text.indexOf(place, from);
    QUOTE_OR_END.lastIndex = from;
    return QUOTE_OR_END.exec(text)?.index ?? -1;
  }

  /** Whether a tag ends here. */
  #step(text: string, at: number): boolean {
    const char = text[at] as string;
    const place = this.#place;
    if (place === "text") this.#place = "<";
    else if (place === "<") this.#open(char);
    else if (place === "<!") this.#section(char);
    else if (place === "cdata") this.#place = this.#upTo(text, at).endsWith("]]") ? "text" : "cdata";
    else if (place !== "tag") this.#place = "tag";
    else if (char !== ">") this.#place = char as Place;
    else return this.#close(this.#upTo(text, at).endsWith("/"));
    return false;
  }

  #open(char: string): void {
    if (char === "?") throw restricted("<?");
    this.#isEndTag = char === "/";
    this.#place = char === "!" ? "<!" : "tag";
  }

  #section(char: string): void {
    if (char !== "[") throw restricted(`<!${char}`);
    this.#place = "cdata";
  }

  #close(isEmpty: boolean): true {
    this.#place = "text";
    if (this.#isEndTag) this.#depth--;
    else if (!isEmpty) this.#depth++;
    return true;
  }

  /** The two characters before this place. */
  #upTo(text: string, at: number): string {
    return at >= 2 ? text.slice(at - 2, at) : this.#before + text.slice(0, at);
  }
}
