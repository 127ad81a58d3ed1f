import { type ZodObject, z } from "zod";
import { type Expected, expectation } from "../host/expectation.ts";
import type { Plugin } from "../host/plugin.ts";
import { SECTIONS } from "./sections.ts";

/** What the JSON Schema of an option says about it. */
type OptionSchema = Expected & { readonly example?: unknown; readonly needed?: boolean };

const HEAD = `# Masque's configuration, with every option there is.
#
# An option behind a # is left at the default shown: remove the # to change it.
# "masque check" says what is wrong with this file; "masque reload" brings it into effect.
# Relative paths are taken from the folder of this file.
`;

/** A configuration file that names every option, and means the defaults. */
export function example(plugins: readonly Plugin[]): string {
  const sections = Object.entries(SECTIONS).map(([name, schema]) =>
    block(name, [schema.description ?? ""], optionsOf(name, schema)),
  );
  const blocks = [...plugins]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, summary, dependsOn = [], options }) => {
      const needs = dependsOn.length > 0 ? [`Needs: ${dependsOn.join(", ")}.`] : [];
      return block(
        `plugins.${name}`,
        [summary, ...needs],
        ["#enabled = true", ...optionsOf(`plugins.${name}`, options)],
      );
    });
  return [HEAD, ...sections, ...blocks].join("\n");
}

function block(name: string, about: readonly string[], options: readonly string[]): string {
  return `${[...about.flatMap(comment), `[${name}]`, ...options].join("\n")}\n`;
}

function optionsOf(owner: string, schema: ZodObject | undefined): string[] {
  return optionTexts(owner, schema).flatMap(({ about, line }) => ["", ...comment(about), line]);
}

/** An option as people read of it. */
export interface OptionText {
  readonly name: string;
  /** What it is for, and what is expected of it. */
  readonly about: string;
  /** Its line in the example of a configuration file. */
  readonly line: string;
}

/** @throws Error for an option that has neither a default nor an example */
export function optionTexts(owner: string, schema: ZodObject | undefined): OptionText[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return Object.entries(properties as Record<string, OptionSchema>).map(([name, option]) => {
    const words = option.enum || option.expects || option.type === "integer" ? expectation(option) : undefined;
    const about = [sentence(option.description ?? ""), ...(words ? [`Expected: ${words}.`] : [])].join(" ");
    const isNeeded = option.needed === true || required.includes(name);
    return { name, about, line: assignment(owner, name, option, isNeeded) };
  });
}

function assignment(owner: string, name: string, option: OptionSchema, isNeeded: boolean): string {
  if (option.default !== undefined) return `#${name} = ${toml(option.default)}`;
  if (option.example === undefined)
    throw new Error(`The option "${name}" of "${owner}" has no default, and no example.`);
  return `${isNeeded ? "" : "# For example: "}${name} = ${toml(option.example)}`;
}

/** A value in one line of TOML. */
function toml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toml).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)} = ${toml(inner)}`);
  return entries.length > 0 ? `{ ${entries.join(", ")} }` : "{}";
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** Text as comment lines of at most 100 characters. */
function comment(text: string): string[] {
  return (
    text
      .trim()
      .match(/\S.{0,97}(?=\s|$)/g)
      ?.map((line) => `# ${line}`) ?? []
  );
}
