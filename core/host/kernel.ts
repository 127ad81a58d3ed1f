import { Container, type Service } from "../container.ts";
import { type Clock, inTime } from "./clock.ts";
import { Ctx, contextOf } from "./context.ts";
import { Facts } from "./events.ts";
import { Faults } from "./faults.ts";
import { Votes } from "./guards.ts";
import { Questions } from "./hooks.ts";
import type { Owner } from "./owner.ts";
import type { Context, Fault, Logger, Powers } from "./plugin.ts";
import { Scope } from "./scope.ts";
import { Services } from "./services.ts";

/** What the program around the kernel gives it. */
export interface Parts {
  readonly clock: Clock;
  readonly log: Logger;
  /** The core's singletons: `get` and `make` find them by token. */
  readonly container?: Container;
  /** Makes what `Powers` adds to a context; what is registered by it must end with the scope. */
  readonly powers?: (ctx: Context, scope: Scope) => Powers;
  readonly onFault?: (fault: Fault) => void;
}

/** How long work in flight may take once its plugin stops. */
const DRAIN = 5_000;

/** Everything plugins are connected by. It knows how a scope ends, and nothing of who should run. */
export class Kernel {
  readonly clock: Clock;
  readonly log: Logger;
  readonly faults: Faults;
  readonly questions: Questions;
  readonly votes: Votes;
  readonly facts: Facts;
  readonly services: Services;
  /** The core as an owner: it comes last among equals, and stays. */
  readonly core: Owner;
  readonly powers: (ctx: Context, scope: Scope) => Powers;
  readonly #root: Container;
  readonly #shelves: Container;

  constructor(parts: Parts, mayUse: (consumer: string, provider: string) => boolean) {
    this.clock = parts.clock;
    this.log = parts.log;
    this.powers = parts.powers ?? (() => ({}) as Powers);
    this.faults = new Faults(parts.clock, parts.log, parts.onFault);
    this.questions = new Questions(parts.clock, this.faults.report);
    this.votes = new Votes(parts.clock, this.faults.report);
    this.facts = new Facts(this.faults.report);
    this.services = new Services({
      report: this.faults.report,
      contextOf: (owner) => contextOf(this, owner),
      mayUse: (consumer, provider) =>
        consumer.name === this.core.name || provider.name === this.core.name || mayUse(consumer.name, provider.name),
      end: (owner) => this.end(owner),
    });
    this.core = {
      name: "core",
      rank: () => Number.POSITIVE_INFINITY,
      options: {},
      kept: new Map(),
      scope: new Scope("The core"),
    };
    this.core.scope.admit(true);
    this.#root = parts.container ?? new Container();
    this.#shelves = this.#root.child();
  }

  /** A service offered to the owner, or else one of the core's singletons. */
  get<T>(service: Service<T>, owner: Owner): T {
    const found = this.services.find(service, owner);
    if (found) return found.it;
    if (this.#root.has(service)) return this.#root.get(service);
    throw this.services.missing(service, owner);
  }

  provide(service: Service<unknown>, owner: Owner, make: (consumer: Context) => unknown): void {
    if (this.#root.has(service))
      throw new Error(`The service "${service.name}" is the core's own: it cannot be provided.`);
    this.services.provide(service, owner, make);
    // A factory, once a token: it asks the table of services each time, so that nothing outlives its provider here.
    if (!this.#shelves.has(service)) this.#shelves.factory(service, (asker) => asker.get(Ctx).get(service));
  }

  /** The order in which plugins start has changed, and with it who is asked first. */
  sort(): void {
    this.questions.sort();
    this.votes.sort();
  }

  snapshot() {
    return {
      core: this.core.scope.holds(),
      questions: this.questions.snapshot(),
      guards: this.votes.snapshot(),
      listeners: this.facts.snapshot(),
      services: this.services.snapshot(),
    };
  }

  /** A container of the owner's own, emptied with its scope. */
  shelf(owner: Owner): Container {
    const container = this.#shelves.child();
    owner.scope.add("container", () => container.reset());
    return container;
  }

  /** Ends an owner's scope. Nothing asks it any more, its services' users go first, work in flight may land; then all is undone. */
  async end({ name, scope }: Owner): Promise<void> {
    scope.admit(false);
    this.votes.touch();
    await this.services.withdraw(scope);
    scope.abort();
    if (!(await inTime(this.clock, DRAIN, scope.flights.landed()))) {
      scope.flights.abandon(new Error(`"${name}" stopped, and this did not finish within ${DRAIN / 1000} s.`));
    }
    for (const { label, error } of await scope.close()) this.faults.report(name, label, error);
    this.votes.touch();
  }
}
