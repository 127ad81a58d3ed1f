import fc from "fast-check";
import { type Act, anyMoments, happens, prologue, type Step } from "./acts.ts";
import { MODES } from "./model.ts";
import { type Laws, SOUND, type Tree, World } from "./world.ts";

/** A world that could be: its laws, and what happens in it. */
export interface Life {
  readonly laws: Laws;
  readonly moments: readonly (readonly Step[])[];
}

/** @param often what is done there more often than elsewhere */
export const anyWorld = (often: readonly Act[] = []): fc.Arbitrary<Life> =>
  fc.record({
    laws: fc.record({ initial: fc.constantFrom(...MODES), everywhere: fc.boolean() }),
    moments: anyMoments(often),
  });

/** Lives through it; throws at the first thing that is wrong. Returns how many moments and stanzas there were. */
export async function lives({ laws, moments }: Life, tree: Tree = SOUND): Promise<{ steps: number; stanzas: number }> {
  const world = await World.begin(laws, tree);
  try {
    for (const step of prologue) await happens(world, [step]);
    for (const moment of moments) await happens(world, moment);
  } finally {
    await world.ends();
  }
  return world;
}
