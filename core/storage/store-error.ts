// By this the host knows that it is no fault of whoever it reached.
const BRAND = Symbol.for("masque:misfortune");

/** What a store could not do, as a sentence for the operator. The call it rejects changed nothing. */
export class StoreError extends Error {
  readonly [BRAND] = true;
  override readonly name = "StoreError";
  /** Whether the same call may succeed later: somebody else holds a lock, or there is no room on the disk. */
  readonly isPassing: boolean;

  constructor(message: string, { isPassing = false, ...options }: ErrorOptions & { isPassing?: boolean } = {}) {
    super(message, options);
    this.isPassing = isPassing;
  }
}
