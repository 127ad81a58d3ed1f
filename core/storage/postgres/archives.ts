import type { Expiry, StoredArchive, StoredMessage } from "../store.ts";
import type { Session } from "./session.ts";

/** The messages of one node of a channel, kept in the order of their places. */
export interface Archive {
  readonly key: number;
  /** Messages dated later than this lie in the order of their dates; all do when it is null. */
  readonly ceiling: number | null;
  /** Messages at this place and below are forgotten, whether they are swept out yet or not. */
  readonly floor: number;
  /** The place of the last message; the floor, where there is none above it. */
  readonly last: number;
}

const NONE: Archive = { key: 0, ceiling: null, floor: 0, last: 0 };

/** The archive of a node; one without messages where there is none. */
export async function findArchive(db: Session, channel: number, node: string): Promise<Archive> {
  const [row] = await db.all(
    `select key, ceiling, floor,
       greatest(floor, (select max(place) from messages where archive = archives.key)) as last
     from archives where channel = $1 and node = $2`,
    ...[channel, node],
  );
  return (row as unknown as Archive | undefined) ?? NONE;
}

/** Archives that hold something, in the order of their keys. */
export async function archives(db: Session, after: number, limit: number): Promise<StoredArchive[]> {
  const rows = await db.all(
    `select a.key as archive, a.node, c.key, c.name, c.created, c.listed, c.state, first.at as oldest,
       (select max(place) from messages where archive = a.key) - a.floor as count
     from archives a join channels c on c.key = a.channel
       cross join lateral (
         select at from messages where archive = a.key and place > a.floor order by place limit 1
       ) as first
     where a.key > $1 order by a.key limit $2`,
    ...[after, limit],
  );
  return rows.map(({ archive, node, oldest, count, ...channel }) => {
    return { key: archive, node, oldest, count, channel } as unknown as StoredArchive;
  });
}

/** Changes a message in its place. */
export async function revise(db: Session, message: StoredMessage): Promise<undefined> {
  const { channel, node, id, nick, shown, payload } = message;
  const found = await db.run(
    `update messages m set nick = $4, shown = $5, payload = $6 from archives a
     where a.channel = $1 and a.node = $2 and m.archive = a.key and m.id = $3 and m.place + 0 > a.floor`,
    ...[channel, node, id, nick, shown, payload],
  );
  if (!found) throw new Error("there is no such message");
}

/** Raises the floor: what lies below is forgotten at once, and swept out later. */
export async function expire(db: Session, { channel, node, before, keep }: Expiry): Promise<undefined> {
  const { key, floor, last } = await findArchive(db, channel, node);
  const tooOld = before === undefined ? floor : (await firstSince(db, key, floor, before, last + 1)) - 1;
  const tooMany = keep === undefined ? floor : last - keep;
  const raised = Math.max(tooOld, tooMany);
  if (raised > floor) await db.run("update archives set floor = $2 where key = $1", key, raised);
}

/** The place of the first message above the floor that is dated then or later, or else `otherwise`. */
async function firstSince(db: Session, key: number, floor: number, at: number, otherwise: number): Promise<number> {
  const [first] = await db.all(
    "select place from messages where archive = $1 and place > $2 and at >= $3 order by place limit 1",
    ...[key, floor, Math.ceil(at)],
  );
  return (first?.place ?? otherwise) as number;
}
