import { type Archive, findArchive, lastPlace } from "./archives.ts";
import type { Driver, Row, Value } from "./driver.ts";
import type { HistoryPage, HistoryQuery, Mark, StoredMessage } from "./store.ts";

interface MessageRow extends Omit<StoredMessage, "channel" | "node" | "shown"> {
  readonly place: number;
  readonly shown: number;
}

/** The messages a query asks for: a span of places in an archive, both ends included, and what else must hold. */
interface Span {
  readonly archive: number;
  readonly low: number;
  readonly high: number;
  readonly where: string;
  readonly values: readonly Value[];
}

/** Of what one sender said, so many are counted; and characters of payload in one page. */
export const MOST_COUNTED = 10_000;
const LARGEST_PAGE = 1024 * 1024;

/**
 * One page of an archive (XEP-0313, XEP-0059). Its cost does not grow with the archive, nor with what a sender said, but
 * with what was said before a clock was set back if that is asked for by time.
 */
export function history(db: Driver, query: HistoryQuery): HistoryPage {
  const { channel, node, after, before, max } = query;
  const archive = findArchive(db, channel, node);
  const places = find(db, archive, query);
  if (!places) return "no such message";

  const all = resultSet(db, archive, query, places);
  const page = {
    ...all,
    low: after === undefined ? all.low : Math.max(all.low, places.get(after)! + 1),
    high: before ? Math.min(all.high, places.get(before)! - 1) : all.high,
  };
  const isBackwards = before !== undefined;
  // One more than asked for tells whether there are more.
  const rows = read(db, page, isBackwards ? "desc" : "asc", max + 1);
  const shown = pageOf(rows, max);
  const complete = shown.length === rows.length;
  if (isBackwards) shown.reverse();

  const size = count(db, all);
  const index = () => {
    if (!shown[0] || (page.low === all.low && !isBackwards)) return 0;
    if (page.high === all.high && isBackwards) return size && size - shown.length;
    return count(db, { ...all, high: (shown[0].place as number) - 1 });
  };
  return { messages: shown.map((row) => stored(row, query)), count: size, index: index(), complete };
}

/** The first and the last message of an archive (XEP-0313 §5.3). */
export function extent(db: Driver, channel: number, node: string): { first: Mark; last: Mark } | undefined {
  const { key, floor } = findArchive(db, channel, node);
  const end = (order: "asc" | "desc") =>
    db.all(
      `select id, at from messages where archive = ? and place > ? order by place ${order} limit 1`,
      ...[key, floor],
    )[0] as unknown as Mark | undefined;
  const first = end("asc");
  const last = end("desc");
  return first && last && { first, last };
}

/** The places of all messages a query names, or `undefined` when one of them is not in the archive. */
function find(db: Driver, { key, floor }: Archive, query: HistoryQuery): ReadonlyMap<string, number> | undefined {
  const { ids = [], after, before, afterId, beforeId } = query;
  // An empty `before` names no message: it asks for the last page (XEP-0059 §2.5).
  const named = [...ids, after, before || undefined, afterId, beforeId].filter((id) => id !== undefined);
  if (!named.length) return new Map();
  // The plus keeps SQLite from looking through all places instead.
  const rows = db.all(
    "select id, place from messages where archive = ? and +place > ? and id in (select value from json_each(?))",
    ...[key, floor, JSON.stringify(named)],
  );
  const places = new Map(rows.map(({ id, place }) => [id as string, place as number]));
  return named.every((id) => places.has(id)) ? places : undefined;
}

function resultSet(db: Driver, archive: Archive, query: HistoryQuery, places: ReadonlyMap<string, number>): Span {
  const { key, ceiling, floor } = archive;
  const { afterId, beforeId, start, end, sender, shown, ids } = query;
  let low = afterId === undefined ? floor + 1 : places.get(afterId)! + 1;
  let high = beforeId === undefined ? lastPlace(db, key, floor) : places.get(beforeId)! - 1;
  const conditions: string[] = [];
  const values: Value[] = [];
  const require = (condition: string, value: Value) => {
    conditions.push(` and ${condition}`);
    values.push(value);
  };

  if (ceiling === null || (start !== undefined && start > ceiling)) {
    if (start !== undefined) low = firstPlace(db, key, low, high, (at) => at >= start);
    if (end !== undefined) high = firstPlace(db, key, low, high, (at) => at > end) - 1;
  } else {
    if (start !== undefined) require("at >= ?", start);
    if (end !== undefined) require("at <= ?", end);
  }
  if (sender !== undefined) require("sender = ?", sender);
  if (shown !== undefined) require("shown = ?", shown);
  if (ids) require("place in (select value from json_each(?))", JSON.stringify(ids.map((id) => places.get(id))));
  return { archive: key, low, high, where: conditions.join(""), values };
}

/** The first place from `low` to `high` whose date passes, or the one after `high`; dates must not decrease. */
function firstPlace(db: Driver, archive: number, low: number, high: number, passes: (at: number) => boolean): number {
  let from = low;
  let to = high + 1;
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    const [row] = db.all("select at from messages where archive = ? and place = ?", archive, middle);
    if (passes(row!.at as number)) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** As many rows as fit a page: not more than asked for, nor than may be held in memory, but one at least. */
export function pageOf<R extends Readonly<Record<string, unknown>>>(rows: readonly R[], max: number): R[] {
  let size = 0;
  const isOver = (row: R, at: number) =>
    at === max || ((size += (row.payload as string).length) > LARGEST_PAGE && at > 0);
  const end = rows.findIndex(isOver);
  return end === -1 ? [...rows] : rows.slice(0, end);
}

function count(db: Driver, { archive, low, high, where, values }: Span): number | undefined {
  if (!where) return Math.max(0, high - low + 1);
  const found = `select 1 from messages where archive = ? and place between ? and ?${where} limit ?`;
  const [row] = db.all(`select count(*) as n from (${found})`, archive, low, high, ...values, MOST_COUNTED + 1);
  return counted(row!.n as number);
}

/** A number that may be told; what is counted one by one is counted to an end (XEP-0059 §2.7). */
export function counted(found: number): number | undefined {
  return found > MOST_COUNTED ? undefined : found;
}

function read(db: Driver, { archive, low, high, where, values }: Span, order: "asc" | "desc", limit: number): Row[] {
  const sql = `select place, id, at, sender, nick, shown, payload from messages
    where archive = ? and place between ? and ?${where} order by place ${order} limit ?`;
  return db.all(sql, archive, low, high, ...values, limit);
}

function stored(row: Row, { channel, node }: HistoryQuery): StoredMessage {
  const { place: _, shown, ...rest } = row as unknown as MessageRow;
  return { channel, node, ...rest, shown: shown === 1 };
}
