import type { Driver } from "./driver.ts";
import { transaction } from "./transaction.ts";

/** Few enough that whatever waits behind them waits for milliseconds. */
const CHUNK = 250;

/** Removes some messages of channels that are gone, or some that were forgotten. Returns whether there is more to do. */
export function sweep(db: Driver): boolean {
  const [archive] = db.all(
    `select key, channel, floor from archives where channel is null
     union all select key, channel, floor from archives where floor > swept limit 1`,
  );
  if (!archive) return false;
  const { key, channel, floor } = archive;
  const isGone = channel === null;
  transaction(db, () => {
    const removed = db.run(
      "delete from messages where rowid in (select rowid from messages where archive = ? and place <= ? limit ?)",
      ...[key, isGone ? Number.MAX_SAFE_INTEGER : floor, CHUNK],
    );
    if (removed === CHUNK) return;
    db.run(isGone ? "delete from archives where key = ?" : "update archives set swept = floor where key = ?", key);
  });
  return true;
}
