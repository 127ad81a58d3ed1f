/** What a store could not do, as a sentence for the operator. The call it rejects changed nothing. */
export class StoreError extends Error {
  override readonly name = "StoreError";
}
