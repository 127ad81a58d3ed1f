import { setTimeout as pause } from "node:timers/promises";
import type { Process } from "../house.ts";
import type { Kind } from "../season.ts";

/** At most so many copies are heard before the end comes. */
const MOST_HEARD = 600;
/** At most so long, in milliseconds, it may then run before it is killed as it starts. */
const LONGEST_START = 1_000;

export const killed: Kind<Process> = {
  name: "kill -9",
  async strike(house, company, chance) {
    await company.hears(chance.upTo(MOST_HEARD));
    await house.kill();
    if (chance.of(0.1)) {
      house.spawn();
      await pause(chance.upTo(LONGEST_START));
      await house.kill();
    }
    await house.start();
  },
};
