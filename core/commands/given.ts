import type { ZodObject } from "zod";
import type { Expected } from "../host/expectation.ts";
import { readOptions } from "../host/options.ts";
import type { Command, Order } from "./command.ts";
import { Failure } from "./failure.ts";
import { takenBy } from "./taken.ts";
import { spelt, usageOf } from "./usage.ts";

/** Texts as a command wants them: numbers, flags, lists. Throws a Failure with everything that is wrong with them. */
export function readGiven(command: Command, given: Order["given"]): Record<string, unknown> {
  const taken = new Map(takenBy(command).map((each) => [each.name, each]));
  const input = Object.entries(given).map(([name, text]) => [name, asExpected(text, taken.get(name)?.expected)]);
  const read = readOptions(command.takes as ZodObject | undefined, Object.fromEntries(input));
  if ("options" in read) return read.options;
  const problems = read.problems.map(({ path, message }) => {
    const one = taken.get(path[0] ?? "");
    return one ? `${spelt(one)}: ${message}` : message;
  });
  throw new Failure("usage", [...problems, `Write: ${usageOf(command)}`].join("\n"));
}

function asExpected(text: string | readonly string[], expected: Expected | undefined): unknown {
  if (expected?.type === "array") return typeof text === "string" ? [text] : text;
  const only = typeof text === "string" ? text : (text.at(-1) ?? "");
  if (expected?.type === "boolean") return FLAGS.get(only) ?? only;
  const isNumber = expected?.type === "number" || expected?.type === "integer";
  return isNumber && only.trim() !== "" && Number.isFinite(Number(only)) ? Number(only) : only;
}

/** As a command line and as a form (XEP-0004 §3.3) spell them. */
const FLAGS = new Map([
  ["true", true],
  ["1", true],
  ["false", false],
  ["0", false],
]);
