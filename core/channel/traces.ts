import { type Element, xml } from "../xmpp/xml.ts";

/** Whether an attribute or a text anywhere in an element names one of these: in any case, and as a URI writes it. */
export function isNamedIn(element: Element, secrets: readonly string[]): boolean {
  return (
    Object.values(element.attrs).some((value) => names(value, secrets)) ||
    names(ownText(element), secrets) ||
    element.getChildElements().some((child) => isNamedIn(child, secrets))
  );
}

/** A copy without the attributes, texts and inner elements that name one of these. */
export function withoutTraces(element: Element, secrets: readonly string[]): Element {
  const attrs = Object.entries(element.attrs).filter(([, value]) => !names(value, secrets));
  const isTold = names(ownText(element), secrets);
  const children = element.children.flatMap((child) => {
    if (typeof child === "string") return isTold ? [] : child;
    return names(ownText(child), secrets) ? [] : withoutTraces(child, secrets);
  });
  return xml(element.name, Object.fromEntries(attrs), children);
}

/** Whether a text holds one of these, in any case, or with characters of it percent-encoded (RFC 5122). */
export function names(text: string, secrets: readonly string[]): boolean {
  const plain = folded(decoded(text));
  return secrets.some((secret) => plain.includes(folded(secret)) || folded(text).includes(folded(secret)));
}

function folded(text: string): string {
  return text.normalize("NFKC").toLowerCase();
}

function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll("%", ""), "hex").toString());
}

/** The parser may have cut a text into pieces. */
function ownText({ children }: Element): string {
  return children.filter((child) => typeof child === "string").join("");
}
