import type { Driver } from "./driver.ts";

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
