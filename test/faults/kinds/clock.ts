import type { WallClock } from "../equipment.ts";
import type { Process } from "../house.ts";
import type { Kind } from "../season.ts";

const HOUR = 3_600;
const LEAPS = [-365 * 24 * HOUR, -HOUR, -1, 1, HOUR, 365 * 24 * HOUR];
const MOST_HEARD = 200;

/** Somebody sets the clock: nobody is to notice. */
export function leaping(clock: WallClock): Kind<Process> {
  return {
    name: "clock leaps",
    async strike(house, company, chance) {
      await company.hears(chance.upTo(MOST_HEARD));
      clock.sets(chance.pick(LEAPS));
      await company.hears(chance.upTo(MOST_HEARD));
      if (!chance.of(0.5)) return;
      await house.kill();
      clock.sets(chance.pick(LEAPS));
      await house.start();
    },
  };
}
