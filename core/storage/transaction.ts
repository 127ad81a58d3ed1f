import type { Driver } from "./driver.ts";

/** Runs `work` in one transaction, which is undone when it throws. */
export function transaction<T>(db: Driver, work: () => T): T {
  db.exec("begin immediate");
  try {
    const result = work();
    db.exec("commit");
    return result;
  } catch (error) {
    try {
      db.exec("rollback");
    } catch {
      // After a full disk or an I/O error SQLite has rolled back by itself, and there is nothing left to undo.
    }
    throw error;
  }
}
