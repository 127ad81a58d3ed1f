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
  /** How many copies there are. The lists may be longer: what follows belongs to an audience that has grown from this one. */
  readonly length: number;
  /** For each copy `<message to='…'`, or the like of presence, encoded once, and the reader it goes to; all of a reader's together. */
  readonly prefixes: readonly Uint8Array[];
  readonly readers: readonly Participant[];
}

/**
 * Who gets the copies of a node at one moment: a snapshot, so that "then" and "now" can be compared. One that has only
 * grown since shares its lists with it, so that it costs nothing to come into a large channel.
 */
export class Audience {
  readonly #copies: Copies;
  #circles: Growing[] = [];
  /** Those of whom no address is known. */
  #unreached: readonly (readonly [id: string, eyes: Eyes])[] = [];
  /** The same object in those that have grown from one another. */
  #root = {};
  #size = 0;
  #eyes: Map<string, Eyes> | undefined;

  constructor(readers: Iterable<Participant>, eyes: (reader: Participant) => Eyes, copies: Copies) {
    this.#copies = copies;
    for (const reader of readers) this.#add(reader, eyes(reader));
  }

  get circles(): readonly Circle[] {
    return this.#circles;
  }

  /** With one more, who was not in it. */
  with(reader: Participant, eyes: Eyes): Audience {
    const grown = this.#like(this.#circles);
    grown.#unreached = this.#unreached;
    grown.#root = this.#root;
    grown.#size = this.#size;
    grown.#add(reader, eyes);
    return grown;
  }

  /** Without one of those in it. */
  without(id: string): Audience {
    const rest = this.#like(this.#circles.map((circle) => withoutReader(circle, id)));
    rest.#unreached = this.#unreached.filter(([each]) => each !== id);
    return rest;
  }

  /** Whether all who were in that one are in this one, in the same places, and are looked at in the same way. */
  hasGrownFrom(then: Audience): boolean {
    return this.#root === then.#root && this.#size >= then.#size;
  }

  /** How this participant was looked at; `undefined` for one who was not among them. */
  eyesOf(id: string): Eyes | undefined {
    if (!this.#eyes) {
      this.#eyes = new Map(this.#unreached);
      for (const { readers, length, eyes } of this.#circles)
        for (let i = 0; i < length; i++) this.#eyes.set((readers[i] as Participant).id, eyes);
    }
    return this.#eyes.get(id);
  }

  #like(circles: readonly Growing[]): Audience {
    const other = new Audience([], () => "stranger", this.#copies);
    other.#circles = circles.map((circle) => ({ ...circle }));
    return other;
  }

  #add(reader: Participant, eyes: Eyes): void {
    this.#size++;
    const prefixes = prefixesOf(reader, this.#copies);
    if (prefixes.length === 0) {
      this.#unreached = [...this.#unreached, [reader.id, eyes]];
      return;
    }
    const { generation } = reader;
    const marked = this.#copies === "groupchat" && reader.delivery.mode === "bare+marker";
    const isHis = (kind: Kind) => kind.generation === generation && kind.eyes === eyes && kind.marked === marked;
    let circle = this.#circles.find(isHis);
    if (!circle) this.#circles.push((circle = { generation, eyes, marked, length: 0, prefixes: [], readers: [] }));
    addTo(circle, reader, prefixes);
  }
}

/** A circle of an audience that is being made. */
interface Growing extends Kind {
  length: number;
  prefixes: Uint8Array[];
  readers: Participant[];
}

function addTo(circle: Growing, reader: Participant, more: readonly Uint8Array[]): void {
  if (circle.readers.length > circle.length) {
    // Another that has grown from the same has the rest of the lists for its own.
    circle.readers = circle.readers.slice(0, circle.length);
    circle.prefixes = circle.prefixes.slice(0, circle.length);
  }
  for (const prefix of more) {
    circle.prefixes.push(prefix);
    circle.readers.push(reader);
  }
  circle.length = circle.readers.length;
}

function withoutReader(circle: Growing, id: string): Growing {
  const { readers, prefixes, length } = circle;
  let start = 0;
  while (start < length && readers[start]?.id !== id) start++;
  let end = start;
  while (end < length && readers[end]?.id === id) end++;
  if (start === end) return circle;
  const rest = <T>(list: readonly T[]) => [...list.slice(0, start), ...list.slice(end, length)];
  return { ...circle, length: length - (end - start), prefixes: rest(prefixes), readers: rest(readers) };
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
