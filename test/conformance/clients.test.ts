import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { clientPage } from "./client-table.ts";
import { CLIENT_TAGS, CLIENTS, DEEDS, REMARKS } from "./clients.ts";
import { taggedTests } from "./tagged-tests.ts";

const ROOT = new URL("../..", import.meta.url).pathname;
const tests = taggedTests(ROOT);
const tried = new Set(tests.flatMap(({ tags }) => tags));

describe("docs/clients.md", () => {
  it("is what `npm run generate` makes of the clients and of the tests' tags", () => {
    expect(readFileSync(`${ROOT}/docs/clients.md`, "utf8")).toBe(clientPage(tests));
  });

  it("remarks only on what a test has tried", () => {
    expect(REMARKS.flatMap(({ of }) => of).filter((tag) => !tried.has(tag))).toEqual([]);
  });

  it("has a cell for every tag that is no sentence's", () => {
    const others = [...tried].filter((tag) => !/^\d/.test(tag));
    expect(others.filter((tag) => !(CLIENT_TAGS as string[]).includes(tag))).toEqual([]);
    expect(CLIENT_TAGS).toHaveLength(Object.keys(CLIENTS).length * Object.keys(DEEDS).length);
  });

  it("has every client join, speak and leave", () => {
    const needed = CLIENT_TAGS.filter((tag) => /\/(?:join|talk|leave)$/.test(tag));
    expect(needed.filter((tag) => !tried.has(tag))).toEqual([]);
  });
});
