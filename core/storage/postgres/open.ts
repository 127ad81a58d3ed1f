import pg from "pg";
import type { Logger } from "../../host/plugin.ts";
import { GatheringStore } from "../gathering.ts";
import type { Store } from "../store.ts";
import { StoreError } from "../store-error.ts";
import { PostgresLine } from "./line.ts";
import { connect } from "./link.ts";
import { type Prepared, prepare, resume } from "./opening.ts";
import { reason } from "./trouble.ts";

/** Opens the store at "postgres://USER@HOST/DATABASE". Throws a StoreError that says why it cannot. */
export async function openPostgres(url: string, log?: Logger): Promise<Store> {
  const database = nameOf(url);
  let found: Prepared | undefined;
  const line = new PostgresLine((lost) =>
    connect(
      url,
      async (writer) => {
        if (found) await resume(writer, found.epoch);
        else found = await prepare(writer);
      },
      lost,
    ),
  );
  try {
    await line.open();
  } catch (error) {
    throw cannotOpen(url, error);
  }
  const { from, to, copy } = found!;
  log?.info(
    { database, schema: to },
    from === to ? "Storage opened." : `Storage opened, its schema brought from ${from}.`,
  );
  if (copy) log?.info({ copy }, "The database as it was before is kept in this schema, for whoever must go back.");
  return new GatheringStore(line, log);
}

export function cannotOpen(url: string, error: unknown): StoreError {
  return new StoreError(`Cannot open the database ${nameOf(url)}. ${sentence(reason(error))}`, { cause: error });
}

/** A database by everything but the password. */
function nameOf(url: string): string {
  try {
    const { user, host, port, database } = new pg.Client(url);
    return `${database} of ${user} on ${host}:${port}`;
  } catch {
    throw new StoreError("The storage should read postgres://USER@HOST/DATABASE.");
  }
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1) + (words.endsWith(".") ? "" : ".");
}
