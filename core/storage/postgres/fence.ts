import type { Change } from "../store.ts";
import { StoreError } from "../store-error.ts";
import { type Session, TOPIC } from "./session.ts";

type Put = Extract<Change, { readonly put: "value" }>;

/** What a process tells the others of a value it has stored. */
export interface Told {
  /** The number of the process. */
  readonly by: number;
  readonly space: string;
  readonly key: string;
  /** JSON text; none where it was removed, or is too long to be told. */
  readonly value?: string;
  readonly isLong?: true;
}

/** PostgreSQL's notifications carry less than 8000 bytes. */
const LONGEST = 7900;

/**
 * Keeps a process to its own channels: one that is not its own any more is changed by nobody else in the same moment, for
 * only who owns a channel gives it away, and who is dead holds no lock by the session that writes.
 */
export class Fence {
  readonly #process: number;

  constructor(process: number) {
    this.#process = process;
  }

  /** @throws StoreError when one of these channels is another process's */
  async check(db: Session, keys: readonly number[]): Promise<void> {
    const [row] = await db.all(
      `select 1 from unnest($1::bigint[]) as touched (channel) left join owners using (channel)
       where process is distinct from $2 limit 1`,
      ...[keys, this.#process],
    );
    if (row) throw new StoreError("The channel is served by another process now, so nothing of it is stored here.");
  }

  /** A channel that was just created is this process's own. */
  async begin(db: Session, key: number): Promise<void> {
    await db.run("insert into owners (channel, process) values ($1, $2)", key, this.#process);
  }

  async end(db: Session, key: number): Promise<void> {
    await db.run("delete from owners where channel = $1", key);
  }

  /** Tells the other processes what becomes of these values, once it is so. */
  async tell(db: Session, puts: readonly Put[]): Promise<void> {
    const news = puts.map(({ space, key, value }) => {
      const told: Told = { by: this.#process, space, key, ...(value !== undefined && { value }) };
      const text = JSON.stringify(told);
      if (Buffer.byteLength(text) <= LONGEST) return text;
      return JSON.stringify({ by: this.#process, space, key, isLong: true } satisfies Told);
    });
    await db.all(`select pg_notify(${TOPIC}, news) from unnest($1::text[]) as told (news)`, news);
  }
}
