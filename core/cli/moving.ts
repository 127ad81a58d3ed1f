import { once } from "node:events";
import { createReadStream, createWriteStream, rmSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import type { Doing } from "../commands/command.ts";
import { Failure } from "../commands/failure.ts";
import type { Flags } from "../commands/flags.ts";
import type { CommandTable } from "../commands/table.ts";
import type { Plugin } from "../host/plugin.ts";
import { exported, type Moved } from "../storage/moving/export.ts";
import type { Hold } from "../storage/moving/hold.ts";
import { importFrom } from "../storage/moving/import.ts";
import { openToFill, openToRead } from "../storage/moving/open.ts";
import { StoreError } from "../storage/store-error.ts";
import { readConfig } from "./config.ts";
import { findConfig } from "./find.ts";
import { reason } from "./reason.ts";
import { stageConfig } from "./stage-config.ts";
import { Tally } from "./tally.ts";

/** Standard input, or output. */
const STANDARD = "-";

/** What takes all that is stored out of a database, and into another. */
export function addMovingCommands(commands: CommandTable, flags: Flags, bundled: readonly Plugin[]): void {
  commands.add({
    name: "export",
    summary: "Writes all that is stored into a file, as it is at this moment; the service may go on",
    takes: z.strictObject({
      file: z.string().min(1).describe("The file to write, which must not be there yet; - for standard output"),
    }),
    run: async ({ file }, doing) => {
      const url = await storageOf(flags, bundled);
      const open = () => openToRead(url);
      await move("Exported", doing, open, (hold, moved) => write(file, exported(hold, moved)));
    },
  });
  commands.add({
    name: "import",
    summary: "Fills an empty database with what was exported; no service may be using it",
    takes: z.strictObject({ file: z.string().min(1).describe("What was exported; - for standard input") }),
    run: async ({ file }, doing) => {
      const url = await storageOf(flags, bundled);
      const open = () => openToFill(url);
      await move("Imported", doing, open, (hold, moved) => importFrom(read(file), hold, moved));
    },
  });
}

async function storageOf(flags: Flags, bundled: readonly Plugin[]): Promise<string> {
  const found = findConfig(flags.config);
  const { storage } = found === undefined ? stageConfig(bundled) : await readConfig(found, bundled);
  return storage.url.reveal();
}

type Work = (hold: Hold, moved: Moved) => Promise<void>;

/** Says on standard error what was moved: standard output may be the export. */
async function move(deed: string, doing: Doing, open: () => Promise<Hold>, work: Work): Promise<void> {
  const tally = new Tally(deed, doing);
  let hold: Hold | undefined;
  try {
    hold = await open();
    await work(hold, tally.count);
  } catch (error) {
    throw new Failure("failed", `${deed} nothing. ${why(error, hold)}`);
  } finally {
    await hold?.close();
  }
  tally.end();
}

function why(error: unknown, hold: Hold | undefined): string {
  if (error instanceof StoreError) return error.message;
  const { syscall, path } = error as NodeJS.ErrnoException;
  return syscall === undefined && hold
    ? `The database: ${hold.reason(error)}.`
    : `${path ?? "The file"}: ${reason(error)}.`;
}

/** Opens nothing before the first piece is asked for. */
async function* read(file: string): AsyncGenerator<string> {
  const input = file === STANDARD ? process.stdin : createReadStream(file);
  yield* input.setEncoding("utf8");
}

async function write(file: string, pieces: AsyncIterable<string>): Promise<void> {
  if (file === STANDARD) return pipeline(pieces, process.stdout, { end: false });
  // It tells who is behind which mask: nobody but its owner may read it.
  const output = createWriteStream(file, { flags: "wx", mode: 0o600, flush: true });
  await once(output, "open");
  try {
    await pipeline(pieces, output);
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  }
}
