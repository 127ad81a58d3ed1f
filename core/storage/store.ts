import type { StoreError } from "./store-error.ts";

/**
 * What the engine asks of a store. Nothing here says SQL: SQLite and PostgreSQL both stand behind it.
 *
 * `put` is the only way to change anything. Calls are committed in the order they were made, many in one transaction
 * (group commit); each call is atomic, and its promise resolves once it is durable, also in the order of the calls.
 * A call that cannot be stored is rejected with a StoreError, alone (but see `line`): it changed nothing, and later ones may succeed.
 */
export interface Store {
  /** @param line calls of one line build on one another: when one of them is refused, so are all that come after it */
  put(changes: readonly Change[], line?: object): Promise<void>;
  /**
   * `put` without a promise, for what is on the way of every message.
   * @param settled called once, in the order of the calls, and never before this returns; it must not throw
   */
  commit(changes: readonly Change[], line: object, settled: (error?: StoreError) => void): void;

  /** Creates a channel and returns its key, or "taken" when one of that name exists. */
  create(channel: Omit<StoredChannel, "key">): Promise<number | "taken">;
  /** A channel and those who are in it now; `undefined` when there is none of that name. */
  channel(name: string): Promise<FoundChannel | undefined>;
  /** Listed channels by name, in ascending order of code points, after `after`, at most `limit`. */
  listed(jid: string, after: string, limit: number): Promise<ListedChannel[]>;
  /** All channels by name, listed or not, after `after`, at most `limit`. */
  census(after: string, limit: number): Promise<CountedChannel[]>;
  /** Somebody who was here before, under the ID he keeps for ever (XEP-0369 §3.5). */
  former(channel: number, jid: string): Promise<StoredParticipant | undefined>;
  /** Whoever has this ID, whether he is here or left. */
  known(channel: number, id: string): Promise<StoredParticipant | undefined>;

  history(query: HistoryQuery): Promise<HistoryPage>;
  /** First and last message of an archive (XEP-0313 §5.3). */
  extent(channel: number, node: string): Promise<{ first: Mark; last: Mark } | undefined>;

  /** Archives that hold something, in the order of their keys, after the one of the key `after`, at most `limit`. */
  archives(after: number, limit: number): Promise<StoredArchive[]>;

  /** The items of a node, in the order in which they were put. */
  items(channel: number, node: string): Promise<StoredItem[]>;

  /** All values a plugin stored under one name: key -> JSON text. */
  values(space: string): Promise<Map<string, string>>;

  /**
   * Where other processes store values, too: tells what they have made of them, all of them anew when some may have been
   * missed. Returns the way to hear no more.
   */
  watch?(space: string, heard: (news: ValueNews) => void): () => void;

  /** How many calls changed something or were refused since it was opened, and in how many transactions. */
  written(): { readonly calls: number; readonly transactions: number };

  /** How often it could not store or read something since it was opened, and why the last time. */
  failures(): Failures;

  /** Takes nothing more, and resolves when everything put before is durable. */
  close(): Promise<void>;
}

/** What has become of values; in the order in which it became so, this process's own among it. */
export interface ValueNews {
  /** `all`: there are no others in their space. */
  readonly by: "this process" | "another" | "all";
  /** JSON text by key; `undefined` for what was removed. */
  readonly values: ReadonlyMap<string, string | undefined>;
}

export interface Failures {
  readonly count: number;
  /** Why it can do nothing at the moment, where it cannot. */
  readonly now?: string;
  /** `at` in milliseconds since 1970. */
  readonly last?: { readonly at: number; readonly reason: string };
}

export type Change =
  | { readonly put: "channel"; readonly channel: StoredChannel }
  /** Forgets the channel, everybody in it and its archive. */
  | { readonly put: "no channel"; readonly key: number }
  | { readonly put: "participant"; readonly participant: StoredParticipant }
  /** Goes to the end of its archive; refused when the archive has its id already. */
  | { readonly put: "message"; readonly message: StoredMessage }
  /** Nick, `shown` and payload take the place of those of the message of its id; refused when there is none. */
  | { readonly put: "revision"; readonly message: StoredMessage }
  | Expiry
  /** Goes to the end of its node, and takes the place of the item of its id. */
  | { readonly put: "item"; readonly item: StoredItem }
  | { readonly put: "no item"; readonly channel: number; readonly node: string; readonly id: string }
  /** `value` is JSON text; `undefined` removes. */
  | { readonly put: "value"; readonly space: string; readonly key: string; readonly value: string | undefined };

