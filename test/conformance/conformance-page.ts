import { FAMILY } from "./family.ts";
import { cells, proofsOf, table } from "./table.ts";
import type { TaggedTest } from "./tagged-tests.ts";

const HEAD = `# The MIX family, row by row

The rows of the tables of MIX-CORE, MIX-PRESENCE, MIX-PAM, MIX-ADMIN and MIX-MISC, and what else they demand of a
service or permit it: whether Masque has each, how, and the tests that say so. MIX-ANON has [a page of its
own](xep-0404.md). A test claims a row by its tag, such as \`{ tags: ["0406-2.1/6"] }\`.

This page is made from the rows in [test/conformance](../test/conformance) and from the tests' tags, by
\`npm run generate\`.
`;

const COLUMNS = ["", "The XEP", "Masque", "How, or why not", "Tests"];

/** The page docs/conformance.md. */
export function conformancePage(tests: readonly TaggedTest[]): string {
  const parts = FAMILY.map(({ number, title, version, rows }) => {
    const heading = `${title}: [XEP-${number}](https://xmpp.org/extensions/xep-${number}.html) ${version}`;
    const lines = Object.entries(rows).map(([tag, { says, does, isDone }]) =>
      cells([`§${placeOf(tag)}`, says, isDone ? "yes" : "no by choice", does, proofsOf(tag, tests)], [1]),
    );
    return table(heading, COLUMNS, lines);
  });
  return [HEAD, ...parts].join("\n");
}

/** Section and place: 0406-2.1/6 -> 2.1/6. */
function placeOf(tag: string): string {
  return tag.slice(tag.indexOf("-") + 1);
}
