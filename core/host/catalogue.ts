import { didYouMean } from "./nearest.ts";
import type { Plugin } from "./plugin.ts";
import type { Problem } from "./problem.ts";

/** All plugins that could run, and how they hang together. It never changes: one with more plugins is another one. */
export class Catalogue {
  readonly #plugins = new Map<string, Plugin>();
  readonly #providers = new Map<string, Plugin[]>();
  readonly #order: readonly string[];
  readonly #ranks: ReadonlyMap<string, number>;

  /** Throws when a name is taken twice, and on a circle: `a -> b -> a`. */
  constructor(plugins: readonly Plugin[]) {
    for (const plugin of plugins) {
      if (this.#plugins.has(plugin.name)) throw new Error(`Two plugins are called "${plugin.name}".`);
      if (plugin.name === "core") throw new Error('No plugin can be called "core": that is the core itself.');
      this.#plugins.set(plugin.name, plugin);
      for (const name of new Set([plugin.name, ...(plugin.provides ?? [])])) {
        this.#providers.set(name, [...(this.#providers.get(name) ?? []), plugin]);
      }
    }
    const depths = new Map<string, number>();
    for (const plugin of plugins) this.#measure(plugin, depths, []);
    this.#order = [...depths.keys()].sort((a, b) => depths.get(a)! - depths.get(b)! || (a < b ? -1 : 1));
    this.#ranks = new Map(this.#order.map((name, rank) => [name, rank]));
  }

  /** A catalogue that knows these, too; this one, when it knows them all. Throws as the constructor does. */
  with(plugins: readonly Plugin[]): Catalogue {
    const known = new Set(this.#plugins.values());
    const more = plugins.filter((plugin) => !known.has(plugin));
    return more.length > 0 ? new Catalogue([...known, ...more]) : this;
  }

  /** How many steps a plugin is above those that need nobody. */
  #measure(plugin: Plugin, depths: Map<string, number>, path: readonly string[]): number {
    const known = depths.get(plugin.name);
    if (known !== undefined) return known;
    if (path.includes(plugin.name)) {
      const circle = [...path.slice(path.indexOf(plugin.name)), plugin.name].join(" -> ");
      throw new Error(`Plugins depend on one another in a circle: ${circle}.`);
    }
    const needed = (plugin.dependsOn ?? []).flatMap((name) => this.providers(name));
    const depth = Math.max(0, ...needed.map((other) => this.#measure(other, depths, [...path, plugin.name]) + 1));
    depths.set(plugin.name, depth);
    return depth;
  }

  /** Names in starting order: a plugin after all it may need, equals by name. */
  get order(): readonly string[] {
    return this.#order;
  }

  get(name: string): Plugin | undefined {
    return this.#plugins.get(name);
  }

  rank(name: string): number {
    return this.#ranks.get(name)!;
  }

  /** Plugins of that name, or that provide it. */
  providers(name: string): readonly Plugin[] {
    return this.#providers.get(name) ?? [];
  }

  /** For each name in a plugin's `dependsOn`, those of `among` that provide it. */
  needs(plugin: Plugin, among: { has(name: string): boolean }): Map<string, string[]> {
    const needs = (plugin.dependsOn ?? []).map((name) => {
      const providers = this.providers(name).map((provider) => provider.name);
      return [name, providers.filter((provider) => among.has(provider))] as const;
    });
    return new Map(needs);
  }

  /** Whether a plugin names another in `dependsOn`, or something that the other provides. */
  dependsOn(name: string, provider: string): boolean {
    return (
      this.get(name)?.dependsOn?.some((need) => this.providers(need).some((plugin) => plugin.name === provider)) ??
      false
    );
  }

  /** What is wrong with running exactly these plugins, their options aside. */
  problems(names: readonly string[]): Problem[] {
    return [...names.flatMap((name) => this.#problemsOf(name)), ...this.#rivals(names)];
  }

  #problemsOf(name: string): Problem[] {
    const plugin = this.get(name);
    if (!plugin) {
      return [{ path: [name], message: `there is no plugin "${name}"${didYouMean(name, this.#order)}` }];
    }
    const unknown = (plugin.dependsOn ?? []).filter((need) => this.providers(need).length === 0);
    return unknown.map((need) => ({
      path: [name],
      message: `it depends on "${need}", which no known plugin provides${didYouMean(need, this.#providers.keys())}`,
    }));
  }

  #rivals(names: readonly string[]): Problem[] {
    return [...this.#providers].flatMap(([provided, plugins]) => {
      const [first, ...others] = plugins.map(({ name }) => name).filter((name) => names.includes(name));
      return others.map((name) => ({
        path: [name],
        message: `it provides "${provided}", and so does "${first}": only one of the two can be on.`,
      }));
    });
  }
}
