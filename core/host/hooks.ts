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

/** One question as it was put. */
interface Asking {
  readonly hook: string;
  readonly chain: Chain;
  readonly payload: unknown;
  readonly otherwise: Otherwise;
}

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

  /**
   * The first answer: at once, unless somebody who is asked takes his time. Fails closed: after a crash nobody else is
   * asked, for what the crashed plugin would have hidden must stay hidden.
   */
  ask(hook: string, payload: unknown, otherwise: Otherwise): unknown {
    const chain = this.#chains.asked(hook);
    return chain === undefined ? fallback(otherwise) : this.#askFrom(0, { hook, chain, payload, otherwise });
  }

  #askFrom(first: number, asking: Asking, links = asking.chain.links): unknown {
    for (let i = first; i < links.length; i++) {
      const link = links[i] as Link;
      if (!link.owner.scope.open) continue;
      let answer: unknown;
      try {
        answer = link.run(asking.payload);
      } catch (error) {
        return fallback(asking.otherwise, this.#crashed(asking, link, error));
      }
      if (isPromise(answer)) return this.#await(link, answer, asking, () => this.#askFrom(i + 1, asking, links));
      if (answer === undefined) continue;
      asking.chain.recent.note(link.owner.name, "answered");
      return answer;
    }
    return fallback(asking.otherwise);
  }

  async #await(link: Link, work: PromiseLike<unknown>, asking: Asking, next: () => unknown): Promise<unknown> {
    let answer: unknown;
    try {
      answer = await link.owner.scope.flights.track(work);
    } catch (error) {
      return fallback(asking.otherwise, this.#crashed(asking, link, error));
    }
    if (answer === undefined) return next();
    asking.chain.recent.note(link.owner.name, "answered");
    return answer;
  }

  /** Everybody's answers, in order, and at once, unless somebody takes his time; a crash costs only the answer of who crashed. */
  gather(hook: string, payload: unknown): unknown[] | Promise<unknown[]> {
    const chain = this.#chains.asked(hook);
    return chain === undefined ? [] : this.#gatherFrom(0, [], { hook, chain, payload, otherwise: undefined });
  }

  #gatherFrom(
    first: number,
    answers: unknown[],
    asking: Asking,
    links = asking.chain.links,
  ): unknown[] | Promise<unknown[]> {
    for (let i = first; i < links.length; i++) {
      const link = links[i] as Link;
      if (!link.owner.scope.open) continue;
      try {
        const answer = link.run(asking.payload);
        if (!isPromise(answer)) this.#collect(answers, answer, asking, link);
        else {
          const collect = (answer: unknown) => this.#collect(answers, answer, asking, link);
          const crashed = (error: unknown) => void this.#crashed(asking, link, error);
          const tracked = link.owner.scope.flights.track(answer);
          return tracked.then(collect, crashed).then(() => this.#gatherFrom(i + 1, answers, asking, links));
        }
      } catch (error) {
        this.#crashed(asking, link, error);
      }
    }
    return answers;
  }

  #collect(answers: unknown[], answer: unknown, { hook, chain }: Asking, link: Link): void {
    if (answer === undefined) return;
    chain.recent.note(link.owner.name, "answered");
    answers.push(typeof answer === "function" ? this.#contained(hook, link, answer as Predicate) : answer);
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
  #crashed({ hook, chain }: Asking, link: Link, error: unknown): Fault {
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
