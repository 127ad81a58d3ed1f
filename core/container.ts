import "reflect-metadata";
import { type DependencyContainer, inject, injectable, container as topmost } from "tsyringe";

declare const made: unique symbol;

/**
 * A typed name for something one part gives another, and the decorator of a constructor parameter that wants it.
 * @example
 * interface JidMap { of(id: string): string | undefined }
 * const JidMap = service<JidMap>("jidmap");
 * class Relay { constructor(@JidMap jids: JidMap) {} }
 */
export interface Service<T> {
  (target: object, property: string | symbol | undefined, index: number): void;
  /** The same in every copy of this package: two copies must agree on what is meant. */
  readonly id: symbol;
  readonly name: string;
  readonly [made]?: T;
}

export function service<T>(name: string): Service<T> {
  const id = Symbol.for(`masque:${name}`);
  const decorate = inject(id) as (target: object, property: string | symbol | undefined, index: number) => void;
  const token = (target: object, property: string | symbol | undefined, index: number) =>
    decorate(target, property, index);
  return Object.defineProperties(token, { id: { value: id }, name: { value: name } }) as Service<T>;
}

// biome-ignore lint/suspicious/noExplicitAny: parameters are found by their tokens, not by their types
type Class<T> = new (...services: any[]) => T;

/**
 * Parts by token. The root holds the core's singletons, each plugin has a child of its own, thrown away with it.
 * Tokens are symbols, never classes: the library would silently build a fresh instance of an unregistered class.
 */
export class Container {
  readonly #inner: DependencyContainer;

  constructor(inner: DependencyContainer = topmost.createChildContainer()) {
    this.#inner = inner;
  }

  value<T>(service: Service<T>, value: NoInfer<T>): this {
    this.#inner.register(service.id, { useValue: value });
    return this;
  }

  /** `make` is called each time somebody asks, with the asker's container; nothing is remembered. */
  factory<T>(service: Service<T>, make: (asker: Container) => NoInfer<T>): this {
    this.#inner.register(service.id, { useFactory: (asker) => make(new Container(asker)) });
    return this;
  }

  has(service: Service<unknown>): boolean {
    return this.#inner.isRegistered(service.id, true);
  }

  /** Throws when nothing is registered under the token, here or above. */
  get<T>(service: Service<T>): T {
    if (!this.has(service)) throw new Error(`Nothing is registered as "${service.name}".`);
    return this.#inner.resolve<T>(service.id);
  }

  /** Builds a class whose constructor parameters all carry a token. */
  make<T>(part: Class<T>): T {
    for (const token of prepare(part)) {
      if (this.#inner.isRegistered(token, true)) continue;
      const name = token.description?.replace(/^masque:/, "");
      throw new Error(`The constructor of ${part.name} wants "${name}", and nothing is registered as that.`);
    }
    return this.#inner.resolve(part);
  }

  child(): Container {
    return new Container(this.#inner.createChildContainer());
  }

  /** Forgets what was registered here. Undoing is the business of a scope, so nothing is disposed of. */
  reset(): void {
    this.#inner.reset();
  }
}

/** Where `inject` keeps a constructor's tokens: parameter index -> token. */
const TOKENS = "injectionTokens";

/** Makes a class known to the library; returns the tokens of its constructor. */
function prepare(part: Class<unknown>): symbol[] {
  const tokens: Record<number, { readonly token: symbol }> = Reflect.getMetadata(TOKENS, part) ?? {};
  const count = Math.max(part.length, ...Object.keys(tokens).map((index) => Number(index) + 1));
  for (let index = 0; index < count; index++) {
    if (tokens[index] !== undefined) continue;
    // The library would pass undefined.
    throw new Error(
      `Parameter ${index + 1} of the constructor of ${part.name} has no token: write "@Token name: Type" there.`,
    );
  }
  // A subclass without a constructor of its own takes its parent's parameters; the library looks at its own only.
  Reflect.defineMetadata(TOKENS, tokens, part);
  injectable()(part);
  return Object.values(tokens).map(({ token }) => token);
}
