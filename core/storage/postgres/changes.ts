import type { Outcome, Write } from "../changes.ts";
import { refuseLongKey } from "../keys.ts";
import type { StoredChannel, StoredItem, StoredParticipant } from "../store.ts";
import { StoreError } from "../store-error.ts";
import { subject } from "../subject.ts";
import { expire, revise } from "./archives.ts";
import type { Fence } from "./fence.ts";
import { Lost, type Session } from "./session.ts";
import { Tails } from "./tails.ts";
import { isPassing, reason } from "./trouble.ts";

type Put<K extends Write["put"]> = Extract<Write, { readonly put: K }>;
/** Changes that can wait for others of their kind, to be made in one statement. */
type Patient = Put<"message" | "participant" | "item" | "no item" | "value">;

/** Carries out changes, inside the caller's transaction. */
export class Changes {
  readonly #db: Session;
  readonly #tails: Tails;
  /** By what they touch. Their order does not matter: no two touch the same. */
  readonly #gathered = new Map<string, Patient>();
  readonly #fence: Fence | undefined;
  /** Keys of the channels that are changed. */
  readonly #touched = new Set<number>();

  /** @param fence where several processes write, what keeps each to its own channels */
  constructor(db: Session, fence?: Fence) {
    this.#db = db;
    this.#tails = new Tails(db);
    this.#fence = fence;
  }

  /** What is known of the ends of archives is to be looked up anew: another process may write to them from now on. */
  distrust(): void {
    this.#tails.distrust();
  }

  /** To be called after a rollback: what was remembered may never have happened. */
  forget(): void {
    this.#gathered.clear();
    this.#touched.clear();
    this.#tails.forget();
  }

