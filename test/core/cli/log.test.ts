import { describe, expect, it } from "vitest";
import { readable } from "../../../core/cli/log.ts";

describe("the log on a terminal", () => {
  const time = new Date(2026, 0, 1, 14, 2, 30).toISOString();

  it("has the time, the level, the text, and the rest as pairs", () => {
    const line = JSON.stringify({ level: "info", time, plugin: "ping", count: 3, list: ["a"], msg: "Started." });
    expect(readable(line)).toBe('14:02:30 info  Started. plugin=ping count=3 list=["a"]\n');
  });

  it("shows where an error came from", () => {
    const line = JSON.stringify({ level: "error", time, err: { stack: "Error: fire\n    at coven" }, msg: "A crash." });
    expect(readable(line)).toBe("14:02:30 error A crash.\nError: fire\n    at coven\n");
  });
});
