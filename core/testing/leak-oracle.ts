import type { Channel } from "../channel/channel.ts";
import { bare } from "../xmpp/jid.ts";
import { NODE } from "../xmpp/ns.ts";
import type { Element } from "../xmpp/xml.ts";

/**
 * Looks at a stanza as it leaves: it may not hold the bare JID, nor a client's resource, of a participant whose JID its
 * recipient may not see in the channel that it comes from. Returns a sentence for each leak.
 */
export function leaksIn(
  stanza: Element,
  channels: Iterable<Channel>,
  resources: ReadonlyMap<string, ReadonlySet<string>>,
): string[] {
  const { from = "", to = "" } = stanza.attrs;
  const leaks: string[] = [];
  const recipient = bare(to);
  const text = stanza.toString();
  const words = unescaped(text);
  for (const channel of channels) {
    if (!isFrom(channel, from) || (isForOwners(stanza) && channel.owners.has(recipient))) continue;
    for (const participant of channel.participants) {
      if (participant.jid === recipient || channel.shows(participant, channel.eyesOf(recipient))) continue;
      const secrets = [participant.jid, ...(resources.get(participant.jid) ?? [])];
      const told = secrets.filter((secret) => words.includes(secret));
      for (const secret of told)
        leaks.push(`"${secret}" of ${participant.nick} in ${channel.name} was told to ${to}: ${text}`);
    }
  }
  return leaks;
}

/** From the channel or somebody in it; what comes from the service itself may come from any. */
function isFrom({ jid }: Channel, from: string): boolean {
  const sender = bare(from);
  return sender === jid || sender.endsWith(`#${jid}`) || !sender.includes("@");
}

/** The nodes whose business real JIDs are (XEP-0404 §2.5, XEP-0406 §2.4). */
function isForOwners(stanza: Element): boolean {
  const items = (stanza.getChild("pubsub") ?? stanza.getChild("event"))?.getChild("items");
  return items?.attrs.node === NODE.JIDMAP || items?.attrs.node === NODE.CONFIG;
}

function unescaped(text: string): string {
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: keyof typeof ENTITIES) => ENTITIES[name]);
}
const ENTITIES = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
