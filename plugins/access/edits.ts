import {
  type Channel,
  type Channels,
  type Element,
  type Jid,
  meets,
  NODE,
  type NodeIq,
  NS,
  type Participant,
  refuse,
  serialize,
  type Turn,
  type View,
  xml,
} from "masque";
import { type Entry, entriesOf } from "./entries.ts";
import { isOn, type List, type ListName, listsOf, withList } from "./lists.ts";

export const NODES = { allowed: NODE.ALLOWED, banned: NODE.BANNED } as const satisfies Record<ListName, string>;

/** What administrators do to one of a channel's lists, as they do it to any node (XEP-0406 §3.4, XEP-0060 §7 and §8). */
export interface Edits {
  publish(request: NodeIq): Promise<Element>;
  retract(request: NodeIq): Promise<true>;
  purge(request: NodeIq): Promise<true>;
  /** Puts entries on the list. @param mayStill asked at its place in the channel's order: throws a refusal, or passes */
  add(channel: Channel, entries: readonly Entry[], mayStill?: () => Promise<void>): Promise<void>;
  /** Takes entries off it. */
  remove(channel: Channel, entries: readonly Entry[], mayStill?: () => Promise<void>): Promise<void>;
  create(request: NodeIq): Promise<true>;
  delete(request: NodeIq): Promise<true>;
}

/**
 * @param longest how many entries it may have
 * @param eject removes those who are banned from now on
 */
export function editsOf(
  channels: Channels,
  name: ListName,
  longest: number,
  eject: (channel: Channel, turn: Turn) => void,
): Edits {
  const node = NODES[name];

  return {
    async publish({ channel, from, payload }) {
      const entries = await entriesOf(channel, payload);
      await this.add(channel, entries, rightOf(channel, from));
      const published = entries.map(({ jid }) => xml("item", { id: jid }));
      return xml("pubsub", { xmlns: NS.PUBSUB }, xml("publish", { node }, published));
    },

    async retract({ channel, from, payload }) {
      await this.remove(channel, await entriesOf(channel, payload), rightOf(channel, from));
      return true;
    },

    add(channel, entries, mayStill) {
      return change(channel, mayStill, (turn) => {
        if (name === "banned") refuseManagers(channel, entries);
        const list = listsOf(turn.state)[name];
        const added = [...new Set(entries.map(({ jid }) => jid))].filter((jid) => !list?.includes(jid));
        if (list && added.length === 0) return;
        const next = [...(list ?? []), ...added];
        if (next.length > longest)
          throw refuse("policy-violation", `This list has room for ${longest} entries: retract some, or name domains.`);
        withList(turn, name, next);
        eject(channel, turn);
        turn.after(() => tell(channel, node, added));
      });
    },

    remove(channel, entries, mayStill) {
      return change(channel, mayStill, (turn) => {
        const list = present(listsOf(turn.state)[name]);
        const missing = entries.find(({ jid }) => !list.includes(jid));
        if (missing) throw refuse("item-not-found", `"${missing.text}" is not on this list.`);
        const gone = new Set(entries.map(({ jid }) => jid));
        withList(
          turn,
          name,
          list.filter((jid) => !gone.has(jid)),
        );
        turn.after(() => {
          // Each by itself: ejabberd, when it checks what it passes on, leaves one of several in an event.
          for (const jid of gone) channel.tell(node, (view) => itemsOf([jid], view, "retract").map(serialize).join(""));
        });
      });
    },

    async purge({ channel, from }) {
      await change(channel, rightOf(channel, from), (turn) => {
        present(listsOf(turn.state)[name]);
        withList(turn, name, []);
        turn.after(() => channel.event(node, () => `<purge node='${node}'/>`));
      });
      return true;
    },

    async create({ channel, from }) {
      await change(channel, rightOf(channel, from), (turn) => {
        if (listsOf(turn.state)[name]) throw refuse("conflict", "This channel has the node already.");
        channels.addNode(turn, channel, node);
      });
      return true;
    },

    async delete({ channel, from }) {
      await change(channel, rightOf(channel, from), (turn) => {
        present(listsOf(turn.state)[name]);
        channels.removeNode(turn, channel, node);
      });
      return true;
    },
  };

  /** He can have lost the right while this waited for its turn. */
  function rightOf(channel: Channel, { bare }: Jid) {
    return async () => {
      if (!(await channels.mayNode(bare, channel, node, "publish")))
        throw refuse("forbidden", "You may not change this node.");
    };
  }

  function change(
    channel: Channel,
    mayStill: (() => Promise<void>) | undefined,
    act: (turn: Turn) => void,
  ): Promise<void> {
    return channel.update(async (turn) => {
      await mayStill?.();
      act(turn);
    });
  }
}

/** A list as items, for one kind of reader: whoever was in the channel is nobody's business but of those who manage it. */
export function itemsOf(list: List, { eyes }: View, verb: "item" | "retract" = "item"): Element[] {
  const isTold = (entry: string) => eyes === "administrator" || !entry.includes("@");
  return list.filter(isTold).map((id) => xml(verb, { id }));
}

/** Tells the node's subscribers what has come onto the list. */
export function tell(channel: Channel, node: string, entries: List): void {
  channel.tell(node, (view) => itemsOf(entries, view).map(serialize).join(""));
}

/** Who is in the channel though he is banned from it; whoever manages it is not meant by the ban of a domain. */
export function bannedIn(channel: Channel, state: Channel["state"]): Participant[] {
  const { banned = [] } = listsOf(state);
  if (banned.length === 0) return [];
  return [...channel.participants].filter(({ jid }) => isOn(banned, jid) && !manages(channel, jid));
}

export function manages(channel: Channel, jid: string): boolean {
  return meets(channel.roleOf(jid), "admins");
}

/** @throws StanzaError `item-not-found` when the channel has no such list */
function present(list: List | undefined): List {
  if (!list) throw refuse("item-not-found", "This channel has no node of that name.");
  return list;
}

function refuseManagers(channel: Channel, entries: readonly Entry[]): void {
  const managers = entries.filter(({ jid }) => manages(channel, jid)).map(({ text }) => `"${text}"`);
  if (managers.length > 0)
    throw refuse("not-allowed", `Who manages a channel cannot be banned from it: ${managers.join(", ")}.`);
}
