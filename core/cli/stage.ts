import { mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Failure } from "../commands/failure.ts";
import type { Plugin } from "../host/plugin.ts";
import type { Masque } from "../masque.ts";
import { openStage, type Stage } from "../stage/stage.ts";
import { StageError } from "../stage/stage-error.ts";
import { openLog } from "./log.ts";
import { reason } from "./reason.ts";
import { DATABASE, stageConfig } from "./stage-config.ts";
import { run } from "./start.ts";

const PORT = 8404;

/** Runs the service on the stage until SIGTERM, SIGINT or SIGHUP. Throws a Failure when it cannot. */
export async function startStage(catalogue: readonly Plugin[], env: NodeJS.ProcessEnv = process.env): Promise<void> {
  makeFolder(dirname(resolve(DATABASE)));
  // What goes well is told by `invite`.
  const log = openLog("warn");
  const stage = await open(readPort(env), log);
  const config = stageConfig(catalogue, stage.component);
  try {
    const ready = ({ host }: Masque) => {
      stage.present(host, catalogue);
      invite(stage);
    };
    await run({ config, read: async () => config, log, isFileless: true, ready });
  } finally {
    await stage.close();
  }
}

function invite({ url }: Stage): void {
  process.stdout.write(
    `The stage is open at ${url} (for trying things out, on this machine only; Ctrl-C ends it).\n` +
      `What happens there is kept in ${DATABASE}; to serve a real XMPP server, write a masque.toml.\n`,
  );
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new Failure(
      "failed",
      `Cannot create the folder ${folder}, where the stage keeps its data: ${reason(error)}.`,
    );
  }
}

async function open(port: number, log: ReturnType<typeof openLog>): Promise<Stage> {
  try {
    return await openStage({ port, log });
  } catch (error) {
    throw error instanceof StageError ? new Failure("failed", error.message) : error;
  }
}

function readPort({ MASQUE_STAGE_PORT: text = String(PORT) }: NodeJS.ProcessEnv): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535 && text.trim() !== "") return port;
  throw new Failure("config", `MASQUE_STAGE_PORT is a port, a whole number from 0 to 65535, not "${text}".`);
}
