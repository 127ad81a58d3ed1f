import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { reason } from "./reason.ts";
import { Unusable } from "./unusable.ts";

/** What is read of a package.json. */
export interface Manifest {
  readonly exports?: unknown;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** Throws Unusable when it cannot be read. */
export function readManifest(path: string): Manifest {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Manifest;
  } catch (error) {
    throw new Unusable(`${path} cannot be read: ${reason(error)}.`);
  }
}

/** The package.json in the folder, or else in the nearest one above. */
export function nearestManifest(folder: string): string | undefined {
  const path = join(folder, "package.json");
  if (existsSync(path)) return path;
  return dirname(folder) === folder ? undefined : nearestManifest(dirname(folder));
}
