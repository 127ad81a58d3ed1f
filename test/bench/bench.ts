import { cpus } from "node:os";
import { type Figures, measure, type Scale } from "./measure.ts";
import type { SubjectName } from "./subject.ts";
import { table } from "./table.ts";

const SIZES = [10, 100, 1000];
const LIGHT_LOAD = 2000;

const isQuick = process.argv.includes("--quick");
const [rounds, deliveries, seconds] = isQuick ? [1, 400_000, 2] : [3, 2_000_000, 6];

/** Node has compiled what there is to compile after so many messages. */
const warm = isQuick ? 0 : 4_000;

/** Small channels are dearer by the delivery: about the same time is spent on each size. */
function scaleFor(size: number): Scale {
  const flood = Math.round(deliveries / (size + 30));
  const rate = LIGHT_LOAD / size;
  return {
    warmUp: Math.max(warm, Math.ceil(flood / 3)),
    flood,
    rate,
    drizzle: Math.max(5, Math.round(rate * seconds)),
  };
}

console.log(
  `Masque beside a bare splicer, which parses, checks and keeps nothing.\n` +
    `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, medians (least–most) of ${rounds}; latency at ${LIGHT_LOAD} deliveries/s.\n`,
);
for (const size of SIZES) {
  const taken: Record<SubjectName, Figures[]> = { Masque: [], splicer: [] };
  for (let round = 0; round < rounds; round++) {
    for (const name of ["splicer", "Masque"] as const) taken[name].push(await measure(name, size, scaleFor(size)));
  }
  console.log(`${table(`${size} participants`, taken)}\n`);
}
