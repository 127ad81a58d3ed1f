import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const read = (path: string) => readFileSync(new URL(`../../docs/${path}`, import.meta.url), "utf8");

it("what docs/extend.md shows is what the example is", () => {
  const shown = [...read("extend.md").matchAll(/^```(?:ts|json)\n([\s\S]*?)^```$/gm)].map(([, text]) => text);
  const files = ["index.ts", "index.test.ts", "package.json"].map((file) => read(`examples/quiet-hours/${file}`));
  expect(shown).toEqual(files);
});

it("what docs/extend.md has the operator write is what the example's own page has", () => {
  const [, block = ""] = /^```toml\n([\s\S]*?)^```$/m.exec(read("extend.md")) ?? [];
  const plain = read("examples/quiet-hours/README.md")
    .replace(/ +#.*$/gm, "")
    .replace(/^ {4}/gm, "");
  expect(plain).toContain(block);
});
