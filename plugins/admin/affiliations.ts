import { type Channel, type ChannelIq, type Channels, type Element, meets, NS, refuse, xml } from "masque";

type Affiliation = "owner" | "publisher" | "member" | "none";

/**
 * What the one who asks is to each node, and nobody else (XEP-0060 §5.7, §4.1): an owner of a channel owns its nodes, who
 * may write to one is its publisher, who may be told of it a member.
 */
export async function affiliationsOf(channels: Channels, { channel, from, payload }: ChannelIq): Promise<Element> {
  const { node: wanted } = payload.attrs;
  const nodes = channels.nodes(channel).filter((node) => wanted === undefined || node === wanted);
  if (wanted !== undefined && nodes.length === 0)
    throw refuse("item-not-found", "This channel has no node of that name.");
  const found: Element[] = [];
  for (const node of nodes) {
    const affiliation = await affiliationTo(channels, channel, node, from.bare);
    if (affiliation !== "none") found.push(xml("affiliation", { node, affiliation }));
  }
  return xml("pubsub", { xmlns: NS.PUBSUB }, xml("affiliations", { node: wanted }, found));
}

async function affiliationTo(channels: Channels, channel: Channel, node: string, jid: string): Promise<Affiliation> {
  const may = (verb: "read" | "subscribe" | "publish") => channels.mayNode(jid, channel, node, verb);
  const isPublisher = await may("publish");
  if (!isPublisher && !(await may("subscribe"))) return "none";
  if (meets(channel.roleOf(jid), "owners")) return "owner";
  return isPublisher ? "publisher" : "member";
}
