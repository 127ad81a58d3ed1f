import { textTable } from "../commands/text-table.ts";
import type { Explanation, Plan, Status } from "../host/host.ts";
import type { Failures } from "../storage/store.ts";

/** What runs, and what does not and why. */
export function statusTable(status: Readonly<Record<string, Status>>): string {
  const rows = Object.entries(status).map(([name, { state, degraded, faults, reason = "" }]) => [
    name,
    degraded ? `${state}, degraded` : state,
    faults > 0 ? String(faults) : "",
    reason,
  ]);
  return textTable([["PLUGIN", "STATE", "FAULTS", "REASON"], ...rows]);
}

/** What is wrong with the store: sentences, or none. */
export function storageTrouble({ count, now, last }: Failures): string[] {
  const present = now === undefined ? [] : [`Nothing can be stored or read: ${now}`];
  if (!last) return present;
  const often = count === 1 ? "once" : `${count} times`;
  return [
    ...present,
    `The storage has failed ${often}, the last time at ${new Date(last.at).toISOString()}: ${last.reason}`,
  ];
}

/** What a reload does, in the order in which it is done. */
export function planTable({ stop, start, waiting }: Plan): string {
  const rows = [
    ...stop.map((name) => ["stop", name]),
    ...start.map((name) => ["start", name]),
    ...waiting.map((one) => ["wait", one.name, `for ${one.for.join(", ")}`]),
  ];
  return rows.length > 0 ? textTable(rows) : "Nothing to stop, nothing to start.";
}

/** Who answers a question, in order, and what came of it the last times. */
export function explanationTable({ asked, recent }: Explanation): string {
  const order = asked.map(({ plugin, priority }) => [plugin, String(priority)]);
  const outcomes = recent.map(({ at, plugin, outcome }) => [new Date(at).toISOString(), plugin, outcome]);
  return [
    order.length > 0 ? textTable([["PLUGIN", "PRIORITY"], ...order]) : "Nobody answers this now.",
    ...(outcomes.length > 0 ? [textTable([["LATELY", "PLUGIN", "OUTCOME"], ...outcomes])] : []),
  ].join("\n\n");
}
