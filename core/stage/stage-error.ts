import { reason } from "../cli/reason.ts";

/** The stage cannot be opened; the message is one sentence that says why. */
export class StageError extends Error {
  override readonly name = "StageError";

  constructor(what: string, cause: unknown, hint = "") {
    super(`${what}: ${reason(cause)}${hint}.`, { cause });
  }
}
