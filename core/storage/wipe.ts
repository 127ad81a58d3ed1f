import type { Driver } from "./driver.ts";

/**
 * Empties the log beside the database, which else keeps what was written lately as it was then, also what has been
 * taken back since. Returns false when somebody still reads from it, such as an operator's backup.
 */
export function wipe(db: Driver): boolean {
  // Everybody would wait with us.
  db.exec("pragma busy_timeout = 0");
  try {
    const [row] = db.all("pragma wal_checkpoint(truncate)");
    return row?.busy === 0;
  } finally {
    db.exec("pragma busy_timeout = 5000");
  }
}
