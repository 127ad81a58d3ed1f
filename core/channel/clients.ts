import type { Jid } from "../xmpp/jid.ts";
import { refuse } from "../xmpp/refuse.ts";
import type { Channel } from "./channel.ts";
import { proxyJid } from "./generation.ts";
import { type Participant, randomId } from "./participant.ts";

/** What a client has made known of its presence, as XML text. */
export interface Presence {
  /** Show, status and priority: what others may be told in any case. */
  readonly words: string;
  /** Its entity capabilities (XEP-0115). */
  readonly caps: string;
  /** Anything else, for those who may see its JID. */
  readonly more: string;
  /** Whether others know the client by its real resource. */
  readonly named: boolean;
}

/**
 * One of a participant's clients. Others know it by a token, which stands in for its resource wherever the
 * participant's JID is hidden (XEP-0404 §2.4).
 */
export interface Client {
  readonly token: string;
  /** When it went offline, or bounced; it is remembered for a while. */
  readonly goneSince?: number;
  /** While it is online, and shares its presence. */
  readonly presence?: Presence;
}

/** By resource. */
export type Clients = Readonly<Record<string, Client>>;

/** A participant once this client of his has been heard of, or is known to be gone; the same object if that is no news. */
export function withClient(participant: Participant, resource: string, gone?: number): Participant {
  const known = Object.hasOwn(participant.clients, resource) ? participant.clients[resource] : undefined;
  if (known && known.goneSince === gone) return participant;
  if (!known && gone !== undefined) return participant;
  const client = { token: known?.token ?? randomId(), ...(gone !== undefined && { goneSince: gone }) };
  const clients = known ? participant.clients : withRoom(participant.clients);
  return clients ? { ...participant, clients: { ...clients, [resource]: client } } : participant;
}

/** The same once this client has made its presence known; as he was, if there is no room for another client of his. */
export function withPresence(participant: Participant, resource: string, presence: Presence): Participant {
  const heard = withClient(participant, resource);
  const client = Object.hasOwn(heard.clients, resource) ? heard.clients[resource] : undefined;
  return client ? { ...heard, clients: { ...heard.clients, [resource]: { ...client, presence } } } : participant;
}

/** A client's resources are the user's own; this bounds what one user can make the service remember. */
const MOST_CLIENTS = 32;

/** With room for one more: the one longest gone is forgotten, or else the oldest that shares no presence. */
function withRoom(clients: Clients): Clients | undefined {
  const all = Object.entries(clients);
  if (all.length < MOST_CLIENTS) return clients;
  const [least] = all
    .filter(([, { presence }]) => !presence)
    .sort(([, a], [, b]) => (a.goneSince ?? Number.MAX_VALUE) - (b.goneSince ?? Number.MAX_VALUE));
  return least && Object.fromEntries(all.filter((each) => each[0] !== least[0]));
}

/** A participant without the clients that went before this time. */
export function withoutClients(participant: Participant, goneBefore: number): Participant {
  const kept = Object.entries(participant.clients).filter(
    ([, { goneSince }]) => !(goneSince !== undefined && goneSince < goneBefore),
  );
  return kept.length === Object.keys(participant.clients).length
    ? participant
    : { ...participant, clients: Object.fromEntries(kept) };
}

/**
 * The address by which other participants know somebody's client: his proxy JID with the token, or with the real
 * resource where his JID is shown; a bare JID has no resource to hide.
 * @throws StanzaError `item-not-found` when he is not, or no longer, in the channel
 */
export async function addressOf(channel: Channel, from: Jid): Promise<string> {
  const participant = channel.participant(from.bare);
  if (!participant) throw refuse("item-not-found");
  const proxy = proxyJid(participant.id, channel.jid);
  if (!from.resource) return proxy;
  if (channel.shows(participant, "participant")) return `${proxy}/${from.resource}`;
  const { token } = await clientOf(channel, participant, from.resource);
  return `${proxy}/${token}`;
}

async function clientOf(channel: Channel, participant: Participant, resource: string): Promise<Client> {
  const known = Object.hasOwn(participant.clients, resource) ? participant.clients[resource] : undefined;
  if (known && known.goneSince === undefined) return known;
  const after = await channel.update((turn) => {
    const before = channel.participant(participant.jid);
    // Whoever was removed meanwhile is not to be put back.
    if (!before) throw refuse("item-not-found");
    const after = withClient(before, resource);
    turn.put(after);
    return after;
  });
  if (!Object.hasOwn(after.clients, resource)) throw refuse("resource-constraint", "You use too many clients here.");
  return after.clients[resource] as Client;
}

/** The client that others address by this resource of the proxy JID, if there is such a one. */
export function clientAt(
  channel: Channel,
  participant: Participant,
  resource: string,
): { readonly resource: string; readonly isGone: boolean } | undefined {
  for (const [real, { token, goneSince }] of Object.entries(participant.clients)) {
    if (token === resource) return { resource: real, isGone: goneSince !== undefined };
  }
  if (!resource || !channel.shows(participant, "participant")) return undefined;
  const known = Object.hasOwn(participant.clients, resource) ? participant.clients[resource] : undefined;
  return { resource, isGone: known?.goneSince !== undefined };
}
