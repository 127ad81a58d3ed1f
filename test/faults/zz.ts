import { Campaign } from "./campaign.ts";
import { clocks, disks, postgres, processes, streams } from "./theatres.ts";

const [what, seed, n] = process.argv.slice(2);
const times = Number(n);
const campaign = new Campaign({ seed: Number(seed), until: Date.now() + 150_000, say: (line) => console.log(line) });
const t = {
  processes: () => processes({ killed: times, torn: times }),
  streams: () => streams({ cut: times, restarted: times, halfOpen: times }),
  disks: () => disks({ full: times, others: times, locked: 1 }),
  clocks: () => clocks(times),
  postgres: () => postgres(times),
} as Record<string, () => any>;
await campaign.plays(await t[what!]!());
console.log(campaign.summary);
process.exit();
