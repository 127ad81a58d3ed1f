import type { Session } from "./session.ts";
import { transaction } from "./transaction.ts";

/** Few enough that whatever waits behind them waits for milliseconds. */
const CHUNK = 500;

/** Removes some messages of channels that are gone, or some that were forgotten. Returns whether there is more to do. */
export async function sweep(db: Session): Promise<boolean> {
  const [archive] = await db.all(
    `(select key, floor, true as is_gone from archives where channel is null limit 1)
     union all (select key, floor, false from archives where floor > swept limit 1) limit 1`,
  );
  if (!archive) return false;
  const { key, floor, is_gone: isGone } = archive;
  await transaction(db, async () => {
    const removed = await db.run(
      `delete from messages where archive = $1 and place in (
         select place from messages where archive = $1 and place <= $2 order by place limit $3)`,
      ...[key, isGone ? Number.MAX_SAFE_INTEGER : floor, CHUNK],
    );
    if (removed === CHUNK) return;
    await db.run(
      isGone ? "delete from archives where key = $1" : "update archives set swept = floor where key = $1",
      key,
    );
  });
  return true;
}
