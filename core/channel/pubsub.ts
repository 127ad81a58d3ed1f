import { NS } from "../xmpp/ns.ts";
import { refuse } from "../xmpp/refuse.ts";
import { readSet, setOf } from "../xmpp/rsm.ts";
import { type Element, serialize, xml } from "../xmpp/xml.ts";
import type { View } from "./audience.ts";
import type { Channel } from "./channel.ts";
import type { Registry } from "./registry.ts";

/** What a pubsub request to a channel asks for: `<pubsub><VERB node='…'/></pubsub>` (XEP-0060). */
export interface Verb {
  readonly element: Element;
  readonly node: string;
}

/** @throws StanzaError `bad-request` when there is no verb, or it names no node */
export function readVerb(pubsub: Element): Verb {
  const element = pubsub.getChildElements()[0];
  if (!element) throw refuse("bad-request", "The pubsub request says nothing: it needs an element such as <items/>.");
  const node = element.attrs.node ?? element.getChild("items")?.attrs.node;
  if (!node)
    throw refuse(
      "bad-request",
      `<${element.name}/> must name a node.`,
      xml("nodeid-required", { xmlns: NS.PUBSUB_ERRORS }),
    );
  return { element, node };
}

/** A node's items as the reply to `<items/>`: all, the newest `max_items`, those asked for by id, or a page (XEP-0059). */
export async function itemsOf(
  registry: Registry,
  channel: Channel,
  { element, node }: Verb,
  view: View,
): Promise<Element> {
  const wanted = new Set(element.getChildren("item").map((item) => item.attrs.id));
  const { max_items: limit } = element.attrs;
  if (limit !== undefined && !/^\d+$/.test(limit)) throw refuse("bad-request", "max_items must be a whole number.");
  const most = limit === undefined ? Number.POSITIVE_INFINITY : Number(limit);
  const spec = registry.nodes.get(node);
  let items = [...((await spec?.stored?.(channel)) ?? spec?.items?.(channel, view) ?? [])];
  if (wanted.size > 0) items = items.filter((item) => wanted.has(item.attrs.id));
  else if (most < items.length) items = most === 0 ? [] : items.slice(-most);
  const pubsub = (shown: Element[], set?: Element) =>
    xml("pubsub", { xmlns: NS.PUBSUB }, xml("items", { node }, shown), set);
  const page = element.parent ? readSet(element.parent) : undefined;
  if (!page) return pubsub(items);

  const start = page.after === undefined ? 0 : positionOf(items, page.after) + 1;
  const end = page.before ? positionOf(items, page.before) : items.length;
  const size = page.max ?? items.length;
  const shown =
    page.before === undefined ? items.slice(start, start + size) : items.slice(Math.max(start, end - size), end);
  const [first, last] = [shown[0]?.attrs.id, shown.at(-1)?.attrs.id];
  const index = shown[0] ? items.indexOf(shown[0]) : 0;
  return pubsub(shown, setOf({ count: items.length, ...(first && last && { first, last, index }) }));
}

function positionOf(items: readonly Element[], id: string): number {
  const position = items.findIndex((item) => item.attrs.id === id);
  if (position < 0) throw refuse("item-not-found", "The page is to start at an item that is not in the node.");
  return position;
}

/** The one item of a publish request, in either of its forms: `<publish><item/>` or `<publish><items><item/>`. */
export function publishedItem(publish: Element): Element {
  const item = publish.getChild("item") ?? publish.getChild("items")?.getChild("item");
  if (!item)
    throw refuse("bad-request", "There is no <item/> to publish.", xml("item-required", { xmlns: NS.PUBSUB_ERRORS }));
  return item;
}

export function published(node: string, id: string): Element {
  return xml("pubsub", { xmlns: NS.PUBSUB }, xml("publish", { node }, xml("item", { id })));
}

/** The items of a node as text for an event, for one kind of reader. */
export function itemsText(registry: Registry, channel: Channel, node: string, view: View): string {
  return [...(registry.nodes.get(node)?.items?.(channel, view) ?? [])].map(serialize).join("");
}
