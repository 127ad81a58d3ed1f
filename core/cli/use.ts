import { pathToFileURL } from "node:url";
import { inTime, systemClock } from "../host/clock.ts";
import type { Plugin } from "../host/plugin.ts";
import { judgeFit } from "./fit.ts";
import { locate } from "./locate.ts";
import { Unusable } from "./unusable.ts";

/** How long a plugin's module may take to load. */
const PATIENCE = 10_000;

/** How often each file failed to load. */
const failures = new Map<string, number>();

/**
 * Loads the plugin that `use` in a configuration file names.
 * @param folder of the configuration file
 * @throws Unusable with a sentence that says why it cannot be used
 */
export async function load(use: string, folder: string): Promise<Plugin> {
  const file = locate(use, folder);
  judgeFit(file);
  return pluginIn(await loadModule(file));
}

async function loadModule(file: string): Promise<Exports> {
  // Node remembers a failure by URL for as long as it runs: with another one, a file that was put right gets its chance.
  const failed = failures.get(file) ?? 0;
  const url = pathToFileURL(file).href + (failed > 0 ? `?${failed}` : "");
  try {
    const loading = import(url) as Promise<Exports>;
    if (await inTime(systemClock, PATIENCE, loading)) return await loading;
  } catch (error) {
    failures.set(file, failed + 1);
    throw new Unusable(whyNot(error, file));
  }
  throw new Unusable(`it did not finish loading within ${PATIENCE / 1000} s.`);
}

type Exports = Readonly<Record<string, unknown>>;

function whyNot(error: unknown, file: string): string {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === "ERR_UNKNOWN_FILE_EXTENSION" && /\.[cm]?ts$/.test(file))
    return `Node ${process.versions.node} does not load TypeScript: compile it to JavaScript, or use Node 22.18 or later.`;
  if (code === "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING")
    return "Node loads no TypeScript from node_modules: its maker has to publish it as JavaScript.";
  const [message] = String(error).split("\n");
  const missing = /Cannot find package '([^']+)'/.exec(message ?? "")?.[1];
  if (missing) return `it imports "${missing}", which is not installed: run "npm install ${missing}" beside ${file}.`;
  return `it fails to load: ${message} (${placesIn(error, file)})`;
}

/** Where in its own file it went wrong, from the innermost call: `plugin.js:3:7, plugin.js:9:1`. */
function placesIn(error: unknown, file: string): string {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const [path, name] = [pathToFileURL(file).pathname, file.slice(file.lastIndexOf("/") + 1)];
  const places = stack.split("\n").flatMap((line) => {
    const [, place] = line.split(path);
    const at = /^(?:\?\d+)?(:\d+(?::\d+)?)/.exec(place ?? "");
    return at ? [name + at[1]] : [];
  });
  // Node keeps the place of a syntax error to itself until it dies of one.
  return places.length > 0 ? places.slice(0, 3).join(", ") : `"node ${file}" shows where`;
}

const isText = (value: unknown) => typeof value === "string" && value !== "";
const areTexts = (value: unknown) => value === undefined || (Array.isArray(value) && value.every(isText));
const isSchema = (value: unknown) =>
  value === undefined || (typeof value === "object" && value !== null && "_zod" in value && "shape" in value);

const PARTS: { readonly [P in keyof Plugin]-?: readonly [expected: string, is: (value: unknown) => boolean] } = {
  name: ["text", isText],
  summary: ["a sentence", isText],
  options: ['an object made by z.strictObject of "masque"', isSchema],
  dependsOn: ["a list of names", areTexts],
  provides: ["a list of names", areTexts],
  protects: ["true or false", (value) => value === undefined || typeof value === "boolean"],
  setup: ["a function", (value) => typeof value === "function"],
};

function pluginIn(exports: Exports): Plugin {
  const { default: plugin, ...others } = exports;
  if (plugin === undefined) {
    const meant = Object.keys(others).find((name) => mistakesIn(others[name]).length === 0);
    throw new Unusable(`it has no default export: write "export default ${meant ?? "definePlugin({ … })"}".`);
  }
  const mistakes = mistakesIn(plugin);
  if (mistakes.length === 0) return plugin as Plugin;
  throw new Unusable(`its default export is not a plugin: expected ${mistakes.join(", ")}.`);
}

function mistakesIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return ["an object made by definePlugin"];
  const wrong = Object.entries(PARTS).filter(([part, [, is]]) => !is((value as Exports)[part]));
  return wrong.map(([part, [expected]]) => `"${part}" to be ${expected}`);
}
