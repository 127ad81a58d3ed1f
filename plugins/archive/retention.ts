import type { Channels, Duration } from "masque";

/** How much of an archive is kept; infinite for all. */
export interface Retention {
  readonly age: Duration;
  readonly count: number;
}

const DAYS = "History Days";
const COUNT = "History Messages";
const DAY: Duration = 86_400_000;

/** So many archives are looked at together, so that whoever waits for the store meanwhile waits for little. */
const STEP = 100;

/** Lets owners have less kept than the operator would; never more. */
export function addFields(channels: Channels, { age, count }: Retention): void {
  const fewer =
    (name: string, most: number, what: string) =>
    ([value]: readonly string[]) => {
      if (value === undefined) return undefined;
      const number = numberIn([value]);
      if (number === undefined) return `"${name}" takes a whole number from 1 up, or nothing, not "${value}".`;
      return number > most ? `"${name}" can be ${most} at most: the service keeps no more ${what}.` : undefined;
    };
  channels.field(DAYS, {
    type: "text-single",
    label: "For how many days what was said is kept; empty for as long as the service keeps it",
    initial: "",
    objection: fewer(DAYS, Math.floor(age / DAY), "days"),
  });
  channels.field(COUNT, {
    type: "text-single",
    label: "How many messages are kept; empty for as many as the service keeps",
    initial: "",
    objection: fewer(COUNT, count, "messages"),
  });
}

/** Forgets what is too old, or one too many, in all channels, a step at a time. */
export async function forgetOld(channels: Channels, { age, count }: Retention, now: number): Promise<void> {
  for (let last = 0; ; ) {
    const archives = await channels.archives(last, STEP);
    for (const archive of archives) {
      const { key, name, oldest, count: size, config } = archive;
      last = key;
      if (!channels.minds(name)) continue;
      const before = now - Math.min(age, (numberIn(config[DAYS]) ?? Number.POSITIVE_INFINITY) * DAY);
      const keep = Math.min(count, numberIn(config[COUNT]) ?? Number.POSITIVE_INFINITY);
      if (oldest >= before && size <= keep) continue;
      // What is not bounded is left out: a database has no number for it.
      const bounds = { ...(Number.isFinite(before) && { before }), ...(Number.isFinite(keep) && { keep }) };
      await channels.expire(archive, bounds);
    }
    if (archives.length < STEP) return;
  }
}

function numberIn(values: readonly string[] = []): number | undefined {
  return /^[1-9]\d{0,8}$/.test(values[0] ?? "") ? Number(values[0]) : undefined;
}
