import type { Options } from "./options.ts";
import { byPlace, type Scope } from "./scope.ts";

/** Whose something is: a plugin, or one of its scopes. */
export interface Owner {
  readonly name: string;
  /** Its place, now, in the order in which plugins start. */
  rank(): number;
  readonly options: Options;
  /** What survives a reload. */
  readonly kept: Map<string, unknown>;
  readonly scope: Scope;
}

/** Something an owner registered. */
export interface Owned {
  readonly owner: Owner;
  readonly place: readonly number[];
}

/** Orders by the plugins' ranks, then as each plugin's code reads: whoever reloads comes back where it was. */
export function earlier(a: Owned, b: Owned): number {
  // The core's rank is infinite, and infinity minus infinity is no number.
  const [first, second] = [a.owner.rank(), b.owner.rank()];
  return first === second ? byPlace(a.place, b.place) : first - second;
}
