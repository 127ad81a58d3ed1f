import { FAMILY } from "./family.ts";
import { cells, proofsOf } from "./table.ts";
import type { TaggedTest } from "./tagged-tests.ts";

const HEAD = `# The MIX family, row by row

What the MIX family asks and offers, besides [XEP-0404](xep-0404.md): the rows of the specifications' tables and their
demands on a service, whether Masque has each, and the tests that say so. A test claims a row by its tag, such as
\`{ tags: ["0406-2.1/6"] }\`.

This page is made from \`test/conformance/\` and from the tests' tags, by \`npm run generate\`.
`;

/** The page docs/conformance.md. */
export function conformancePage(tests: readonly TaggedTest[]): string {
  const parts = Object.entries(FAMILY).map(([number, { title, version, rows }]) => {
    const link = `[XEP-${number}](https://xmpp.org/extensions/xep-${number}.html)`;
    const lines = Object.entries(rows).map(([tag, { says, does, isDone }]) =>
      cells([`§${tag.slice(5)}`, says, isDone ? "yes" : "**no**, by choice", does, proofsOf(tag, tests)], [1]),
    );
    return `## ${title}: ${link} ${version}\n\n| | The XEP | Masque | How, or why not | Tests |\n|---|---|---|---|---|\n${lines.join("\n")}\n`;
  });
  return [HEAD, ...parts].join("\n");
}