/** Forgets the oldest messages of an archive: all up to the first that is neither too old nor one too many. */
export interface Expiry {
  readonly put: "expiry";
  readonly channel: number;
  readonly node: string;
  /** Those dated before, in milliseconds. */
  readonly before?: number;
  /** All but so many. */
  readonly keep?: number;
}

export interface StoredChannel {
  /** One number for each channel that ever was: a channel created anew under an old name has a new one. */
  readonly key: number;
  readonly name: string;
  readonly created: number;
  /** Ad hoc channels are never listed. */
  readonly listed: boolean;
  /** Everything else about the channel, as JSON text: owners, fields of info and config, what its promises require. */
  readonly state: string;
}

export interface FoundChannel {
  readonly channel: StoredChannel;
  readonly participants: StoredParticipant[];
  /** Whether anybody has ever left it. */
  readonly wasLeft: boolean;
}

export interface ListedChannel {
  readonly channel: StoredChannel;
  /** Whether the JID in question is in it. */
  readonly here: boolean;
}

export interface CountedChannel {
  readonly channel: StoredChannel;
  /** How many are in it. */
  readonly here: number;
}

export interface StoredParticipant {
  readonly channel: number;
  /** Stable Participant ID: never given to anybody else, kept after a leave. */
  readonly id: string;
  /** Bare JID. */
  readonly jid: string;
  /** False for one who left. */
  readonly here: boolean;
  /** Everything else, as JSON text: nick, generation, subscriptions, delivery, preferences. */
  readonly state: string;
}

export interface StoredMessage {
  readonly channel: number;
  readonly node: string;
  /** The archive id (XEP-0313), unique within the channel. */
  readonly id: string;
  readonly at: number;
  /** The sender's Stable Participant ID: an archive holds no JID. */
  readonly sender: string;
  readonly nick: string;
  /** Whether the sender's JID was shown when this was said. */
  readonly shown: boolean;
  /** The children of the message as XML text, without `<mix/>`. */
  readonly payload: string;
}

/** An item of a node whose plugin keeps its items. */
export interface StoredItem {
  readonly channel: number;
  readonly node: string;
  /** Unique within the node. */
  readonly id: string;
  /** Whatever the plugin keeps under the id. */
  readonly payload: string;
}

/** The messages kept of one node of a channel. */
export interface StoredArchive {
  readonly key: number;
  readonly channel: StoredChannel;
  readonly node: string;
  readonly count: number;
  /** When the first of them was said. */
  readonly oldest: number;
}

export interface Mark {
  readonly id: string;
  readonly at: number;
}

export interface HistoryQuery {
  readonly channel: number;
  readonly node: string;
  /** Inclusive, milliseconds. */
  readonly start?: number;
  readonly end?: number;
  readonly sender?: string;
  /** Only those at which the sender's JID was shown, or was not. */
  readonly shown?: boolean;
  /** Only these archive ids. An unknown one makes the answer "no such message". */
  readonly ids?: readonly string[];
  /** Exclusive bounds of the whole result set (XEP-0313 §4.1.5: before-id, after-id). */
  readonly afterId?: string;
  readonly beforeId?: string;
  /** The page within the result set (XEP-0059); `before: ""` is the last page. */
  readonly after?: string;
  readonly before?: string;
  readonly max: number;
}

/**
 * `count` is the size of the whole result set, `index` the place of the page's first message in it, from 0 (0 for an
 * empty page), both `undefined` where it would take long to count; `complete` that nothing follows in the direction
 * asked: a page has fewer messages than asked for when they are large. `"no such message"`: an id in `ids`, `after`,
 * `before`, `afterId` or `beforeId` is not in the archive.
 */
export type HistoryPage =
  | {
      readonly messages: StoredMessage[];
      readonly count: number | undefined;
      readonly index: number | undefined;
      readonly complete: boolean;
    }
  | "no such message";
