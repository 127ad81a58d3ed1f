import pg from "pg";

/** What a parameter takes; a list is for `unnest` and `any`. */
export type Value = string | number | boolean | null | undefined | readonly (string | number | boolean | null)[];
export type Row = Record<string, string | number | boolean | null>;

/** How long a server may take to let us in. */
const PATIENCE = 10_000;
/** What takes a server so long, in milliseconds, it is to give up, and says so. */
const LONGEST = 20_000;
/** A connection that answers nothing for so long is hung, and is given up; `query_timeout` in the URL comes first. */
const SILENCE = 25_000;
/** As long as a timer can. */
const FOR_EVER = 2 ** 31 - 1;

/**
 * There is an index, in the order asked for, for whatever is read here. Before its statistics catch up with what was
 * written lately PostgreSQL would rather read half an archive and sort it for the sake of one page.
 */
const PLANS = "set enable_seqscan = off; set enable_bitmapscan = off; set enable_sort = off; set jit = off";

/** A server that hears nothing more of us is to let go of the lock within half a minute, not after hours. */
const SAFEGUARDS = `
  set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3;
  set tcp_user_timeout = 25000;
  select set_config('statement_timeout', '${LONGEST}', false) where current_setting('statement_timeout') = '0'`;

/** What the processes of one database, or one schema of it, notify one another by: SQL for its name. */
export const TOPIC = "left('masque ' || current_schema(), 60)";

const INT8 = 20;
const types: pg.CustomTypesConfig = {
  // Keys, places and times all fit into a number; the driver gives text, lest they do not.
  getTypeParser: (oid: number, format?: unknown) =>
    oid === INT8 ? Number : pg.types.getTypeParser(oid, format as "text"),
};

/** One connection to PostgreSQL. Each statement is prepared once; parameters are $1, $2, in order. */
export class Session {
  readonly #client: pg.Client;
  readonly #names = new Map<string, string>();
  #backend = 0;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  /** @param lost called once, when the connection ends by itself, also after an error of it */
  static async open(url: string, lost: (error: Error) => void): Promise<Session> {
    const client = new pg.Client({
      connectionString: url,
      fallback_application_name: "masque",
      connectionTimeoutMillis: PATIENCE,
      query_timeout: SILENCE,
      keepAlive: true,
      pipeline: true,
      types,
    });
    let cause = new Error("The connection was closed");
    client.on("error", (error) => {
      cause = error;
    });
    await client.connect();
    client.once("end", () => lost(cause));
    const session = new Session(client);
    await session.exec(`${PLANS}; ${SAFEGUARDS}`);
    const [row] = await session.all("select pg_backend_pid() as backend");
    session.#backend = row!.backend as number;
    return session;
  }

  /** The number of the server's own process at the other end. */
  get backend(): number {
    return this.#backend;
  }

  /** Hears of what others notify it of from now on, and of what was committed before any statement that it is given. */
  async listen(heard: (text: string) => void): Promise<void> {
    this.#client.on("notification", ({ payload = "" }) => heard(payload));
    const [row] = await this.all(`select format('listen %I', ${TOPIC}) as command`);
    await this.exec(row!.command as string);
  }

  /** Runs statements without parameters, separated by semicolons. */
  async exec(sql: string): Promise<void> {
    await this.#client.query(sql).catch((error) => this.#fail(error));
  }

  /** The same inside a transaction, for what may take as long as it takes. */
  async work(sql: string): Promise<void> {
    const text = `set local statement_timeout = 0; ${sql}`;
    await this.#client.query({ text, query_timeout: FOR_EVER } as pg.QueryConfig).catch((error) => this.#fail(error));
  }

  /** Returns the number of rows changed. */
  async run(sql: string, ...values: Value[]): Promise<number> {
    return (await this.#query(sql, values)).rowCount ?? 0;
  }

  async all(sql: string, ...values: Value[]): Promise<Row[]> {
    return (await this.#query(sql, values)).rows;
  }

  async end(): Promise<void> {
    this.#client.removeAllListeners("end");
    await this.#client.end();
  }

  #query(sql: string, values: Value[]): Promise<pg.QueryResult<Row>> {
    let name = this.#names.get(sql);
    if (!name) this.#names.set(sql, (name = `masque_${this.#names.size}`));
    return this.#client.query<Row>({ name, text: sql, values }).catch((error) => this.#fail(error));
  }

  #fail(error: Error): never {
    const isRefused = error instanceof pg.DatabaseError && !["FATAL", "PANIC"].includes(error.severity ?? "");
    if (isRefused) throw error;
    // Who is silent would not hear a goodbye either.
    this.#client.connection.stream.destroy();
    throw new Lost(`The connection to the database is lost: ${error.message}`, { cause: error });
  }
}

/** A time as a bigint: the next whole millisecond, and for infinity the last there can be. */
export function wholeTime(at: number): number {
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Math.ceil(at)));
}

/** The connection ended under a statement, so that nobody knows what came of it. */
export class Lost extends Error {
  override readonly name = "Lost";
}
