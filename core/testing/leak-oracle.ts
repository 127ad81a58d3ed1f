import type { Channel } from "../channel/channel.ts";
import type { Participant } from "../channel/participant.ts";
import { bare, parseJid } from "../xmpp/jid.ts";
import { NODE, NS } from "../xmpp/ns.ts";
import type { Element } from "../xmpp/xml.ts";

/**
 * Looks at each stanza as it leaves: it may not hold the bare JID, the localpart as an address, nor a client's resource, of
 * somebody who is, or was, in the channel that it comes from, and whose JID its recipient may not see there.
 */
export class LeakOracle {
  /** The resources that were heard of, by bare JID. */
  readonly #resources = new Map<string, Set<string>>();
  /** Everybody who was seen in a channel, by its key and his ID. */
  readonly #seen = new Map<number, Map<string, Participant>>();
  /** "recipient from" of each presence that was told and not ended yet. */
  readonly #presences = new Set<string>();

  /** "inviter invitee": who invites somebody by his JID knows it. */
  readonly #invited = new Set<string>();

  /** What people have sent, by "sender id": an error gives one back to its sender. */
  readonly #heard = new Map<string, string>();

  /** A stanza from a client that is to be known to nobody who may not see its user's JID. */
  hears(stanza: Element): void {
    const { from = "", id } = stanza.attrs;
    this.#heard.set(`${from} ${id}`, unescaped(stanza.toString()));
    const { bare, resource } = parseJid(from) ?? {};
    const invitee = parseJid(stanza.getChild("invite", NS.MIX_MISC)?.getChildText("invitee") ?? undefined);
    if (bare && invitee) this.#invited.add(`${bare} ${invitee.bare}`);
    if (!bare || !resource) return;
    const resources = this.#resources.get(bare) ?? new Set();
    this.#resources.set(bare, resources.add(resource));
  }

  /** A sentence for each leak in this stanza. */
  leaksIn(stanza: Element, channels: Iterable<Channel>): string[] {
    const { from = "", to = "", id = "", type } = stanza.attrs;
    const leaks: string[] = [];
    const recipient = bare(to);
    const text = stanza.toString();
    const words = unescaped(this.#isEnd(stanza) ? text.replace(/ from="[^"]*"/, "") : text);
    const command = stanza.getChild("command", NS.COMMANDS);
    const own = type === "error" || command ? (this.#heard.get(`${to} ${id}`) ?? "") : "";
    for (const channel of channels) {
      const participants = this.#everybody(channel);
      if (!isFrom(channel, from) || (this.#isForOwners(stanza) && channel.eyesOf(recipient) === "administrator"))
        continue;
      for (const participant of participants) {
        if (participant.jid === recipient || channel.shows(participant, channel.eyesOf(recipient))) continue;
        const isKnown = isInvitation(stanza) && this.#invited.has(`${recipient} ${participant.jid}`);
        const resources = this.#resources.get(participant.jid) ?? [];
        const secrets = isKnown ? [...resources] : [participant.jid, ...resources];
        const told = secrets.filter((secret) => words.includes(secret) && !own.includes(secret));
        const address =
          isKnown || told.includes(participant.jid)
            ? undefined
            : localAddress(participant.jid, channel).exec(words)?.[0];
        if (address && !own.includes(address)) told.push(address);
        for (const secret of told)
          leaks.push(`"${secret}" of ${participant.nick} in ${channel.name} was told to ${to}: ${text}`);
      }
    }
    return leaks;
  }

  /** Whether it ends a presence under the very address this recipient was told it under, which tells him nothing new. */
  #isEnd({ name, attrs: { from, to, type } }: Element): boolean {
    if (name !== "presence") return false;
    if (type === undefined) this.#presences.add(`${to} ${from}`);
    return type === "unavailable" && this.#presences.delete(`${to} ${from}`);
  }

  #isForOwners(stanza: Element): boolean {
    const { to, id } = stanza.attrs;
    const command = stanza.getChild("command", NS.COMMANDS)?.attrs.node;
    if (command === undefined) return FOR_OWNERS.has(nodeIn(stanza) ?? "");
    return LISTS.has(command) || REASON.test(this.#heard.get(`${to} ${id}`) ?? "");
  }

  #everybody({ key, participants }: Channel): Iterable<Participant> {
    const seen = this.#seen.get(key) ?? new Map<string, Participant>();
    this.#seen.set(key, seen);
    for (const each of participants) seen.set(each.id, each);
    return seen.values();
  }
}

/** From the channel or somebody in it; what comes from no channel, the service itself or a forgery, may come from any. */
function isFrom({ jid, name }: Channel, from: string): boolean {
  const sender = bare(from);
  return sender === jid || sender.endsWith(`#${jid}`) || !sender.endsWith(jid.slice(name.length));
}

/** The localpart as an address at any domain, also one that is written into a localpart (XEP-0106, mail). */
function localAddress(participant: string, channel: Channel): RegExp {
  const local = participant.slice(0, participant.indexOf("@")).replace(/[^a-z0-9]/g, "\\$&");
  return new RegExp(`(?<![\\w.-])${local}(?:@|%|\\\\40)(?!${channel.jid.slice(channel.name.length + 1)})`);
}

/** The nodes whose business real JIDs are (XEP-0404 §2.5, XEP-0406 §2.2 to §2.4). */
const FOR_OWNERS: ReadonlySet<string> = new Set([NODE.JIDMAP, NODE.CONFIG, NODE.ALLOWED, NODE.BANNED]);

/** Commands that tell the same, and the reason for which an operator is told whatever JID he asks for. */
const LISTS: ReadonlySet<string> = new Set(["allowed", "banned"]);
const REASON = /<field var="reason"[^>]*><value>[^<]/;

function nodeIn(stanza: Element): string | undefined {
  const pubsub = stanza.getChild("pubsub") ?? stanza.getChild("event");
  return (pubsub?.getChild("items") ?? pubsub?.getChild("publish"))?.attrs.node;
}

/** What one who invites is told of the one he named (XEP-0407). */
function isInvitation(stanza: Element): boolean {
  return ["invite", "invitation-ack"].some((name) => stanza.getChild(name, NS.MIX_MISC) !== undefined);
}

function unescaped(text: string): string {
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: keyof typeof ENTITIES) => ENTITIES[name]);
}
const ENTITIES = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
