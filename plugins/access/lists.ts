import type { Channel, Turn } from "masque";

/** Bare JIDs and domains, in the order in which they were put there. */
export type List = readonly string[];

export type ListName = "allowed" | "banned";

/** What a channel keeps: where it has no such node, there is no such list. */
export type Lists = { readonly [name in ListName]?: List | undefined };

/** An absent list of who is allowed admits everybody, an empty one nobody (XEP-0406 §2.2). */
const NEW: Lists = { banned: [] };

/** By this name a channel keeps its lists, and knows who heeds them. */
const ACCESS = "access";

export function listsOf({ traits }: Channel["state"]): Lists {
  return (traits[ACCESS] as Lists | undefined) ?? NEW;
}

/** Puts a list in the place of what it was, or takes it away; a channel that admits not everybody needs who sees to it. */
export function withList(turn: Turn, name: ListName, list: List | undefined): void {
  const lists: Lists = { ...listsOf(turn.state), [name]: list };
  const others = turn.state.requires.filter((plugin) => plugin !== ACCESS);
  const isOpen = !lists.allowed && !lists.banned?.length;
  turn.amend({
    traits: { ...turn.state.traits, [ACCESS]: lists },
    requires: isOpen ? others : [...others, ACCESS],
  });
}

/** Lists are never changed in place. */
const sets = new WeakMap<List, ReadonlySet<string>>();

/** Whether a bare JID is on a list: itself, or its domain, which is no other than its own. */
export function isOn(list: List, jid: string): boolean {
  let set = sets.get(list);
  if (!set) {
    set = new Set(list);
    sets.set(list, set);
  }
  return set.has(jid) || set.has(jid.slice(jid.indexOf("@") + 1));
}
