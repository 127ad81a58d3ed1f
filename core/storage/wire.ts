import type { Result } from "./batch.ts";
import type { Write } from "./changes.ts";
import type { Schema } from "./opening.ts";
import type { ReadName } from "./reads.ts";

/** What the store asks of its engine. Writes are answered in order, and so are reads among themselves. */
export type Request =
  /** `lines`: for each call the number of its line, 0 for none. */
  | { readonly kind: "write"; readonly calls: readonly (readonly Write[])[]; readonly lines: readonly number[] }
  | { readonly kind: "read"; readonly name: ReadName; readonly args: readonly unknown[] }
  | { readonly kind: "close" };

export type Reply =
  | { readonly kind: "opened"; readonly schema: Schema }
  | { readonly kind: "not opened"; readonly error: string }
  | { readonly kind: "written"; readonly results: readonly Result[]; readonly transactions: number }
  | { readonly kind: "read"; readonly value: unknown }
  | { readonly kind: "not read"; readonly error: string; readonly isPassing: boolean }
  /** Some of what is forgotten could not be removed. */
  | { readonly kind: "trouble"; readonly error: string }
  /** Nothing can be read or written, why, and that it can be again. */
  | { readonly kind: "offline"; readonly error: string }
  | { readonly kind: "online" }
  | { readonly kind: "closed" };

/** Whether messages are forgotten by it, which are not removed in its transaction: they may be many. */
export function leavesDust({ put }: Write): boolean {
  return put === "no channel" || put === "expiry";
}
