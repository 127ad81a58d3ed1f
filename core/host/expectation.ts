import type { z } from "zod";

/** What a JSON Schema made from an option's zod schema may say about it. */
export type Expected = z.core.JSONSchema.BaseSchema & { readonly expects?: string; readonly secret?: boolean };

/**
 * What a value should have been, in words that follow "expected": `a whole number from 0 to 65536`.
 * `undefined` when there are no words for it.
 */
export function expectation(schema: Expected): string | undefined {
  if (schema.expects !== undefined) return schema.expects;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return either(schema.enum.map((value) => JSON.stringify(value)));
  if (schema.anyOf !== undefined) {
    const words = schema.anyOf.map((option) => expectation(option as Expected));
    return words.every((word) => word !== undefined) ? either(words) : undefined;
  }
  switch (schema.type) {
    case "boolean":
      return "true or false";
    case "integer":
      return numbers("a whole number", schema);
    case "number":
      return numbers("a number", schema);
    case "string":
      return text(schema);
    case "array":
      return `a list${counted(schema.minItems, schema.maxItems, "entry", "entries")}`;
    case "object":
      return "a table";
    default:
      return undefined;
  }
}

function either(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

function numbers(noun: string, schema: Expected): string {
  const { minimum, maximum, exclusiveMinimum: above, exclusiveMaximum: below, multipleOf } = schema;
  // zod bounds every whole number by what a double holds exactly; nobody wants to read that.
  const least = minimum === Number.MIN_SAFE_INTEGER ? undefined : minimum;
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  const bounds = [
    ...(least !== undefined && most !== undefined ? [`from ${least} to ${most}`] : []),
    ...(least !== undefined && most === undefined ? [`of at least ${least}`] : []),
    ...(least === undefined && most !== undefined ? [`of at most ${most}`] : []),
    ...(above !== undefined ? [`above ${above}`] : []),
    ...(below !== undefined ? [`below ${below}`] : []),
    ...(multipleOf !== undefined ? [`divisible by ${multipleOf}`] : []),
  ];
  return [noun, bounds.join(" and ")].filter(Boolean).join(" ");
}

function text(schema: Expected): string {
  const length = counted(schema.minLength, schema.maxLength, "character", "characters");
  if (schema.format !== undefined) return `text${length} that is a valid ${schema.format}`;
  return schema.pattern === undefined ? `text${length}` : `text${length} of the form ${schema.pattern}`;
}

function counted(least: number | undefined, most: number | undefined, one: string, many: string): string {
  if (least !== undefined && most !== undefined) return ` of ${least} to ${most} ${many}`;
  if (least !== undefined) return ` of at least ${least} ${least === 1 ? one : many}`;
  if (most !== undefined) return ` of at most ${most} ${most === 1 ? one : many}`;
  return "";
}

/** A value that was written, in few words: `"big"`, `7`, `a list`. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (Array.isArray(value)) return "a list";
  if (value instanceof Date) return "a date";
  return typeof value === "object" && value !== null ? "a table" : String(value);
}
