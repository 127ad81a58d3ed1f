import { NS } from "../xmpp/ns.ts";
import { type Excess, NS_STREAM, StreamParser } from "../xmpp/parser.ts";
import { StreamFault } from "../xmpp/stream-fault.ts";
import { type Element, serialize, xml } from "../xmpp/xml.ts";

/** The longest element anybody may send, in characters. */
export const LONGEST = 1024 * 1024;

/**
 * Reads one frame of XMPP over WebSocket: a whole element, which stands for itself (RFC 7395 §3.3).
 * @throws StreamFault, or an Error of ltx, when it is anything else
 */
export function readFrame(text: string): Element {
  const parser = new StreamParser(LONGEST);
  const elements: Element[] = [];
  parser.on("element", (element: Element) => elements.push(element));
  parser.on("left-out", (_: unknown, excess: Excess) => {
    throw new StreamFault(`The frame is ${excess}.`, "policy-violation");
  });
  parser.write(`<stream:stream xmlns='${NS.CLIENT}' xmlns:stream='${NS_STREAM}'>`);
  parser.write(text);
  const [element, ...more] = elements;
  // The parser holds back what follows the last ">".
  if (element && more.length === 0 && parser.cursor === parser.root && text.trimEnd().endsWith(">")) return element;
  throw new StreamFault("A frame holds one whole element.", "not-well-formed");
}

/** A stanza as a frame: each names its own namespace. */
export function frameOf(stanza: Element): string {
  const frame = xml(stanza.name, { xmlns: NS.CLIENT, ...stanza.attrs });
  frame.children = stanza.children;
  return serialize(frame);
}
