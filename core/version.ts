import { readFileSync } from "node:fs";

/** The version of this package. */
export const VERSION = readVersion(new URL(".", import.meta.url));

// The package's file is one folder up from the sources, and two from what is built of them.
function readVersion(folder: URL): string {
  const above = new URL("..", folder);
  try {
    const { name, version } = JSON.parse(readFileSync(new URL("package.json", above), "utf8")) as Record<
      string,
      string
    >;
    if (name === "masque" && version) return version;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  return readVersion(above);
}
