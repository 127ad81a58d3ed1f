import { isDeepStrictEqual } from "node:util";
import { type ZodObject, z } from "zod";
import { type Expected, expectation, shown } from "./expectation.ts";
import { didYouMean } from "./nearest.ts";
import type { Problem } from "./problem.ts";
import { isSecret } from "./secret.ts";

export { duration } from "./duration.ts";
export { Secret, secret } from "./secret.ts";
export { size } from "./size.ts";

/** Validated, defaulted, frozen. */
export type Options = Readonly<Record<string, unknown>>;

const NONE = z.strictObject({});

/** Reads options by a plugin's schema: what they are, or everything that is wrong with them, with paths within them. */
export function readOptions(schema: ZodObject = NONE, input: unknown): { options: Options } | { problems: Problem[] } {
  const read = schema.safeParse(input, { reportInput: true });
  if (read.success) return { options: freeze(read.data) };

  const expected = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Expected;
  const problems = read.error.issues.flatMap((issue) => problemsOf(issue, expected));
  // A number can be too small and not whole: one sentence says both.
  const same = (a: Problem, b: Problem) => a.message === b.message && a.path.join("\0") === b.path.join("\0");
  return { problems: problems.filter((problem, at) => problems.findIndex((other) => same(other, problem)) === at) };
}

function problemsOf(issue: z.core.$ZodIssue, root: Expected): Problem[] {
  const path = issue.path.map(String);
  const expected = schemaAt(root, path);
  if (issue.code === "unrecognized_keys") {
    const known = Object.keys(expected?.properties ?? {});
    return issue.keys.map((key) => ({ path: [...path, key], message: unknownOption(key, known) }));
  }
  if (issue.code === "custom" && issue.message !== "Invalid input") return [{ path, message: issue.message }];
  const words = expected && expectation(expected);
  if (words === undefined) return [{ path, message: issue.message }];
  if (issue.input === undefined) return [{ path, message: `expected ${words}, but it is missing` }];
  return [{ path, message: `expected ${words}${expected?.secret ? "" : `, not ${shown(issue.input)}`}` }];
}

function unknownOption(key: string, known: readonly string[]): string {
  if (known.length === 0) return `there is no option "${key}": this plugin has none here.`;
  const hint = didYouMean(key, known);
  return hint === "."
    ? `there is no option "${key}"; there is ${known.map((name) => `"${name}"`).join(", ")}.`
    : `there is no option "${key}"${hint}`;
}

function schemaAt(root: Expected, path: readonly string[]): Expected | undefined {
  let at: Expected | undefined = root;
  for (const key of path) {
    const inner: unknown = at?.properties?.[key] ?? at?.items ?? at?.additionalProperties;
    at = typeof inner === "object" && inner !== null ? (inner as Expected) : undefined;
  }
  return at;
}

/** Whether two sets of options mean the same. */
export function sameOptions(a: unknown, b: unknown): boolean {
  // The platform compares what can be enumerated: to it, all secrets are alike.
  if (isSecret(a) && isSecret(b)) return a.reveal() === b.reveal();
  if (!isPlain(a) || !isPlain(b)) return isDeepStrictEqual(a, b);
  const keys = Object.keys(a);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameOptions(a[key], b[key]))
  );
}

function freeze<T>(value: T): T {
  if (isPlain(value)) for (const inner of Object.values(Object.freeze(value))) freeze(inner);
  return value;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (Array.isArray(value)) return true;
  return typeof value === "object" && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));
}
