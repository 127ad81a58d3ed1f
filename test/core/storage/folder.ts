import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** A new folder, removed after the tests of the file or group it is called in. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "masque-"));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
