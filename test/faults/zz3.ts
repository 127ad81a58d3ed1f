import { Chance } from "./chance.ts";
import { WallClock } from "./equipment.ts";
import { Process } from "./house.ts";
import { leaping } from "./kinds/clock.ts";
import { Season } from "./season.ts";

const clock = new WallClock();
const house = await Process.open({ environment: clock.environment });
const season = await Season.begin(house, new Chance(Number(process.argv[2])));
const kind = leaping({
  sets: (n: number) => {
    console.log("sets", n);
    clock.sets(n);
  },
} as never);
for (let i = 0; i < 14; i++) {
  const timer = setTimeout(() => {
    const c = season.company;
    const count: Record<string, number> = {};
    for (const [k, v] of c.hearing.refused)
      count[`${k.split("@")[0]} ${v}`] = (count[`${k.split("@")[0]} ${v}`] ?? 0) + 1;
    console.log(
      "HUNG",
      count,
      c.players.map((p) => `${p.name} ${p.place} ${p.nick} ${p.preference}`),
      season.counts,
      house.lastWords,
    );
    console.log([...c.hearing.replies.values()].slice(-6).map(String).join("\n"));
    console.log(c.players.map((p) => JSON.stringify((p as any).lastSent)));
    console.log(
      c.stable.map((p) =>
        c.hearing
          .at(p.address)
          .slice(-2)
          .map((t) => t.words),
      ),
    );
    process.exit(1);
  }, 25000);
  console.log(await season.suffers(kind), season.counts, season.company.hearing.refused.size);
  clearTimeout(timer);
}
await house.close();
process.exit();
