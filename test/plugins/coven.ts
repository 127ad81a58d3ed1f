import { type Element, NODE, NS, parseJid, xml } from "masque";
import { type Actor, type TestHost, type TestOptions, testHost } from "masque/testing";
import { bundled } from "../../plugins/index.ts";
import { COVEN, outcome, publishes, reads } from "../core/channel/replies.ts";

/** Every bundled plugin, each as its defaults have it. */
export const ALL = Object.fromEntries(bundled.map(({ name }) => [name, {}]));

/** All plugins, with these options for `visibility`. */
export function veiled(visibility: object, options: TestOptions = {}): TestHost {
  return testHost([], { ...options, plugins: { ...ALL, ...options.plugins, visibility } });
}

/** Sets the mode of the coven; returns the reply. */
export function setMode(owner: Actor, mode: string): Promise<Element> {
  return publishes(owner, NODE.CONFIG, { "JID Visibility": mode });
}

/** The items of a node as this reader gets them. */
export async function itemsOf(reader: Actor, node: string): Promise<Element[]> {
  const reply = await reads(reader, node);
  if (outcome(reply) !== "result") throw new Error(`${reader.name} cannot read ${node}: ${reply}`);
  return reply.getChild("pubsub", NS.PUBSUB)!.getChild("items")!.getChildren("item");
}

/** What the archive gives this reader, as text. */
export async function history(reader: Actor): Promise<string[]> {
  const before = reader.received().length;
  const reply = await reader.asks("set", COVEN, xml("query", { xmlns: NS.MAM }));
  if (outcome(reply) !== "result") throw new Error(`${reader.name} cannot read the archive: ${reply}`);
  return reader
    .received()
    .slice(before)
    .filter(({ name }) => name === "message")
    .map(String);
}

/** What somebody does, as what one reader received of it. */
export async function during(reader: Actor, deed: () => Promise<unknown>): Promise<Element[]> {
  const before = reader.received().length;
  await deed();
  return reader.received().slice(before);
}

/** Whether a stanza was for this address or for one of its clients. */
export function isTo(jid: string, { attrs }: Element): boolean {
  return parseJid(attrs.to)?.bare === jid;
}
