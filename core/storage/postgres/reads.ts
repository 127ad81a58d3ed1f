import type { ReadName } from "../reads.ts";
import type { Store, StoredChannel, StoredItem, StoredParticipant } from "../store.ts";
import { archives } from "./archives.ts";
import { extent, history } from "./history.ts";
import type { Session } from "./session.ts";
import { snapshot } from "./transaction.ts";

/** What a store answers without changing anything. */
export type Reads = { readonly [K in ReadName]: (...args: Parameters<Store[K]>) => ReturnType<Store[K]> };

export function reads(db: Session): Reads {
  return {
    history: (query) => history(db, query),
    extent: (channel, node) => extent(db, channel, node),
    archives: (after, limit) => archives(db, after, limit),

    channel: (name) =>
      snapshot(db, async () => {
        const [[channel], here] = await Promise.all([
          db.all(
            `select key, name, created, listed, state,
               exists (select 1 from participants where channel = channels.key and not here) as was_left
             from channels where name = $1`,
            name,
          ),
          // By the random id: there is an index by JID, too, and nobody may read a JID from an order.
          db.all(
            `select p.channel, p.id, p.jid, p.here, p.state from participants p join channels c on c.key = p.channel
             where c.name = $1 and p.here order by p.id`,
            name,
          ),
        ]);
        if (!channel) return undefined;
        const { was_left, ...rest } = channel;
        const participants = here as unknown as StoredParticipant[];
        return { channel: asChannel(rest), participants, wasLeft: was_left === true };
      }),

    async listed(jid, after, limit) {
      const rows = await db.all(
        `select key, name, created, listed, state,
           exists (select 1 from participants where channel = channels.key and jid = $1 and here) as is_in
         from channels where listed and name > $2 order by name limit $3`,
        ...[jid, after, limit],
      );
      return rows.map(({ is_in, ...channel }) => ({ channel: asChannel(channel), here: is_in === true }));
    },

    async census(after, limit) {
      const rows = await db.all(
        `select key, name, created, listed, state,
           (select count(*) from participants where channel = channels.key and here) as people
         from channels where name > $1 order by name limit $2`,
        ...[after, limit],
      );
      return rows.map(({ people, ...channel }) => ({ channel: asChannel(channel), here: Number(people) }));
    },

    async former(channel, jid) {
      const rows = await db.all(
        "select * from participants where channel = $1 and jid = $2 and not here",
        channel,
        jid,
      );
      return rows[0] as unknown as StoredParticipant | undefined;
    },

    async known(channel, id) {
      const rows = await db.all("select * from participants where channel = $1 and id = $2", channel, id);
      return rows[0] as unknown as StoredParticipant | undefined;
    },

    async items(channel, node) {
      const rows = await db.all(
        "select channel, node, id, payload from items where channel = $1 and node = $2 order by key",
        ...[channel, node],
      );
      return rows as unknown as StoredItem[];
    },

    async values(space) {
      const rows = await db.all("select key, value from plugin_values where space = $1", space);
      return new Map(rows.map(({ key, value }) => [key as string, value as string]));
    },
  };
}

function asChannel(row: object): StoredChannel {
  return row as StoredChannel;
}
