import { Flights } from "./flights.ts";

/** An undo that failed: which one, and what it threw. */
export interface Leftover {
  readonly label: string;
  readonly error: unknown;
}

interface Entry {
  readonly label: string;
  readonly undo: () => void | Promise<void>;
  readonly inner?: Scope;
}

/** A stretch of a plugin's life. Whatever is done in it has a label and an undo; closing undoes it all, newest first. */
export class Scope {
  /** Whether questions, votes and events reach what lives here. A plain field: it is read once a handler. */
  open = false;
  /** Where this scope stands among its plugin's registrations, so that a later run of the same code ends up there. */
  readonly place: readonly number[];
  readonly flights: Flights;
  readonly #label: string;
  readonly #parent: Scope | undefined;
  readonly #entries = new Set<Entry>();
  readonly #abort = new AbortController();
  #places = 0;
  #closing: Promise<readonly Leftover[]> | undefined;

  constructor(label: string, parent?: Scope, place: readonly number[] = []) {
    this.#label = label;
    this.#parent = parent;
    this.place = place;
    this.flights = new Flights(parent?.flights);
    this.open = parent?.open ?? false;
  }

  /** Aborted before anything is undone. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** Throws once the scope is closed; what cannot be undone any more must not be done. */
  add(label: string, undo: () => void | Promise<void>): void {
    this.#enter({ label, undo });
  }

  /** A scope within this one, which closes with it at the latest. */
  child(label: string, place: readonly number[] = this.next()): Scope {
    const inner = new Scope(label, this, place);
    this.#enter({ label, undo: () => undefined, inner });
    return inner;
  }

  #enter(entry: Entry): void {
    if (this.closed) throw new Error(`${this.#label} has ended: "${entry.label}" comes too late.`);
    this.#entries.add(entry);
  }

  /** The next place among this scope's registrations; compare places with `byPlace`. */
  next(): readonly number[] {
    return [...this.place, this.#places++];
  }

  isWithin(other: Scope): boolean {
    for (let scope: Scope | undefined = this; scope; scope = scope.#parent) if (scope === other) return true;
    return false;
  }

  /** Labels of everything there is to undo, oldest first; those of an inner scope follow its own: `outer > inner`. */
  holds(): string[] {
    return [...this.#entries].flatMap(({ label, inner }) =>
      inner ? [label, ...inner.holds().map((held) => `${label} > ${held}`)] : [label],
    );
  }

  /** Lets questions in, here and in all inner scopes, or keeps them out. */
  admit(open: boolean): void {
    this.open = open;
    for (const { inner } of this.#entries) inner?.admit(open);
  }

  abort(): void {
    this.#abort.abort();
    for (const { inner } of this.#entries) inner?.abort();
  }

  /** Undoes everything, each thing once the one before is undone; never stops half way, and reports what failed. */
  close(): Promise<readonly Leftover[]> {
    // Set before the first undo runs: it must find the scope closed.
    this.#closing ??= Promise.resolve().then(() => this.#undoAll());
    return this.#closing;
  }

  async #undoAll(): Promise<Leftover[]> {
    this.admit(false);
    this.abort();
    const left: Leftover[] = [];
    for (const entry of [...this.#entries].reverse()) {
      try {
        await entry.undo();
      } catch (error) {
        left.push({ label: entry.label, error });
      }
      if (entry.inner) left.push(...(await entry.inner.close()));
      this.#entries.delete(entry);
    }
    if (this.#parent) this.#parent.#forget(this);
    return left;
  }

  #forget(inner: Scope): void {
    for (const entry of this.#entries) if (entry.inner === inner) this.#entries.delete(entry);
  }
}

/** Orders places as a plugin's code reads, whenever each of its parts happened to run. */
export function byPlace(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
