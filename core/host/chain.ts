import type { Clock } from "./clock.ts";
import { earlier, type Owned, type Owner } from "./owner.ts";
import { Recent } from "./recent.ts";

/** One plugin's part in answering a question or taking a vote. */
export interface Link extends Owned {
  readonly priority: number;
  readonly run: (payload: unknown) => unknown;
}

/** Everybody who is asked one question, in order: priority, then `earlier`. */
export class Chain {
  /** Replaced on every change, so that who is in the middle of asking is not disturbed. */
  links: readonly Link[] = [];
  readonly recent: Recent;

  constructor(clock: Clock) {
    this.recent = new Recent(clock);
  }

  add(link: Link): void {
    this.links = sorted([...this.links, link]);
  }

  /** The plugins' ranks have changed. */
  sort(): void {
    this.links = sorted(this.links);
  }

  remove(link: Link): void {
    this.links = this.links.filter((other) => other !== link);
  }

  list(): { plugin: string; priority: number }[] {
    return this.links.map(({ owner, priority }) => ({ plugin: owner.name, priority }));
  }
}

function sorted(links: readonly Link[]): readonly Link[] {
  return [...links].sort((a, b) => b.priority - a.priority || earlier(a, b));
}

/** All chains of one kind, by name. A name stays once it was asked or answered, with what is remembered about it. */
export class Chains {
  readonly #chains = new Map<string, Chain>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(name: string): Chain | undefined {
    return this.#chains.get(name);
  }

  /** The same, and remembers that it was asked for; but of what comes from outside, there is no end of names. */
  asked(name: string): Chain | undefined {
    const chain = this.#chains.get(name);
    if (chain === undefined && !name.startsWith("iq-")) this.#chains.set(name, new Chain(this.#clock));
    return chain;
  }

  names(): Iterable<string> {
    return this.#chains.keys();
  }

  /** Adds a link for as long as its owner's scope lasts. */
  add(name: string, kind: string, owner: Owner, priority: number, run: Link["run"], changed: () => void): void {
    const chain = this.#chains.get(name) ?? new Chain(this.#clock);
    const link = { owner, priority, place: owner.scope.next(), run };
    owner.scope.add(`${kind} ${name}`, () => {
      chain.remove(link);
      changed();
    });
    this.#chains.set(name, chain);
    chain.add(link);
    changed();
  }

  sort(): void {
    for (const chain of this.#chains.values()) chain.sort();
  }

  snapshot(): Record<string, string[]> {
    const taken = [...this.#chains].filter(([, chain]) => chain.links.length > 0).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(
      taken.map(([name, chain]) => [name, chain.list().map(({ plugin, priority }) => `${plugin} @ ${priority}`)]),
    );
  }
}
