import { createHmac, timingSafeEqual } from "node:crypto";

/** What each of two processes says of itself before they trust one another. */
export interface Greeting {
  /** Its number among the processes. */
  readonly number: number;
  /** Fresh, random. */
  readonly nonce: string;
}

/** Shows that one knows the secret, to nobody else and never again. */
export function proofOf(secret: string, by: "caller" | "called", caller: Greeting, called: Greeting): string {
  const said = ["masque link", by, caller.number, caller.nonce, called.number, called.nonce];
  return createHmac("sha256", secret).update(said.join(" ")).digest("base64url");
}

export function isProof(given: unknown, right: string): boolean {
  const [a, b] = [Buffer.from(String(given)), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
