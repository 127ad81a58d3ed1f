import pg from "pg";
import { Lost } from "./session.ts";

/** The lock, and what was prepared, belong to one process of the server. */
export const POOLED =
  "the pooler in between has another process of the server answer each time; let it pool sessions, or connect to PostgreSQL itself";

/** SQLSTATEs (PostgreSQL, Appendix A) in words that end a sentence; the server's own are added where they tell more. */
const REASONS: Readonly<Record<string, string>> = {
  "25006": "the database is read-only: this is not the server that takes writes",
  "26000": POOLED,
  "28000": "the server does not let this user in; look at its pg_hba.conf, and at the user in the URL",
  "28P01": "the user or the password is wrong",
  "3D000": "there is no such database; create it by: createdb --owner=USER DATABASE",
  "42P05": POOLED,
  "42501": "the user has no right to; give him the database by: alter database DATABASE owner to USER",
  "53100": "the server's disk is full",
  "53300": "the server takes no more connections",
  "57P03": "the server is not ready for connections yet",
};

const NOT_THERE = "there is no PostgreSQL; is it running, and are host and port those of the URL?";
const NETWORK_REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: NOT_THERE,
  ENOENT: NOT_THERE,
  ENOTFOUND: "there is no host of that name",
  EACCES: "Masque has no right to its socket",
};

/** Why something failed, in words that end a sentence. */
export function reason(error: unknown): string {
  const text = error instanceof Error ? error.message || String((error as { code?: unknown }).code) : String(error);
  const { code = "", constraint } = error as { code?: string; constraint?: string };
  if (code === "23503") return "there is no such channel";
  // The server's detail would name what is taken: a JID, maybe.
  if (code === "23505") return `it is already taken (${constraint})`;
  if (/password must be a string/.test(text))
    return "the server asks for a password; give it in the URL, in storage.password_file or in PGPASSWORD";
  const words = REASONS[code] ?? NETWORK_REASONS[code];
  return words ? `${words} (${text})` : text;
}

/** Lack of room, of a lock, or of a server that writes; deadlocks, and statements that somebody cancelled. */
const PASSING = /^(53|55P03|57|40|25006)/;

/** Whether the same may succeed later, and no other would fare better now. */
export function isPassing(error: unknown): boolean {
  return error instanceof Lost || (error instanceof pg.DatabaseError && PASSING.test(error.code ?? ""));
}
