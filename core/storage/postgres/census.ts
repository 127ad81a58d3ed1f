import { setTimeout as sleep } from "node:timers/promises";
import type { Census, CensusListener, Member } from "../../cluster/census.ts";
import type { ValueNews } from "../store.ts";
import type { Told } from "./fence.ts";
import type { PostgresLine } from "./line.ts";
import { PLACE } from "./opening.ts";
import { Session, TOPIC } from "./session.ts";

/** How often a process says that it is there, in milliseconds. */
const BEAT = 2_000;
/** After so long without an answer it does nothing any more; others take over from one that is silent for longer still. */
const LEASE = 6_000;
/** Between two attempts to reach the database again. */
const PAUSE = 200;

type Heard = (news: ValueNews) => void;

interface Watch {
  readonly heard: Heard;
  /** All values of a space. */
  readonly read: () => Promise<ReadonlyMap<string, string>>;
}

/** The census in PostgreSQL, by a session of its own on which it also hears what the other processes notify. */
export class PostgresCensus implements Census {
  readonly number: number;
  readonly #url: string;
  readonly #line: PostgresLine;
  readonly #ending = new AbortController();
  readonly #watches = new Map<string, Set<Watch>>();
  #session: Session | undefined;
  #members: readonly Member[] = [];
  #listener: CensusListener = { changed: () => {}, deposed: () => {} };
  #beaten = performance.now();
  #looking: Promise<void> | undefined;
  #wasLapsed = false;
  #beat: Promise<void> = Promise.resolve();

  private constructor(url: string, number: number, line: PostgresLine) {
    this.#url = url;
    this.number = number;
    this.#line = line;
  }

  static async open(url: string, number: number, line: PostgresLine): Promise<PostgresCensus> {
    const census = new PostgresCensus(url, number, line);
    await census.#connect();
    await census.look();
    await census.#tell();
    census.#beat = census.#keepBeating();
    return census;
  }

  get members(): readonly Member[] {
    return this.#members;
  }

  get isLapsed(): boolean {
    return performance.now() - this.#beaten > LEASE;
  }

  listen(listener: CensusListener): void {
    this.#listener = listener;
  }

  /** @param read all values of the space, asked when some news may have been missed */
  watch(space: string, read: Watch["read"], heard: Heard): () => void {
    const watch = { read, heard };
    const all = this.#watches.get(space) ?? new Set();
    this.#watches.set(space, all.add(watch));
    return () => void all.delete(watch);
  }

  async ready(): Promise<void> {
    await this.#db.run("update processes set ready = true where number = $1", this.number);
    await this.#tell();
    await this.look();
  }

  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async claim(name: string): Promise<number | undefined> {
    const taken = await this.#db.all(
      `insert into owners as o (channel, process)
         select key, $2::bigint from channels where name = $1 union all select 0, $2::bigint where $1 = ''
       on conflict (channel) do update set process = excluded.process
         where o.process = $2 or not exists (select 1 from processes where number = o.process)
       returning process`,
      ...[name, this.number],
    );
    if (taken.length > 0) return this.number;
    const rows = await this.#db.all(
      `select process from owners
       where channel = (select key from channels where name = $1 union all select 0 where $1 = '')`,
      name,
    );
    return rows[0]?.process as number | undefined;
  }

  async give(name: string, to: number): Promise<void> {
    this.#line.distrust();
    await this.#db.run(
      `update owners set process = $3 where process = $2
         and channel = (select key from channels where name = $1 union all select 0 where $1 = '')`,
      ...[name, this.number, to],
    );
  }

  async depose(number: number, isHung: boolean): Promise<boolean> {
    const db = this.#db;
    if (isHung) await db.all("select pg_terminate_backend(backend) from processes where number = $1", number);
    const [row] = await db.all(`select pg_try_advisory_lock(${PLACE}, $1::int) as is_free`, number);
    if (!row!.is_free) return false;
    await db.run("delete from processes where number = $1", number);
    await db.all(`select pg_advisory_unlock(${PLACE}, $1::int)`, number);
    await this.#tell();
    await this.look();
    return true;
  }

  /** To be called while nothing is being written any more. */
  async close(): Promise<void> {
    this.#ending.abort();
    await this.#beat;
    const session = this.#session;
    this.#session = undefined;
    if (!session) return;
    await session.run("delete from processes where number = $1", this.number).catch(() => {});
    await session.all(`select pg_notify(${TOPIC}, '')`).catch(() => {});
    await session.end().catch(() => {});
  }

  get #db(): Session {
    if (!this.#session) throw new Error("The database is not connected.");
    return this.#session;
  }

  async #connect(): Promise<void> {
    const session = await Session.open(this.#url, () => {
      if (this.#session === session) this.#session = undefined;
    });
    await session.listen((text) => this.#hear(text));
    this.#session = session;
  }

  async #look(): Promise<void> {
    const asked = performance.now();
    const rows = await this.#db.all(
      `with mine as (update processes set beat = clock_timestamp() where number = $1 returning number)
       select p.number, address, ready, exists (select 1 from mine) as am_here,
         (extract(epoch from clock_timestamp() - beat) * 1000)::bigint as silent
       from processes p order by p.number`,
      this.number,
    );
    if (rows[0]?.am_here !== true) return this.#listener.deposed();
    this.#beaten = asked;
    const members = rows.map(({ am_here: _, ready, ...row }) => ({ ...row, isReady: ready }) as unknown as Member);
    const isSame = listed(members) === listed(this.#members);
    this.#members = members;
    if (!isSame || this.#wasLapsed) this.#listener.changed();
    this.#wasLapsed = false;
  }

  async #keepBeating(): Promise<void> {
    const { signal } = this.#ending;
    for (let pause = BEAT; ; ) {
      await sleep(pause, undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted) return;
      try {
        if (!this.#session) await this.#comeBack();
        await this.look();
        pause = BEAT;
      } catch {
        pause = PAUSE;
        if (this.isLapsed && !this.#wasLapsed) this.#listener.changed();
        this.#wasLapsed = this.isLapsed;
      }
    }
  }

  /** What was notified meanwhile was missed. */
  async #comeBack(): Promise<void> {
    await this.#connect();
    for (const watches of this.#watches.values()) for (const watch of watches) await readAll(watch);
  }

  #tell(): Promise<unknown> {
    return this.#db.all(`select pg_notify(${TOPIC}, '')`);
  }

  #hear(text: string): void {
    if (text === "") return void this.look().catch(() => {}); // the next beat looks again
    const { by, space, key, value, isLong } = JSON.parse(text) as Told;
    const isOwn = by === this.number;
    for (const watch of this.#watches.get(space) ?? []) {
      if (!isLong || isOwn) watch.heard({ by: isOwn ? "this process" : "another", values: new Map([[key, value]]) });
      else void readAll(watch).catch(() => {}); // the session is lost: all is read when it is back
    }
  }
}

function listed(members: readonly Member[]): string {
  return members.map(({ number, isReady }) => `${number} ${isReady}`).join();
}

async function readAll({ read, heard }: Watch): Promise<void> {
  heard({ by: "all", values: await read() });
}
