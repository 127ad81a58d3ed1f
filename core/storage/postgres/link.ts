import { Changes } from "./changes.ts";
import type { Fence } from "./fence.ts";
import { type Reads, reads } from "./reads.ts";
import { Session } from "./session.ts";

/** What a store is connected by: one session writes and holds the lock, so that no reader waits for it. */
export interface Link {
  readonly writer: Session;
  readonly changes: Changes;
  readonly answers: Reads;
  end(): Promise<void>;
}

/** @param prepare is given the writer before anybody else; returns what keeps it to its own, if others write, too */
export async function connect(
  url: string,
  prepare: (writer: Session) => Promise<Fence | undefined>,
  lost: (error: Error) => void,
): Promise<Link> {
  const writer = await Session.open(url, lost);
  try {
    const fence = await prepare(writer);
    const reader = await Session.open(url, lost);
    return {
      writer,
      changes: new Changes(writer, fence),
      answers: reads(reader),
      end: async () => void (await Promise.all([writer.end(), reader.end()])),
    };
  } catch (error) {
    await writer.end().catch(() => {});
    throw error;
  }
}
