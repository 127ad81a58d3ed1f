import { StoreError } from "../store-error.ts";
import { isOld, migrate, type Versions } from "./migrations.ts";
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

/** The same as one of several processes, which others reach at this address; `epoch` is its number among them. */
export async function enlist(db: Session, address: string): Promise<Prepared> {
  await judge(db);
  await makeSafe(db);
  const versions = await upgrade(db);
  await takeLock(db, "shared");
  const [row] = await db.all(
    "insert into processes (address, backend) values ($1, pg_backend_pid()) returning number",
    address,
  );
  const number = row!.number as number;
  await holdPlace(db, number);
  return { ...versions, epoch: number };
}

/** Several may start at once: one of them brings the schema up to date, the others wait for it. */
async function upgrade(db: Session): Promise<Versions> {
  for (let i = 0; await isOld(db); i++) {
    const [row] = await db.all("select pg_try_advisory_lock($1, hashtext(current_schema())) as is_ours", LOCK);
    if (row!.is_ours) {
      const versions = await migrate(db);
      await db.exec("select pg_advisory_unlock_all()");
      return versions;
    }
    if (i === UPGRADE_TRIES)
      throw new StoreError("Processes of an older Masque are using it: stop all of them before the first of the new.");
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  return migrate(db);
}

/** The same after the connection was lost; throws a StoreError that does not pass when others have taken over meanwhile. */
export async function report(db: Session, number: number): Promise<void> {
  await makeSafe(db);
  await takeLock(db, "shared");
  await holdPlace(db, number);
  const found = await db.run("update processes set backend = pg_backend_pid() where number = $1", number);
  if (!found) throw new StoreError(DEPOSED);
}

export const DEPOSED =
  "Other processes have taken over from this one while it could not reach the database: what it remembers is no longer true. Start it again.";

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
/** Another of several may be at it. */
const UPGRADE_TRIES = 300;

/** A lock that goes with the session, one for each schema of a database; processes that serve one domain share it. */
async function takeLock(db: Session, kind?: "shared"): Promise<void> {
  const ask = `select pg_try_advisory_lock${kind ? "_shared" : ""}($1, hashtext(current_schema())) as is_ours`;
  if (await isGranted(db, ask, LOCK)) return;
  throw new StoreError(
    kind
      ? "Another Masque is using it that knows of no others: give each a [cluster] in its configuration, or stop that one."
      : "Another Masque is using it; stop that one, or give this one a database of its own.",
    { isPassing: true },
  );
}

/** The lock that says that a process can still write: one for each number. */
export const PLACE = "hashtext('masque process ' || current_schema())";

async function holdPlace(db: Session, number: number): Promise<void> {
  if (await isGranted(db, `select pg_try_advisory_lock(${PLACE}, $1::int) as is_ours`, number)) return;
  throw new StoreError("Its place among the processes is not free yet.", { isPassing: true });
}

async function isGranted(db: Session, ask: string, key: number): Promise<boolean> {
  for (let i = 0; i < TRIES; i++) {
    const [row] = await db.all(ask, key);
    if (row!.is_ours) return true;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  return false;
}
