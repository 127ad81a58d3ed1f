import { closeSync, mkdirSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { type Driver, openDriver } from "./driver.ts";
import { migrate } from "./migrations.ts";
import { StoreError } from "./store-error.ts";
import { isLocked, reason } from "./trouble.ts";

/** Versions of the schema: found, and now; and the file in which the database is kept as it was, if it was changed. */
export interface Schema {
  readonly from: number;
  readonly to: number;
  readonly copy: string | undefined;
}

export interface Opened {
  readonly db: Driver;
  readonly schema: Schema;
  close(): void;
}

/** Opens or creates the database at `path`, an absolute path or ":memory:", for this process alone. */
export function openDatabase(path: string): Opened {
  if (path === ":memory:") return prepare(path);
  makeFolder(dirname(path));
  makeFile(path);
  const lock = takeLock(path);
  try {
    return prepare(path, lock);
  } catch (error) {
    lock.close();
    throw cannotOpen(path, error);
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new StoreError(`Cannot create the folder ${folder} for the database: ${reason(error)}.`, { cause: error });
  }
}

/** The database knows who is behind which mask: nobody but its owner may read it. SQLite's other files follow suit. */
function makeFile(path: string): void {
  try {
    closeSync(openSync(path, "a", 0o600));
  } catch (error) {
    throw cannotOpen(path, error);
  }
}

/**
 * Holds a lock of the operating system's on a file beside the database: it goes with the process, however that ends.
 * On the database itself it would also shut out the operator's backup.
 */
function takeLock(path: string): Driver {
  let lock: Driver | undefined;
  try {
    lock = openDriver(`${path}-lock`);
    lock.exec("begin exclusive");
    return lock;
  } catch (error) {
    lock?.close();
    const inUse = "Another Masque is using it; stop that one, or give this one a database of its own.";
    throw cannotOpen(path, error, isLocked(error) ? inUse : undefined);
  }
}

function prepare(path: string, lock?: Driver): Opened {
  const db = openDriver(path);
  try {
    // FULL: what was acknowledged survives a power cut. What is deleted is overwritten: it was said to be forgotten.
    // The time-out is for an operator's sqlite3, not for another Masque.
    db.exec(`
      pragma busy_timeout = 5000;
      pragma journal_mode = wal;
      pragma synchronous = full;
      pragma secure_delete = on;
      pragma foreign_keys = on;
      pragma cache_size = -32768;
    `);
    let copy: string | undefined;
    const versions = migrate(db, (version) => {
      if (path !== ":memory:") copy = keepCopy(db, `${path}.schema-${version}`);
    });
    const schema = { ...versions, copy };
    const close = () => {
      db.close();
      lock?.close();
    };
    return { db, schema, close };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Keeps the database as it is in a file of its own, which a Masque of that time can open. */
function keepCopy(db: Driver, copy: string): string {
  const part = `${copy}.part`;
  try {
    rmSync(part, { force: true });
    closeSync(openSync(part, "wx", 0o600));
    db.run("vacuum into ?", part);
    renameSync(part, copy);
    return copy;
  } catch (error) {
    rmSync(part, { force: true });
    const what = `It must be brought to a new schema, and ${copy} could not be written to keep it as it is`;
    throw new StoreError(`${what}: ${reason(error)}.`, { cause: error });
  }
}

export function cannotOpen(path: string, error: unknown, why = sentence(reason(error))): StoreError {
  return new StoreError(`Cannot open the database ${path}. ${why}`, { cause: error });
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1) + (words.endsWith(".") ? "" : ".");
}
