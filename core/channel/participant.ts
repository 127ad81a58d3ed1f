import { randomFillSync } from "node:crypto";
import type { StoredParticipant } from "../storage/store.ts";
import type { Clients } from "./clients.ts";
import { BARE, type Delivery } from "./delivery.ts";
import type { Generation } from "./generation.ts";

/** One who has joined a channel. Never changed in place: a change is a new object under the same ID. */
export interface Participant {
  /** Stable Participant ID: random, never derived from the JID, kept after a leave. */
  readonly id: string;
  /** Bare JID. */
  readonly jid: string;
  /** As shown; "" for none. */
  readonly nick: string;
  readonly generation: Generation;
  /** Nodes he is subscribed to. */
  readonly nodes: ReadonlySet<string>;
  readonly delivery: Delivery;
  /** Those of his clients that others have heard of. */
  readonly clients: Clients;
  /** What plugins remember about him, by key, such as his preferences; plain JSON values. */
  readonly traits: Readonly<Record<string, unknown>>;
}

/** What most have no need of: one for all of them. */
export const NONE: Readonly<Record<string, never>> = Object.freeze({});

/** In how many ways people are subscribed: as many as are remembered. */
const MOST_WAYS = 1000;
const ways = new Map<string, ReadonlySet<string>>();

/** A set of these nodes; most people are subscribed to the same few, and share it. */
export function subscriptions(nodes: readonly string[]): ReadonlySet<string> {
  const way = nodes.join(" ");
  const known = ways.get(way);
  if (known) return known;
  const set = new Set(nodes);
  if (ways.size < MOST_WAYS) ways.set(way, set);
  return set;
}

/** Whether two states of a participant differ in what is known of his clients, at the most. */
export function isSameButClients(before: Participant | undefined, after: Participant): boolean {
  if (!before) return false;
  const keys = Object.keys(after) as (keyof Participant)[];
  return keys.every((key) => key === "clients" || before[key] === after[key]);
}

const ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";

/** A fresh Stable Participant ID, or any other name that must not be guessed: 16 characters, 82 bits. */
export function randomId(): string {
  let id = "";
  while (id.length < 16) {
    if (used === RANDOM.length) used = randomFillSync(RANDOM).length - RANDOM.length;
    const byte = RANDOM[used++] as number;
    // What is left above the last multiple would make the first letters likelier than the others.
    if (byte < FAIR) id += ALPHABET[byte % ALPHABET.length];
  }
  return id;
}

/** Asking for random bytes takes longer than to use them. */
const RANDOM = Buffer.alloc(4096);
const FAIR = 256 - (256 % ALPHABET.length);
let used = RANDOM.length;

interface State {
  nick: string;
  generation: Generation;
  nodes: string[];
  delivery: Delivery;
  clients?: Clients;
  traits?: Record<string, unknown>;
}

export function toStored(channel: number, participant: Participant, here: boolean): StoredParticipant {
  const { id, jid, nick, generation, nodes, delivery, clients, traits } = participant;
  const state: State = { nick, generation, nodes: [...nodes], delivery: { mode: delivery.mode, full: delivery.full } };
  if (Object.keys(clients).length > 0) state.clients = clients;
  if (Object.keys(traits).length > 0) state.traits = { ...traits };
  return { channel, id, jid, here, state: JSON.stringify(state) };
}

export function fromStored({ id, jid, state }: StoredParticipant): Participant {
  const { nick, generation, nodes, delivery, clients = NONE, traits = NONE } = JSON.parse(state) as State;
  const reached = delivery.mode === "bare" ? BARE : delivery;
  return { id, jid, nick, generation, nodes: subscriptions(nodes), delivery: reached, clients, traits };
}
