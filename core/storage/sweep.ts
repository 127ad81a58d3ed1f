import type { Driver } from "./driver.ts";
import { transaction } from "./transaction.ts";

/** Few enough that whatever waits behind them waits for milliseconds. */
const CHUNK = 250;

/** Removes some messages of channels that are gone. Returns whether there is more to do. */
export function sweep(db: Driver): boolean {
  const [archive] = db.all("select key from archives where channel is null limit 1");
  if (!archive) return false;
  const { key } = archive;
  transaction(db, () => {
    const removed = db.run(
      "delete from messages where rowid in (select rowid from messages where archive = ? limit ?)",
      ...[key, CHUNK],
    );
    if (removed < CHUNK) db.run("delete from archives where key = ?", key);
  });
  return true;
}
