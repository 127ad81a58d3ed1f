import type { Generation } from "masque";

// What must be true, written from the table in XEP-0404 §2.2 and from nothing of the code that is tested.

export type Mode = "jid-visible" | "jid-maybe-visible" | "jid-hidden";
export type Wish = "default" | "prefer not" | "prefer" | "always" | "never";
type Cell = "shown" | "hidden" | "out";

export const MODES: readonly Mode[] = ["jid-visible", "jid-maybe-visible", "jid-hidden"];
const TABLE: Readonly<Record<Wish, readonly [Cell, Cell, Cell]>> = {
  default: ["shown", "hidden", "hidden"],
  "prefer not": ["shown", "hidden", "hidden"],
  prefer: ["shown", "shown", "hidden"],
  always: ["shown", "shown", "out"],
  never: ["out", "hidden", "hidden"],
};
export const WISHES = Object.keys(TABLE) as Wish[];

function cell(mode: Mode, wish: Wish): Cell {
  return TABLE[wish][MODES.indexOf(mode)] as Cell;
}

export function mayBeHere(mode: Mode, wish: Wish): boolean {
  return cell(mode, wish) !== "out";
}

export interface Member {
  readonly jid: string;
  readonly id: string;
  readonly nick: string;
  readonly wish: Wish;
  readonly generation: Generation;
}

export interface Place {
  readonly mode: Mode;
  readonly owners: ReadonlySet<string>;
  readonly administrators: ReadonlySet<string>;
  readonly members: ReadonlyMap<string, Member>;
  /** The wishes of those who were here once: they come back with them. */
  readonly former: ReadonlyMap<string, Wish>;
  /** Bare JIDs and domains. */
  readonly banned: ReadonlySet<string>;
}

/** The whole service at one moment. Never changed in place: a change is a new state. */
export interface State {
  /** By name. */
  readonly places: ReadonlyMap<string, Place>;
  /** Whether the plugin that decides is running. */
  readonly decides: boolean;
  /** Whether the plugin that heeds bans is running. */
  readonly guards: boolean;
  /** Whether there are administrators besides owners. */
  readonly administers: boolean;
  /** A plugin crashes whenever it is asked whether a JID may be shown. */
  readonly crashes: boolean;
  /** Owners see hidden JIDs everywhere, not only in the JID map. */
  readonly everywhere: boolean;
  /** What was before, while those are taken leave of who are gone. */
  readonly before?: State;
}

/** A channel whose promise cannot be kept is served to nobody. */
export function isSuspended(place: Place, state: State): boolean {
  return (place.mode !== "jid-visible" && !state.decides) || (place.banned.size > 0 && !state.guards);
}

/** Who manages the place is not meant by any ban. */
export function isBanned(state: State, place: Place, jid: string): boolean {
  const { banned } = place;
  return !administers(state, place, jid) && (banned.has(jid) || banned.has(jid.split("@")[1] as string));
}

/** May the reader be shown the JID of the subject in what comes from this channel? */
export function maySee(state: State, channel: string, subject: string, reader: string): boolean {
  if (subject === reader) return true;
  const place = state.places.get(channel) ?? state.before?.places.get(channel);
  const then = state.before?.places.get(channel);
  const member = place?.members.get(subject) ?? then?.members.get(subject);
  if (!place || !member) return false;
  const isHere = state.places.get(channel)?.members.has(reader) || administers(state, place, reader);
  // One who is gone is told nothing that he might not have been told before.
  if (!isHere && !(state.before && maySee(state.before, channel, subject, reader))) return false;
  return isShown(state, place, member, administers(state, place, reader));
}

/** Owners and administrators, in whose eyes hidden JIDs may be shown. */
export function administers(state: State, place: Place, jid: string): boolean {
  return place.owners.has(jid) || (state.administers && place.administrators.has(jid));
}

export function isShown(state: State, place: Place, member: Member, toAdministrator: boolean): boolean {
  if (state.crashes || isSuspended(place, state)) return false;
  if (toAdministrator && state.everywhere && state.decides) return true;
  return cell(place.mode, member.wish) === "shown";
}

/** May the reader be shown JIDs, no resources, in the nodes whose business they are? */
export function mayAdminister(state: State, channel: string, reader: string): boolean {
  const place = state.places.get(channel);
  return place !== undefined && administers(state, place, reader);
}

export function withPlace(state: State, name: string, change: (place: Place) => Place): State {
  const place = state.places.get(name);
  return place ? { ...state, places: new Map(state.places).set(name, change(place)) } : state;
}

export function withMember(state: State, name: string, member: Member): State {
  return withPlace(state, name, (place) => ({ ...place, members: new Map(place.members).set(member.jid, member) }));
}

export function withoutMembers(state: State, name: string, gone: (member: Member) => boolean): State {
  return withPlace(state, name, (place) => {
    const all = [...place.members.values()];
    return {
      ...place,
      members: new Map(all.filter((each) => !gone(each)).map((each) => [each.jid, each])),
      former: new Map([...place.former, ...all.filter(gone).map((each) => [each.jid, each.wish] as const)]),
    };
  });
}

/** Others are banned, or manage the place, than before; those who are banned now are not in it. */
export function withRule(
  state: State,
  name: string,
  rule: Partial<Pick<Place, "banned" | "owners" | "administrators">>,
): State {
  const ruled = withPlace(state, name, (place) => ({ ...place, ...rule }));
  const place = ruled.places.get(name);
  return place ? withoutMembers(ruled, name, ({ jid }) => isBanned(ruled, place, jid)) : ruled;
}

/** A new mode; those who may not be here any more are not. */
export function withMode(state: State, name: string, mode: Mode): State {
  const left = withoutMembers(state, name, ({ wish }) => !mayBeHere(mode, wish));
  return withPlace(left, name, (place) => ({ ...place, mode }));
}
