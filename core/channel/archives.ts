import type { Store, StoredArchive } from "../storage/store.ts";
import type { Values } from "./fields.ts";
import type { ChannelState } from "./turn.ts";

/** What is known of an archive without loading its channel. */
export interface ArchiveFound extends Omit<StoredArchive, "channel"> {
  /** The channel's key. */
  readonly channel: number;
  readonly name: string;
  /** What the channel's configuration says, by field, as far as it was ever set. */
  readonly config: Values;
}

export async function archivesIn(store: Store, after: number, limit: number): Promise<ArchiveFound[]> {
  const found = await store.archives(after, limit);
  return found.map(({ channel, ...archive }) => {
    const { config } = JSON.parse(channel.state) as ChannelState;
    return { ...archive, channel: channel.key, name: channel.name, config: config.values };
  });
}
