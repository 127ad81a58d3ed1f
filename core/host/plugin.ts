import type { ZodObject, z } from "zod";
import type { Service } from "../container.ts";
import type { Duration } from "./duration.ts";

/** Questions: asked in order, the first answer wins. Name -> (payload) => answer. Extended by declaration merging. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by declaration merging
export interface Hooks {}

/** Guards: everybody is heard, the strictest word wins, a crash is the strictest word. Name -> (payload) => word. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by declaration merging
export interface Guards {}

/** Facts: observed, never influenced. Name -> payload. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by declaration merging
export interface Events {}

/** What the program around the kernel gives every plugin besides the kernel's own powers. Extended by declaration merging. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by declaration merging
export interface Powers {}

type Args<F> = F extends (payload: infer P) => unknown ? P : never;
type Result<F> = F extends (payload: never) => infer R ? R : never;

export type Payload<K extends keyof Hooks> = Args<Hooks[K]>;
export type Answer<K extends keyof Hooks> = Result<Hooks[K]>;
/** Answers, or returns `undefined`: "not mine, ask the next". */
export type Handler<K extends keyof Hooks> = (
  payload: Payload<K>,
) => Answer<K> | undefined | Promise<Answer<K> | undefined>;

export type Ballot<K extends keyof Guards> = Args<Guards[K]>;
export type Word<K extends keyof Guards> = Result<Guards[K]>;
/** Synchronous; `undefined` abstains. */
export type Voter<K extends keyof Guards> = (payload: Ballot<K>) => Word<K> | undefined;

/** A crash inside a plugin: who, in which question, guard or event, and what was thrown. */
export interface Fault {
  readonly plugin: string;
  readonly where: string;
  readonly error: unknown;
  readonly at: number;
}

export interface Logger {
  debug(data: object | string, text?: string): void;
  info(data: object | string, text?: string): void;
  warn(data: object | string, text?: string): void;
  error(data: object | string, text?: string): void;
}

/**
 * A feature operators can switch, or a third party's own.
 * @example
 * export default definePlugin({ name: "hello", summary: "Says hello.", setup({ log }) { log.info("hello"); } });
 */
export interface Plugin<S extends ZodObject = ZodObject> {
  readonly name: string;
  /** One sentence for operators; the first line of its generated page. */
  readonly summary: string;
  /** Every option has a default and a `.describe()`. */
  readonly options?: S;
  /** Names of plugins, or of anything in another's `provides`. */
  readonly dependsOn?: readonly string[];
  readonly provides?: readonly string[];
  /** Channels rely on it: none is created while it is to run, but does not. */
  readonly protects?: boolean;
  setup(ctx: Context<S>): void | Promise<void>;
}

/** All members are plain functions: destructure what you use. All registrations are undone, newest first, when the plugin stops. */
export interface Context<S extends ZodObject = ZodObject> extends Powers {
  readonly name: string;
  /** Validated, defaulted, frozen. */
  readonly options: z.output<S>;
  readonly log: Logger;
  /** Aborted first when the plugin stops. */
  readonly signal: AbortSignal;
  /** The time by the host's clock, in milliseconds since 1970. */
  now(): number;

  /** Answers a question; higher priorities are asked first, 0 is the default. */
  handle<K extends keyof Hooks>(hook: K, handler: Handler<K>, priority?: number): void;
  /**
   * The first answer; `otherwise` when nobody answered or somebody crashed (then with the fault). A thrown `StanzaError`
   * passes through. Await it: it is a promise only where somebody who was asked takes his time.
   */
  ask<K extends keyof Hooks>(
    hook: K,
    payload: Payload<K>,
    otherwise: Answer<K> | ((fault?: Fault) => Answer<K>),
  ): Answer<K> | Promise<Answer<K>>;
  /** Everybody's answers, to be awaited, too; those who crash are left out and counted. */
  gather<K extends keyof Hooks>(hook: K, payload: Payload<K>): Answer<K>[] | Promise<Answer<K>[]>;
  guard<K extends keyof Guards>(name: K, voter: Voter<K>): void;
  on<K extends keyof Events>(event: K, listener: (event: Events[K]) => void | Promise<void>): void;
  emit<K extends keyof Events>(event: K, payload: Events[K]): void;

  /** A core service, or one of a plugin named in `dependsOn`; anything else fails setup by name. */
  get<T>(service: Service<T>): T;
  /** Runs `use` now, or whenever the service appears, in a scope of its own that closes before the provider stops. */
  when<T>(service: Service<T>, use: (it: T, ctx: Context<S>) => void): void;
  /** Offers a service, made anew for each consumer, so that what a consumer registers can be undone with it. */
  provide<T>(service: Service<T>, make: (consumer: Context) => NoInfer<T>): void;

  /** Plain data that survives a reload, but not a disable. */
  keep<T>(key: string, fresh: () => T): T;
  /** Runs `task` once, a while from now, unless the plugin stops before. */
  after(delay: Duration, task: () => void | Promise<void>): void;
  every(period: Duration, task: () => void | Promise<void>): void;
  /** Builds a class of the plugin's own; its `@Token` parameters come from the plugin's container. */
  // biome-ignore lint/suspicious/noExplicitAny: a constructor's parameters are the container's business
  make<T>(part: new (...services: any[]) => T): T;
  cleanup(label: string, undo: () => void | Promise<void>): void;
}

/** Types a plugin by its options; returns it unchanged. */
export function definePlugin<S extends ZodObject = ZodObject<Record<never, never>>>(plugin: Plugin<S>): Plugin {
  return plugin as unknown as Plugin;
}
