import { expectation } from "../host/expectation.ts";
import type { Command } from "./command.ts";
import { type Taken, takenBy } from "./taken.ts";
import { textTable } from "./text-table.ts";

/** How a command is written: `masque channel show CHANNEL [--least NUMBER]`. */
export function usageOf(command: Command): string {
  const taken = takenBy(command);
  const places = taken.filter(({ isRequired }) => isRequired).map(spelt);
  const named = taken.filter(({ isRequired }) => !isRequired).map((each) => `[${spelt(each)}]`);
  return ["masque", command.name, ...places, ...named, ...(command.warns ? ["--yes"] : [])].join(" ");
}

/** One thing a command takes, as it is written: `CHANNEL`, `JID…`, `--to MODE`, `--quiet`. */
export function spelt({ name, isRequired, expected }: Taken): string {
  const word = kebab(name);
  if (expected.const !== undefined) return `--${word} ${expected.const}`;
  if (isRequired) return `${word.toUpperCase()}${expected.type === "array" ? "…" : ""}`;
  return expected.type === "boolean" ? `--${expected.default === true ? "no-" : ""}${word}` : `--${word} …`;
}

/** All about one command. */
export function helpOf(command: Command): string {
  const rows = takenBy(command).map((each) => [
    `  ${spelt(each)}`,
    each.expected.description ?? "",
    each.expected.type === "boolean" ? "" : (expectation(each.expected) ?? ""),
  ]);
  const yes = command.warns ? [["  --yes", "Confirms that this is what you want: it cannot be undone", ""]] : [];
  const all = [...rows, ...yes];
  return [command.summary, `Write: ${usageOf(command)}`, ...(all.length > 0 ? [textTable(all)] : [])].join("\n\n");
}

/** Commands with what they do, a line each. */
export function listOf(commands: readonly Command[]): string {
  return textTable(commands.map((command) => [`  ${usageOf(command).replace(/^masque /, "")}`, command.summary]));
}

/** `leastNumber` as it is written on a command line: `least-number`. */
export function kebab(name: string): string {
  return name.replaceAll("_", "-").replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
