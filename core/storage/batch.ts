import type { Changes, Outcome, Write } from "./changes.ts";
import type { Driver } from "./driver.ts";
import { StoreError } from "./store-error.ts";
import { transaction } from "./transaction.ts";
import { isLocked, isPassing, reason } from "./trouble.ts";

/** What became of one call: committed, or undone and why. */
export type Result = { readonly outcome: Outcome } | Failure;

export interface Failure {
  readonly error: string;
  readonly isPassing: boolean;
}

/**
 * Commits calls in one transaction. If that fails, each gets one of its own, so that a bad one spoils no other, except
 * for those of its line that come after it; but not behind somebody's lock, which all of them would wait for once more.
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
    if (calls.length === 1 || isLocked(error)) return [calls.map(() => failure(error)), 0];
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
    const [[result = BROKEN], committed] = broken.has(line) ? [[], 0] : commit(db, changes, [writes], [line]);
    results.push(result);
    transactions += committed;
    if (line > 0 && "error" in result) broken.add(line);
  }
  return [results, transactions];
}

/** What becomes of a call that nothing is wrong with: done anew, on what there is then, it may succeed. */
export const BROKEN = { error: "Cannot store what builds on something that could not be stored.", isPassing: true };

function carryOut(changes: Changes, writes: readonly Write[]): Result {
  let outcome: Outcome;
  for (const write of writes) outcome = changes.apply(write);
  return { outcome };
}

function failure(error: unknown): Result {
  if (error instanceof StoreError) return { error: error.message, isPassing: error.isPassing };
  return { error: `Cannot store anything: ${reason(error)}.`, isPassing: isPassing(error) };
}
