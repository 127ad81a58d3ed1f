import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Tree } from "./world.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** An expression of the service, and what is to stand in its place: a leak, planted. */
export interface Mutation {
  /** What would be wrong with it. */
  readonly leak: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Which of them is at work now, across the copies of modules. */
const planted = globalThis as { planted?: string | undefined };

/** A copy of the whole service with all of these in it, loaded once and run like the real one; one is at work at a time. */
export class Mutants {
  readonly tree: Tree;
  readonly #folder: string;

  private constructor(tree: Tree, folder: string) {
    this.tree = tree;
    this.#folder = folder;
  }

  static async grow(mutations: readonly Mutation[]): Promise<Mutants> {
    const folder = mkdtempSync(join(tmpdir(), "masque-mutants-"));
    for (const part of ["core", "plugins", "package.json"])
      cpSync(join(ROOT, part), join(folder, part), { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    for (const mutation of mutations) plant(folder, mutation);
    const load = (module: string) => import(/* @vite-ignore */ pathToFileURL(join(folder, module)).href);
    const [{ testHost, emptyStore }, { bundled }] = await Promise.all(
      ["core/testing/index.ts", "plugins/index.ts"].map(load),
    );
    return new Mutants({ testHost, emptyStore, bundled }, folder);
  }

  async while<T>(leak: string, run: () => Promise<T>): Promise<T> {
    planted.planted = leak;
    try {
      return await run();
    } finally {
      planted.planted = undefined;
    }
  }

  cut(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

function plant(folder: string, { leak, file, from, to }: Mutation): void {
  const path = join(folder, file);
  const pieces = readFileSync(path, "utf8").split(from);
  if (pieces.length !== 2)
    throw new Error(`"${from}" stands ${pieces.length - 1} times in ${file}, not once: "${leak}".`);
  writeFileSync(path, pieces.join(`(globalThis.planted === ${JSON.stringify(leak)} ? (${to}) : (${from}))`));
}
