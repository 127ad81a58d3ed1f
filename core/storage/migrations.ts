import type { Driver } from "./driver.ts";
import { StoreError } from "./store-error.ts";
import { transaction } from "./transaction.ts";

/** Each step takes the schema one version forward. Add steps; never change one that was released. */
const STEPS: readonly string[] = [
  `
  -- Autoincrement: the key of a channel that is gone is never given to another.
  create table channels (
    key integer primary key autoincrement,
    name text not null unique,
    created integer not null,
    listed integer not null,
    state text not null
  );
  create index channels_listed on channels (name) where listed = 1;

  create table participants (
    channel integer not null references channels on delete cascade,
    id text not null,
    jid text not null,
    here integer not null,
    state text not null,
    primary key (channel, id),
    unique (channel, jid)
  );
  create index participants_here on participants (channel) where here = 1;

  -- One row for each node that holds messages. A channel that goes leaves it with a null, for the sweep to find.
  -- ceiling: null while no message is dated earlier than the one before it; else the latest date before the last time
  -- that happened. What is dated later than it lies in order, so that a span of time is a span of places.
  create table archives (
    key integer primary key,
    channel integer references channels on delete set null,
    node text not null,
    ceiling integer,
    unique (channel, node)
  );

  -- place: 1, 2, 3 within an archive, without gaps, so that counting is subtraction. Whoever takes a message out of the
  -- middle must leave something in its place.
  create table messages (
    archive integer not null,
    place integer not null,
    id text not null,
    at integer not null,
    sender text not null,
    nick text not null,
    shown integer not null,
    payload text not null
  );
  create unique index messages_id on messages (archive, id);
  create unique index messages_place on messages (archive, place, at);
  create index messages_sender on messages (archive, sender, place);

  create table plugin_values (
    space text not null,
    key text not null,
    value text not null,
    primary key (space, key)
  ) without rowid;
  `,
  `
  -- Messages up to the floor are forgotten, and those up to swept are gone: the sweep has the rest to do. Only the oldest
  -- are ever forgotten, so that places have no gaps from the one above the floor on.
  alter table archives add column floor integer not null default 0;
  alter table archives add column swept integer not null default 0;
  drop index messages_sender;
  create index messages_sender on messages (archive, sender, place, shown);
  create index archives_unswept on archives (key) where floor > swept;

  -- Items of nodes whose plugins keep them, in the order of their keys: never in that of their ids, which may be JIDs.
  create table items (
    key integer primary key,
    channel integer not null references channels on delete cascade,
    node text not null,
    id text not null,
    payload text not null,
    unique (channel, node, id)
  );
  `,
];

/** "MASQ", so that the database of another program is not taken for ours. */
const APPLICATION = 0x4d415351;

/** The schema of now. */
export const NOW = STEPS.length;

/**
 * The version of the schema that is there, 0 in an empty database. Throws for that of another program, and for one that
 * this Masque does not know yet.
 */
export function versionOf(db: Driver): number {
  const version = pragma(db, "user_version");
  const tables = db.all("select 1 from sqlite_master limit 1").length;
  if (tables && pragma(db, "application_id") !== APPLICATION)
    throw new StoreError("It belongs to another program: it has tables, but not Masque's mark.");
  if (version <= NOW) return version;
  throw new StoreError(
    `It was made by a newer Masque (schema ${version}, this one knows ${NOW}): run that one, ` +
      "or go back to the copy that it kept beside the database when it was upgraded.",
  );
}

/**
 * Brings the schema up to date, one transaction a step. Returns the version found and the version now.
 * @param keep called with the version found before anything of it is changed
 */
export function migrate(db: Driver, keep: (version: number) => void): { from: number; to: number } {
  const from = versionOf(db);
  if (from > 0 && from < NOW) keep(from);
  for (let version = from; version < NOW; version++) {
    const mark = `pragma application_id = ${APPLICATION}; pragma user_version = ${version + 1};`;
    transaction(db, () => db.exec(STEPS[version] + mark));
  }
  return { from, to: NOW };
}

function pragma(db: Driver, name: string): number {
  return db.all(`pragma ${name}`)[0]![name] as number;
}
