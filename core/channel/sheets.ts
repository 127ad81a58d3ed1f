import { findForm, readForm } from "../xmpp/form.ts";
import { NODE } from "../xmpp/ns.ts";
import { refuse } from "../xmpp/refuse.ts";
import { type Element, xml } from "../xmpp/xml.ts";
import type { View } from "./audience.ts";
import type { Channel } from "./channel.ts";
import type { Sheet } from "./fields.ts";
import { itemsText, published, publishedItem } from "./pubsub.ts";
import type { Registry } from "./registry.ts";

const NODES = { info: NODE.INFO, config: NODE.CONFIG } as const satisfies Record<Sheet, string>;

/** The nodes that always hold exactly one item, a form, and the fields that every channel has. */
export function addSheets({ fields, nodes }: Registry): void {
  const text = { type: "text-single", initial: "" } as const;
  fields.add("Name", { ...text, sheet: "info", label: "Channel name" });
  fields.add("Description", { ...text, sheet: "info", label: "Channel description" });
  fields.add("Contact", { sheet: "info", type: "jid-multi", label: "Contact", initial: [] });
  fields.add("Last Change Made By", {
    type: "jid-single",
    label: "Last change made by",
    initial: "",
    readOnly: true,
    read: (channel) => [channel.state.config.by],
  });
  fields.add("Owner", {
    type: "jid-multi",
    label: "Owners",
    initial: [],
    read: (channel) => channel.state.owners,
    objection(owners) {
      const domain = owners.find((jid) => !jid.includes("@"));
      if (domain) return `"Owner" takes JIDs of people; "${domain}" is a server's.`;
      return owners.length === 0 ? `"Owner" needs at least one JID: a channel always has an owner.` : undefined;
    },
  });
  const item = (sheet: Sheet) => (channel: Channel, view: View) => [
    xml("item", { id: channel.state[sheet].id }, fields.form(sheet, channel, view)),
  ];
  nodes.add({ name: NODE.INFO, read: "anyone", subscribe: "participants", publish: "admins", items: item("info") });
  nodes.add({ name: NODE.CONFIG, read: "owners", subscribe: "owners", items: item("config") });
}

/**
 * Writes what a publish request says onto a sheet, and tells the sheet's subscribers (XEP-0406 §3.1, §3.2).
 * @returns the reply: the new item's id
 * @throws StanzaError `not-acceptable` that names every mistake at once, `forbidden`
 */
export async function publishSheet(
  registry: Registry,
  sheet: Sheet,
  channel: Channel,
  publish: Element,
  by: string,
): Promise<Element> {
  const form = findForm(publishedItem(publish));
  if (!form) throw refuse("bad-request", "The item holds no form (XEP-0004).");
  const { type, values: submitted } = readForm(form);
  if (type === "cancel") throw refuse("bad-request", "A form of type cancel changes nothing.");
  const node = NODES[sheet];
  const id = await writeSheet(registry, sheet, channel, submitted, by, async () => {
    // He can have lost the right while this waited for its turn.
    if (!(await registry.mayNode(by, channel, node, "publish")))
      throw refuse("forbidden", "You may not change this node.");
  });
  return published(node, id);
}

/**
 * Writes values onto a sheet, and tells the sheet's subscribers; returns the id of the sheet's item.
 * @param mayStill asked at its place in the channel's order: throws a refusal, or passes
 * @throws StanzaError `not-acceptable` that names every mistake at once
 */
export function writeSheet(
  registry: Registry,
  sheet: Sheet,
  channel: Channel,
  submitted: ReadonlyMap<string, readonly string[]>,
  by: string,
  mayStill: () => Promise<void> = async () => {},
): Promise<string> {
  return channel.update(async (turn) => {
    await mayStill();
    const revised = registry.fields.revise(sheet, channel, submitted);
    const after = registry.fields.changed(sheet, channel, revised, turn);
    turn.revise(sheet, revised, by, registry.clock.now());
    turn.after(() => tellSheet(registry, sheet, channel));
    for (const each of after) turn.after(each);
    return turn.state[sheet].id;
  });
}

/** Tells a sheet's subscribers what it says now. */
export function tellSheet(registry: Registry, sheet: Sheet, channel: Channel): void {
  const node = NODES[sheet];
  channel.tell(node, (view) => itemsText(registry, channel, node, view));
}
