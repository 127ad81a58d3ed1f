import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";

it("the build says in a sentence that nothing can be written to its folder, and what to do", () => {
  const folder = mkdtempSync(join(tmpdir(), "masque-build-"));
  copyFileSync(new URL("../../package.json", import.meta.url), join(folder, "package.json"));
  // Root may write to any folder, but not into a file.
  writeFileSync(join(folder, "dist"), "");
  const { status, stderr } = spawnSync("npm", ["start"], { cwd: folder, encoding: "utf8" });
  rmSync(folder, { recursive: true });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^Masque is built into the folder dist, and nothing can be written there: .*$/m);
  expect(stderr).not.toContain("TS5033");
});
