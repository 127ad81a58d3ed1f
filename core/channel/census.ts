import type { Store } from "../storage/store.ts";
import type { ChannelState } from "./turn.ts";

/** What is known of a channel without loading it. */
export interface ChannelFound {
  readonly name: string;
  readonly listed: boolean;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly owners: readonly string[];
  /** How many are in it. */
  readonly size: number;
  /** Plugins that it needs and that are not running: without them it is suspended. */
  readonly missing: readonly string[];
}

/** @param missing those of these plugins that are not running */
export async function censusOf(
  store: Store,
  missing: (plugins: readonly string[]) => readonly string[],
  after: string,
  limit: number,
): Promise<ChannelFound[]> {
  const found = await store.census(after, limit);
  return found.map(({ channel: { name, listed, created, state }, here }) => {
    const { owners, requires } = JSON.parse(state) as ChannelState;
    return { name, listed, created, owners, size: here, missing: missing(requires) };
  });
}
