import { type Element, xml } from "masque";

/** A copy of a vCard without the entries that say where its owner is found on XMPP (XEP-0054 §3, RFC 6350 §6.4.3). */
export function withoutAddresses(card: Element): Element {
  const children = card.children.flatMap((child) => {
    if (typeof child === "string") return child;
    return isAddress(child) ? [] : withoutAddresses(child);
  });
  return xml(card.name, card.attrs, children);
}

function isAddress(entry: Element): boolean {
  const name = entry.getName().toLowerCase();
  return name === "jabberid" || name === "x-jabber" || (name === "impp" && /\bxmpp:/i.test(textIn(entry)));
}

function textIn(element: Element): string {
  return element.children.map((child) => (typeof child === "string" ? child : ` ${textIn(child)} `)).join("");
}
