import { Catalogue } from "../host/catalogue.ts";
import { shown } from "../host/expectation.ts";
import { readOptions } from "../host/options.ts";
import type { Plugin } from "../host/plugin.ts";
import type { Problem } from "../host/problem.ts";
import { type Table, table } from "./table.ts";
import { Unusable } from "./unusable.ts";
import { load } from "./use.ts";

/** Plugins of other makers by name, each with the `use` that brought it. */
export type Used = ReadonlyMap<string, Guest>;

export interface Guest {
  readonly use: string;
  readonly plugin: Plugin;
}

/** What the blocks `[plugins.NAME]` come to. */
export interface Blocks {
  /** Every plugin there is: those that come with Masque, and those of other makers. */
  readonly catalogue: readonly Plugin[];
  readonly used: Used;
  /** The plugins to run, and their options as written. */
  readonly plugins: Readonly<Record<string, Table>>;
}

interface Block {
  readonly enabled: boolean;
  /** "" when what was written is none. */
  readonly use: string | undefined;
  readonly options: Table;
}

/**
 * Reads the blocks. Every plugin is on unless its block says otherwise; the blocks of those that are off must be right
 * as well.
 * @param known plugins of other makers that run already: Node cannot load one anew
 */
export async function readBlocks(
  written: unknown,
  bundled: readonly Plugin[],
  folder: string,
  known: Used,
  problems: Problem[],
): Promise<Blocks> {
  const complain = (path: readonly string[], message: string) =>
    void problems.push({ path: ["plugins", ...path], message });
  const blocks = readEach(written, complain);
  const { catalogue, used, broken } = await readUses(blocks, bundled, folder, known, complain);
  const plugins = [...bundled, ...[...used.values()].map(({ plugin }) => plugin)];

  const desired = new Map<string, Table>(bundled.map((plugin) => [plugin.name, {}]));
  for (const [name, { use, options }] of blocks) if (use === undefined || used.has(name)) desired.set(name, options);
  const isOn = (name: string) => blocks.get(name)?.enabled !== false || !catalogue.get(name);
  // Who needs one that cannot be used has nothing wrong with itself.
  const isSound = (name: string) => !catalogue.get(name)?.dependsOn?.some((need) => broken.has(need));
  const judged = [...desired.keys()].filter((name) => isOn(name) && isSound(name));
  for (const { path, message } of catalogue.problems(judged)) complain(path, message);
  for (const [name, options] of desired) {
    const plugin = catalogue.get(name);
    const read = plugin && readOptions(plugin.options, options);
    if (read && "problems" in read) for (const { path, message } of read.problems) complain([name, ...path], message);
  }
  return { catalogue: plugins, used, plugins: Object.fromEntries([...desired].filter(([name]) => isOn(name))) };
}

type Complain = (path: readonly string[], message: string) => void;

function readEach(written: unknown, complain: Complain): Map<string, Block> {
  if (written !== undefined && written !== table(written)) complain([], "expected a table.");
  const blocks = Object.entries(table(written)).map(([name, block]): [string, Block] => {
    const { enabled = true, use, ...options } = table(block);
    if (block !== table(block)) complain([name], `expected a table, as in [plugins.${name}].`);
    if (typeof enabled !== "boolean") complain([name, "enabled"], `expected true or false, not ${shown(enabled)}.`);
    const isText = typeof use === "string" && use !== "";
    if (use !== undefined && !isText)
      complain([name, "use"], 'expected a file, such as "./plugins/quiet.js", or the name of an npm package.');
    return [name, { enabled: enabled !== false, use: use === undefined || isText ? use : "", options }];
  });
  return new Map(blocks);
}

/** Those that are off are loaded as well, for who needs them must know them; but one may switch off what does not load. */
async function readUses(
  blocks: ReadonlyMap<string, Block>,
  bundled: readonly Plugin[],
  folder: string,
  known: Used,
  complain: Complain,
): Promise<{ catalogue: Catalogue; used: Used; broken: ReadonlySet<string> }> {
  const used = new Map<string, Guest>();
  const broken = new Set<string>();
  let catalogue = new Catalogue(bundled);
  for (const [name, { use, enabled }] of blocks) {
    if (!use) continue;
    try {
      const plugin = known.get(name)?.plugin ?? (await named(name, use, folder, catalogue));
      catalogue = joined(catalogue, plugin);
      used.set(name, { use, plugin });
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      if (!enabled) continue;
      broken.add(name);
      complain([name, "use"], error.message);
    }
  }
  return { catalogue, used, broken };
}

async function named(name: string, use: string, folder: string, catalogue: Catalogue): Promise<Plugin> {
  if (catalogue.get(name))
    throw new Unusable(
      `"${name}" comes with Masque: remove this line, or give the block the name of the plugin it means.`,
    );
  const plugin = await load(use, folder);
  if (plugin.name === name) return plugin;
  throw new Unusable(
    `this is the plugin "${plugin.name}": call the block [plugins.${plugin.name}], not [plugins.${name}].`,
  );
}

function joined(catalogue: Catalogue, plugin: Plugin): Catalogue {
  try {
    return catalogue.with([plugin]);
  } catch (error) {
    throw new Unusable((error as Error).message);
  }
}
