import { StoreError } from "../storage/store-error.ts";
import { refuse, type StanzaError } from "../xmpp/refuse.ts";

/** What one is told whose request could not be stored; whether to try again depends on why. */
export function notStored(error: unknown): StanzaError {
  return error instanceof StoreError && error.isPassing
    ? refuse("resource-constraint", "This cannot be stored at the moment, so it was not done: please try again later.")
    : refuse("internal-server-error", "This could not be stored, so it was not done.");
}
