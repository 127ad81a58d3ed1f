import { type Chain, Chains, type Link } from "./chain.ts";
import type { Clock } from "./clock.ts";
import type { Report } from "./faults.ts";
import { isPromise } from "./flights.ts";
import type { Owner } from "./owner.ts";
import type { Fault } from "./plugin.ts";

/** A refusal is an answer, not a crash. By brand: a plugin may carry a second copy of this package. */
const REFUSAL = Symbol.for("masque:StanzaError");

type Predicate = (about: unknown) => unknown;
type Otherwise = unknown | ((fault?: Fault) => unknown);

/** Questions: handlers are asked in order, the first answer counts. */
export class Questions {
  readonly #chains: Chains;
  readonly #report: Report;

  constructor(clock: Clock, report: Report) {
    this.#chains = new Chains(clock);
    this.#report = report;
  }

  add(hook: string, owner: Owner, handler: (payload: unknown) => unknown, priority: number): void {
    this.#chains.add(hook, "handler", owner, priority, handler, () => undefined);
  }

  /** Whether anybody would be asked. */
  has(hook: string): boolean {
    return this.#chains.get(hook)?.links.some(({ owner }) => owner.scope.open) ?? false;
  }

  chain(hook: string): Chain | undefined {
    return this.#chains.get(hook);
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

  /** Fails closed: after a crash nobody else is asked, for what the crashed plugin would have hidden must stay hidden. */
  async ask(hook: string, payload: unknown, otherwise: Otherwise): Promise<unknown> {
    const chain = this.#chains.asked(hook);
    if (chain === undefined) return fallback(otherwise);
    for (const link of chain.links) {
      if (!link.owner.scope.open) continue;
      let answer: unknown;
      try {
        answer = link.run(payload);
        if (isPromise(answer)) answer = await link.owner.scope.flights.track(answer);
      } catch (error) {
        return fallback(otherwise, this.#crashed(hook, chain, link, error));
      }
      if (answer === undefined) continue;
      chain.recent.note(link.owner.name, "answered");
      return answer;
    }
    return fallback(otherwise);
  }

  /** Everybody's answers, in order; a crash costs only the answer of who crashed. */
  async gather(hook: string, payload: unknown): Promise<unknown[]> {
    const answers: unknown[] = [];
    const chain = this.#chains.asked(hook);
    if (chain === undefined) return answers;
    for (const link of chain.links) {
      if (!link.owner.scope.open) continue;
      try {
        let answer = link.run(payload);
        if (isPromise(answer)) answer = await link.owner.scope.flights.track(answer);
        if (answer === undefined) continue;
        chain.recent.note(link.owner.name, "answered");
        answers.push(typeof answer === "function" ? this.#contained(hook, link, answer as Predicate) : answer);
      } catch (error) {
        this.#crashed(hook, chain, link, error);
      }
    }
    return answers;
  }

  /** An answer that is itself asked, later and out of reach of `gather`: its crash is the plugin's, and says nothing. */
  #contained(hook: string, link: Link, answer: Predicate): Predicate {
    return (about) => {
      try {
        return answer(about);
      } catch (error) {
        this.#report(link.owner.name, hook, error);
        return undefined;
      }
    };
  }

  /** Reports the crash; a refusal is thrown on to whoever asked. */
  #crashed(hook: string, chain: Chain, link: Link, error: unknown): Fault {
    if (typeof error === "object" && error !== null && REFUSAL in error) {
      chain.recent.note(link.owner.name, "refused");
      throw error;
    }
    chain.recent.note(link.owner.name, "crashed");
    return this.#report(link.owner.name, hook, error);
  }
}

function fallback(otherwise: Otherwise, fault?: Fault): unknown {
  return typeof otherwise === "function" ? otherwise(fault) : otherwise;
}
