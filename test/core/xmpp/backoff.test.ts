import { describe, expect, it } from "vitest";
import { Backoff } from "../../../core/xmpp/backoff.ts";

const waits = (backoff: Backoff, count: number) => Array.from({ length: count }, () => backoff.next());

describe("the back-off", () => {
  it("waits at least half a second, at most thirty, and never more than three times the last wait", () => {
    for (let component = 0; component < 200; component++) {
      const series = waits(new Backoff(), 30);
      series.forEach((wait, i) => {
        expect(wait).toBeGreaterThanOrEqual(500);
        expect(wait).toBeLessThanOrEqual(Math.min(30_000, 3 * (series[i - 1] ?? 500)));
      });
    }
  });

  it("grows: a hundred components that fail ten times wait seconds, not half ones", () => {
    const last = Array.from({ length: 100 }, () => waits(new Backoff(), 10).at(-1)!);
    expect(last.reduce((a, b) => a + b) / last.length).toBeGreaterThan(3_000);
  });

  it("keeps components out of step", () => {
    expect(new Set(Array.from({ length: 50 }, () => new Backoff().next())).size).toBe(50);
  });

  it("begins anew after a reset", () => {
    const backoff = new Backoff();
    waits(backoff, 20);
    backoff.reset();
    expect(backoff.next()).toBeLessThanOrEqual(1_500);
  });
});
