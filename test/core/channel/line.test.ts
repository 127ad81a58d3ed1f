import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Line } from "../../../core/channel/line.ts";

/** A promise with its handle. */
function pending() {
  let end!: () => void;
  const promise = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { promise, end };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("a line", () => {
  it("does at once what needs no waiting", () => {
    const line = new Line();
    const done: string[] = [];
    line.enter(() => void done.push("hecate"));
    expect(done).toEqual(["hecate"]);
    expect(line.idle).toBe(true);
  });

  it("keeps those behind a promise waiting, and then lets them all through in the order they came", async () => {
    const line = new Line();
    const done: string[] = [];
    const { promise, end } = pending();
    line.enter(() => promise);
    line.enter(() => void done.push("hecate"));
    line.enter(() => void done.push("hag66"));
    await settle();
    expect(done).toEqual([]);
    expect(line.idle).toBe(false);
    end();
    await settle();
    expect(done).toEqual(["hecate", "hag66"]);
    expect(line.idle).toBe(true);
  });

  it("never lets one begin while another is at it, not even one that enters from within", async () => {
    const line = new Line();
    const done: string[] = [];
    line.enter(() => {
      done.push("hecate begins");
      line.enter(() => void done.push("hag66"));
      done.push("hecate ends");
    });
    await settle();
    expect(done).toEqual(["hecate begins", "hecate ends", "hag66"]);
  });

  it("has one at a time, in the order they came, whoever waits for how long", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 3 }), { maxLength: 12 }), async (waits) => {
        const line = new Line();
        const done: number[] = [];
        let inside = 0;
        waits.forEach((ticks, number) => {
          line.enter(() => {
            expect(++inside).toBe(1);
            const leave = () => {
              inside--;
              done.push(number);
            };
            if (ticks === 0) return leave();
            return (async () => {
              for (let i = 0; i < ticks; i++) await settle();
              leave();
            })();
          });
        });
        while (!line.idle) await settle();
        expect(done).toEqual(waits.map((_, number) => number));
      }),
      { numRuns: 40 },
    );
  });
});
