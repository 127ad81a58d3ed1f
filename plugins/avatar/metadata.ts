import { type Element, NODE, refuse, xml } from "masque";
import { invalid, type Picture } from "./picture.ts";

/** One form of the avatar, as the metadata node tells of it. */
export interface Info extends Picture {
  readonly width?: number;
  readonly height?: number;
}

/** What the metadata node holds. Without any info: the channel shows no avatar. */
export interface Metadata {
  /** Of the item: that of one of the pictures. */
  readonly id: string;
  readonly infos: readonly Info[];
}

const NONE = "none";

/**
 * An item of the metadata node (XEP-0084 §4.2).
 * @param pictures those that are in the data node
 * @throws StanzaError that says what is wrong with it
 */
export function readMetadata(item: Element, pictures: readonly Picture[]): Metadata {
  const metadata = item.getChild("metadata", NODE.AVATAR_METADATA);
  if (!metadata) throw invalid(`The item needs <metadata xmlns='${NODE.AVATAR_METADATA}'/>.`);
  const forms = metadata.getChildElements();
  if (forms.some((form) => form.getName() !== "info"))
    throw refuse("not-acceptable", "An avatar is a picture here: its metadata holds nothing but <info/>.");
  const infos = forms.map((form) => readInfo(form, pictures));
  const id = item.attrs.id?.toLowerCase() ?? infos[0]?.id ?? NONE;
  if (infos.length === 0) return { id: NONE, infos };
  if (new Set(infos.map((info) => info.id)).size < infos.length) throw invalid("One <info/> is enough for a picture.");
  if (infos.every((info) => info.id !== id)) throw invalid("The id of the item must be that of one of its pictures.");
  return { id, infos };
}

function readInfo({ attrs }: Element, pictures: readonly Picture[]): Info {
  // Whoever fetches it there tells that server that he is in the channel.
  if (attrs.url !== undefined)
    throw refuse("not-acceptable", "A picture that is elsewhere, by url, is not taken: publish it to the data node.");
  const picture = pictures.find(({ id }) => id === attrs.id?.toLowerCase());
  if (!picture) throw refuse("item-not-found", "The data node holds no picture of that id: publish it there first.");
  if (attrs.bytes !== String(picture.bytes) || attrs.type !== picture.type)
    throw invalid(`The picture has ${picture.bytes} bytes and is of type ${picture.type}: <info/> says otherwise.`);
  return { ...picture, ...pixels("width", attrs.width), ...pixels("height", attrs.height) };
}

function pixels(name: "width" | "height", value: string | undefined): Partial<Info> {
  if (value === undefined) return {};
  if (!/^\d{1,5}$/.test(value)) throw invalid(`The ${name} of a picture is a number of pixels.`);
  return { [name]: Number(value) };
}

export function metadataItem({ id, infos }: Metadata): Element {
  const text = (value: number | undefined) => (value === undefined ? undefined : String(value));
  const forms = infos.map(({ id, type, bytes, width, height }) =>
    xml("info", { id, type, bytes: text(bytes), width: text(width), height: text(height) }),
  );
  return xml("item", { id }, xml("metadata", { xmlns: NODE.AVATAR_METADATA }, forms));
}
