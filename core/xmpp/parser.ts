import xmpp from "@xmpp/xml";
import { StreamFault } from "./stream-fault.ts";
import { type Element, escapeXml } from "./xml.ts";

export const NS_STREAM = "http://etherx.jabber.org/streams";
const MAX_DEPTH = 128;

// ltx skips comments, processing instructions and DTDs, the last for ever; RFC 6120 §11.1 forbids all three.
const NEITHER_TAG_NOR_TEXT = /<[!?]/g;
const CDATA = "<![CDATA[";

/**
 * The parser of @xmpp/xml made strict: what is not a stream of stanzas throws a `StreamFault` out of `write`, after which
 * nothing more may be written. Emits "start", "element" and "end" as its parent does, and "too-deep" with what is left of
 * a stanza nested more than 128 deep: that one is lost, but whoever sent it has not ended everybody's stream.
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
  #forbidden: StreamFault | undefined;

  /** @param maxStanza characters; a chunk's length more may pass */
  constructor(maxStanza: number) {
    super();
    this.#maxStanza = maxStanza;
  }

  // Only whole tags go to ltx: it looks for the end of an unfinished text again at every character, which is quadratic.
  override write(text: string): void {
    if (this.#ended) return;
    const end = text.lastIndexOf(">") + 1;
    if (end > 0) {
      const whole = this.#held.join("") + text.slice(0, end);
      this.#held = [];
      this.#size += end;
      super.write(this.#plain(whole));
      if (this.#forbidden && !this.#ended) throw this.#forbidden;
    }
    if (end < text.length) this.#held.push(text.slice(end));
    this.#size += text.length - end;
    if (this.#size > this.#maxStanza) {
      throw new StreamFault(`The server sent a stanza of more than ${this.#maxStanza} characters.`, "policy-violation");
    }
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
    const event = this.#pruned ? "too-deep" : "element";
    this.#size = 0;
    this.#pruned = false;
    this.emit(event, stanza);
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

function malformed(what: string): StreamFault {
  return new StreamFault(`The server sent malformed XML: ${what}.`, "not-well-formed");
}

function foreign(beginning: string): StreamFault {
  return new StreamFault(`The server does not speak XMPP: it began with “${beginning.trim().slice(0, 60)}”.`);
}

function restricted(what: string): StreamFault {
  return new StreamFault(`The server sent ${what}…, which has no place in XMPP.`, "restricted-xml");
}
