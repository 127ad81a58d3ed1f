import { escapeXml } from "../xmpp/xml.ts";
import type { Generation } from "./generation.ts";
import type { Participant } from "./participant.ts";

/** In whose eyes: an administrator may be shown JIDs that participants are not, and one who is not in the channel none. */
export type Eyes = "participant" | "administrator" | "stranger";
/** The eyes of those who may be shown JIDs at all. */
export type Insight = Exclude<Eyes, "stranger">;

/** How a reader is spoken to, and what he may see. */
export interface View {
  readonly generation: Generation;
  readonly eyes: Eyes;
  /** He may write to the node that he reads: a form is shown to him to be filled in. */
  readonly edits?: boolean;
}

/** Readers of one kind get the same bytes, but for the address in front. */
export interface Kind extends View {
  /** Whether copies need ejabberd's marker. */
  readonly marked: boolean;
}

/** What copies are: presence is never told by message (XEP-0403 §3.4), nor anything else by presence. */
export type Copies = "groupchat" | "event" | "presence";

export interface Circle extends Kind {
  /** For each copy `<message to='…'`, or the like of presence, encoded once, and the reader it goes to. */
  readonly prefixes: readonly Uint8Array[];
  readonly readers: readonly Participant[];
}

/** Who gets the copies of a node at one moment: a snapshot, so that "then" and "now" can be compared. */
export class Audience {
  readonly circles: readonly Circle[];
  readonly #eyes = new Map<string, Eyes>();

  constructor(readers: Iterable<Participant>, eyes: (reader: Participant) => Eyes, copies: Copies) {
    const circles = new Map<
      string,
      { -readonly [K in keyof Circle]: Circle[K] } & { prefixes: Uint8Array[]; readers: Participant[] }
    >();
    for (const reader of readers) {
      const sight = eyes(reader);
      this.#eyes.set(reader.id, sight);
      const marked = copies === "groupchat" && reader.delivery.mode === "bare+marker";
      const key = `${reader.generation}${sight}${marked}`;
      let circle = circles.get(key);
      if (!circle) {
        circle = { generation: reader.generation, eyes: sight, marked, prefixes: [], readers: [] };
        circles.set(key, circle);
      }
      for (const prefix of prefixesOf(reader, copies)) {
        circle.prefixes.push(prefix);
        circle.readers.push(reader);
      }
    }
    this.circles = [...circles.values()];
  }

  /** How this participant was looked at; `undefined` for one who was not among them. */
  eyesOf(id: string): Eyes | undefined {
    return this.#eyes.get(id);
  }
}

const messages = new WeakMap<object, Uint8Array[]>();
const presences = new WeakMap<object, Uint8Array[]>();

function prefixesOf(reader: Participant, copies: Copies): Uint8Array[] {
  // Only groupchat is bounced at a bare JID: pubsub events and presence reach one anywhere.
  const key = copies === "groupchat" && reader.delivery.mode === "full" ? reader.delivery : reader;
  const prefixes = copies === "presence" ? presences : messages;
  let known = prefixes.get(key);
  if (!known) {
    const name = copies === "presence" ? "presence" : "message";
    const addresses = key === reader ? [reader.jid] : reader.delivery.full;
    known = addresses.map((jid) => Buffer.from(`<${name} to='${escapeXml(jid)}'`));
    prefixes.set(key, known);
  }
  return known;
}
