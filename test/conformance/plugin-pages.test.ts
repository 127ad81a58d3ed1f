import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { bundled } from "../../plugins/index.ts";
import { pluginPages } from "./plugin-pages.ts";

const FOLDER = new URL("../../docs/plugins/", import.meta.url).pathname;

describe("docs/plugins", () => {
  it("is what `npm run generate` makes of the plugins' own words, and nothing else", () => {
    const found = readdirSync(FOLDER).map((file) => [file, readFileSync(`${FOLDER}${file}`, "utf8")] as const);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(pluginPages()));
  });

  it("has a sentence for every option of every plugin", () => {
    for (const { name, options } of bundled)
      for (const option of Object.keys(options?.shape ?? {}))
        expect(pluginPages().get(`${name}.md`)).toMatch(new RegExp(`^- \`${option}\`: .+\\.$`, "m"));
  });
});
