import { Failure } from "../commands/failure.ts";
import type { Flags } from "../commands/flags.ts";
import type { CommandTable } from "../commands/table.ts";
import { Catalogue } from "../host/catalogue.ts";
import { planOf } from "../host/plan.ts";
import type { Plugin } from "../host/plugin.ts";
import { VERSION } from "../version.ts";
import { call } from "./call.ts";
import { type Config, readConfig, readSocket } from "./config.ts";
import { example } from "./example.ts";
import { exposures } from "./exposure.ts";
import { findConfig, noConfig } from "./find.ts";
import { addMovingCommands } from "./moving.ts";
import { type Reload, reloadTable } from "./reload.ts";
import { stageConfig } from "./stage-config.ts";

/** What `masque` does by itself, whether a service runs or not. */
export function addLocalCommands(commands: CommandTable, flags: Flags, bundled: readonly Plugin[]): void {
  commands.add({
    name: "start",
    summary: "Runs the service until SIGTERM; SIGHUP reloads. Without a configuration file, on the stage",
    run: async () => {
      const found = findConfig(flags.config);
      // The whole service, which every other command does without, takes its time to load.
      if (found === undefined) return (await import("./stage.ts")).startStage(bundled);
      return (await import("./start.ts")).start(found, bundled);
    },
  });
  commands.add({
    name: "check",
    summary: "Says all that is wrong with the configuration file",
    run: () => check(flags, bundled),
    render: ({ file, plan, warnings }) =>
      [
        `${file} is right: ${plan.start.length} plugins will run.`,
        ...plan.waiting.map((one) => `${one.name} will not run: it waits for ${one.for.join(", ")}, which is off.`),
        ...warnings,
      ].join("\n"),
  });
  commands.add({
    name: "plan",
    summary: "Says what a reload, or else a start, would stop and start",
    run: () => plan(flags, bundled),
    render: reloadTable,
  });
  commands.add({
    name: "example",
    summary: "Prints a configuration file with every option",
    run: () => example(bundled),
    render: (text) => text,
  });
  addMovingCommands(commands, flags, bundled);
  commands.add({ name: "version", summary: "Prints the version", run: () => VERSION, render: (text) => text });
}

/** Where the running service is to be found. Throws ConfigMistakes. */
export function socketOf(flags: Flags, bundled: readonly Plugin[]): string {
  if (flags.socket !== undefined) return flags.socket;
  const found = findConfig(flags.config);
  return found === undefined ? stageConfig(bundled).control.socket : readSocket(found);
}

async function check(flags: Flags, bundled: readonly Plugin[]) {
  const file = findConfig(flags.config);
  if (file === undefined) throw noConfig();
  const config = await readConfig(file, bundled);
  return { file, plan: startPlan(config), warnings: exposures(config) };
}

async function plan(flags: Flags, bundled: readonly Plugin[]): Promise<Reload> {
  const answer = await call(socketOf(flags, bundled), ["plan"]);
  if (answer?.ok) return answer.result as Reload;
  if (answer) throw new Failure(answer.ending, answer.error);
  const found = findConfig(flags.config);
  return {
    plan: startPlan(found === undefined ? stageConfig(bundled) : await readConfig(found, bundled)),
    atNextStart: [],
  };
}

function startPlan(config: Config) {
  return planOf(new Catalogue(config.catalogue), new Map(), new Map(Object.entries(config.plugins)));
}
