import type { Write } from "./changes.ts";

/** What a change is about, for a sentence to the operator. */
export function subject(write: Write): string {
  switch (write.put) {
    case "message":
      return `message ${write.message.id} of channel ${write.message.channel}`;
    case "revision":
      return `revision of message ${write.message.id} of channel ${write.message.channel}`;
    case "expiry":
      return `end of old messages of channel ${write.channel}`;
    case "item":
      return `item ${write.item.id} of channel ${write.item.channel}`;
    case "no item":
      return `end of item ${write.id} of channel ${write.channel}`;
    case "participant":
      return `participant ${write.participant.id} of channel ${write.participant.channel}`;
    case "value":
      // Its key may be somebody's JID, and this goes into the log.
      return `value of ${write.space}`;
    case "channel":
      return `channel ${write.channel.name} (${write.channel.key})`;
    case "no channel":
      return `end of channel ${write.key}`;
    case "new channel":
      return `new channel ${write.channel.name}`;
  }
}
