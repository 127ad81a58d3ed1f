import { CuttingProxy } from "../core/storage/cutting-proxy.ts";
import { isInstalled, Postgres } from "../core/storage/postgres.ts";
import type { Theatre } from "./campaign.ts";
import { Disk, WallClock } from "./equipment.ts";
import { Process } from "./house.ts";
import { Inner } from "./inner.ts";
import { leaping } from "./kinds/clock.ts";
import { kindsOf as kindsOfDisk } from "./kinds/disk.ts";
import { killed } from "./kinds/killed.ts";
import { kindsOf as kindsOfPostgres } from "./kinds/postgres.ts";
import { cut, halfOpen, restarted } from "./kinds/stream.ts";
import { tornLog } from "./kinds/wal.ts";

/** How often each of the kinds in a theatre is to happen. */
type Times<K extends string> = Readonly<Record<K, number>>;

/** The process ends without a warning. */
export function processes(times: Times<"killed" | "torn">): Theatre<Process> {
  return {
    kinds: [
      { kind: killed, times: times.killed },
      { kind: tornLog, times: times.torn },
    ],
    open: () => Process.open(),
    close: async () => {},
  };
}

/** The stream to the server is lost. */
export function streams(times: Times<"cut" | "restarted" | "halfOpen">): Theatre<Inner> {
  return {
    kinds: [
      { kind: cut, times: times.cut },
      { kind: restarted, times: times.restarted },
      { kind: halfOpen, times: times.halfOpen },
    ],
    open: () => Inner.open(),
    close: async () => {},
  };
}

/** The disk does not do as it should. */
export function disks(times: Times<"full" | "others" | "locked">): Theatre<Process> {
  const disk = new Disk("16m");
  const unmountable = disk.mount();
  const missing = disk.compile();
  const { full, readOnly, failing, slow, locked } = kindsOfDisk(disk);
  const others = [readOnly, failing, slow].map((kind) => ({ kind, times: times.others, missing }));
  const environment = missing ? {} : disk.environment;
  return {
    kinds: [{ kind: full, times: times.full, missing: unmountable }, ...others, { kind: locked, times: times.locked }],
    open: () => Process.open({ folder: disk.fresh(), environment }),
    close: async () => disk.close(),
  };
}

/** Somebody sets the clock. */
export function clocks(times: number): Theatre<Process> {
  const clock = new WallClock();
  const { missing, environment } = clock;
  return {
    kinds: [{ kind: leaping(clock), times, missing }],
    open: () => {
      clock.sets(0);
      return Process.open({ environment });
    },
    close: async () => clock.close(),
  };
}

/** The database is another program's, and its way there. */
export async function postgres(times: number): Promise<Theatre<Process>> {
  const missing = isInstalled ? undefined : "PostgreSQL is not installed: npm run test:servers";
  if (missing) return { kinds: [{ kind: killed, times, missing }], open: () => Process.open(), close: async () => {} };
  const postgres = await Postgres.start();
  const way = await CuttingProxy.to(postgres.port);
  return {
    kinds: [killed, ...kindsOfPostgres(postgres, way)].map((kind) => ({ kind, times })),
    open: () => Process.open({ storage: postgres.url().replace(`:${postgres.port}/`, `:${way.port}/`) }),
    close: async () => {
      await way.close();
      await postgres.stop();
    },
  };
}
