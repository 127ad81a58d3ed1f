import type { StoredMessage } from "../storage/store.ts";
import type { View } from "./audience.ts";
import type { Channel } from "./channel.ts";
import { asTold } from "./mention.ts";
import type { Said } from "./message.ts";

/** What was said in the past, as it may be told to these readers now. */
export function recollection({ id, sender, nick, shown, payload }: StoredMessage, channel: Channel, view: View): Said {
  return { id, sender, nick, jid: jidOf(sender, shown, channel, view), payload: asTold(payload, channel, view) };
}

/** A JID is told if it was shown then and may be shown now; of one who has left, never. The channel's own is no secret. */
function jidOf(sender: string, shown: boolean, channel: Channel, { eyes }: View): string | undefined {
  if (sender === "") return channel.jid;
  const speaker = shown ? channel.byId(sender) : undefined;
  return speaker && channel.shows(speaker, eyes) ? speaker.jid : undefined;
}
