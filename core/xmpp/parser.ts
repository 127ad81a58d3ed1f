import xmpp from "@xmpp/xml";
import { Skip } from "./skip.ts";
import { restricted, StreamFault } from "./stream-fault.ts";
import { type Element, escapeXml } from "./xml.ts";

export const NS_STREAM = "http://etherx.jabber.org/streams";
const MAX_DEPTH = 128;

// ltx skips comments, processing instructions and DTDs, the last for ever; RFC 6120 §11.1 forbids all three.
const NEITHER_TAG_NOR_TEXT = /<[!?]/g;
const CDATA = "<![CDATA[";
const WHOLE_TAG = /^<[^>'"]*(?:"[^"]*"[^>'"]*|'[^']*'[^>'"]*)*>/;

/** What is wrong with a stanza that is not handed out. */
export type Excess = "nested too deep" | "too large";

/**
 * The parser of @xmpp/xml made strict: what is not a stream of stanzas throws a `StreamFault` out of `write`, after which
 * nothing more may be written. Emits "start", "element" and "end" as its parent does, and "left-out" with what is left of
 * a stanza that is nested more than 128 deep or too large, and with the `Excess`: that one is lost, but whoever sent it
 * has not ended everybody's stream. Of one whose first tag is too large nothing is left.
 */
export class StreamParser extends xmpp.Parser {
  declare root: Element | null;
  declare cursor: Element | null;
  readonly #maxStanza: number;
  #held: string[] = [];
  #size = 0;
  #depth = 0;
  #below = 0;
  #pruned = false;
  #ended = false;
  #skip: Skip | undefined;
  #forbidden: StreamFault | undefined;

  /** @param maxStanza characters; two chunks' length more may pass */
  constructor(maxStanza: number) {
    super();
    this.#maxStanza = maxStanza;
  }

  // Only whole tags go to ltx: it looks for the end of an unfinished text again at every character, which is quadratic.
  override write(text: string): void {
    if (this.#ended) return;
    if (this.#skip) return this.#pass(this.#skip, text);
    this.#held.push(text);
    this.#size += text.length;
    if (text.includes(">")) this.#read(this.#held.join(""));
    if (this.#size > this.#maxStanza && !this.#ended) this.#leaveOut();
  }

  #read(text: string): void {
    const end = endOfTags(text);
    this.#held = [];
    super.write(this.#plain(text.slice(0, end)));
    if (this.#forbidden && !this.#ended) throw this.#forbidden;
    this.#held.push(text.slice(end));
  }

  /** The stanza at hand is too large: what there is of it is forgotten, and what is still to come is not kept. */
  #leaveOut(): void {
    const { root } = this;
    if (!root)
      throw new StreamFault(`The server opens no stream in ${this.#maxStanza} characters.`, "policy-violation");
    const held = this.#held.join("");
    const open = this.#depth - 1 + this.#below;
    const head = this.#head(root);
    this.cursor = root;
    this.#depth = 1;
    this.#below = 0;
    this.#held = [];
    this.#size = 0;
    this.#pruned = false;
    // White space, and nothing begun.
    if (open === 0 && !held.includes("<")) return this.onText(held);
    this.#skip = new Skip(open);
    this.emit("left-out", head, "too large" satisfies Excess);
    this.#pass(this.#skip, held);
  }

  /** The stanza at hand without its content, once its first tag has been read. */
  #head(root: Element): Element | undefined {
    let element = this.cursor;
    while (element && element.parent !== root) element = element.parent;
    if (element) element.children = [];
    return element ?? undefined;
  }

  #pass(skip: Skip, text: string): void {
    const end = skip.read(text);
    if (end === undefined) return;
    this.#skip = undefined;
    this.write(text.slice(end));
  }

  override onStartElement(name: string, attrs: Record<string, string>): void {
    if (this.#ended) return;
    if (this.#depth === MAX_DEPTH) {
      this.#below++;
      this.#pruned = true;
      return;
    }
    const { root, cursor } = this;
    const element = new xmpp.Element(name) as Element;
    element.attrs = attrs;
    if (!root) this.#open(element);
    else if (cursor === root) element.parent = root;
    else cursor!.append(element);
    this.cursor = element;
    this.#depth++;
  }

  override onEndElement(name: string): void {
    if (this.#ended) return;
    if (this.#below > 0) {
      this.#below--;
      return;
    }
    const { root, cursor } = this;
    if (!cursor || cursor.name !== name)
      throw malformed(`</${name}> where </${cursor?.name ?? "stream:stream"}> belongs`);
    this.cursor = cursor.parent;
    this.#depth--;
    if (cursor === root) {
      this.#ended = true;
      this.emit("end", root);
    } else if (cursor.parent === root) this.#complete(cursor);
  }

  override onText(text: string): void {
    if (this.#ended || this.#below > 0) return;
    const { root, cursor } = this;
    if (cursor && cursor !== root) cursor.children.push(text);
    // White space between stanzas keeps a connection alive; the parent class would collect it in the root for ever.
    else if (text.trim() !== "") throw root ? malformed("text between stanzas") : foreign(text);
  }

  #open(element: Element): void {
    if (!element.is("stream", NS_STREAM)) throw foreign(`<${element.name}>`);
    this.root = element;
    this.emit("start", element);
  }

  #complete(stanza: Element): void {
    const isWhole = !this.#pruned;
    this.#size = 0;
    this.#pruned = false;
    if (isWhole) this.emit("element", stanza);
    else this.emit("left-out", stanza, "nested too deep" satisfies Excess);
  }

  /**
   * Leaves only tags and text: the XML declaration goes, CDATA becomes text, an unfinished CDATA section is held back, and
   * what follows something forbidden is left out.
   */
  #plain(whole: string): string {
    let at = !this.root && whole.startsWith("<?xml ") ? whole.indexOf(">") + 1 : 0;
    let plain = "";
    for (;;) {
      NEITHER_TAG_NOR_TEXT.lastIndex = at;
      const mark = NEITHER_TAG_NOR_TEXT.exec(whole)?.index;
      if (mark === undefined) return plain + whole.slice(at);
      plain += whole.slice(at, mark);
      if (!whole.startsWith(CDATA, mark)) {
        this.#forbidden = restricted(whole.slice(mark, mark + 9));
        return plain;
      }
      const end = whole.indexOf("]]>", mark);
      if (end === -1) {
        this.#held.push(whole.slice(mark));
        return plain;
      }
      plain += escapeXml(whole.slice(mark + CDATA.length, end));
      at = end + 3;
    }
  }
}

/** Where the last whole tag of a text ends, or else where the one begins that is not. */
function endOfTags(text: string): number {
  const last = text.lastIndexOf("<");
  return last === -1 ? 0 : last + (WHOLE_TAG.exec(text.slice(last))?.[0].length ?? 0);
}

function malformed(what: string): StreamFault {
  return new StreamFault(`The server sent malformed XML: ${what}.`, "not-well-formed");
}

function foreign(beginning: string): StreamFault {
  return new StreamFault(`The server does not speak XMPP: it began with “${beginning.trim().slice(0, 60)}”.`);
}
