import xmpp from "@xmpp/xml";
import { NS } from "./ns.ts";
import type { Element } from "./xml.ts";

/** The stanzas in this text, read as from the stream of a component: with that stream's namespace. */
export function stanzasIn(text: string): Element[] {
  const stanzas: Element[] = [];
  const parser = new xmpp.Parser();
  parser.on("element", (stanza: Element) => stanzas.push(stanza));
  parser.on("error", (error: Error) => {
    throw error;
  });
  parser.write(`<stream xmlns='${NS.COMPONENT}'>${text}`);
  return stanzas;
}

export function parseStanza(text: string): Element {
  const [stanza, ...more] = stanzasIn(text);
  if (!stanza || more.length > 0) throw new Error(`This is not one stanza: ${text}`);
  return stanza;
}
