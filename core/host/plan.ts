import type { Catalogue } from "./catalogue.ts";
import { type Options, sameOptions } from "./options.ts";

/** Who is to run, or runs, and with which options. */
export type Roster = ReadonlyMap<string, Options>;

/** What it takes to get from what runs to what shall run; in the order in which it is done. */
export interface Plan {
  readonly stop: readonly string[];
  readonly start: readonly string[];
  /** Those that shall run, but need somebody who shall not. */
  readonly waiting: readonly Waiting[];
}

export interface Waiting {
  readonly name: string;
  readonly for: readonly string[];
}

/** The least that must be done; `restart` names a plugin that stops even if nothing about it changed. */
export function planOf(catalogue: Catalogue, running: Roster, desired: Roster, restart?: string): Plan {
  const waiting: Waiting[] = [];
  const target = new Set<string>();
  const stopping = new Set<string>();
  for (const name of catalogue.order) {
    const options = desired.get(name);
    if (options === undefined) continue;
    const lacking = unmet(catalogue, name, target);
    if (lacking.length > 0) waiting.push({ name, for: lacking });
    else target.add(name);
  }
  for (const [name, options] of inOrder(catalogue, running)) {
    const stays = target.has(name) && name !== restart && sameOptions(options, desired.get(name));
    if (!stays || leansOn(catalogue, name, stopping)) stopping.add(name);
  }
  return {
    stop: [...stopping].reverse(),
    start: [...target].filter((name) => !running.has(name) || stopping.has(name)),
    waiting,
  };
}

/** Names in a plugin's `dependsOn` that nobody among `there` provides. */
export function unmet(catalogue: Catalogue, name: string, there: { has(name: string): boolean }): string[] {
  const needs = catalogue.needs(catalogue.get(name)!, there);
  return [...needs].filter(([, providers]) => providers.length === 0).map(([need]) => need);
}

function leansOn(catalogue: Catalogue, name: string, stopping: ReadonlySet<string>): boolean {
  return [...catalogue.needs(catalogue.get(name)!, stopping).values()].some((providers) => providers.length > 0);
}

function inOrder(catalogue: Catalogue, roster: Roster): [string, Options][] {
  return [...roster].sort(([a], [b]) => catalogue.rank(a) - catalogue.rank(b));
}
