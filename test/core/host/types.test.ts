import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const house = fileURLToPath(new URL("../../..", import.meta.url));

/** What the compiler says about one file. */
async function complaints(file: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "masque-types-"));
  try {
    const config = join(folder, "tsconfig.json");
    const compilerOptions = { noEmit: true, rootDir: "/", typeRoots: [join(house, "node_modules/@types")] };
    await writeFile(
      config,
      JSON.stringify({
        extends: join(house, "tsconfig.json"),
        compilerOptions,
        include: [],
        files: [file, join(house, "core/xmpp/xmpp-js.d.ts")],
      }),
    );
    const args = [join(house, "node_modules/typescript/bin/tsc"), "-p", config];
    return await new Promise((resolve) => execFile(process.execPath, args, (_, out, err) => resolve(out + err)));
  } finally {
    await rm(folder, { recursive: true });
  }
}

it("a misspelt question, a wrong payload and a wrong word do not compile, and what is right does", async () => {
  expect(await complaints(join(house, "test/core/host/types.ts"))).toBe("");
});
