import type { Changes, Outcome, Write } from "./changes.ts";
import type { Driver } from "./driver.ts";
import { StoreError } from "./store-error.ts";
import { transaction } from "./transaction.ts";
import { reason } from "./trouble.ts";

/** What became of one call: committed, or undone and why. */
export type Result = { readonly outcome: Outcome } | { readonly error: string };

/**
 * Commits calls in one transaction. If that fails, each gets one of its own, so that a bad one spoils no other.
 * Returns what became of each, and how many transactions were committed.
 */
export function commit(db: Driver, changes: Changes, calls: readonly (readonly Write[])[]): [Result[], number] {
  try {
    return [transaction(db, () => calls.map((writes) => carryOut(changes, writes))), 1];
  } catch (error) {
    changes.forget();
    if (calls.length === 1) return [[{ error: message(error) }], 0];
    const alone = calls.map((writes) => commit(db, changes, [writes]));
    return [alone.flatMap(([results]) => results), alone.reduce((sum, [, committed]) => sum + committed, 0)];
  }
}

function carryOut(changes: Changes, writes: readonly Write[]): Result {
  let outcome: Outcome;
  for (const write of writes) outcome = changes.apply(write);
  return { outcome };
}

function message(error: unknown): string {
  return error instanceof StoreError ? error.message : `Cannot store anything: ${reason(error)}.`;
}
