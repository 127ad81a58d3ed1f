import fc from "fast-check";
import { expect, it } from "vitest";
import { anyWorld, lives } from "./life.ts";

// `npm run test:long` lives through more of them; a slow machine through fewer.
const { MASQUE_WORLDS } = process.env;
const [WORLDS, LONGEST] = MASQUE_WORLDS ? [Number(MASQUE_WORLDS), 3_000_000] : [65, 8_000];

it("in no world is anything told that somebody may not see", async () => {
  let [steps, stanzas] = [0, 0];
  const property = fc.asyncProperty(anyWorld(), async (world) => {
    const lived = await lives(world);
    steps += lived.steps;
    stanzas += lived.stanzas;
  });
  await fc.assert(property, { numRuns: WORLDS, interruptAfterTimeLimit: LONGEST });
  console.info(`${steps} steps, ${stanzas} stanzas read`);
  expect(stanzas).toBeGreaterThan(steps);
}, 3_600_000);
