import { describe, expect, it } from "vitest";
import { findConfig } from "../../../core/cli/find.ts";

describe("the configuration file that counts", () => {
  it("is the one named on the command line", () => {
    expect(findConfig("coven.toml", { MASQUE_CONFIG: "other.toml" })).toBe("coven.toml");
  });

  it("is else the one named in the environment", () => {
    expect(findConfig(undefined, { MASQUE_CONFIG: "other.toml" })).toBe("other.toml");
  });

  it("is none when nobody names one and none is in the usual places", () => {
    expect(findConfig(undefined, {})).toBeUndefined();
  });
});
