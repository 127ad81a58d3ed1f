import { CORE, type Element, findForm, NODE, NS, readForm, xml } from "masque";
import { outcome } from "../core/channel/replies.ts";
import type { Person } from "./person.ts";

export const PAM = "urn:xmpp:mix:pam:2";
const NS_MARKERS = "urn:xmpp:chat-markers:0";

/** A request to join or leave as a client hands it to its own server, around what is for the channel (XEP-0405 §2.7). */
export function forServer(name: "client-join" | "client-leave", channel: string, ...content: Element[]): Element {
  const inner = xml(name === "client-join" ? "join" : "leave", { xmlns: CORE[1] }, content);
  return xml(name, { xmlns: PAM, channel }, inner);
}

/** What a client is answered by a server with MIX-PAM, which asks the channel in its user's name. */
export async function byServer(person: Person, request: Element): Promise<Element> {
  const [inner] = request.getChildElements();
  const reply = await person.asks("set", request.attrs.channel ?? "", inner as Element, person.jid);
  if (outcome(reply) !== "result") return reply;
  const answer = reply.getChildElements();
  if (answer[0]?.name === "join") person.id = answer[0].attrs.id ?? "";
  return xml("iq", { type: "result", from: person.jid, to: person.client }, xml(request.name, { xmlns: PAM }, answer));
}

/** The elements below another, by a path of names. */
export function below(element: Element, ...path: string[]): Element[] {
  return path.reduce((found, name) => found.flatMap((each) => each.getChildren(name)), [element]);
}

/** The fields of a form as a client reads them, by name. */
export function fieldsOf(item: Element | undefined): ReadonlyMap<string, readonly string[]> {
  const form = item && findForm(item);
  if (!form) throw new Error(`There is no form in ${item}.`);
  const { formType, values } = readForm(form);
  return new Map([["FORM_TYPE", formType ? [formType] : []], ...values]);
}

/** A form for an item, its fields in this order. */
export function submit(
  formType: string,
  fields: Iterable<readonly [string, readonly string[]]>,
  type = "submit",
): Element {
  const field = (name: string, values: readonly string[], kind?: string) =>
    xml("field", { var: name, type: kind }, ...values.map((value) => xml("value", {}, value)));
  const others = [...fields].map(([name, values]) => field(name, values));
  return xml("x", { xmlns: NS.DATA, type }, field("FORM_TYPE", [formType], "hidden"), ...others);
}

export function items(node: string, attrs: Record<string, string> = {}): Element {
  return xml("pubsub", { xmlns: NS.PUBSUB }, xml("items", { node, ...attrs }));
}

/** A query of an archive: a form that names its type, and a page. */
export function query(page: readonly Element[], node?: string): Element {
  return xml("query", { xmlns: NS.MAM, queryid: "q1", node }, submit(NS.MAM, []), xml("set", { xmlns: NS.RSM }, page));
}

/** The messages that came of a query, in their order. */
export async function pageOf(person: Person, channel: string, asked: Element): Promise<string[]> {
  const before = person.received().length;
  const reply = await person.asks("set", channel, asked);
  if (outcome(reply) !== "result") throw new Error(`The archive cannot be read: ${reply}`);
  const results = person
    .received()
    .slice(before)
    .flatMap((stanza) => stanza.getChild("result", NS.MAM) ?? []);
  return results.map((result) => below(result, "forwarded", "message")[0]?.getChildText("body") ?? "");
}

/** That everything up to a message has been shown to the user (XEP-0333). */
export function displayed(id: string): Element[] {
  return [xml("displayed", { xmlns: NS_MARKERS, id }), xml("store", { xmlns: NS.HINTS })];
}

/** The latest item, or the id of one taken back, of a node that somebody was told of. */
export function toldOf(person: Person, node: string): Element | undefined {
  const events = person
    .received()
    .flatMap((stanza) => stanza.getChild("event", NS.PUBSUB_EVENT)?.getChild("items") ?? []);
  return events
    .filter(({ attrs }) => attrs.node === node)
    .at(-1)
    ?.getChildElements()
    .at(-1);
}

/** What a participants node says, by ID: the nick, and the JID where it is shown. */
export async function participantsOf(person: Person, channel: string): Promise<Map<string, [string, string]>> {
  const reply = await person.asks("get", channel, items(NODE.PARTICIPANTS));
  return new Map(
    below(reply, "pubsub", "items", "item").map((item) => {
      const participant = item.getChild("participant", CORE[1]);
      return [item.attrs.id ?? "", [participant?.getChildText("nick") ?? "", participant?.getChildText("jid") ?? ""]];
    }),
  );
}
