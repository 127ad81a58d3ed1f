import type { Logger } from "pino";
import { Failure } from "../commands/failure.ts";
import type { Plugin } from "../host/plugin.ts";
import { Masque } from "../masque.ts";
import { StoreError } from "../storage/store-error.ts";
import { StreamFault } from "../xmpp/stream-fault.ts";
import type { Used } from "./blocks.ts";
import { type Config, readConfig } from "./config.ts";
import { Control } from "./control.ts";
import { addCoreCommands } from "./core-commands.ts";
import { exposures } from "./exposure.ts";
import { openLog } from "./log.ts";
import { ConfigMistakes } from "./mistakes.ts";
import { Reloader } from "./reload.ts";

/** How long an orderly end may take: plugins have 5 s for what is in flight, the connection 2 s. */
const PATIENCE = 10_000;

/** How a service is run: by which configuration, and what else there is to it. */
export interface Run {
  readonly config: Config;
  /** The configuration as it is at a reload, when these plugins of other makers are loaded. Throws ConfigMistakes. */
  readonly read: (known: Used) => Promise<Config>;
  readonly log: Logger;
  /** There is no file to read again: SIGHUP, as of a terminal that is closed, ends the service. */
  readonly isFileless?: boolean;
  /** Called when the service is first online. */
  readonly ready?: (service: Masque) => void;
}

/** Runs the service by a file until SIGTERM or SIGINT; SIGHUP reloads. Throws ConfigMistakes, or a Failure when it cannot go on. */
export async function start(file: string, bundled: readonly Plugin[]): Promise<void> {
  const read = (known?: Used) => readConfig(file, bundled, process.env, known);
  const config = await read();
  const log = openLog(config.log.level);
  for (const warning of exposures(config)) log.warn(warning);
  await run({ config, read, log });
}

/** Runs the service until SIGTERM or SIGINT. Throws a Failure when it cannot go on. */
export async function run({ config, read, log, isFileless = false, ready }: Run): Promise<void> {
  const service = new Masque(config.catalogue, optionsOf(config), log);
  const reloader = new Reloader(read, config, service, log);
  addCoreCommands(service, config.component.domain, reloader, log);
  const control = new Control(config.control.socket, service.commands, log);
  await control.open();

  const hangUp = () => void reloader.reload().catch((error) => complain(log, error));
  if (!isFileless) process.on("SIGHUP", hangUp);
  const ends: NodeJS.Signals[] = isFileless ? ["SIGTERM", "SIGINT", "SIGHUP"] : ["SIGTERM", "SIGINT"];
  const failure = await Promise.race([stopSignal(ends, log), trouble(service, ready)]);
  process.off("SIGHUP", hangUp);

  setTimeout(() => giveUp(log), PATIENCE).unref();
  await control.close();
  await service.stop();
  log.info("Masque has stopped.");
  if (failure) throw failure;
}

function optionsOf({ component, service, storage, cluster, plugins }: Config) {
  return {
    ...component,
    secret: component.secret.reveal(),
    name: service.name,
    operators: service.operators,
    defaultGeneration: service.default_generation,
    storage: storage.url.reveal(),
    ...(cluster && { cluster }),
    plugins,
  };
}

/** Resolves at the first signal; a second one finds no listener and ends the process at once. */
function stopSignal(signals: readonly NodeJS.Signals[], log: Logger): Promise<undefined> {
  return new Promise((resolve) => {
    const listener = (signal: NodeJS.Signals) => {
      for (const each of signals) process.off(each, listener);
      log.info({ signal }, "Masque is stopping.");
      resolve(undefined);
    };
    for (const each of signals) process.on(each, listener);
  });
}

/** Starts the service and resolves when it cannot go on, with the reason. */
async function trouble(service: Masque, ready: Run["ready"]): Promise<unknown> {
  try {
    await service.start();
    ready?.(service);
    return new Failure("failed", (await service.failed).message);
  } catch (error) {
    const isExpected = error instanceof StoreError || error instanceof StreamFault;
    return isExpected ? new Failure("failed", error.message) : error;
  }
}

function complain(log: Logger, error: unknown): void {
  if (error instanceof ConfigMistakes) {
    log.error({ problems: error.lines }, "The changed configuration is not used, for it has mistakes.");
  } else if (error instanceof Failure) log.error(error.message);
  else log.error({ err: error }, "The reload failed.");
}

function giveUp(log: Logger): never {
  log.error(`Masque did not stop within ${PATIENCE / 1000} s.`);
  process.exit(1);
}
