#!/usr/bin/env node
import { bundled } from "../../plugins/index.ts";
import type { Doing } from "../commands/command.ts";
import { EXIT, Failure } from "../commands/failure.ts";
import { FLAGS, type Flags, readFlags } from "../commands/flags.ts";
import { CommandTable } from "../commands/table.ts";
import { textTable } from "../commands/text-table.ts";
import { listOf } from "../commands/usage.ts";
import { nearest } from "../host/nearest.ts";
import { call } from "./call.ts";
import { addLocalCommands, socketOf } from "./local-commands.ts";
import { ConfigMistakes } from "./mistakes.ts";

const HERE: Doing = {
  by: "the command line",
  signal: new AbortController().signal,
  say: (_, line = "") => void process.stderr.write(`${line}\n`),
};

const EXIT_CODES = textTable([
  [`  ${EXIT.fine}`, "fine"],
  [`  ${EXIT.failed}`, "failed while running"],
  [`  ${EXIT.usage}`, "wrong usage"],
  [`  ${EXIT.unavailable}`, "no service is running"],
  [`  ${EXIT.config}`, "the configuration has mistakes, or there is none"],
]);

async function main(argv: readonly string[]): Promise<void> {
  const { flags, words } = readFlags(argv);
  const local = new CommandTable();
  addLocalCommands(local, flags, bundled);
  if (flags.version) return tell(flags, await local.obey(["version"]));
  if (words.length === 0 || words[0] === "--help") return overview(local, flags, words);
  if (local.find(words)) return tell(flags, await local.obey(words, HERE));
  tell(flags, await remote(local, flags, words));
}

/** What this program does not do itself, the running service may: its plugins bring commands of their own. */
async function remote(local: CommandTable, flags: Flags, words: readonly string[]) {
  const path = socketOf(flags, bundled);
  const answer = await call(path, words, ({ said, line }) => print(flags.json ? JSON.stringify(said) : line));
  if (!answer) throw new Failure("unavailable", nobody(path, local, words));
  if (answer.ok) return answer;
  throw new Failure(answer.ending, answer.error);
}

/** A name that is nearly one of this program's own may be a slip. */
function nobody(path: string, local: CommandTable, [first = ""]: readonly string[]): string {
  const meant = nearest(
    first,
    local.all().map(({ name }) => name),
  );
  const slip = meant === undefined ? "" : ` Without one there is no "${first}"; did you mean "${meant}"?`;
  return `No service is running: nobody answers on ${path}.${slip}`;
}

async function overview(local: CommandTable, flags: Flags, words: readonly string[]): Promise<void> {
  const service = await remote(local, flags, ["--help"]).catch(() => undefined);
  const parts = [
    ["Usage", "  masque COMMAND …"],
    ["By itself", listOf(local.all())],
    ["Of the running service", service ? service.text : "  (none is running: there will be more when one is)"],
    ["With any command", textTable(FLAGS.map(([flag, what]) => [`  ${flag}`, what]))],
    ["Exit codes", EXIT_CODES],
  ];
  print(parts.map(([title, text]) => `${title}:\n${text}`).join("\n\n"));
  if (words.length === 0) throw new Failure("usage", "Say what to do: give one of the commands above.");
}

function tell(flags: Flags, { result, text }: { readonly result: unknown; readonly text: string }): void {
  print(flags.json ? JSON.stringify(result) : text);
}

function print(text: string | undefined): void {
  if (text) process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

/** Writes why it failed to standard error; unforeseen errors with their trace. */
function report(error: unknown): void {
  const ending = error instanceof Failure ? error.ending : error instanceof ConfigMistakes ? "config" : undefined;
  const text = error instanceof Error ? (ending ? error.message : error.stack) : String(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = EXIT[ending ?? "failed"];
}

await main(process.argv.slice(2)).catch(report);
