import { expect, it } from "vitest";
import { Campaign } from "./campaign.ts";
import { clocks, disks, processes, streams } from "./theatres.ts";

// A few of each kind; `npm run test:faults` has hundreds of them, and those of PostgreSQL.
const SEED = 1606;

it("whatever befalls it, it loses nothing that anybody has heard, tells nothing twice, and keeps the order", async () => {
  const wrong: string[] = [];
  const say = (line: string) => void (line.startsWith("NOT TRIED") ? console.warn(`\n  ${line}\n`) : wrong.push(line));
  const campaign = new Campaign({ seed: SEED, until: Number.POSITIVE_INFINITY, say });
  await Promise.all([
    campaign.plays(processes({ killed: 2, torn: 1 })),
    campaign.plays(streams({ cut: 1, restarted: 1, halfOpen: 1 })),
    campaign.plays(disks({ full: 1, others: 1, locked: 0 })),
    campaign.plays(clocks(1)),
  ]);
  console.info(campaign.summary);
  expect(wrong).toEqual([]);
  expect(campaign.isGood).toBe(true);
}, 600_000);
