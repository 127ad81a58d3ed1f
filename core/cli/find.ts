import { existsSync } from "node:fs";
import { Failure } from "./failure.ts";

/** The configuration file that counts: the one named on the command line, else by MASQUE_CONFIG, else the usual ones. */
export function findConfig(named: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  if (named) return named;
  if (env.MASQUE_CONFIG) return env.MASQUE_CONFIG;
  const found = USUAL.find((file) => existsSync(file));
  if (found) return found;
  throw new Failure(
    "config",
    `There is no configuration file: looked for --config FILE, MASQUE_CONFIG, ${USUAL.join(" and ")}. ` +
      'Make one with "masque example > masque.toml", and set its domain and secret.',
  );
}

const USUAL = ["./masque.toml", "/etc/masque/masque.toml"];
