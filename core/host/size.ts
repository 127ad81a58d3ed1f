import { quantity } from "./quantity.ts";

/**
 * An option that is an amount of data, written with its unit and read as bytes.
 * @example z.strictObject({ largest: size.prefault("64 KiB").describe("The largest avatar taken") })
 */
export const size = quantity(
  { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 },
  'a size with its unit (B, KiB, MiB or GiB), such as "64 KiB"',
);
