import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { didYouMean } from "../host/nearest.ts";
import { type Manifest, readManifest } from "./manifest.ts";
import { reason } from "./reason.ts";
import { Unusable } from "./unusable.ts";

/**
 * The file that `use` means: `./plugins/x.js` from the folder, or else the entry of an npm package installed there or
 * above. Throws Unusable when there is none.
 */
export function locate(use: string, folder: string): string {
  const file = isPath(use) ? resolve(folder, use) : entryOf(use, folder);
  const there = statSync(file, { throwIfNoEntry: false });
  if (there?.isFile()) return realpathSync(file);
  if (there)
    throw new Unusable(`${file} is a folder: name the file in it, such as "${use.replace(/\/$/, "")}/index.js".`);
  const beside = existsSync(dirname(file)) ? readdirSync(dirname(file)) : [];
  throw new Unusable(`there is no file ${file}${didYouMean(basename(file), beside)}`);
}

function isPath(use: string): boolean {
  return /^\.{0,2}\//.test(use) || isAbsolute(use);
}

/** What `import` of a package's name, or of something inside it, means to a module in `folder`. */
function entryOf(use: string, folder: string): string {
  const name = /^(?:@[^/]*\/)?[^/]*/.exec(use)?.[0] ?? use;
  const home = homeOf(name, folder);
  if (home === undefined) {
    const meant = existsSync(resolve(folder, use))
      ? `; did you mean "./${use}"?`
      : `: run "npm install ${name}" there.`;
    throw new Unusable(`no package "${name}" is installed in ${folder} or above${meant}`);
  }
  const target = targetOf(readManifest(join(home, "package.json")), `.${use.slice(name.length)}`);
  if (target !== undefined) return join(home, target);
  try {
    return createRequire(join(folder, "_")).resolve(use);
  } catch (error) {
    throw new Unusable(`the package in ${home} offers nothing to import as "${use}": ${reason(error).split("\n")[0]}.`);
  }
}

function homeOf(name: string, folder: string): string | undefined {
  const home = join(folder, "node_modules", name);
  if (existsSync(join(home, "package.json"))) return home;
  return dirname(folder) === folder ? undefined : homeOf(name, dirname(folder));
}

// Node tells what `require` would take, and only a module can ask what `import` would, for itself.
function targetOf({ exports }: Manifest, subpath: string): string | undefined {
  const hasPaths = typeof exports === "object" && exports !== null && Object.keys(exports)[0]?.startsWith(".");
  if (hasPaths) return underConditions((exports as Readonly<Record<string, unknown>>)[subpath]);
  return subpath === "." ? underConditions(exports) : undefined;
}

function underConditions(target: unknown): string | undefined {
  if (typeof target === "string") return target;
  if (typeof target !== "object" || target === null) return undefined;
  for (const [condition, inner] of Object.entries(target)) {
    if (condition !== "node" && condition !== "import" && condition !== "default") continue;
    const found = underConditions(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}
