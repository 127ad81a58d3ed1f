import {
  type Audience,
  type Channel,
  type Client,
  escapeXml,
  NODE,
  type Participant,
  type Turn,
  type Turned,
} from "masque";
import { type Item, itemsOf, nameOf, Stanza } from "./stanza.ts";

/** What a participant's presence depends on besides himself. */
export interface Terms {
  readonly withCaps: boolean;
  shares(participant: Participant): boolean;
  send(stanzas: string): void;
  /** Keeps what has become of somebody's clients; undefined for one who was not, or is no more, in the channel. */
  record(turn: Turn, channel: Channel, before: Participant | undefined, after: Participant | undefined): void;
}

/** Who is to hear of a change: those who were subscribed then, but for the new ones, who are told everything later. */
interface Listeners {
  readonly audience: Audience;
  readonly except: ReadonlySet<string>;
}

/**
 * Presence is a view over the clients of participants: whatever changes in them is told to the node's subscribers,
 * whoever changed it.
 */
export class Distribution {
  readonly #terms: Terms;
  /** New subscribers who have not been told of everybody yet, by ID. */
  readonly #awaiting = new WeakMap<Channel, Set<string>>();
  readonly #farewells = new WeakMap<Channel, Map<string, () => void>>();

  constructor(terms: Terms) {
    this.#terms = terms;
  }

  /** Follows a change of the channel: what is shown under another address from now on, and what is no more. */
  follow({ channel, turn, was, state, sequel }: Turned): void {
    // A suspended channel says nothing but goodbye.
    const isSuspended = channel.missing().length > 0;
    const changed = isSuspended ? [] : [...turn.here.values()];
    const newcomers = changed.filter((each) => listens(each) && !listens(was.get(each.id)));
    const awaiting = this.#awaitingIn(channel);
    for (const { id } of newcomers) awaiting.add(id);
    const listeners = this.#listeners(channel);
    if (channel.state !== state && !isSuspended) this.#dismiss(channel, turn, was, sequel);
    for (const id of turn.gone.keys()) {
      this.#prepareFarewell(channel, was.get(id), listeners);
      this.#terms.record(sequel, channel, was.get(id), undefined);
    }

    // Whose address changed without a word must be known by the new one before anybody new hears of it.
    const all = !isSuspended && (channel.state !== state || newcomers.length > 0);
    const others = all ? [...channel.participants].filter((each) => !turn.here.has(each.id) && isOnline(each)) : [];
    for (const { id } of [...changed, ...others]) {
      const participant = sequel.gone.has(id) ? undefined : channel.byId(id);
      if (participant) this.#compare(channel, was.get(id) ?? participant, participant, sequel, listeners);
    }
    for (const newcomer of newcomers) {
      sequel.after(() => {
        awaiting.delete(newcomer.id);
        this.tellAll(channel, newcomer.id);
      });
    }
  }

