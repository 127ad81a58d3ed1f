import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { readConfig } from "../../../core/cli/config.ts";
import { example } from "../../../core/cli/example.ts";
import { duration, readOptions } from "../../../core/host/options.ts";
import { definePlugin } from "../../../core/host/plugin.ts";
import { bundled } from "../../../plugins/index.ts";

const folder = mkdtempSync(join(tmpdir(), "masque-example-"));
afterAll(() => rmSync(folder, { recursive: true }));

const brewer = definePlugin({
  name: "brewer",
  summary: "Brews.",
  dependsOn: ["fire"],
  options: z.strictObject({
    simmer: duration.prefault("30 s").describe("How long a brew simmers"),
    parts: z
      .array(z.object({ of: z.string(), count: z.int() }))
      .default([{ of: 'newt\'s "eye"', count: 2 }])
      .describe("What goes in"),
  }),
  setup() {},
});
const fire = definePlugin({ name: "fire", summary: "Burns.", setup() {} });
const catalogue = [brewer, fire];

function read(toml: string) {
  const file = join(folder, "masque.toml");
  writeFileSync(file, toml);
  return readConfig(file, catalogue, {});
}

/** The file with every default written out. */
function spelledOut(toml: string): string {
  return toml.replace(/^#(?=[a-z_]+ = )/gm, "");
}

describe("the example of a configuration file", () => {
  it("names every option with its default, and what it is for", () => {
    expect(example(catalogue)).toContain(`# Brews.
# Needs: fire.
[plugins.brewer]
#enabled = true

# How long a brew simmers. Expected: a length of time with its unit (ms, s, min, h or d), such as
# "30 s".
#simmer = "30 s"

# What goes in.
#parts = [{ "of" = "newt's \\"eye\\"", "count" = 2 }]
`);
  });

  it("is right as it stands, and has every plugin on", async () => {
    expect(await read(example(catalogue))).toMatchObject({
      service: { name: "Masque" },
      plugins: { brewer: {}, fire: {} },
    });
  });

  it("means the same with every default spelled out", async () => {
    const asItStands = await read(example(catalogue));
    const full = await read(spelledOut(example(catalogue)));
    expect({ ...full, plugins: {} }).toEqual({ ...asItStands, plugins: {} });
    expect(full.plugins.brewer).not.toEqual({});
    expect(readOptions(brewer.options, full.plugins.brewer)).toEqual(readOptions(brewer.options, {}));
  });

  it("is refused for an option that has neither a default nor an example", () => {
    const options = z.strictObject({ heat: z.string() });
    const plugin = definePlugin({ name: "oven", summary: "", options, setup() {} });
    expect(() => example([plugin])).toThrow('The option "heat" of "plugins.oven" has no default, and no example.');
  });

  it("comes with Masque as config/masque.example.toml (made by: masque example)", () => {
    const file = new URL("../../../config/masque.example.toml", import.meta.url);
    expect(readFileSync(file, "utf8")).toBe(example(bundled));
  });
});
