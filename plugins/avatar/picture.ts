import { createHash } from "node:crypto";
import { type Element, NODE, NS, refuse, type StanzaError, xml } from "masque";

/** What is known of a picture in the data node. */
export interface Picture {
  /** The SHA-1 hash of its bytes, in hexadecimal. */
  readonly id: string;
  readonly type: PictureType;
  readonly bytes: number;
}

/** How each type of picture begins, in hexadecimal. */
const BEGINNINGS = {
  "image/png": /^89504e470d0a1a0a/,
  "image/jpeg": /^ffd8ff/,
  "image/gif": /^474946383[79]61/,
  "image/webp": /^52494646.{8}57454250/,
} as const;
export type PictureType = keyof typeof BEGINNINGS;
export const TYPES = Object.keys(BEGINNINGS) as PictureType[];

/**
 * The picture in an item of the data node (XEP-0084 §4.1), and its text in Base64.
 * @param largest in bytes
 * @throws StanzaError that says what is wrong with it
 */
export function readPicture(
  item: Element,
  largest: number,
  types: readonly PictureType[],
): { readonly picture: Picture; readonly text: string } {
  const text = item.getChildText("data", NODE.AVATAR_DATA)?.replace(/\s+/g, "") ?? "";
  // Base64 makes four characters of three bytes: what is too large is not even read.
  if (text.length > Math.ceil(largest / 3) * 4) throw tooLarge(largest);
  const bytes = Buffer.from(text, "base64");
  if (bytes.length === 0 || bytes.toString("base64") !== text)
    throw invalid(`The item needs <data xmlns='${NODE.AVATAR_DATA}'/> with a picture in Base64.`);
  if (bytes.length > largest) throw tooLarge(largest);
  const id = createHash("sha1").update(bytes).digest("hex");
  if (item.attrs.id?.toLowerCase() !== id)
    throw invalid("The id of the item must be the SHA-1 hash of the picture's bytes, in hexadecimal.");
  const beginning = bytes.subarray(0, 12).toString("hex");
  const type = types.find((type) => BEGINNINGS[type].test(beginning));
  if (!type) throw refuse("not-acceptable", `The picture is of no type that is taken here: ${types.join(", ")}.`);
  return { picture: { id, type, bytes: bytes.length }, text };
}

function tooLarge(largest: number): StanzaError {
  const detail = xml("payload-too-big", { xmlns: NS.PUBSUB_ERRORS });
  return refuse("not-acceptable", `The picture is too large: it may have ${largest} bytes.`, detail);
}

/** A refusal of an item by what is in it (XEP-0060 §7.1.3.6). */
export function invalid(text: string): StanzaError {
  return refuse("bad-request", text, xml("invalid-payload", { xmlns: NS.PUBSUB_ERRORS }));
}
