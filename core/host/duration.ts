import { quantity } from "./quantity.ts";

/** A length of time in milliseconds. */
export type Duration = number;

/**
 * An option that is a length of time, written with its unit and read as milliseconds.
 * @example z.strictObject({ patience: duration.prefault("30 s").describe("How long to wait for an answer") })
 */
export const duration = quantity(
  { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 },
  'a length of time with its unit (ms, s, min, h or d), such as "30 s"',
);
