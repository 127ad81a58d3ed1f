#!/usr/bin/env node
import { type CAC, cac } from "cac";
import { bundled } from "../../plugins/index.ts";
import { Catalogue } from "../host/catalogue.ts";
import { didYouMean } from "../host/nearest.ts";
import { planOf } from "../host/plan.ts";
import { VERSION } from "../version.ts";
import { call } from "./call.ts";
import { type Config, readConfig, readSocket } from "./config.ts";
import { example } from "./example.ts";
import { exposure } from "./exposure.ts";
import { EXIT, Failure } from "./failure.ts";
import { findConfig, noConfig } from "./find.ts";
import { ConfigMistakes } from "./mistakes.ts";
import { stageConfig, startStage } from "./stage.ts";
import { start } from "./start.ts";
import { planTable } from "./tables.ts";

interface Flags {
  readonly config?: string;
  readonly socket?: string;
  readonly json?: boolean;
  readonly to?: string;
  readonly yes?: boolean;
  readonly help?: boolean;
  readonly version?: boolean;
}

const EXIT_CODES = `  ${EXIT.fine}   fine
  ${EXIT.failed}   failed while running
  ${EXIT.usage}   wrong usage
  ${EXIT.unavailable}  no service is running
  ${EXIT.config}  the configuration has mistakes, or there is none`;

function commandLine(): CAC {
  const cli = cac("masque");
  cli.option("--config <file>", "The configuration file (else MASQUE_CONFIG, ./masque.toml, /etc/masque/masque.toml)");
  cli.option("--socket <path>", "The socket of the running service (else as the configuration file has it)");
  cli.option("--json", "Print answers of the running service as JSON");
  cli.option("-v, --version", "Print the version");

  cli
    .command("start", "Run the service until SIGTERM; SIGHUP reloads. Without a configuration file, on the stage")
    .action(begin);
  cli.command("check", "Say all that is wrong with the configuration file").action(check);
  cli.command("plan", "Say what a reload, or else a start, would stop and start").action(plan);
  cli.command("example", "Print a configuration file with every option").action(() => print(example(bundled)));
  cli.command("version", "Print the version").action(() => print(VERSION));
  cli.command("status", "Say what runs, and what does not and why").action((flags) => remote(flags, "status"));
  cli.command("reload", "Bring the changed configuration file into effect").action((flags) => remote(flags, "reload"));
  cli
    .command("explain <question> [...about]", "Say who answers a question, in which order, and what came of it lately")
    .usage("explain <question>\n  $ masque explain jid <channel> <participant>  (why an address is shown, or is not)")
    .action((question, about, flags) => remote(flags, "explain", [question, ...about]));

  cli
    .command("channel <deed> <name>", "Do something with a channel of the running service")
    .usage("channel release <name> --to jid-visible --yes  (when what it relies on to hide JIDs will not come back)")
    .option("--to <mode>", "What it becomes")
    .option("--yes", "Confirm that this is what you want")
    .action((deed, name, flags: Flags) =>
      remote(flags, "channel", [deed, name, flags.to ?? "", flags.yes ? "yes" : "no"]),
    );

  cli.help((sections) => [
    ...sections.filter(({ title }) => !title?.startsWith("For more info")),
    { title: "Exit codes", body: EXIT_CODES },
  ]);
  return cli;
}

async function main(argv: string[]): Promise<void> {
  const cli = commandLine();
  const { args, options } = cli.parse(argv, { run: false });
  const flags = options as Flags;
  refuseUnknownFlags(cli);
  if (flags.help) return;
  if (flags.version) return print(VERSION);
  if (cli.matchedCommand) return await run(cli, cli.matchedCommand.name);
  const [command, ...rest] = args;
  if (command !== undefined) return unknownCommand(cli, flags, command, rest);
  cli.outputHelp();
  throw new Failure("usage", "Say what to do: give one of the commands above.");
}

async function run(cli: CAC, command: string): Promise<void> {
  try {
    await cli.runMatchedCommand();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "CACError") throw error;
    throw new Failure("usage", `Wrong usage: ${error.message}. "masque ${command} --help" shows the right one.`);
  }
}

function refuseUnknownFlags(cli: CAC): void {
  const spelt = (name: string) =>
    name.length > 1 ? `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}` : `-${name}`;
  const options = [...cli.globalCommand.options, ...(cli.matchedCommand?.options ?? [])];
  const known = options.flatMap(({ names }) => names);
  const unknown = Object.keys(cli.options).find((name) => name !== "--" && !known.includes(name));
  if (unknown === undefined) return;
  throw new Failure("usage", `There is no option ${spelt(unknown)}${didYouMean(spelt(unknown), known.map(spelt))}`);
}

/** What the command line does not know, a plugin of the running service may. */
async function unknownCommand(cli: CAC, flags: Flags, command: string, args: readonly string[]): Promise<void> {
  const own = new Failure(
    "usage",
    `There is no command "${command}"${didYouMean(
      command,
      cli.commands.map(({ name }) => name),
    )}`,
  );
  try {
    await remote(flags, command, args);
  } catch (error) {
    const isUnknown = error instanceof ConfigMistakes || (error instanceof Failure && error.ending !== "failed");
    throw isUnknown ? own : error;
  }
}

function begin(flags: Flags): Promise<void> {
  const found = file(flags);
  return found === undefined ? startStage(bundled) : start(found, bundled);
}

async function check(flags: Flags): Promise<void> {
  const found = file(flags);
  if (found === undefined) throw noConfig();
  const config = await readConfig(found, bundled);
  const { start, waiting } = startPlan(config);
  const warning = exposure(config.component.host);
  const notes = waiting.map((one) => `${one.name} will not run: it waits for ${one.for.join(", ")}, which is off.`);
  print([`${found} is right: ${start.length} plugins will run.`, ...notes, ...(warning ? [warning] : [])].join("\n"));
}

async function plan(flags: Flags): Promise<void> {
  const answer = await call(socket(flags), { command: "plan", args: [] });
  if (answer) return tell(flags, answer);
  const found = file(flags);
  const all = startPlan(found === undefined ? stageConfig(bundled) : await readConfig(found, bundled));
  print(flags.json ? JSON.stringify({ plan: all, atNextStart: [] }) : planTable(all));
}

function startPlan(config: Config) {
  return planOf(new Catalogue(config.catalogue), new Map(), new Map(Object.entries(config.plugins)));
}

async function remote(flags: Flags, command: string, args: readonly string[] = []): Promise<void> {
  const path = socket(flags);
  const answer = await call(path, { command, args: args.map(String) });
  if (!answer) throw new Failure("unavailable", `No service is running: nobody answers on ${path}.`);
  tell(flags, answer);
}

function tell(flags: Flags, answer: NonNullable<Awaited<ReturnType<typeof call>>>): void {
  if (!answer.ok) throw new Failure(answer.ending, answer.error);
  print(flags.json ? JSON.stringify(answer.result) : answer.text);
}

function file(flags: Flags): string | undefined {
  return findConfig(flags.config === undefined ? undefined : String(flags.config));
}

function socket(flags: Flags): string {
  if (flags.socket !== undefined) return String(flags.socket);
  const found = file(flags);
  return found === undefined ? stageConfig(bundled).control.socket : readSocket(found);
}

function print(text: string): void {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

/** Writes why it failed to standard error; unforeseen errors with their trace. */
function report(error: unknown): void {
  const ending = error instanceof Failure ? error.ending : error instanceof ConfigMistakes ? "config" : undefined;
  const text = error instanceof Error ? (ending ? error.message : error.stack) : String(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = EXIT[ending ?? "failed"];
}

await main(process.argv).catch(report);
