import type { Changes, Outcome, Write } from "./changes.ts";
import type { Driver } from "./driver.ts";
import { StoreError } from "./store-error.ts";
import { transaction } from "./transaction.ts";
import { reason } from "./trouble.ts";

/** What became of one call: committed, or undone and why. */
export type Result = { readonly outcome: Outcome } | { readonly error: string };

/**
 * Commits calls in one transaction. If that fails, each gets one of its own, so that a bad one spoils no other, except
 * for those of its line that come after it.
 * Returns what became of each, and how many transactions were committed.
 * @param lines for each call the number of its line, 0 for none
 */
export function commit(
  db: Driver,
  changes: Changes,
  calls: readonly (readonly Write[])[],
  lines: readonly number[],
): [Result[], number] {
  try {
    return [transaction(db, () => calls.map((writes) => carryOut(changes, writes))), 1];
  } catch (error) {
    changes.forget();
    if (calls.length === 1) return [[{ error: message(error) }], 0];
    return oneByOne(db, changes, calls, lines);
  }
}

function oneByOne(
  db: Driver,
  changes: Changes,
  calls: readonly (readonly Write[])[],
  lines: readonly number[],
): [Result[], number] {
  const results: Result[] = [];
  const broken = new Set<number>();
  let transactions = 0;
  for (const [i, writes] of calls.entries()) {
    const line = lines[i] as number;
    const [[result], committed] = broken.has(line) ? [[{ error: BROKEN }], 0] : commit(db, changes, [writes], [line]);
    results.push(result as Result);
    transactions += committed;
    if (line > 0 && "error" in (result as Result)) broken.add(line);
  }
  return [results, transactions];
}

/** Why a call is refused that nothing is wrong with. */
export const BROKEN = "Cannot store what builds on something that could not be stored.";

function carryOut(changes: Changes, writes: readonly Write[]): Result {
  let outcome: Outcome;
  for (const write of writes) outcome = changes.apply(write);
  return { outcome };
}

function message(error: unknown): string {
  return error instanceof StoreError ? error.message : `Cannot store anything: ${reason(error)}.`;
}