  /** It may be carried out only by the next `flush`. */
  async apply(write: Write): Promise<Outcome> {
    refuseNul(write);
    refuseLongKey(write);
    const key = this.#fence && channelOf(write);
    const touched = what(write);
    if (touched === undefined) {
      await this.flush();
      if (key !== undefined) this.#touched.add(key);
      return this.#told([write], async () => {
        await this.#checkFence();
        return this.#alone(write as Exclude<Write, Patient>);
      });
    }
    if (this.#gathered.has(touched)) await this.flush();
    if (key !== undefined) this.#touched.add(key);
    this.#gathered.set(touched, write as Patient);
    return undefined;
  }

  async flush(): Promise<void> {
    const gathered = [...this.#gathered.values()];
    this.#gathered.clear();
    const of = <K extends Patient["put"]>(...kinds: K[]) =>
      gathered.filter((write): write is Put<K> => (kinds as string[]).includes(write.put));
    const work = [
      this.#checkFence(),
      this.#together(of("message"), (puts) => this.#tails.append(puts.map(({ message }) => message))),
      this.#together(of("participant"), (puts) => this.#participants(puts.map(({ participant }) => participant))),
      this.#together(of("item", "no item"), (puts) => this.#items(puts)),
      this.#together(of("value"), (puts) => this.#values(puts)),
    ];
    // Until all have come to an end: whoever hears of one that failed rolls back.
    for (const result of await Promise.allSettled(work)) if (result.status === "rejected") throw result.reason;
  }

  async #checkFence(): Promise<void> {
    const touched = [...this.#touched];
    this.#touched.clear();
    if (touched.length > 0) await this.#fence?.check(this.#db, touched);
  }

  async #together<W extends Patient>(writes: W[], work: (writes: W[]) => Promise<void>): Promise<void> {
    if (writes.length > 0) await this.#told(writes, () => work(writes));
  }

  async #told<T>(writes: readonly Write[], work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Lost) throw error;
      const others = writes.length > 1 ? ` or one of ${writes.length - 1} beside it` : "";
      const text = `Cannot store the ${subject(writes[0]!)}${others}: ${reason(error)}.`;
      throw new StoreError(text, { cause: error, isPassing: isPassing(error) });
    }
  }

  async #alone(write: Exclude<Write, Patient>): Promise<Outcome> {
    switch (write.put) {
      case "revision":
        return revise(this.#db, write.message);
      case "expiry":
        return expire(this.#db, write);
      case "channel":
        return this.#channel(write.channel);
      case "no channel":
        await this.#db.run("delete from channels where key = $1", write.key);
        await this.#fence?.end(this.#db, write.key);
        this.#tails.forget();
        return undefined;
      case "new channel":
        return this.#create(write.channel);
    }
  }

  async #participants(list: readonly StoredParticipant[]): Promise<void> {
    await this.#db.run(
      `insert into participants (channel, id, jid, here, state)
       select * from unnest($1::bigint[], $2::text[], $3::text[], $4::boolean[], $5::text[])
       on conflict (channel, id) do update set jid = excluded.jid, here = excluded.here, state = excluded.state`,
      ...[list.map(({ channel }) => channel), list.map(({ id }) => id), list.map(({ jid }) => jid)],
      ...[list.map(({ here }) => here), list.map(({ state }) => state)],
    );
  }

  async #items(puts: readonly Put<"item" | "no item">[]): Promise<void> {
    const gone = puts.map((write) => (write.put === "item" ? write.item : write));
    await this.#db.run(
      `delete from items i using unnest($1::bigint[], $2::text[], $3::text[]) as gone (channel, node, id)
       where i.channel = gone.channel and i.node = gone.node and i.id = gone.id`,
      ...[gone.map(({ channel }) => channel), gone.map(({ node }) => node), gone.map(({ id }) => id)],
    );
    const items = puts.flatMap((write): StoredItem[] => (write.put === "item" ? [write.item] : []));
    if (items.length === 0) return;
    await this.#db.run(
      `insert into items (channel, node, id, payload)
       select channel, node, id, payload
       from unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) with ordinality
         as put (channel, node, id, payload, place) order by place`,
      ...[items.map(({ channel }) => channel), items.map(({ node }) => node)],
      ...[items.map(({ id }) => id), items.map(({ payload }) => payload)],
    );
  }

  async #values(puts: readonly Put<"value">[]): Promise<void> {
    const gone = puts.filter(({ value }) => value === undefined);
    if (gone.length > 0)
      await this.#db.run(
        `delete from plugin_values v using unnest($1::text[], $2::text[]) as gone (space, key)
         where v.space = gone.space and v.key = gone.key`,
        ...[gone.map(({ space }) => space), gone.map(({ key }) => key)],
      );
    const kept = puts.flatMap(({ space, key, value }) => (value === undefined ? [] : [{ space, key, value }]));
    await this.#fence?.tell(this.#db, puts);
    if (kept.length > 0)
      await this.#db.run(
        `insert into plugin_values (space, key, value) select * from unnest($1::text[], $2::text[], $3::text[])
         on conflict (space, key) do update set value = excluded.value`,
        ...[kept.map(({ space }) => space), kept.map(({ key }) => key), kept.map(({ value }) => value)],
      );
  }

  async #channel({ key, name, created, listed, state }: StoredChannel): Promise<undefined> {
    const found = await this.#db.run(
      "update channels set name = $2, created = $3, listed = $4, state = $5 where key = $1",
      ...[key, name, created, listed, state],
    );
    if (!found) throw new Error("there is no such channel");
  }

  async #create({ name, created, listed, state }: Omit<StoredChannel, "key">): Promise<number | "taken"> {
    const [row] = await this.#db.all(
      `insert into channels (name, created, listed, state) values ($1, $2, $3, $4)
       on conflict (name) do nothing returning key`,
      ...[name, created, listed, state],
    );
    if (!row) return "taken";
    await this.#fence?.begin(this.#db, row.key as number);
    return row.key as number;
  }
}

/** The channel whose order a change is a part of; what is forgotten may be forgotten by anybody. */
function channelOf(write: Write): number | undefined {
  switch (write.put) {
    case "message":
    case "revision":
      return write.message.channel;
    case "participant":
      return write.participant.channel;
    case "item":
      return write.item.channel;
    case "no item":
      return write.channel;
    case "channel":
      return write.channel.key;
    case "no channel":
      return write.key;
    default:
      return undefined;
  }
}

/** What a change touches, where it can wait; `undefined`, where it must be made by itself, after all before it. */
function what(write: Write): string | undefined {
  switch (write.put) {
    case "message":
      return place("message", write.message);
    case "participant":
      return place("participant", write.participant);
    case "item":
      return place("item", write.item);
    case "no item":
      return place("item", write);
    case "value":
      return ["value", write.space, write.key].join("\0");
    default:
      return undefined;
  }
}

function place(kind: string, { channel, node = "", id }: { channel: number; node?: string; id: string }): string {
  return [kind, channel, node, id].join("\0");
}

/** PostgreSQL takes none, and says so only once everything is sent. */
function refuseNul(write: Write): void {
  const { put: _, ...rest } = write;
  const parts = Object.values(rest).flatMap((part) => (typeof part === "object" ? Object.values(part) : [part]));
  if (!parts.some((part) => typeof part === "string" && part.includes("\0"))) return;
  throw new StoreError(`Cannot store the ${subject(write)}: a text in it contains a NUL.`);
}
