import { resultCode } from "./driver.ts";

const LOCKED = 5;
const FULL = 13;

const REASONS: Readonly<Record<number, string>> = {
  [LOCKED]: "another program holds a lock on the database",
  8: "the database is read-only; Masque must be able to write the file and its folder",
  10: "the disk failed to read or write",
  11: "the database file is damaged; restore it from a backup",
  [FULL]: "the disk is full",
  14: "the database file cannot be opened; look at the rights of the file and its folder",
  26: "the file is not a SQLite database",
};

const RIGHTS = "Masque has no right to; look at the rights of the file and its folder";
const NO_FOLDER = "what should be a folder is a file";

const SYSTEM_REASONS: Readonly<Record<string, string>> = {
  EACCES: RIGHTS,
  EPERM: RIGHTS,
  EISDIR: "it is a folder; name a file in it",
  ENOTDIR: NO_FOLDER,
  EEXIST: NO_FOLDER,
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk space Masque may use is full",
};

/** Why something failed, in words that end a sentence, with SQLite's own where they tell more. */
export function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const { code: name } = error as { code?: string };
  if (name !== undefined && Object.hasOwn(SYSTEM_REASONS, name)) return `${SYSTEM_REASONS[name]} (${name})`;
  const code = resultCode(error);
  if (code === undefined) return text;
  if (code === 19) return text.startsWith("FOREIGN KEY") ? "there is no such channel" : `it is already taken (${text})`;
  const words = REASONS[code];
  return words ? `${words} (${text})` : text;
}

/** Whether somebody else holds a lock: then no other call would fare better now. */
export function isLocked(error: unknown): boolean {
  return resultCode(error) === LOCKED;
}

/** Whether the same may succeed later. */
export function isPassing(error: unknown): boolean {
  return isLocked(error) || resultCode(error) === FULL;
}
