import { BROKEN, type Failure, type Result } from "../batch.ts";
import type { Outcome, Write } from "../changes.ts";
import { StoreError } from "../store-error.ts";
import type { Changes } from "./changes.ts";
import { Lost, type Session } from "./session.ts";
import { InDoubt, transaction } from "./transaction.ts";
import { isPassing, reason } from "./trouble.ts";

type Calls = readonly (readonly Write[])[];

/**
 * Commits calls in one transaction. If that fails, it is done again with each of them undone by itself that cannot be
 * done, and those of its line that come after it; but not when all of them would fare alike.
 * Returns what became of each, and how many transactions were committed. Throws InDoubt when nobody can say.
 * @param lines for each call the number of its line, 0 for none
 */
export async function commit(
  db: Session,
  changes: Changes,
  calls: Calls,
  lines: readonly number[],
): Promise<[Result[], number]> {
  if (calls.every((writes) => writes.length === 0)) return [calls.map(() => NOTHING), 0];
  try {
    return [await transaction(db, () => together(changes, calls)), 1];
  } catch (error) {
    if (error instanceof InDoubt) throw error;
    changes.forget();
    const failure = failureOf(error);
    if (calls.length === 1 || failure.isPassing) return [calls.map(() => failure), 0];
  }
  try {
    return [await transaction(db, () => oneByOne(db, changes, calls, lines)), 1];
  } catch (error) {
    if (error instanceof InDoubt) throw error;
    changes.forget();
    return [calls.map(() => failureOf(error)), 0];
  }
}

const NOTHING: Result = { outcome: undefined };

async function together(changes: Changes, calls: Calls): Promise<Result[]> {
  const results: Result[] = [];
  for (const writes of calls) results.push({ outcome: await carryOut(changes, writes) });
  await changes.flush();
  return results;
}

async function oneByOne(db: Session, changes: Changes, calls: Calls, lines: readonly number[]): Promise<Result[]> {
  const results: Result[] = [];
  const broken = new Set<number>();
  for (const [i, writes] of calls.entries()) {
    const line = lines[i] as number;
    const result = broken.has(line) ? BROKEN : await alone(db, changes, writes);
    results.push(result);
    if (line > 0 && "error" in result) broken.add(line);
  }
  return results;
}

/** Carries out one call, or nothing of it. Throws when no other would fare better. */
async function alone(db: Session, changes: Changes, writes: readonly Write[]): Promise<Result> {
  await db.exec("savepoint call");
  try {
    const outcome = await carryOut(changes, writes);
    await changes.flush();
    await db.exec("release savepoint call");
    return { outcome };
  } catch (error) {
    const failure = failureOf(error);
    if (failure.isPassing) throw error;
    changes.forget();
    await db.exec("rollback to savepoint call; release savepoint call");
    return failure;
  }
}

async function carryOut(changes: Changes, writes: readonly Write[]): Promise<Outcome> {
  let outcome: Outcome;
  for (const write of writes) outcome = await changes.apply(write);
  return outcome;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof StoreError) return { error: error.message, isPassing: error.isPassing };
  if (error instanceof Lost) return { error: `Cannot store anything: ${error.message}.`, isPassing: true };
  return { error: `Cannot store anything: ${reason(error)}.`, isPassing: isPassing(error) };
}
