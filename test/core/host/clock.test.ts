import { HandClock } from "masque/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { inTime, systemClock } from "../../../core/host/clock.ts";
import { pending } from "./cast.ts";

describe("The system's clock", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("waits as long as it is told, even for more than Node's timers can hold", () => {
    vi.useFakeTimers();
    const days = 86_400_000;
    let rang = 0;
    systemClock.after(60 * days, () => rang++);
    const callOff = systemClock.after(60 * days, () => rang++);
    vi.advanceTimersByTime(59 * days);
    expect(rang).toBe(0);
    callOff();
    vi.advanceTimersByTime(2 * days);
    expect(rang).toBe(1);
  });
});

describe("In time", () => {
  it("says whether work ended before its time was over, and leaves no timer behind", async () => {
    const clock = new HandClock();
    expect(await inTime(clock, 1000, Promise.resolve())).toBe(true);
    expect(clock.waiting).toBe(0);
    const late = pending();
    const verdict = inTime(clock, 1000, late.promise);
    clock.advance(1000);
    expect(await verdict).toBe(false);
    late.reject(new Error("nobody waits for this"));
  });

  it("rejects when the work does, and leaves no timer behind", async () => {
    const clock = new HandClock();
    await expect(inTime(clock, 1000, Promise.reject(new Error("boil")))).rejects.toThrow("boil");
    expect(clock.waiting).toBe(0);
  });
});
