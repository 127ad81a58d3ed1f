import type { Write } from "./changes.ts";
import { StoreError } from "./store-error.ts";
import { subject } from "./subject.ts";

/** PostgreSQL's indexes take no more, in bytes. SQLite's do; but what is in the one must fit into the other. */
const LONGEST = 2_500;

/** Refuses a change of something that no index could find again. */
export function refuseLongKey(write: Write): void {
  for (const key of keysOf(write)) {
    // No character takes more than three.
    if (key.length * 3 <= LONGEST) continue;
    const bytes = Buffer.byteLength(key);
    if (bytes <= LONGEST) continue;
    throw new StoreError(
      `Cannot store the ${subject(write)}: its key is ${bytes} bytes long, and ${LONGEST} are the most.`,
    );
  }
}

function keysOf(write: Write): readonly string[] {
  switch (write.put) {
    case "message":
      return [write.message.node, write.message.id, write.message.sender];
    case "participant":
      return [write.participant.id, write.participant.jid];
    case "item":
      return [write.item.node + write.item.id];
    case "value":
      return [write.space + write.key];
    case "channel":
    case "new channel":
      return [write.channel.name];
    default:
      return [];
  }
}
