import { findArchive, lastPlace } from "./archives.ts";
import type { Driver } from "./driver.ts";
import { refuseLongKey } from "./keys.ts";
import type { Change, Expiry, StoredChannel, StoredItem, StoredMessage, StoredParticipant } from "./store.ts";
import { StoreError } from "./store-error.ts";
import { subject } from "./subject.ts";
import { isPassing, reason } from "./trouble.ts";

export type Write = Change | { readonly put: "new channel"; readonly channel: Omit<StoredChannel, "key"> };
/** What a write answers: the key of a new channel, or that its name is taken. */
export type Outcome = number | "taken" | undefined;

/** Where an archive ends. */
interface Tail {
  readonly archive: number;
  place: number;
  at: number;
}

const MOST_TAILS = 10_000;

/** Carries out changes, inside the caller's transaction. */
export class Changes {
  #db: Driver;
  #tails = new Map<number, Map<string, Tail>>();

  constructor(db: Driver) {
    this.#db = db;
  }

  /** To be called after a rollback: what was remembered may never have happened. */
  forget(): void {
    this.#tails.clear();
  }

  apply(write: Write): Outcome {
    refuseLongKey(write);
    try {
      return this.#apply(write);
    } catch (error) {
      throw new StoreError(`Cannot store the ${subject(write)}: ${reason(error)}.`, {
        cause: error,
        isPassing: isPassing(error),
      });
    }
  }

  #apply(write: Write): Outcome {
    switch (write.put) {
      case "message":
        return this.#append(write.message);
      case "revision":
        return this.#revise(write.message);
      case "expiry":
        return this.#expire(write);
      case "item":
        return this.#item(write.item);
      case "no item":
        return this.#noItem(write.channel, write.node, write.id);
      case "participant":
        return this.#participant(write.participant);
      case "value":
        return this.#value(write.space, write.key, write.value);
      case "channel":
        return this.#channel(write.channel);
      case "no channel":
        this.#db.run("delete from channels where key = ?", write.key);
        this.#tails.delete(write.key);
        return;
      case "new channel":
        return this.#create(write.channel);
    }
  }

  #append(message: StoredMessage): undefined {
    const { id, at, sender, nick, shown, payload } = message;
    const tail = this.#tail(message.channel, message.node);
    this.#db.run(
      "insert into messages (archive, place, id, at, sender, nick, shown, payload) values (?, ?, ?, ?, ?, ?, ?, ?)",
      ...[tail.archive, tail.place + 1, id, at, sender, nick, shown, payload],
    );
    tail.place++;
    if (at < tail.at)
      this.#db.run(
        "update archives set ceiling = max(coalesce(ceiling, ?), ?) where key = ?",
        ...[tail.at, tail.at, tail.archive],
      );
    tail.at = at;
  }

  #tail(channel: number, node: string): Tail {
    let nodes = this.#tails.get(channel);
    const known = nodes?.get(node);
    if (known) return known;
    const tail = this.#readTail(channel, node);
    if (!nodes) {
      if (this.#tails.size >= MOST_TAILS) this.#tails.clear();
      this.#tails.set(channel, (nodes = new Map()));
    }
    nodes.set(node, tail);
    return tail;
  }

  #readTail(channel: number, node: string): Tail {
    this.#db.run("insert into archives (channel, node) values (?, ?) on conflict do nothing", channel, node);
    const { key, floor } = findArchive(this.#db, channel, node);
    const [last] = this.#db.all("select place, at from messages where archive = ? order by place desc limit 1", key);
    return {
      archive: key,
      // Of an archive that was swept out nothing is left to count from.
      place: (last?.place ?? floor) as number,
      at: (last?.at ?? Number.NEGATIVE_INFINITY) as number,
    };
  }

  #revise({ channel, node, id, nick, shown, payload }: StoredMessage): undefined {
    const { key, floor } = findArchive(this.#db, channel, node);
    const found = this.#db.run(
      "update messages set nick = ?, shown = ?, payload = ? where archive = ? and id = ? and +place > ?",
      ...[nick, shown, payload, key, id, floor],
    );
    if (!found) throw new Error("there is no such message");
  }

  /** Raises the floor: what lies below is forgotten at once, and swept out later. */
  #expire({ channel, node, before, keep }: Expiry): undefined {
    const { key, floor } = findArchive(this.#db, channel, node);
    const last = lastPlace(this.#db, key, floor);
    const tooOld = before === undefined ? floor : firstSince(this.#db, key, floor, before, last + 1) - 1;
    const tooMany = keep === undefined ? floor : last - keep;
    const raised = Math.max(tooOld, tooMany);
    if (raised > floor) this.#db.run("update archives set floor = ? where key = ?", raised, key);
  }

  #item({ channel, node, id, payload }: StoredItem): undefined {
    this.#noItem(channel, node, id);
    this.#db.run("insert into items (channel, node, id, payload) values (?, ?, ?, ?)", channel, node, id, payload);
  }

  #noItem(channel: number, node: string, id: string): undefined {
    this.#db.run("delete from items where channel = ? and node = ? and id = ?", channel, node, id);
  }

  #participant({ channel, id, jid, here, state }: StoredParticipant): undefined {
    this.#db.run(
      `insert into participants (channel, id, jid, here, state) values (?, ?, ?, ?, ?)
       on conflict (channel, id) do update set jid = excluded.jid, here = excluded.here, state = excluded.state`,
      ...[channel, id, jid, here, state],
    );
  }

  #value(space: string, key: string, value: string | undefined): undefined {
    if (value === undefined) this.#db.run("delete from plugin_values where space = ? and key = ?", space, key);
    else
      this.#db.run(
        `insert into plugin_values (space, key, value) values (?, ?, ?)
         on conflict (space, key) do update set value = excluded.value`,
        ...[space, key, value],
      );
  }

  #channel({ key, name, created, listed, state }: StoredChannel): undefined {
    const found = this.#db.run(
      "update channels set name = ?, created = ?, listed = ?, state = ? where key = ?",
      ...[name, created, listed, state, key],
    );
    if (!found) throw new Error("there is no such channel");
  }

  #create({ name, created, listed, state }: Omit<StoredChannel, "key">): number | "taken" {
    const [row] = this.#db.all(
      `insert into channels (name, created, listed, state) values (?, ?, ?, ?)
       on conflict (name) do nothing returning key`,
      ...[name, created, listed, state],
    );
    return row ? (row.key as number) : "taken";
  }
}

/** The place of the first message above the floor that is dated then or later, or else `otherwise`. */
function firstSince(db: Driver, archive: number, floor: number, at: number, otherwise: number): number {
  const [first] = db.all(
    "select place from messages where archive = ? and place > ? and at >= ? order by place limit 1",
    ...[archive, floor, at],
  );
  return (first?.place ?? otherwise) as number;
}
