import type { Change } from "../storage/store.ts";
import type { Channel } from "./channel.ts";
import { BARE } from "./delivery.ts";
import type { Sheet, Values } from "./fields.ts";
import type { Generation } from "./generation.ts";
import { NONE, type Participant, subscriptions } from "./participant.ts";

/** What a channel is, besides who is in it. Replaced as a whole, never changed in place. */
export interface ChannelState {
  readonly owners: readonly string[];
  readonly creator: { readonly jid: string; readonly generation: Generation };
  /** Names of the plugins this channel's promises need; without one of them it is suspended. */
  readonly requires: readonly string[];
  /** `id` names the one item of the sheet's node. */
  readonly info: { readonly id: string; readonly values: Values };
  readonly config: { readonly id: string; readonly values: Values; readonly by: string };
  /** Nodes that were taken from it. */
  readonly absent: readonly string[];
  /** What plugins keep with the channel, by a name of theirs: plain data, which survives the plugin's absence. */
  readonly traits: Readonly<Record<string, unknown>>;
}

/** What a turn may store besides what the channel holds in memory. */
export type Writing = Exclude<Change, { readonly put: "channel" | "no channel" | "participant" }>;

/** One change to a channel, noted down: applied all together, or not at all. */
export class Turn {
  readonly here = new Map<string, Participant>();
  readonly gone = new Map<string, Participant>();
  readonly writings: Writing[] = [];
  readonly tellings: (() => void)[] = [];
  destroyed = false;
  #state: ChannelState;

  constructor(channel: Channel) {
    this.#state = channel.state;
  }

  get state(): ChannelState {
    return this.#state;
  }

  /** Adds a participant, or puts what he has become in the place of what he was. */
  put(participant: Participant): void {
    this.gone.delete(participant.id);
    this.here.set(participant.id, participant);
  }

  /** He is no longer in the channel; his ID is kept. */
  remove(participant: Participant): void {
    this.here.delete(participant.id);
    this.gone.set(participant.id, {
      ...participant,
      nodes: subscriptions([]),
      delivery: BARE,
      clients: NONE,
    });
  }

  amend(part: Partial<ChannelState>): void {
    this.#state = { ...this.#state, ...part };
  }

  /** New values on a sheet, over those that were there, under a new item id. */
  revise(sheet: Sheet, values: Values, by: string, now: number): void {
    const before = this.#state[sheet];
    const revised = { id: laterId(before.id, now), values: { ...before.values, ...values } };
    const owners = sheet === "config" ? values.Owner : undefined;
    this.amend(sheet === "info" ? { info: revised } : { config: { ...revised, by }, ...(owners && { owners }) });
  }

  /**
   * Something that is stored with the rest, in one transaction. What the store refuses, such as the revision of a message
   * that is not there, fails the whole turn, and the channel is loaded anew: look first.
   */
  write(writing: Writing): void {
    this.writings.push(writing);
  }

  /** The channel and everything in it are to be forgotten. */
  destroy(): void {
    this.destroyed = true;
  }

  /** Something to do once everything above is durable. */
  after(telling: () => void): void {
    this.tellings.push(telling);
  }
}

/** The item id of a sheet: the time, and always later than the one before (XEP-0369 §3.6.4, semantics). */
export function laterId(before: string, now: number): string {
  const last = Date.parse(before);
  return new Date(Number.isNaN(last) ? now : Math.max(now, last + 1)).toISOString();
}
