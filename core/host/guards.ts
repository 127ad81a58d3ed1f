import { type Chain, Chains, type Link } from "./chain.ts";
import type { Clock } from "./clock.ts";
import type { Report } from "./faults.ts";
import { isPromise } from "./flights.ts";
import { didYouMean } from "./nearest.ts";
import type { Owner } from "./owner.ts";

/** What one voter says: a word, nothing, or, in place of a word, what went wrong. */
export interface Vote<W extends string = string> {
  readonly plugin: string;
  readonly word?: W;
  readonly fault?: string;
}

/** Votes: everybody is heard, the strictest word wins. */
export class Votes {
  /** Rises whenever a voter comes or goes and whenever a plugin starts or stops: a vote kept from before is stale. */
  version = 0;
  readonly #chains: Chains;
  readonly #report: Report;

  constructor(clock: Clock, report: Report) {
    this.#chains = new Chains(clock);
    this.#report = report;
  }

  add(name: string, owner: Owner, voter: (payload: unknown) => unknown): void {
    this.#chains.add(name, "voter", owner, 0, voter, () => this.touch());
  }

  touch(): void {
    this.version++;
  }

  chain(name: string): Chain | undefined {
    return this.#chains.get(name);
  }

  names(): Iterable<string> {
    return this.#chains.names();
  }

  sort(): void {
    this.#chains.sort();
  }

  snapshot(): Record<string, string[]> {
    return this.#chains.snapshot();
  }

  /**
   * @param words from the mildest, which is what silence means, to the strictest, which is what a crash means
   */
  vote<W extends string>(name: string, payload: unknown, words: readonly [W, ...W[]]): W {
    const chain = this.#chains.asked(name);
    if (chain === undefined) return words[0];
    let strictest = 0;
    let by: Owner | undefined;
    for (const link of chain.links) {
      if (!link.owner.scope.open) continue;
      const heard = hear(link, payload, words);
      if (heard instanceof Mishap) this.#report(link.owner.name, name, heard.error);
      const strictness = heard instanceof Mishap ? words.length - 1 : (heard ?? 0);
      if (strictness <= strictest) continue;
      strictest = strictness;
      by = link.owner;
    }
    if (by !== undefined) chain.recent.note(by.name, words[strictest]!);
    return words[strictest]!;
  }

  /** Everybody's vote, in order; decides nothing, and neither counts nor remembers what it hears. */
  poll<W extends string>(name: string, payload: unknown, words: readonly W[]): Vote<W>[] {
    const links = this.#chains.get(name)?.links ?? [];
    return links
      .filter(({ owner }) => owner.scope.open)
      .map((link) => {
        const plugin = link.owner.name;
        const heard = hear(link, payload, words);
        if (heard === undefined) return { plugin };
        if (typeof heard === "number") return { plugin, word: words[heard]! };
        return { plugin, fault: heard.error instanceof Error ? heard.error.message : String(heard.error) };
      });
  }
}

/** What came in the place of a word. */
class Mishap {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/** A voter's word, by its place among the words. */
function hear({ run }: Link, payload: unknown, words: readonly string[]): number | undefined | Mishap {
  try {
    const word = run(payload);
    if (word === undefined) return undefined;
    const strictness = words.indexOf(word as string);
    return strictness >= 0 ? strictness : new Mishap(wrong(word, words));
  } catch (error) {
    return new Mishap(error);
  }
}

function wrong(word: unknown, words: readonly string[]): Error {
  const list = words.map((each) => `"${each}"`).join(", ");
  if (!isPromise(word)) return new Error(`"${word}" is none of ${list}${didYouMean(String(word), words)}`);
  // The promise is already a fault; its own end, good or bad, says nothing more.
  word.then(undefined, () => undefined);
  return new Error(`A voter must answer at once with one of ${list}, not with a promise.`);
}
