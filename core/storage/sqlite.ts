import { resolve } from "node:path";
import type { Logger } from "../host/plugin.ts";
import { GatheringStore } from "./gathering.ts";
import { type Line, localLine, threadLine } from "./line.ts";
import type { Schema } from "./opening.ts";
import type { Store } from "./store.ts";
import { StoreError } from "./store-error.ts";
import type { Reply } from "./wire.ts";

const SCHEME = "sqlite:";

/**
 * Opens the store at "sqlite:FILE" (from the working directory; created, with its folder, when missing) or
 * "sqlite::memory:". Throws a StoreError that says why it cannot.
 */
export async function openSqlite(url: string, log?: Logger): Promise<Store> {
  const file = url.startsWith(SCHEME) ? url.slice(SCHEME.length) : "";
  if (!file) throw new StoreError(`The storage ${JSON.stringify(url)} should read sqlite:FILE or sqlite::memory:.`);
  const line = file === ":memory:" ? localLine(file) : threadLine(resolve(file));
  const { from, to, copy } = await opened(line);
  log?.info({ file, schema: to }, from === to ? "Storage opened." : `Storage opened, its schema brought from ${from}.`);
  if (copy) log?.info({ copy }, "The database as it was before is kept, for whoever must go back.");
  return new GatheringStore(line, log);
}

async function opened(line: Line): Promise<Schema> {
  const reply = await new Promise<Reply>((answer, fail) => line.listen(answer, fail)).catch(
    (error: StoreError): Reply => ({ kind: "not opened", error: error.message }),
  );
  if (reply.kind === "opened") return reply.schema;
  await line.end();
  throw new StoreError(reply.kind === "not opened" ? reply.error : `The storage began with "${reply.kind}".`);
}
