import { StoreError } from "../store-error.ts";
import { migrate, type Versions } from "./migrations.ts";
import type { Session } from "./session.ts";

export interface Prepared extends Versions {
  /** That this opening of the database began. */
  readonly epoch: number;
}

/** The first whose every statement used here is known. */
const OLDEST = 120_000;

/** Makes the database fit for use by this process alone, as long as this session lasts. */
export async function prepare(db: Session): Promise<Prepared> {
  await judge(db);
  await makeSafe(db);
  await takeLock(db);
  const versions = await migrate(db);
  const [row] = await db.all("update masque set epoch = epoch + 1 returning epoch");
  return { ...versions, epoch: row!.epoch as number };
}

/** The same after the connection was lost; throws a StoreError that does not pass when somebody else was there meanwhile. */
export async function resume(db: Session, epoch: number): Promise<void> {
  await makeSafe(db);
  await takeLock(db);
  const [row] = await db.all("select epoch from masque");
  if (row?.epoch === epoch) return;
  throw new StoreError(
    "The database was used by another Masque while the connection was lost: what this one remembers is no longer true. Start it again.",
  );
}

async function judge(db: Session): Promise<void> {
  const [row] = await db.all(
    `select current_setting('server_version_num')::int as version, current_setting('server_version') as name,
       current_setting('server_encoding') as encoding, current_schema() as schema`,
  );
  const { version, name, encoding, schema } = row!;
  if ((version as number) < OLDEST) throw new StoreError(`PostgreSQL ${name} is too old: Masque needs 12 or later.`);
  if (encoding !== "UTF8")
    throw new StoreError(
      `Its encoding is ${encoding}; create it anew by: createdb --encoding=UTF8 --template=template0 --owner=USER DATABASE`,
    );
  if (schema === null) throw new StoreError("The user's search_path names no schema that exists.");
}

/** What is acknowledged survives a power cut, unless the operator wants even more. */
async function makeSafe(db: Session): Promise<void> {
  await db.exec(
    "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'",
  );
}

/** "MASQ", so that the locks of other programs are not taken for ours. */
const LOCK = 0x4d415351;
/** The server may take a moment to notice that a Masque before this one is gone. */
const TRIES = 20;
const PAUSE = 100;

/** A lock that goes with the session, one for each schema of a database. */
async function takeLock(db: Session): Promise<void> {
  for (let i = 0; i < TRIES; i++) {
    const [row] = await db.all("select pg_try_advisory_lock($1, hashtext(current_schema())) as is_ours", LOCK);
    if (row!.is_ours) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  throw new StoreError("Another Masque is using it; stop that one, or give this one a database of its own.", {
    isPassing: true,
  });
}
