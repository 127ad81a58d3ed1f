// By this the host knows that it is no fault of whoever it reached.
const BRAND = Symbol.for("masque:misfortune");

/** What a store could not do, as a sentence for the operator. The call it rejects changed nothing. */
export class StoreError extends Error {
  readonly [BRAND] = true;
  override readonly name = "StoreError";
}