  /** Somebody has left: his clients are no more. */
  left(channel: Channel, participant: Participant): void {
    const { id } = participant;
    // One who was removed by what followed from a change was here when that was looked at.
    if (!this.#farewells.get(channel)?.has(id)) this.#prepareFarewell(channel, participant, this.#listeners(channel));
    const farewells = this.#farewells.get(channel);
    farewells?.get(id)?.();
    farewells?.delete(id);
  }

  /** The channel is no more, and nobody in it. */
  ended(channel: Channel): void {
    const listeners = this.#listeners(channel);
    for (const each of channel.participants) {
      for (const item of itemsOf(each)) this.#end(channel, each, item, listeners)();
    }
  }

  /** Tells one subscriber what all others are now; in a large channel, by and by. */
  tellAll(channel: Channel, id: string): void {
    const of = [...channel.participants].filter(isOnline).map((each) => each.id);
    channel.recite(NODE.PRESENCE, { of, text: (each) => this.#whatIs(channel, each, id) });
  }

  /** What one participant is now, as it is told to another. */
  #whatIs(channel: Channel, id: string, to: string): string {
    const [each, reader] = [channel.byId(id), channel.byId(to)];
    if (!each || !reader || !listens(reader) || !this.#terms.shares(each)) return "";
    const eyes = channel.eyesOf(reader.jid);
    const start = `<presence to='${escapeXml(reader.jid)}'`;
    return itemsOf(each)
      .map((item) => start + new Stanza(channel, each, item).available(eyes, this.#terms.withCaps))
      .join("");
  }

  /** To those who may not be told any more, everybody is gone. */
  #dismiss(channel: Channel, turn: Turn, was: Turned["was"], sequel: Turn): void {
    // Their subscriptions end with this change, but have not yet.
    const dismissed = [...channel.participants].filter((each) => listens(each) && !channel.isTold(each, NODE.PRESENCE));
    if (dismissed.length === 0) return;
    const everybody = [...channel.participants, ...turn.gone.values()].map((each) => was.get(each.id) ?? each);
    const ends = everybody.flatMap((each) => itemsOf(each).map((item) => new Stanza(channel, each, item)));
    sequel.after(() => {
      for (const { jid } of dismissed) {
        const start = `<presence to='${escapeXml(jid)}'`;
        const eyes = channel.eyesOf(jid);
        if (ends.length > 0) this.#terms.send(ends.map((end) => start + end.unavailable(eyes)).join(""));
      }
    });
  }

  #compare(channel: Channel, before: Participant, now: Participant, sequel: Turn, listeners: Listeners): void {
    const after = this.#renamed(channel, now);
    if (after !== now) sequel.put(after);
    this.#terms.record(sequel, channel, before, after);
    const [were, are] = [itemsOf(before), itemsOf(after)];
    const ended = were.filter((was) => !are.some((is) => nameOf(is) === nameOf(was)));
    const news = are.filter((is) => before.nick !== after.nick || !were.some((was) => isSame(is, was)));
    for (const item of ended) sequel.after(this.#end(channel, before, item, listeners));
    for (const item of news) sequel.after(this.#announcement(channel, after, item, listeners));
  }

  /** A participant whose items go by the name they may go by now; without any, if he shares none. */
  #renamed(channel: Channel, participant: Participant): Participant {
    const named = channel.shows(participant, "participant");
    const shares = this.#terms.shares(participant);
    const items = itemsOf(participant);
    if (items.every(({ presence }) => shares && presence.named === named)) return participant;
    const clients = Object.entries(participant.clients).map(([resource, client]): [string, Client] => {
      const { presence, ...rest } = client;
      return [resource, presence && shares ? { ...rest, presence: { ...presence, named } } : rest];
    });
    return { ...participant, clients: Object.fromEntries(clients) };
  }

  #announcement(channel: Channel, participant: Participant, item: Item, { audience, except }: Listeners): () => void {
    const stanza = new Stanza(channel, participant, item);
    const filter = except.size > 0 ? ({ id }: Participant) => !except.has(id) : undefined;
    return () => channel.present(({ eyes }) => stanza.available(eyes, this.#terms.withCaps), { audience, filter });
  }

  #end(channel: Channel, participant: Participant, item: Item, { audience, except }: Listeners): () => void {
    const stanza = new Stanza(channel, participant, item);
    return () => {
      // What waits for the stream may reach those who were never told the address: then it must be one to be shown.
      let isLate = false;
      const filter = ({ id }: Participant) => !except.has(id) && (!isLate || stanza.mayBeNamed);
      channel.present(({ eyes }) => stanza.unavailable(eyes), { audience, filter });
      isLate = true;
    };
  }

  #prepareFarewell(channel: Channel, participant: Participant | undefined, listeners: Listeners): void {
    if (!participant) return;
    const ends = itemsOf(participant).map((item) => this.#end(channel, participant, item, listeners));
    const farewells = this.#farewells.get(channel) ?? new Map<string, () => void>();
    this.#farewells.set(channel, farewells);
    farewells.set(participant.id, () => {
      for (const end of ends) end();
    });
  }

  #listeners(channel: Channel): Listeners {
    const except = new Set(this.#awaitingIn(channel));
    return { audience: channel.audience(NODE.PRESENCE, "presence"), except };
  }

  #awaitingIn(channel: Channel): Set<string> {
    let awaiting = this.#awaiting.get(channel);
    if (!awaiting) this.#awaiting.set(channel, (awaiting = new Set()));
    return awaiting;
  }
}

function listens(participant: Participant | undefined): boolean {
  return participant?.nodes.has(NODE.PRESENCE) ?? false;
}

/** Whether any of his clients is in the node. */
function isOnline({ clients }: Participant): boolean {
  return Object.values(clients).some(({ presence }) => presence);
}

function isSame(a: Item, b: Item): boolean {
  const { words, caps, more } = b.presence;
  const isSaid = a.presence.words === words && a.presence.caps === caps && a.presence.more === more;
  return isSaid && nameOf(a) === nameOf(b);
}
