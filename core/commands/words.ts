import { parseArgs } from "node:util";
import { didYouMean } from "../host/nearest.ts";
import type { Command, Order } from "./command.ts";
import { Failure } from "./failure.ts";
import { FLAG_NAMES } from "./flags.ts";
import { type Taken, takenBy } from "./taken.ts";
import { kebab, usageOf } from "./usage.ts";

/**
 * Reads what is written after a command's name: what it must be given in its order, the rest by name.
 * Throws a Failure when something is missing, is too much, or has a name there is not.
 */
export function readOrder(command: Command, words: readonly string[]): Order {
  const taken = takenBy(command);
  const options = optionsOf(command, taken);
  const { tokens } = parseArgs({ args: [...words], options, strict: false, allowPositionals: true, tokens: true });
  const given: Record<string, string | string[]> = {};
  const places = taken.filter(({ isRequired }) => isRequired);
  let isConfirmed = false;

  for (const token of tokens) {
    if (token.kind === "positional") place(token.value);
    if (token.kind === "option") name(token.name, token.rawName, token.value);
  }
  const missing = places.filter((each) => given[each.name] === undefined);
  if (missing.length > 0) throw wrong(command);
  return { command, given, isConfirmed };

  function place(text: string): void {
    const next = places.find((each) => given[each.name] === undefined) ?? places.findLast(isList);
    if (!next) throw wrong(command);
    add(next, text);
  }

  function name(written: string, raw: string, value: string | undefined): void {
    if (written === "yes" && command.warns) {
      isConfirmed = true;
      return;
    }
    const one = taken.find((each) => kebab(each.name) === written) ?? flagIn(taken, written);
    if (!one) {
      const known = [...Object.keys(options), ...FLAG_NAMES].map((each) => `--${each}`);
      throw new Failure("usage", `There is no option ${raw}${didYouMean(raw, known)}`);
    }
    if (isFlag(one)) given[one.name] = value ?? String(written === kebab(one.name));
    else if (value === undefined) throw new Failure("usage", `${raw} wants a value. Write: ${usageOf(command)}`);
    else add(one, value);
  }

  function add(one: Taken, text: string): void {
    given[one.name] = isList(one) ? [...(given[one.name] ?? []), text] : text;
  }
}

/** The flag that is put down: `--no-plan`. */
function flagIn(taken: readonly Taken[], written: string): Taken | undefined {
  return taken.find((each) => isFlag(each) && `no-${kebab(each.name)}` === written);
}

function optionsOf(command: Command, taken: readonly Taken[]) {
  const own = taken.map((each) => [kebab(each.name), { type: isFlag(each) ? "boolean" : "string" }]);
  const yes = command.warns ? [["yes", { type: "boolean" }]] : [];
  return Object.fromEntries([...own, ...yes]) as Record<string, { type: "boolean" | "string" }>;
}

function isFlag({ expected }: Taken): boolean {
  return expected.type === "boolean";
}

function isList({ expected }: Taken): boolean {
  return expected.type === "array";
}

function wrong(command: Command): Failure {
  return new Failure("usage", `Write: ${usageOf(command)}`);
}
