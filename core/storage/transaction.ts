import type { Driver } from "./driver.ts";

/** Runs `work` in one transaction, which is undone when it throws. */
export function transaction<T>(db: Driver, work: () => T): T {
  db.exec("begin immediate");
  let isWhole = false;
  try {
    const result = work();
    isWhole = true;
    db.exec("commit");
    return result;
  } catch (error) {
    try {
      db.exec("rollback");
    } catch {
      // After a full disk or an I/O error SQLite has rolled back by itself, and there is nothing left to undo.
    }
    if (isWhole) annul(db);
    throw error;
  }
}

/**
 * A commit that fails as the disk is to make it durable stands in the log as a whole, where the next start would take
 * it for true. What changes nothing is written over it.
 */
function annul(db: Driver): void {
  try {
    const [row] = db.all("pragma user_version");
    db.exec(`pragma user_version = ${row?.user_version}`);
  } catch {
    // It is written before it fails in the same way; or nothing can be written at all.
  }
}
