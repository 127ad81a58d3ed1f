import type { Channel } from "../channel/channel.ts";
import { bare } from "../xmpp/jid.ts";

/**
 * Looks at a stanza as it leaves: it may not hold the bare JID, nor a client's resource, of a participant whose JID its
 * recipient may not see. Returns a sentence for each leak.
 */
export function leaksIn(
  text: string,
  to: string,
  channels: Iterable<Channel>,
  resources: ReadonlyMap<string, ReadonlySet<string>>,
): string[] {
  const leaks: string[] = [];
  const recipient = bare(to);
  const words = unescaped(text);
  for (const channel of channels) {
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

function unescaped(text: string): string {
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: keyof typeof ENTITIES) => ENTITIES[name]);
}
const ENTITIES = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
