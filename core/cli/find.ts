import { existsSync } from "node:fs";
import { Failure } from "../commands/failure.ts";

const USUAL = ["./masque.toml", "/etc/masque/masque.toml"];

/**
 * The configuration file that counts: the one named on the command line, else by MASQUE_CONFIG, else the usual ones.
 * `undefined` when there is none: that is the stage.
 */
export function findConfig(named: string | undefined, env: NodeJS.ProcessEnv = process.env): string | undefined {
  return named || env.MASQUE_CONFIG || USUAL.find((file) => existsSync(file));
}

/** For whom the stage will not do. */
export function noConfig(): Failure {
  return new Failure(
    "config",
    `There is no configuration file: looked for --config FILE, MASQUE_CONFIG, ${USUAL.join(" and ")}. ` +
      '"masque start" would run on the stage, which is for trying things out and never for production. ' +
      'Make a file with "masque example > masque.toml", and set its domain and secret.',
  );
}
