import { z } from "zod";

/**
 * A number with its unit, such as "30 s", read into the smallest unit.
 * @param units the spelling of each unit -> its worth in the smallest one
 * @param expects completes "expected …": what a reader is told to write instead
 */
export function quantity(units: Readonly<Record<string, number>>, expects: string) {
  return z
    .string()
    .meta({ expects })
    .transform((text, check) => {
      const [, amount, unit] = /^(\d+(?:\.\d+)?) ?([A-Za-z]+)$/.exec(text.trim()) ?? [];
      const value = Math.round(Number(amount) * (Object.hasOwn(units, unit ?? "") ? units[unit!]! : Number.NaN));
      if (Number.isSafeInteger(value)) return value;
      check.addIssue({ code: "custom", message: `expected ${expects}, not "${text}"` });
      return z.NEVER;
    });
}
