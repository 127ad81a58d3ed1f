import type { Store } from "../../../core/storage/store.ts";
import { NODE } from "../../../core/xmpp/ns.ts";

/** The ids of all that is kept of a channel's messages, page after page. */
export async function archived(store: Store, channel: number): Promise<string[]> {
  const ids: string[] = [];
  for (let isComplete = false; !isComplete; ) {
    const after = ids.length > 0 ? { after: ids.at(-1)! } : {};
    const page = await store.history({ channel, node: NODE.MESSAGES, max: 1_000_000, ...after });
    if (page === "no such message") throw new Error("A query without ids names no message.");
    ids.push(...page.messages.map(({ id }) => id));
    isComplete = page.complete;
  }
  return ids;
}
