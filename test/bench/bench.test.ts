import { describe, expect, it } from "vitest";
import { type Figures, measure } from "./measure.ts";
import { besiege } from "./siege.ts";
import type { SubjectName } from "./subject.ts";
import { table } from "./table.ts";

const SCALE = { warmUp: 20, flood: 200, drizzle: 10, rate: 200 };
const SAID = SCALE.warmUp + SCALE.flood + SCALE.drizzle;

/** Every copy there was, as "to number". */
function copiesIn(stream: string): string[] {
  return [...stream.matchAll(/<message to='([^']*)'(?:(?!<\/message>).)*?~(\d{8})/g)].map(([, to, n]) => `${to} ${n}`);
}

describe("the benchmark", () => {
  for (const name of ["Masque", "splicer"] as const satisfies SubjectName[]) {
    it(`takes the measure of the ${name}, and everybody in the coven gets every message once`, async () => {
      let stream = "";
      const figures = await measure(name, 7, SCALE, (data) => {
        stream += data.toString("latin1");
      });
      const copies = copiesIn(stream);
      expect(copies).toHaveLength(7 * SAID);
      expect(new Set(copies)).toHaveLength(7 * SAID);
      for (const figure of Object.values(figures)) expect(figure).toBeGreaterThanOrEqual(0);
      expect(figures.p99).toBeGreaterThanOrEqual(figures.p50);
    });
  }

  it("besieges Masque, and somebody elsewhere is heard all the while", async () => {
    const { stanzas, errors, before, memory, p50, longest } = await besiege("vCards asked for, never answered", 3, 100);
    expect(stanzas).toBeGreaterThan(0);
    // Each may wait for a hundred answers.
    expect(errors).toBeGreaterThan(0);
    expect(errors).toBeLessThan(1);
    expect(memory).toBeGreaterThanOrEqual(before);
    expect(longest).toBeGreaterThanOrEqual(p50);
  });

  it("shows medians and how many times a splicer's they are", () => {
    const figures = (n: number): Figures => ({ deliveries: n, cpu: n, p50: n, p99: n, memory: n, joins: n });
    const text = table("7 participants", {
      Masque: [figures(9), figures(3), figures(1)],
      splicer: [figures(2), figures(2), figures(50)],
    });
    const [, splicer, masque, ratio] = text.split("\n");
    expect(splicer).toMatch(/^splicer +2\.00 /);
    expect(masque).toMatch(/^Masque +3\.00 /);
    expect(ratio).toMatch(/^ratio +1\.50 × /);
  });
});
