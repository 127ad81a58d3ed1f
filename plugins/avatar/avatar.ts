import { type Channel, NODE, refuse, type Turn } from "masque";
import type { Metadata } from "./metadata.ts";
import type { Picture } from "./picture.ts";

/** What a channel keeps in mind of its avatar; the pictures themselves are in the store. */
export interface Avatar {
  /** Those in the data node, in the order in which they came. */
  readonly pictures: readonly Picture[];
  readonly metadata?: Metadata;
}

const TRAIT = "avatar";

/** For a picture in several forms and sizes, and those of the next. */
const MOST_PICTURES = 8;

export function avatarOf({ state }: Pick<Channel, "state">): Avatar {
  return (state.traits[TRAIT] ?? { pictures: [] }) as Avatar;
}

/** Puts a picture into the data node; where there are many, those that are not shown make room. */
export function addPicture(turn: Turn, channel: Channel, picture: Picture, text: string): void {
  const { pictures, metadata } = avatarOf(turn);
  const others = pictures.filter(({ id }) => id !== picture.id);
  const kept = others.length < MOST_PICTURES ? others : others.filter(({ id }) => isShown(id, metadata));
  forget(turn, channel, pictures, kept);
  keep(turn, { pictures: [...kept, picture], ...(metadata && { metadata }) });
  turn.write({ put: "item", item: { channel: channel.key, node: NODE.AVATAR_DATA, id: picture.id, payload: text } });
}

/**
 * From now on this is shown, and nothing else is kept.
 * @throws StanzaError `policy-violation` when it is more than is ever kept
 */
export function show(turn: Turn, channel: Channel, metadata: Metadata | undefined): void {
  const forms = metadata?.infos.length ?? 0;
  if (forms > MOST_PICTURES)
    throw refuse("policy-violation", `An avatar has at most ${MOST_PICTURES} pictures here, and not ${forms}.`);
  const { pictures } = avatarOf(turn);
  const kept = pictures.filter(({ id }) => isShown(id, metadata));
  forget(turn, channel, pictures, kept);
  keep(turn, { pictures: kept, ...(metadata && { metadata }) });
}

export function removePicture(turn: Turn, channel: Channel, removed: string): void {
  const avatar = avatarOf(turn);
  const kept = avatar.pictures.filter(({ id }) => id !== removed);
  forget(turn, channel, avatar.pictures, kept);
  keep(turn, { ...avatar, pictures: kept });
}

export function isShown(id: string, metadata: Metadata | undefined): boolean {
  return metadata?.infos.some((info) => info.id === id) ?? false;
}

function keep(turn: Turn, avatar: Avatar): void {
  turn.amend({ traits: { ...turn.state.traits, [TRAIT]: avatar } });
}

function forget(turn: Turn, channel: Channel, pictures: readonly Picture[], kept: readonly Picture[]): void {
  const gone = pictures.filter((picture) => !kept.includes(picture)).map(({ id }) => id);
  if (gone.length === 0) return;
  for (const id of gone) turn.write({ put: "no item", channel: channel.key, node: NODE.AVATAR_DATA, id });
  turn.after(() => channel.tell(NODE.AVATAR_DATA, () => gone.map((id) => `<retract id='${id}'/>`).join("")));
}
