import type { Logger } from "../host/plugin.ts";
import type { Store } from "../storage/store.ts";
import { StoreError } from "../storage/store-error.ts";
import type { Census } from "./census.ts";
import { Cluster } from "./cluster.ts";
import { openDoor } from "./peers.ts";

/** How several processes find one another. */
export interface ClusterOptions {
  /** Where this one is called: HOST:PORT. */
  readonly listen: string;
  /** The same as the others reach it. */
  readonly address: string;
  /** How many streams the server shares the stanzas out to, those of all processes together. */
  readonly streams: number;
}

/** This process among those that serve the domain, and what they store in. */
export interface Joined {
  readonly store: Store;
  readonly census: Census;
  readonly cluster: Cluster;
}

/** @throws StoreError when the database cannot be shared, or nobody can be listened to */
export async function joinCluster(
  url: string,
  { listen, address }: ClusterOptions,
  secret: string,
  log: Logger,
): Promise<Joined> {
  const door = await openDoor(listen).catch((error: Error) => {
    throw new StoreError(`The other processes cannot be listened to on ${listen}: ${error.message}.`, { cause: error });
  });
  try {
    // Loaded only here: most never need it.
    const { openShared } = await import("../storage/postgres/open.ts");
    const { store, census } = await openShared(url, address, log);
    return { store, census, cluster: new Cluster(census, door, secret, log) };
  } catch (error) {
    door.close();
    throw error;
  }
}
