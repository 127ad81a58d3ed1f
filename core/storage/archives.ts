import type { Driver } from "./driver.ts";
import type { StoredArchive } from "./store.ts";

/** The messages of one node of a channel, kept in the order of their places. */
export interface Archive {
  readonly key: number;
  /** Messages dated later than this lie in the order of their dates; all do when it is null. */
  readonly ceiling: number | null;
  /** Messages at this place and below are forgotten, whether they are swept out yet or not. */
  readonly floor: number;
}

const NONE: Archive = { key: 0, ceiling: null, floor: 0 };

/** The archive of a node; one without messages where there is none. */
export function findArchive(db: Driver, channel: number, node: string): Archive {
  const [row] = db.all("select key, ceiling, floor from archives where channel = ? and node = ?", channel, node);
  return (row as unknown as Archive | undefined) ?? NONE;
}

/** The place of the last message of an archive; its floor, where there is none above it. */
export function lastPlace(db: Driver, archive: number, floor: number): number {
  const [row] = db.all("select max(place) as place from messages where archive = ?", archive);
  return Math.max(floor, (row?.place ?? 0) as number);
}

/** Archives that hold something, in the order of their keys. */
export function archives(db: Driver, after: number, limit: number): StoredArchive[] {
  const rows = db.all(
    `select a.key as archive, a.node, c.key, c.name, c.created, c.listed, c.state,
       (select at from messages where archive = a.key and place > a.floor order by place limit 1) as oldest,
       (select max(place) from messages where archive = a.key) - a.floor as count
     from archives a join channels c on c.key = a.channel
     where a.key > ? and oldest is not null order by a.key limit ?`,
    ...[after, limit],
  );
  return rows.map(({ archive, node, oldest, count, listed, ...channel }) => {
    const parts = { key: archive, node, oldest, count, channel: { ...channel, listed: listed === 1 } };
    return parts as unknown as StoredArchive;
  });
}
