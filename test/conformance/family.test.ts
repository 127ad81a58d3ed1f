import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { conformancePage } from "./conformance-page.ts";
import { ROWS } from "./family.ts";
import { taggedTests } from "./tagged-tests.ts";

const ROOT = new URL("../..", import.meta.url).pathname;
const tests = taggedTests(ROOT);

describe("docs/conformance.md", () => {
  it("is what `npm run generate` makes of the rows and of the tests' tags", () => {
    expect(readFileSync(`${ROOT}/docs/conformance.md`, "utf8")).toBe(conformancePage(tests));
  });

  it("names a test for every row that is there", () => {
    const proven = new Set(tests.flatMap(({ tags }) => tags));
    const there = Object.entries(ROWS).filter(([, { isDone }]) => isDone);
    expect(there.map(([tag]) => tag).filter((tag) => !proven.has(tag))).toEqual([]);
  });

  it("says in a sentence how each is done, or why not", () => {
    for (const { does } of Object.values(ROWS)) expect(does).toMatch(/^.+\.$/);
  });
});
