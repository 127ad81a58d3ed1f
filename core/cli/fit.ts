import { dirname } from "node:path";
import semver from "semver";
import { VERSION } from "../version.ts";
import { nearestManifest, readManifest } from "./manifest.ts";
import { Unusable } from "./unusable.ts";

/** Throws Unusable when the package of a plugin's file says that it is made for another version of Masque than this. */
export function judgeFit(file: string): void {
  const path = nearestManifest(dirname(file));
  const range = path && readManifest(path).peerDependencies?.masque;
  if (!range || semver.satisfies(VERSION, range, { includePrerelease: true })) return;
  const made = `it is made for masque ${range}, as ${path} says`;
  if (!semver.validRange(range)) throw new Unusable(`${made}; expected a range of versions, such as "^${VERSION}".`);
  const cure = semver.gtr(VERSION, range) ? "look for a newer release of it" : "bring Masque up to date";
  throw new Unusable(`${made}, and this is masque ${VERSION}: ${cure}.`);
}
