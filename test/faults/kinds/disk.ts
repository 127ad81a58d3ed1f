import { openDriver } from "../../../core/storage/driver.ts";
import type { Company } from "../company.ts";
import type { Disk, State } from "../equipment.ts";
import type { Process } from "../house.ts";
import type { Kind } from "../season.ts";

/** So many messages are to be refused before the fault is mended, and so many copies to be heard after it. */
const REFUSED = 5;
const HEARD = 40;
const MOST_HEARD = 300;

/** What befalls whoever keeps everything on this disk. */
export function kindsOf(disk: Disk): Record<"full" | "readOnly" | "failing" | "slow" | "locked", Kind<Process>> {
  /** Nothing can be written, until it can again. */
  const refusing = (name: string, spoil: () => void, mend: () => void): Kind<Process> => ({
    name,
    async strike(house, company, chance) {
      await company.hears(chance.upTo(MOST_HEARD));
      spoil();
      await company.isRefused(REFUSED);
      const isKilled = chance.of(0.3);
      if (isKilled) await house.kill();
      mend();
      await (isKilled ? house.start() : company.hears(HEARD));
    },
  });
  const turning = (name: string, state: State) =>
    refusing(
      name,
      () => disk.turns(state),
      () => disk.turns("sound"),
    );

  return {
    full: refusing(
      "disk full",
      () => disk.fill(),
      () => disk.empty(),
    ),
    readOnly: turning("disk read-only", "read-only"),
    failing: turning("disk failing", "failing"),
    slow: {
      name: "disk slow",
      async strike(house, company, chance) {
        disk.turns("slow");
        await company.hears(chance.upTo(HEARD));
        if (chance.of(0.5)) {
          await house.kill();
          await house.start();
        }
        disk.turns("sound");
      },
    },
    locked: {
      name: "database locked",
      async strike(house: Process, company: Company) {
        await company.hears(HEARD);
        const operator = openDriver(house.database);
        operator.exec("begin immediate");
        await company.isRefused(REFUSED);
        operator.exec("rollback");
        operator.close();
        await company.hears(HEARD);
      },
    },
  };
}
