import { type Element, findForm, NODE, NS, readForm, xml } from "masque";
import type { Actor } from "masque/testing";

export const SERVICE = "mix.shakespeare.example";
export const COVEN = `coven@${SERVICE}`;

/** How a reply ended: "result", or the condition of its error (RFC 6120 §8.3.3). */
export function outcome(reply: Element | undefined): string {
  if (!reply) return "no reply";
  if (reply.attrs.type !== "error") return reply.attrs.type ?? "no type";
  const condition = reply.getChild("error")?.getChildElements()[0];
  return condition?.getNS() === NS.STANZAS ? condition.name : "no condition";
}

/** What an error says to a human. */
export function reason(reply: Element): string {
  return reply.getChild("error")?.getChildText("text", NS.STANZAS) ?? "";
}

export function disco(what: "info" | "items", node?: string, set?: Element): Element {
  return xml("query", { xmlns: what === "info" ? NS.DISCO_INFO : NS.DISCO_ITEMS, node }, set);
}

export function features(reply: Element): string[] {
  return reply
    .getChild("query", NS.DISCO_INFO)!
    .getChildren("feature")
    .map(({ attrs }) => attrs.var!);
}

/** The addresses, or the nodes, in a reply to disco#items. */
export function listed(reply: Element, attribute: "jid" | "node" = "jid"): string[] {
  return reply
    .getChild("query", NS.DISCO_ITEMS)!
    .getChildren("item")
    .map(({ attrs }) => attrs[attribute]!);
}

/** Reads a node; returns the reply. */
export function reads(actor: Actor, node: string, channel = COVEN): Promise<Element> {
  return actor.asks("get", channel, xml("pubsub", { xmlns: NS.PUBSUB }, xml("items", { node })));
}

/** The one item of the info or the config node, as this reader sees it. */
export async function sheet(actor: Actor, node: string = NODE.INFO, channel = COVEN): Promise<Item> {
  const reply = await reads(actor, node, channel);
  const found = reply.getChild("pubsub", NS.PUBSUB)?.getChild("items")?.getChildren("item") ?? [];
  if (found.length !== 1) throw new Error(`There is not exactly one item here: ${reply}`);
  return item(found[0]!);
}

export interface Item {
  readonly id: string;
  readonly formType: string | undefined;
  readonly values: Readonly<Record<string, readonly string[]>>;
}

/** What an item of a sheet's node says. */
export function item(element: Element): Item {
  const { formType, values } = readForm(findForm(element)!);
  return { id: element.attrs.id!, formType, values: Object.fromEntries(values) };
}

export type Fields = Readonly<Record<string, string | readonly string[]>>;

export function form(fields: Fields, formType: string, type = "submit"): Element {
  const field = (name: string, values: readonly string[]) =>
    xml(
      "field",
      { var: name },
      values.map((value) => xml("value", {}, value)),
    );
  return xml(
    "x",
    { xmlns: NS.DATA, type },
    field("FORM_TYPE", [formType]),
    named(fields).map(([name, values]) => field(name, values)),
  );
}

function named(fields: Fields): [string, readonly string[]][] {
  return Object.entries(fields).map(([name, value]) => [name, typeof value === "string" ? [value] : value]);
}

/** Publishes a form to the info or the config node; returns the reply. */
export function publishes(actor: Actor, node: string, fields: Fields, channel = COVEN): Promise<Element> {
  const formType = node === NODE.INFO ? NS.MIX_CORE_1 : NS.MIX_ADMIN;
  return actor.asks("set", channel, publish(node, xml("item", {}, form(fields, formType))));
}

export function publish(node: string, ...content: Element[]): Element {
  return xml("pubsub", { xmlns: NS.PUBSUB }, xml("publish", { node }, content));
}

/** The id in the reply to a publish request. */
export function publishedId(reply: Element): string | undefined {
  return reply.getChild("pubsub", NS.PUBSUB)?.getChild("publish")?.getChild("item")?.attrs.id;
}

/** What pubsub told somebody of a node: for each event the child of `<event/>`. */
export function events(actor: Actor, node: string): Element[] {
  return actor
    .received()
    .flatMap((stanza) => stanza.getChild("event", NS.PUBSUB_EVENT)?.getChildElements() ?? [])
    .filter(({ attrs }) => attrs.node === node);
}
