import xmpp from "@xmpp/xml";

/** An XML element: the part of ltx's Element this project uses. */
export interface Element {
  name: string;
  attrs: Record<string, string>;
  children: (Element | string)[];
  parent: Element | null;
  is(name: string, xmlns?: string): boolean;
  getName(): string;
  getNS(): string | undefined;
  getChild(name: string, xmlns?: string): Element | undefined;
  getChildren(name: string, xmlns?: string): Element[];
  getChildText(name: string, xmlns?: string): string | null;
  getChildElements(): Element[];
  getText(): string;
  append(...nodes: (Element | string)[]): void;
  remove(child: Element): Element;
  toString(): string;
}

/** What is `false`, `null` or `undefined` is left out. */
export type Child = Element | string | number | false | null | undefined | readonly Child[];

/**
 * Builds an element; attributes that are `undefined` are left out.
 * @example xml("iq", { type: "get", id: "1" }, xml("ping", { xmlns: "urn:xmpp:ping" }))
 */
export function xml(name: string, attrs: Record<string, string | undefined> = {}, ...children: Child[]): Element {
  const element = new (xmpp.Element as unknown as new (name: string) => Element)(name);
  for (const key in attrs) if (attrs[key] !== undefined) element.attrs[key] = attrs[key];
  appendAll(element, children);
  return element;
}

function appendAll(element: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (Array.isArray(child)) appendAll(element, child);
    else if (typeof child === "number") element.append(String(child));
    else if (child) element.append(child as Element | string);
  }
}

/** A deep copy without a parent: an element has one parent only, so what goes into a second tree is cloned. */
export function clone(element: Element): Element {
  return xml(
    element.name,
    element.attrs,
    element.children.map((child) => (typeof child === "string" ? child : clone(child))),
  );
}

// What XML 1.0 (section 2.2, production Char) forbids, lone surrogates aside: one such character ends the stream.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
const FORBIDDEN_ALL = new RegExp(FORBIDDEN, "g");

/** Replaces what may not stand in an XML document by U+FFFD. */
export function legal(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed();
  return FORBIDDEN.test(whole) ? whole.replace(FORBIDDEN_ALL, "\ufffd") : whole;
}

// Read back as blanks in an attribute's value (XML 1.0 §3.3.3), and a carriage return is none anywhere (§2.11).
const SPACES = { "\t": "&#9;", "\n": "&#10;", "\r": "&#13;" };
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;", ...SPACES };

// Nearly all text needs nothing, and one look tells: surrogates are looked at again.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const SPECIAL = /[&<>"'\u0000-\u001f\ud800-\udfff\ufffe\uffff]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const SPECIAL_BUT_MARKUP = /[\u0000-\u001f\ud800-\udfff\ufffe\uffff]/;

/** Escapes text for an attribute value in either kind of quotes, or for character data. */
export function escapeXml(text: string): string {
  if (!SPECIAL.test(text)) return text;
  return legal(text).replace(/[&<>"'\t\n\r]/g, (c) => ESCAPES[c as keyof typeof ESCAPES]);
}

/** An element as text that may be put on a stream. */
export function serialize(element: Element): string {
  const raw = element.toString();
  if (!SPECIAL_BUT_MARKUP.test(raw)) return raw;
  const text = legal(raw);
  if (!/[\t\n\r]/.test(text)) return text;
  // ltx leaves them as they are; what is no markup holds no angle brackets any more.
  const written = (c: string) => SPACES[c as keyof typeof SPACES];
  return text.replace(/<[^>]+>/g, (tag) => tag.replace(/[\t\n\r]/g, written)).replace(/\r/g, written);
}
