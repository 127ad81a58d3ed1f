import { Campaign } from "./campaign.ts";
import { clocks, disks, postgres, processes, streams } from "./theatres.ts";

const { MASQUE_FAULTS_MINUTES = "10", MASQUE_FAULTS_SEED = `${Date.now() % 1_000_000}` } = process.env;
const minutes = Number(MASQUE_FAULTS_MINUTES);
const seed = Number(MASQUE_FAULTS_SEED);

// Whoever stops it stops what it has started, too.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
console.log(
  `Faults for at most ${minutes} minutes (MASQUE_FAULTS_MINUTES). To have the same again: MASQUE_FAULTS_SEED=${seed}`,
);
const campaign = new Campaign({ seed, until: Date.now() + minutes * 60_000, say: (line) => console.log(line) });
const progress = setInterval(() => console.log(campaign.summary), 60_000);
await Promise.all([
  campaign.plays(processes({ killed: 200, torn: 20 })),
  campaign.plays(await postgres(8)),
  (async () => {
    await campaign.plays(streams({ cut: 30, restarted: 15, halfOpen: 15 }));
    await campaign.plays(disks({ full: 10, others: 10, locked: 5 }));
    await campaign.plays(clocks(15));
  })(),
]);
clearInterval(progress);
console.log(`${campaign.kinds}\n${campaign.summary}`);
process.exitCode = campaign.isGood ? 0 : 1;
