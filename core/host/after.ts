import type { Clock } from "./clock.ts";
import type { Duration } from "./duration.ts";
import type { Report } from "./faults.ts";
import { isPromise } from "./flights.ts";
import type { Owner } from "./owner.ts";

/** Runs `task` once, a while from now, unless its owner has stopped by then. */
export function after(
  clock: Clock,
  report: Report,
  { name, scope }: Owner,
  delay: Duration,
  task: () => unknown,
): void {
  if (scope.closed) throw new Error(`The plugin "${name}" has stopped: it can put nothing off any more.`);
  const run = async () => {
    scope.signal.removeEventListener("abort", callOff);
    try {
      const work = task();
      if (isPromise(work)) await scope.flights.track(work);
    } catch (error) {
      report(name, `after ${delay} ms`, error);
    }
  };
  const callOff = clock.after(delay, run);
  // Not a thing to be undone at the end: it is over long before, as a rule, and would be kept until then.
  scope.signal.addEventListener("abort", callOff);
}
