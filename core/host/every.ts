import type { Clock } from "./clock.ts";
import type { Duration } from "./duration.ts";
import type { Report } from "./faults.ts";
import { isPromise } from "./flights.ts";
import type { Owner } from "./owner.ts";

/** Runs `task` again and again, `period` after the run before has ended: runs never overlap. A crash ends one run only. */
export function every(
  clock: Clock,
  report: Report,
  { name, scope }: Owner,
  period: Duration,
  task: () => unknown,
): void {
  if (!(period > 0)) throw new RangeError(`every() takes a period above 0 ms, not ${period}.`);
  const label = `every ${period} ms`;
  let callOff = () => {};
  const wait = () => {
    if (!scope.closed) callOff = clock.after(period, run);
  };
  const run = async () => {
    try {
      const work = scope.open ? task() : undefined;
      if (isPromise(work)) await scope.flights.track(work);
    } catch (error) {
      report(name, label, error);
    }
    wait();
  };
  scope.add(label, () => callOff());
  wait();
}
