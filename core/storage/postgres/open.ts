import pg from "pg";
import type { Census } from "../../cluster/census.ts";
import type { Logger } from "../../host/plugin.ts";
import { GatheringStore } from "../gathering.ts";
import type { Store } from "../store.ts";
import { StoreError } from "../store-error.ts";
import { PostgresCensus } from "./census.ts";
import { Fence } from "./fence.ts";
import { PostgresLine } from "./line.ts";
import { connect } from "./link.ts";
import { enlist, type Prepared, prepare, report, resume } from "./opening.ts";
import { reason } from "./trouble.ts";

/** Opens the store at "postgres://USER@HOST/DATABASE". Throws a StoreError that says why it cannot. */
export async function openPostgres(url: string, log?: Logger): Promise<Store> {
  let found: Prepared | undefined;
  const line = new PostgresLine((lost) =>
    connect(
      url,
      async (writer) => {
        if (found) await resume(writer, found.epoch);
        else found = await prepare(writer);
        return undefined;
      },
      lost,
    ),
  );
  await begin(line, url);
  tell(found!, url, log);
  return new GatheringStore(line, log);
}

/** The same as one of several processes, which the others reach at this address. */
export async function openShared(
  url: string,
  address: string,
  log?: Logger,
): Promise<{ store: Store; census: Census }> {
  let found: Prepared | undefined;
  const line = new PostgresLine((lost) =>
    connect(
      url,
      async (writer) => {
        if (found) await report(writer, found.epoch);
        else found = await enlist(writer, address);
        return new Fence(found.epoch);
      },
      lost,
    ),
  );
  await begin(line, url);
  tell(found!, url, log);
  const census = await PostgresCensus.open(url, found!.epoch, line);
  return { store: new SharedStore(line, log, census), census };
}

async function begin(line: PostgresLine, url: string): Promise<void> {
  try {
    await line.open();
  } catch (error) {
    throw cannotOpen(url, error);
  }
}

function tell({ from, to, copy }: Prepared, url: string, log: Logger | undefined): void {
  const text = from === to ? "Storage opened." : `Storage opened, its schema brought from ${from}.`;
  log?.info({ database: nameOf(url), schema: to }, text);
  if (copy) log?.info({ copy }, "The database as it was before is kept in this schema, for whoever must go back.");
}

/** A store of which others change the values, too. */
class SharedStore extends GatheringStore {
  readonly watch: NonNullable<Store["watch"]>;

  constructor(line: PostgresLine, log: Logger | undefined, census: PostgresCensus) {
    super(line, log);
    this.watch = (space, heard) => census.watch(space, () => this.values(space), heard);
  }
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
