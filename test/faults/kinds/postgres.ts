import type { CuttingProxy } from "../../core/storage/cutting-proxy.ts";
import type { Postgres } from "../../core/storage/postgres.ts";
import type { Process } from "../house.ts";
import type { Kind } from "../season.ts";

const MOST_HEARD = 300;
const HEARD = 40;
const REACHED = "The storage can be reached again.";

/** What befalls whoever keeps everything in this PostgreSQL, on this way to it. */
export function kindsOf(postgres: Postgres, way: CuttingProxy): readonly Kind<Process>[] {
  return [
    {
      name: "PostgreSQL killed",
      async strike(house, company, chance) {
        await company.hears(chance.upTo(MOST_HEARD));
        const { said } = house;
        await postgres.kill();
        await company.isRefused(1);
        await postgres.start();
        await house.says(REACHED, said);
        await company.hears(HEARD);
      },
    },
    {
      name: "connection to PostgreSQL cut",
      async strike(house, company, chance) {
        await company.hears(chance.upTo(MOST_HEARD));
        const { said } = house;
        way.cutAt("commit", chance.pick(["heard", "unheard"]));
        await house.says(REACHED, said);
        await company.hears(HEARD);
      },
    },
    {
      name: "PostgreSQL and Masque killed",
      async strike(house, company, chance) {
        await company.hears(chance.upTo(MOST_HEARD));
        await Promise.all(chance.of(0.5) ? [postgres.kill(), house.kill()] : [house.kill(), postgres.kill()]);
        await postgres.start();
        await house.start();
      },
    },
  ];
}
