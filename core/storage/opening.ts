import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { type Driver, openDriver, resultCode } from "./driver.ts";
import { migrate } from "./migrations.ts";
import { StoreError } from "./store-error.ts";
import { reason } from "./trouble.ts";

export interface Opened {
  readonly db: Driver;
  /** Versions of the schema: found, and now. */
  readonly schema: { readonly from: number; readonly to: number };
  close(): void;
}

const BUSY = 5;

/** Opens or creates the database at `path`, an absolute path or ":memory:", for this process alone. */
export function openDatabase(path: string): Opened {
  if (path === ":memory:") return prepare(path);
  makeFolder(dirname(path));
  const lock = takeLock(path);
  try {
    // The database knows who is behind which mask: nobody but its owner may read it. SQLite's other files follow suit.
    closeSync(openSync(path, "a", 0o600));
    return prepare(path, lock);
  } catch (error) {
    lock.close();
    throw new StoreError(`Cannot open the database ${path}. ${sentence(reason(error))}`, { cause: error });
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new StoreError(`Cannot create the folder ${folder} for the database: ${reason(error)}.`, { cause: error });
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
    const why =
      resultCode(error) === BUSY
        ? "Another Masque is using it; stop that one, or give this one a database of its own."
        : sentence(reason(error));
    throw new StoreError(`Cannot open the database ${path}. ${why}`, { cause: error });
  }
}

function prepare(path: string, lock?: Driver): Opened {
  const db = openDriver(path);
  try {
    // FULL: what was acknowledged survives a power cut. The time-out is for an operator's sqlite3, not for another Masque.
    db.exec(`
      pragma busy_timeout = 5000;
      pragma journal_mode = wal;
      pragma synchronous = full;
      pragma foreign_keys = on;
      pragma cache_size = -32768;
    `);
    const schema = migrate(db);
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

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1) + (words.endsWith(".") ? "" : ".");
}
