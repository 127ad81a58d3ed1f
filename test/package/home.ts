import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const ROOT = new URL("../..", import.meta.url).pathname;

/** The plugins under docs/examples, each as somebody else's package. */
export const EXAMPLES = readdirSync(new URL("../../docs/examples", import.meta.url));

/** What everybody who writes a plugin has besides Masque: the repository's own copies do. */
const TOOLS = ["typescript", "vitest"];

/** An empty folder into which Masque was installed from its tarball, by npm. */
export class Home {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "masque-package-")));

  /** Installs Masque, and the examples as somebody else's plugins; returns the files in the tarball. */
  install(): readonly string[] {
    const [tarball, files] = pack(this.path("tarball"));
    for (const name of EXAMPLES)
      cpSync(join(ROOT, "docs/examples", name), this.path(name), { recursive: true, filter: isSource });
    this.write("package.json", '{ "name": "coven", "private": true, "type": "module" }');
    try {
      this.run(
        "npm",
        "install",
        "--prefer-offline",
        "--no-audit",
        "--no-fund",
        "--omit=dev",
        tarball,
        ...EXAMPLES.map((name) => `./${name}`),
      );
    } catch (error) {
      if (!/E(NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|TIMEDOUT)|network/.test(String(error))) throw error;
      throw new Error("This test installs Masque from its tarball, and the npm registry cannot be reached.", {
        cause: error,
      });
    }
    for (const tool of TOOLS) symlinkSync(join(ROOT, "node_modules", tool), this.path("node_modules", tool));
    return files;
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  write(file: string, text: string): void {
    writeFileSync(this.path(file), text);
  }

  /** Runs a program in the folder and returns what it prints; throws with that, and with its errors, when it fails. */
  run(program: string, ...args: string[]): string {
    return run(this.folder, program, args);
  }

  tsc(...args: string[]): string {
    return this.run(process.execPath, "node_modules/typescript/bin/tsc", ...args);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** Builds Masque as it is now, beside the repository so as not to disturb it, and packs it; returns tarball and content. */
function pack(folder: string): [tarball: string, files: string[]] {
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { files: string[] };
  for (const entry of ["package.json", "README.md", "LICENSE", ...manifest.files]) {
    const there = entry !== "dist" && existsSync(join(ROOT, entry));
    if (there) cpSync(join(ROOT, entry), join(folder, entry), { recursive: true });
  }
  run(ROOT, process.execPath, ["node_modules/typescript/bin/tsc", "--noCheck", "--outDir", join(folder, "dist")]);
  const [{ filename, files }] = JSON.parse(run(folder, "npm", ["pack", "--ignore-scripts", "--json"])) as [Packed];
  return [join(folder, filename), files.map(({ path }) => path)];
}

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

function run(cwd: string, program: string, args: readonly string[]): string {
  const { MASQUE_CONFIG: _, MASQUE_SECRET: __, ...env } = process.env;
  try {
    return execFileSync(program, args, {
      cwd,
      env,
      encoding: "utf8",
      timeout: 60_000,
      stdio: ["ignore", "pipe", "pipe"],
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${[program, ...args].join(" ")} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

/** Not what somebody has built or installed in the example's folder. */
function isSource(path: string): boolean {
  return !/\/(dist|node_modules)$/.test(path);
}
