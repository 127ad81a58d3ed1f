import { type Channel, type Channels, detached, type Element, refuse, xml } from "masque";

/** Every node named below a request, once: slixmpp puts its `<subscribe/>`s inside another one. */
export function nodesIn(request: Element, verb: "subscribe" | "unsubscribe"): string[] {
  const nodes = request.getChildren(verb).flatMap((each) => [each.attrs.node, ...nodesIn(each, verb)]);
  return [...new Set(nodes.filter((node) => node !== undefined && node !== ""))] as string[];
}

/**
 * Which of the nodes asked for a JID may subscribe to; judged as if it had joined.
 * @throws StanzaError why the first was not granted, when none of those asked for was (XEP-0369 §7.1.2)
 */
export async function grant(channels: Channels, channel: Channel, jid: string, request: Element): Promise<string[]> {
  const asked = nodesIn(request, "subscribe");
  const granted: string[] = [];
  for (const node of asked) {
    if (await channels.mayNode(jid, channel, node, "subscribe", true)) granted.push(detached(node));
  }
  if (asked.length === 0 || granted.length > 0) return granted;
  const exists = (node: string | undefined) => channels.nodes(channel).includes(node ?? "");
  // "This error response will also include other nodes requested where subscription failed for the same reason."
  for (const each of request.getChildren("subscribe")) {
    if (exists(each.attrs.node) !== exists(asked[0])) request.remove(each);
  }
  if (exists(asked[0])) throw refuse("forbidden", "You may not subscribe to any of these nodes.");
  throw refuse(
    "item-not-found",
    "This channel has none of these nodes: disco#items with node='mix' lists those it has.",
  );
}

export function subscribed(nodes: readonly string[]): Element[] {
  return nodes.map((node) => xml("subscribe", { node }));
}

export function unsubscribed(nodes: readonly string[]): Element[] {
  return nodes.map((node) => xml("unsubscribe", { node }));
}
