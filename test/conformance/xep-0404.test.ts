import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ROWS } from "./family.ts";
import { page } from "./table.ts";
import { taggedTests, taggedTestsIn } from "./tagged-tests.ts";
import { SENTENCES } from "./xep-0404.ts";

const ROOT = new URL("../..", import.meta.url).pathname;
const tests = taggedTests(ROOT);
const proven = new Set(tests.flatMap(({ tags }) => tags.filter((tag) => /^\d/.test(tag))));

describe("docs/xep-0404.md", () => {
  it("is what `npm run generate` makes of the sentences and of the tests' tags", () => {
    expect(readFileSync(`${ROOT}/docs/xep-0404.md`, "utf8")).toBe(page(SENTENCES, tests));
  });

  it("names a test for every sentence that a service can heed", () => {
    const heeded = Object.entries(SENTENCES).filter(([, { stand }]) => stand !== "others");
    expect(heeded.map(([tag]) => tag).filter((tag) => !proven.has(tag))).toEqual([]);
  });

  it("knows the sentence of every tag, and has a place for it", () => {
    expect([...proven].filter((tag) => !Object.hasOwn(SENTENCES, tag) && !Object.hasOwn(ROWS, tag))).toEqual([]);
    const rows = page(SENTENCES, tests).match(/^\| \d+ \|.*$/gm);
    expect(rows).toHaveLength(Object.keys(SENTENCES).length);
  });
});

describe("a test's tag", () => {
  const found = (source: string) => taggedTestsIn(source, "coven.test.ts").map(({ name, tags }) => [name, tags]);

  it("is read wherever a test may be", () => {
    const source = `
      describe("a coven", { tags: "0404-2.1/1" }, () => {
        it("hides hecate", { tags: ["0404-2.1/2", "0404-2.1/3"], timeout: 1 }, async () => {});
        for (const hag of hags) it(\`hides \${hag.name}\`, { tags: ["0404-2.1/4"] }, () => {});
        it.each(hags)("hides %s in $mode", { tags: ["0404-2.2/1"] }, () => {});
        it("has no tags", () => {});
      });`;
    expect(found(source)).toEqual([
      ["a coven", ["0404-2.1/1"]],
      ["a coven › hides hecate", ["0404-2.1/2", "0404-2.1/3"]],
      ["a coven › hides …", ["0404-2.1/4"]],
      ["a coven › hides … in …", ["0404-2.2/1"]],
    ]);
  });

  const HIDES = `("hides hecate", { tags: ["0404-2.1/1"] }, () => {});`;

  it.each(["skip", "todo", "skipIf(noServer)", "runIf(server)"])(
    "proves nothing where the test does not run, for it, or what it stands in, says %s",
    (word) => {
      expect(found(`it.${word}${HIDES}`)).toEqual([]);
      expect(found(`describe.${word}("a coven", () => { it${HIDES} });`)).toEqual([]);
    },
  );

  it("proves nothing in a comment", () => {
    expect(found(`it${HIDES}`)).toHaveLength(1);
    expect(found(`// it${HIDES}`)).toEqual([]);
  });

  it("must be readable without running the test", () => {
    expect(() => found(`it("hides", { tags: [tag] }, () => {});`)).toThrow("coven.test.ts: write tags as they are");
  });
});
