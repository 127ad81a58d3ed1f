import { archives } from "./archives.ts";
import type { Driver, Row } from "./driver.ts";
import { extent, history } from "./history.ts";
import type { Store, StoredChannel, StoredItem, StoredParticipant } from "./store.ts";

export type ReadName =
  | "channel"
  | "listed"
  | "census"
  | "former"
  | "known"
  | "history"
  | "extent"
  | "archives"
  | "items"
  | "values";

/** What a store answers without changing anything, answered at once. */
export type Reads = { [K in ReadName]: (...args: Parameters<Store[K]>) => Awaited<ReturnType<Store[K]>> };

export function reads(db: Driver): Reads {
  return {
    history: (query) => history(db, query),
    extent: (channel, node) => extent(db, channel, node),
    archives: (after, limit) => archives(db, after, limit),

    channel(name) {
      const [row] = db.all("select key, name, created, listed, state from channels where name = ?", name);
      if (!row) return undefined;
      // By the random id: there is an index by JID, too, and nobody may read a JID from an order.
      const here = db.all("select * from participants where channel = ? and here = 1 order by id", row.key);
      const [left] = db.all("select 1 from participants where channel = ? and here = 0 limit 1", row.key);
      return { channel: asChannel(row), participants: here.map(asParticipant), wasLeft: left !== undefined };
    },

    listed(jid, after, limit) {
      const rows = db.all(
        `select key, name, created, listed, state,
           exists (select 1 from participants where channel = channels.key and jid = ? and here = 1) as is_in
         from channels where listed = 1 and name > ? order by name limit ?`,
        ...[jid, after, limit],
      );
      return rows.map(({ is_in, ...row }) => ({ channel: asChannel(row), here: is_in === 1 }));
    },

    census(after, limit) {
      const rows = db.all(
        `select key, name, created, listed, state,
           (select count(*) from participants where channel = channels.key and here = 1) as people
         from channels where name > ? order by name limit ?`,
        ...[after, limit],
      );
      return rows.map(({ people, ...row }) => ({ channel: asChannel(row), here: Number(people) }));
    },

    former(channel, jid) {
      const [row] = db.all("select * from participants where channel = ? and jid = ? and here = 0", channel, jid);
      return row && asParticipant(row);
    },

    known(channel, id) {
      const [row] = db.all("select * from participants where channel = ? and id = ?", channel, id);
      return row && asParticipant(row);
    },

    items(channel, node) {
      const rows = db.all(
        "select channel, node, id, payload from items where channel = ? and node = ? order by key",
        ...[channel, node],
      );
      return rows as unknown as StoredItem[];
    },

    values(space) {
      const rows = db.all("select key, value from plugin_values where space = ?", space);
      return new Map(rows.map(({ key, value }) => [key as string, value as string]));
    },
  };
}

function asChannel(row: Row): StoredChannel {
  return { ...row, listed: row.listed === 1 } as StoredChannel;
}

function asParticipant(row: Row): StoredParticipant {
  return { ...row, here: row.here === 1 } as StoredParticipant;
}
