import type { Changes, Outcome, Write } from "./changes.ts";
import type { Driver } from "./driver.ts";
import { StoreError } from "./store-error.ts";
import { transaction } from "./transaction.ts";
import { isLocked, isPassing, reason } from "./trouble.ts";

/** What became of one call: committed, or undone and why. */
export type Result = { readonly outcome: Outcome } | { readonly error: string; readonly isPassing: boolean };

/**
 * Commits calls in one transaction. If that fails, each gets one of its own, so that a bad one spoils no other; but not
 * behind somebody's lock, which all of them would wait for once more.
 * Returns what became of each, and how many transactions were committed.
 */
export function commit(db: Driver, changes: Changes, calls: readonly (readonly Write[])[]): [Result[], number] {
  try {
    return [transaction(db, () => calls.map((writes) => carryOut(changes, writes))), 1];
  } catch (error) {
    changes.forget();
    if (calls.length === 1 || isLocked(error)) return [calls.map(() => failure(error)), 0];
    const alone = calls.map((writes) => commit(db, changes, [writes]));
    return [alone.flatMap(([results]) => results), alone.reduce((sum, [, committed]) => sum + committed, 0)];
  }
}

function carryOut(changes: Changes, writes: readonly Write[]): Result {
  let outcome: Outcome;
  for (const write of writes) outcome = changes.apply(write);
  return { outcome };
}

function failure(error: unknown): Result {
  if (error instanceof StoreError) return { error: error.message, isPassing: error.isPassing };
  return { error: `Cannot store anything: ${reason(error)}.`, isPassing: isPassing(error) };
}
