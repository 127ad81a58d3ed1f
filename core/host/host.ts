import type { Service } from "../container.ts";
import { Catalogue } from "./catalogue.ts";
import { contextOf } from "./context.ts";
import { Crew, type Status } from "./crew.ts";
import type { Vote } from "./guards.ts";
import { Kernel, type Parts } from "./kernel.ts";
import { didYouMean } from "./nearest.ts";
import { type Options, readOptions } from "./options.ts";
import { type Plan, planOf, type Roster } from "./plan.ts";
import type { Answer, Ballot, Context, Events, Fault, Guards, Hooks, Payload, Plugin, Word } from "./plugin.ts";
import { ConfigError, type Problem } from "./problem.ts";
import type { Outcome } from "./recent.ts";

export type { Status } from "./crew.ts";
export type { Vote } from "./guards.ts";
export type { Parts } from "./kernel.ts";
export type { Plan } from "./plan.ts";
export { ConfigError, type Problem } from "./problem.ts";

/** Exactly the plugins that are to run, each with its options as they were written. */
export type Desired = Readonly<Record<string, object>>;

/** Who is asked a question or has a vote, in order, and what came of it the last times. */
export interface Explanation {
  readonly asked: readonly { readonly plugin: string; readonly priority: number }[];
  readonly recent: readonly Outcome[];
}

/**
 * Runs plugins. One states which are to run; the host converges to that, one change after the other.
 * @example
 * const host = new Host(catalogue, { clock: systemClock, log });
 * await host.apply({ participants: {}, vcard: { largest: "64 KiB" } });
 */
export class Host {
  protected readonly kernel: Kernel;
  protected readonly crew: Crew;
  #catalogue: Catalogue;
  #desired: Desired = {};
  #wanted: Roster = new Map();
  #turn: Promise<unknown> = Promise.resolve();
  #core: Context | undefined;

