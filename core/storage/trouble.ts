import { resultCode } from "./driver.ts";

const REASONS: Readonly<Record<number, string>> = {
  5: "another program holds a lock on the database",
  8: "the database is read-only; Masque must be able to write the file and its folder",
  10: "the disk failed to read or write",
  11: "the database file is damaged; restore it from a backup",
  13: "the disk is full",
  14: "the database file cannot be opened; look at the rights of the file and its folder",
  26: "the file is not a SQLite database",
};

/** Why something failed, in words that end a sentence, with SQLite's own where they tell more. */
export function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const code = resultCode(error);
  if (code === undefined) return text;
  if (code === 19) return text.startsWith("FOREIGN KEY") ? "there is no such channel" : `it is already taken (${text})`;
  const words = REASONS[code];
  return words ? `${words} (${text})` : text;
}
