import { clone, type Element, xml } from "../xmpp/xml.ts";

/** The same stanza with other addresses, and without the namespace of the stream it came on. */
export function addressed(stanza: Element, addresses: { readonly from?: string; readonly to?: string }): Element {
  const { xmlns: _, ...attrs } = stanza.attrs;
  return xml(
    stanza.name,
    { ...attrs, ...addresses },
    stanza.children.map((child) => (typeof child === "string" ? child : clone(child))),
  );
}
