import { counted, MOST_COUNTED, pageOf } from "../history.ts";
import type { HistoryPage, HistoryQuery, Mark, StoredMessage } from "../store.ts";
import { type Archive, findArchive } from "./archives.ts";
import { type Row, type Session, type Value, wholeTime } from "./session.ts";
import { snapshot } from "./transaction.ts";

/** The messages a query asks for: a span of places in an archive, both ends included, and what else must hold. */
interface Span {
  readonly archive: number;
  readonly low: number;
  readonly high: number;
  readonly where: string;
  readonly values: readonly Value[];
}

/**
 * One page of an archive (XEP-0313, XEP-0059). Its cost does not grow with the archive, nor with what a sender said, but
 * with what was said before a clock was set back if that is asked for by time.
 */
export function history(db: Session, query: HistoryQuery): Promise<HistoryPage> {
  return snapshot(db, () => read(db, query));
}

async function read(db: Session, query: HistoryQuery): Promise<HistoryPage> {
  const { channel, node, after, before, max } = query;
  const [archive, places] = await Promise.all([findArchive(db, channel, node), find(db, query)]);
  if (!places) return "no such message";

  const all = await resultSet(db, archive, query, places);
  const page = {
    ...all,
    low: after === undefined ? all.low : Math.max(all.low, places.get(after)! + 1),
    high: before ? Math.min(all.high, places.get(before)! - 1) : all.high,
  };
  const isBackwards = before !== undefined;
  // One more than asked for tells whether there are more.
  const [rows, size] = await Promise.all([rowsOf(db, page, isBackwards ? "desc" : "asc", max + 1), count(db, all)]);
  const shown = pageOf(rows, max);
  const complete = shown.length === rows.length;
  if (isBackwards) shown.reverse();

  const index = async () => {
    if (!shown[0] || (page.low === all.low && !isBackwards)) return 0;
    if (page.high === all.high && isBackwards) return size && size - shown.length;
    return count(db, { ...all, high: (shown[0].place as number) - 1 });
  };
  return { messages: shown.map((row) => stored(row, query)), count: size, index: await index(), complete };
}

/** The first and the last message of an archive (XEP-0313 §5.3). */
export async function extent(
  db: Session,
  channel: number,
  node: string,
): Promise<{ first: Mark; last: Mark } | undefined> {
  const end = (order: "asc" | "desc") =>
    db.all(
      `select m.id, m.at from archives a cross join lateral (
         select id, at from messages where archive = a.key and place > a.floor order by place ${order} limit 1
       ) as m where a.channel = $1 and a.node = $2`,
      ...[channel, node],
    );
  const [[first], [last]] = await snapshot(db, () => Promise.all([end("asc"), end("desc")]));
  return first && last && ({ first, last } as unknown as { first: Mark; last: Mark });
}

/** The places of all messages a query names, or `undefined` when one of them is not in the archive. */
async function find(db: Session, query: HistoryQuery): Promise<ReadonlyMap<string, number> | undefined> {
  const { channel, node, ids = [], after, before, afterId, beforeId } = query;
  // An empty `before` names no message: it asks for the last page (XEP-0059 §2.5).
  const named = [...ids, after, before || undefined, afterId, beforeId].filter((id) => id !== undefined);
  if (!named.length) return new Map();
  // PostgreSQL knows no text with a NUL, and so no message of that name.
  if (named.some((id) => id.includes("\0"))) return undefined;
  const rows = await db.all(
    // The sum keeps PostgreSQL from looking through all places instead.
    `select m.id, m.place from archives a join messages m on m.archive = a.key and m.place + 0 > a.floor
     where a.channel = $1 and a.node = $2 and m.id = any($3::text[])`,
    ...[channel, node, named],
  );
  const places = new Map(rows.map(({ id, place }) => [id as string, place as number]));
  return named.every((id) => places.has(id)) ? places : undefined;
}

async function resultSet(
  db: Session,
  archive: Archive,
  query: HistoryQuery,
  places: ReadonlyMap<string, number>,
): Promise<Span> {
  const { key, ceiling, floor, last } = archive;
  const { afterId, beforeId, start, end, sender, shown, ids } = query;
  let low = afterId === undefined ? floor + 1 : places.get(afterId)! + 1;
  let high = beforeId === undefined ? last : places.get(beforeId)! - 1;
  const conditions: string[] = [];
  const values: Value[] = [];
  const require = (condition: string, value: Value) => {
    values.push(value);
    conditions.push(` and ${condition.replace("?", `$${values.length + 3}`)}`);
  };

  // Dates are whole milliseconds.
  const from = start === undefined ? undefined : wholeTime(start);
  const past = end === undefined ? undefined : wholeTime(Math.floor(end) + 1);
  if (ceiling === null || (start !== undefined && start > ceiling)) {
    const [first, next] = await Promise.all([
      from === undefined ? low : firstPlace(db, key, low, high, from),
      past === undefined ? high + 1 : firstPlace(db, key, low, high, past),
    ]);
    low = first;
    high = next - 1;
  } else {
    if (from !== undefined) require("at >= ?", from);
    if (past !== undefined) require("at < ?", past);
  }
  if (sender !== undefined) require("sender = ?", sender);
  if (shown !== undefined) require("shown = ?", shown);
  if (ids) require("place = any(?::bigint[])", ids.map((id) => places.get(id)!));
  return { archive: key, low, high, where: conditions.join(""), values };
}

/** The first place from `low` to `high` that is dated then or later, or the one after `high`; dates must not decrease. */
async function firstPlace(db: Session, archive: number, low: number, high: number, at: number): Promise<number> {
  const [row] = await db.all(
    `with recursive search (low, high) as (
       select $2::bigint, $3::bigint + 1
       union all
       select case when m.at < $4 then m.place + 1 else s.low end, case when m.at < $4 then s.high else m.place end
       from search s cross join lateral (
         select at, place from messages where archive = $1 and place = (s.low + s.high) / 2 offset 0
       ) as m where s.low < s.high
     )
     select low from search where low >= high`,
    ...[archive, low, high, at],
  );
  return row!.low as number;
}

async function count(db: Session, { archive, low, high, where, values }: Span): Promise<number | undefined> {
  if (!where) return Math.max(0, high - low + 1);
  const found = `select 1 from messages where archive = $1 and place between $2 and $3${where} limit ${MOST_COUNTED + 1}`;
  const [row] = await db.all(`select count(*) as n from (${found}) as found`, archive, low, high, ...values);
  return counted(row!.n as number);
}

function rowsOf(db: Session, span: Span, order: "asc" | "desc", limit: number): Promise<Row[]> {
  const { archive, low, high, where, values } = span;
  const sql = `select place, id, at, sender, nick, shown, payload from messages
    where archive = $1 and place between $2 and $3${where} order by place ${order} limit $${values.length + 4}`;
  return db.all(sql, archive, low, high, ...values, limit);
}

function stored({ place: _, ...row }: Row, { channel, node }: HistoryQuery): StoredMessage {
  return { channel, node, ...row } as unknown as StoredMessage;
}
