import { StoreError } from "../store-error.ts";
import { Lost, type Session } from "./session.ts";
import { POOLED } from "./trouble.ts";

/** The connection ended while a transaction was being committed: only the database knows whether it was. */
export class InDoubt<T> extends Error {
  /** What the transaction did, if it was committed. */
  readonly result: T;
  /** Its number, to ask by. */
  readonly number: string;

  constructor(result: T, number: string, options: ErrorOptions) {
    super("The connection ended during a commit", options);
    this.result = result;
    this.number = number;
  }
}

/** Runs `work` in one transaction, which is undone when it throws. Throws InDoubt when nobody can say. */
export async function transaction<T>(db: Session, work: () => Promise<T>): Promise<T> {
  await db.exec("begin");
  let result: T;
  let number: string;
  try {
    [result, number] = await Promise.all([work(), ownNumber(db)]);
  } catch (error) {
    // A connection that is gone has undone everything already.
    await db.exec("rollback").catch(() => {});
    throw error;
  }
  try {
    await db.exec("commit");
    return result;
  } catch (error) {
    if (error instanceof Lost) throw new InDoubt(result, number, { cause: error });
    throw error;
  }
}

async function ownNumber(db: Session): Promise<string> {
  const [row] = await db.all("select txid_current()::text as number, pg_backend_pid() as backend");
  if (row!.backend !== db.backend) throw new StoreError(`Cannot store anything: ${POOLED}.`);
  return row!.number as string;
}

/** Whether a transaction in doubt was committed. The session that began it must have ended. */
export async function wasCommitted(db: Session, number: string): Promise<boolean> {
  const [row] = await db.all("select txid_status($1::bigint) as status", number);
  return row!.status === "committed";
}

/** Runs `work`, which only reads, on the database as it is at one moment. */
export async function snapshot<T>(db: Session, work: () => Promise<T>): Promise<T> {
  const [, result] = await Promise.all([
    db.exec("begin transaction isolation level repeatable read, read only"),
    work().finally(() => db.exec("commit")),
  ]);
  return result;
}
