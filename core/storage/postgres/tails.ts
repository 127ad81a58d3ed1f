import type { StoredMessage } from "../store.ts";
import type { Session } from "./session.ts";

/** Where an archive ends. */
interface Tail {
  readonly archive: number;
  place: number;
  at: number;
}

const MOST = 10_000;

/** The ends of the archives that were written to lately, at which messages are put. */
export class Tails {
  readonly #db: Session;
  readonly #known = new Map<string, Tail>();
  #isStale = false;

  constructor(db: Session) {
    this.#db = db;
  }

  forget(): void {
    this.#known.clear();
  }

  /** Another process may write from now on to what this one has written to: what is known is not to be built upon. */
  distrust(): void {
    this.#isStale = true;
  }

  /** Puts messages at the ends of their archives, in their order, in one statement. */
  async append(messages: readonly StoredMessage[]): Promise<void> {
    if (this.#isStale) this.forget();
    this.#isStale = false;
    await this.#learn(messages);
    const ceilings = new Map<number, number>();
    const rows: (string | number | boolean)[][] = [];
    for (const { channel, node, id, at, sender, nick, shown, payload } of messages) {
      const tail = this.#known.get(named(channel, node))!;
      if (at < tail.at) ceilings.set(tail.archive, Math.max(tail.at, ceilings.get(tail.archive) ?? tail.at));
      tail.place++;
      tail.at = at;
      rows.push([tail.archive, tail.place, id, at, sender, nick, shown, payload]);
    }
    await this.#db.run(
      `insert into messages (archive, place, id, at, sender, nick, shown, payload)
       select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::text[],
         $7::boolean[], $8::text[])`,
      ...rows[0]!.map((_, column) => rows.map((row) => row[column]!)),
    );
    if (ceilings.size === 0) return;
    await this.#db.run(
      `update archives a set ceiling = greatest(a.ceiling, c.at)
       from unnest($1::bigint[], $2::bigint[]) as c (key, at) where a.key = c.key`,
      ...[[...ceilings.keys()], [...ceilings.values()]],
    );
  }

  /** Looks up the ends that are not known yet, and begins the archives that do not exist. */
  async #learn(messages: readonly StoredMessage[]): Promise<void> {
    if (this.#known.size >= MOST) this.#known.clear();
    const unknown = new Map<string, StoredMessage>();
    for (const message of messages) {
      const name = named(message.channel, message.node);
      if (!this.#known.has(name)) unknown.set(name, message);
    }
    if (unknown.size === 0) return;
    const channels = [...unknown.values()].map(({ channel }) => channel);
    const nodes = [...unknown.values()].map(({ node }) => node);
    await this.#db.run(
      "insert into archives (channel, node) select * from unnest($1::bigint[], $2::text[]) on conflict do nothing",
      ...[channels, nodes],
    );
    const rows = await this.#db.all(
      // Of an archive that was swept out nothing is left to count from but its floor.
      `select a.channel, a.node, a.key, coalesce(m.place, a.floor) as place, m.at
       from unnest($1::bigint[], $2::text[]) as asked (channel, node) join archives a using (channel, node)
         left join lateral (select place, at from messages where archive = a.key order by place desc limit 1) m on true`,
      ...[channels, nodes],
    );
    for (const { channel, node, key, place, at } of rows)
      this.#known.set(named(channel as number, node as string), {
        archive: key as number,
        place: place as number,
        at: (at ?? Number.NEGATIVE_INFINITY) as number,
      });
  }
}

/** No text with a NUL is stored. */
function named(channel: number, node: string): string {
  return `${channel}\0${node}`;
}