  /** Throws when plugins depend on one another in a circle. */
  constructor(catalogue: readonly Plugin[], parts: Parts) {
    this.#catalogue = new Catalogue(catalogue);
    this.kernel = new Kernel(parts, (consumer, provider) => this.#catalogue.dependsOn(consumer, provider));
    this.crew = new Crew(this.kernel, this.#catalogue);
  }

  /** The core's own powers: what it registers through them stays. */
  get core(): Context {
    this.#core ??= contextOf(this.kernel, this.kernel.core);
    return this.#core;
  }

  ask<K extends keyof Hooks>(
    hook: K,
    payload: Payload<K>,
    otherwise: Answer<K> | ((fault?: Fault) => Answer<K>),
  ): Answer<K> | Promise<Answer<K>> {
    return this.kernel.questions.ask(hook, payload, otherwise) as Answer<K> | Promise<Answer<K>>;
  }

  gather<K extends keyof Hooks>(hook: K, payload: Payload<K>): Answer<K>[] | Promise<Answer<K>[]> {
    return this.kernel.questions.gather(hook, payload) as Answer<K>[] | Promise<Answer<K>[]>;
  }

  /** Whether a running plugin, or the core, would be asked. */
  has(hook: keyof Hooks): boolean {
    return this.kernel.questions.has(hook);
  }

  /** `words` from the mildest, which is what silence means, to the strictest, which wins and is what a crash means. */
  vote<K extends keyof Guards>(guard: K, payload: Ballot<K>, words: readonly [Word<K>, ...Word<K>[]]): Word<K> {
    return this.kernel.votes.vote(guard, payload, words as readonly [never, ...never[]]);
  }

  /** What everybody would say in such a vote, in order; nothing is decided by it, counted or remembered. */
  poll<K extends keyof Guards>(guard: K, payload: Ballot<K>, words: readonly Word<K>[]): Vote<Word<K>>[] {
    return this.kernel.votes.poll(guard, payload, words as readonly never[]);
  }

  /** Rises whenever the outcome of a vote could change for a reason that lies with the plugins. */
  get version(): number {
    return this.kernel.votes.version;
  }

  on<K extends keyof Events>(event: K, listener: (event: Events[K]) => void | Promise<void>): void {
    this.core.on(event, listener);
  }

  emit<K extends keyof Events>(event: K, payload: Events[K]): void {
    this.kernel.facts.emit(event, payload);
  }

  /** Offers a service of the core's own to every plugin. */
  provide<T>(service: Service<T>, make: (consumer: Context) => NoInfer<T>): void {
    this.kernel.provide(service, this.kernel.core, make);
  }

  /** Everything that is wrong with a desired state, as one ConfigError. Runs no plugin's code, touches nothing. */
  check(desired: Desired): void {
    this.#read(desired);
  }

  /** What `apply` would do now. */
  plan(desired: Desired, plugins: readonly Plugin[] = []): Plan {
    const catalogue = this.#catalogue.with(plugins);
    return this.planned(this.#read(desired, catalogue), undefined, catalogue);
  }

  /**
   * Converges; what is unchanged is not touched. A plugin that fails to start is in `status`, and does not reject.
   * @param plugins those the host did not know, if any; it knows them from then on
   */
  apply(desired: Desired, plugins: readonly Plugin[] = []): Promise<Plan> {
    return this.#queue(() => {
      const catalogue = this.#catalogue.with(plugins);
      this.#read(desired, catalogue);
      this.#catalogue = catalogue;
      this.crew.follow(catalogue);
      return this.#converge(desired);
    });
  }

  /** Without `options`, those it has or had are kept. */
  enable(name: string, options?: object): Promise<Plan> {
    return this.#queue(() => this.#converge({ ...this.#desired, [name]: options ?? this.#desired[name] ?? {} }));
  }

  disable(name: string): Promise<Plan> {
    return this.#queue(() => {
      this.#mustKnow(name);
      const { [name]: _, ...others } = this.#desired;
      return this.#converge(others);
    });
  }

  /** What `disable` would do now. */
  planOff(name: string): Plan {
    const { [name]: _, ...others } = this.#desired;
    return this.planned(this.#read(others));
  }

  /** Whether channels made while this plugin runs are suspended without it. */
  isReliedOn(name: string): boolean {
    return this.#catalogue.get(name)?.protects === true;
  }

  /** Stops and starts a plugin and those that depend on it; one that failed is tried again. */
  reload(name: string): Promise<Plan> {
    return this.#queue(() => {
      this.#mustKnow(name);
      if (!Object.hasOwn(this.#desired, name)) throw new Error(`The plugin "${name}" is off: enable it instead.`);
      return this.#converge(this.#desired, name);
    });
  }

  async stop(): Promise<void> {
    await this.apply({});
  }

  /** Whether a plugin is fully started and not about to stop: what it guards is guarded. */
  runs(name: string): boolean {
    return this.crew.runs(name);
  }

  /** Those that protect channels and are to run, but do not: they failed, or wait, or are between a stop and a start. */
  unprotected(): string[] {
    const names = new Set([...this.#wanted.keys(), ...this.crew.running.keys()]);
    return [...names].filter((name) => this.#catalogue.get(name)?.protects && !this.runs(name));
  }

  status(): Record<string, Status> {
    return Object.fromEntries(this.#catalogue.order.map((name) => [name, this.crew.status(name, this.#wanted)]));
  }

  /** Every question that was asked or answered, and every guard, since the host was made. */
  questions(): Set<string> {
    return new Set([...this.kernel.questions.names(), ...this.kernel.votes.names()]);
  }

  explain(question: string): Explanation {
    const { questions, votes } = this.kernel;
    const chains = [questions.chain(question), votes.chain(question)].filter((chain) => chain !== undefined);
    return {
      asked: chains.flatMap((chain) => chain.list()),
      recent: chains.flatMap((chain) => chain.recent.list()),
    };
  }

  /** Counts a crash of a plugin's in what it gave the core to call. */
  report(plugin: string, where: string, error: unknown): void {
    this.kernel.faults.report(plugin, where, error);
  }

  /** The last crashes, oldest first. */
  faults(): Fault[] {
    return this.kernel.faults.recent();
  }

  /** Everything that is registered, as plain data: two equal snapshots mean that nothing leaked in between. */
  snapshot() {
    return { ...this.crew.snapshot(), ...this.kernel.snapshot() };
  }

  protected planned(wanted: Roster, restart?: string, catalogue = this.#catalogue): Plan {
    return planOf(catalogue, this.crew.running, wanted, restart);
  }

  async #converge(desired: Desired, restart?: string): Promise<Plan> {
    const wanted = this.#read(desired);
    const plan = this.planned(wanted, restart);
    this.#desired = desired;
    this.#wanted = wanted;
    for (const name of plan.stop) await this.crew.stop(name);
    this.crew.forget(wanted);
    for (const name of plan.start) await this.crew.start(name, wanted.get(name)!);
    return plan;
  }

  /** The options of every plugin that is desired; throws everything that is wrong with them. */
  #read(desired: Desired, catalogue = this.#catalogue): Roster {
    const names = Object.keys(desired);
    const problems: Problem[] = catalogue.problems(names);
    const wanted = new Map<string, Options>();
    for (const name of names) {
      const plugin = catalogue.get(name);
      if (!plugin) continue;
      const read = readOptions(plugin.options, desired[name]);
      if ("options" in read) wanted.set(name, read.options);
      else problems.push(...read.problems.map(({ path, message }) => ({ path: [name, ...path], message })));
    }
    if (problems.length > 0) throw new ConfigError(problems);
    return wanted;
  }

  #mustKnow(name: string): void {
    if (this.#catalogue.get(name)) return;
    throw new Error(`There is no plugin "${name}"${didYouMean(name, this.#catalogue.order)}`);
  }

  /** One change after the other, each from the state that the one before left. */
  #queue<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(change);
    // The caller hears of a failure; who is next in the queue need not.
    this.#turn = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }
}
