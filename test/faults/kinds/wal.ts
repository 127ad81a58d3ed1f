import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import type { Chance } from "../chance.ts";
import type { Process } from "../house.ts";
import type { Kind } from "../season.ts";

const MOST_HEARD = 600;
const HEADER = 32;
const FRAME_HEADER = 24;

/**
 * The power fails as something is written: behind what was acknowledged, the log ends in a piece of it, or in anything.
 */
export const tornLog: Kind<Process> = {
  name: "WAL tail torn",
  async strike(house, company, chance) {
    await company.hears(chance.upTo(MOST_HEARD));
    await house.kill();
    tear(`${house.database}-wal`, chance);
    await house.start();
  },
};

/** https://sqlite.org/fileformat2.html#walformat: a frame counts if it has the salts of the header. */
function tear(file: string, chance: Chance): void {
  const log = readFileSync(file);
  if (log.length < HEADER) return;
  const size = FRAME_HEADER + log.readUInt32BE(8);
  const salts = log.subarray(16, 24);
  let end = HEADER;
  while (end + size <= log.length && log.subarray(end + 8, end + 16).equals(salts)) end += size;
  const copy = Buffer.from(log.subarray(HEADER, HEADER + size * chance.upTo(3)));
  const tails = [
    Buffer.alloc(size),
    Buffer.from(Array.from({ length: chance.upTo(3 * size) }, () => chance.upTo(256) - 1)),
    copy,
    copy.subarray(0, chance.upTo(size)),
  ];
  const written = openSync(file, "r+");
  writeSync(written, chance.pick(tails), 0, undefined, end);
  closeSync(written);
}
