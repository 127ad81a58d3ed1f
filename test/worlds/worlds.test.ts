import fc from "fast-check";
import { expect, it } from "vitest";
import { anyMoment, happens, prologue } from "./acts.ts";
import { MODES } from "./model.ts";
import { World } from "./world.ts";

// `npm run test:long` lives through more of them.
const WORLDS = Number(process.env.MASQUE_WORLDS ?? 60);
// Also when it looks for the shortest story that goes wrong.
const LONGEST = process.env.MASQUE_WORLDS ? 3_000_000 : 15_000;

it("in no world is anything told that somebody may not see", async () => {
  let [steps, stanzas] = [0, 0];
  const laws = fc.record({ initial: fc.constantFrom(...MODES), everywhere: fc.boolean() });
  const world = fc.asyncProperty(laws, fc.array(anyMoment, { maxLength: 60, size: "max" }), async (laws, moments) => {
    const world = await World.begin(laws);
    try {
      for (const step of prologue) await happens(world, [step]);
      for (const moment of moments) await happens(world, moment);
    } finally {
      steps += world.steps;
      stanzas += world.stanzas;
      await world.ends();
    }
  });
  await fc.assert(world, { numRuns: WORLDS, interruptAfterTimeLimit: LONGEST });
  expect(steps).toBeGreaterThan(WORLDS * 10);
  console.info(`${steps} steps, ${stanzas} stanzas read`);
}, 3_600_000);
