import { basename } from "node:path";
import type { Sentence } from "./sentence.ts";
import type { TaggedTest } from "./tagged-tests.ts";

const SECTIONS: Readonly<Record<string, string>> = {
  "2.1": "Private Messages",
  "2.2": "JID Visibility Services",
  "2.3": "JID Visibility Architecture",
  "2.4": "Resource Hiding",
  "2.5": "JID Map Node",
  "3.1": "User Preferences and Additional Information",
  "3.2": "Sending Private Messages",
  "3.3": "Requesting vCard",
};

const HEAD = `# XEP-0404, sentence by sentence

What [XEP-0404](https://xmpp.org/extensions/xep-0404.html) (MIX-ANON) demands, permits or states of a service, in 0.1.0
and in 0.3.1, what Masque does, and the tests that say so. A test claims a sentence by its tag, such as
\`{ tags: ["0404-2.4/1"] }\`; all tests of one sentence run with
\`npx vitest run --config test/vitest.config.ts --tags-filter 0404-2.4/1\`.

This page is made from [the sentences](../test/conformance/xep-0404.ts) and from the tests' tags, by \`npm run generate\`.
`;

/** The page docs/xep-0404.md. */
export function page(sentences: Readonly<Record<string, Sentence>>, tests: readonly TaggedTest[]): string {
  const parts = Object.entries(SECTIONS).map(([section, title]) => {
    const rows = Object.entries(sentences)
      .filter(([tag]) => tag.startsWith(`0404-${section}/`))
      .map(([tag, sentence]) => row(tag, sentence, tests));
    return table(`§${section} ${title}`, ["", "In", "The XEP", "Masque", "Tests"], rows);
  });
  return [HEAD, ...parts].join("\n");
}

function row(tag: string, sentence: Sentence, tests: readonly TaggedTest[]): string {
  const versions = sentence.in.join(", ");
  const stand = { otherwise: "**Otherwise:** ", others: "*Not the service's:* ", kept: "" }[sentence.stand ?? "kept"];
  const place = tag.split("/")[1] ?? "";
  return cells([place, versions, sentence.says, stand + sentence.does, proofsOf(tag, tests)], [2]);
}

/** A part of a page: its heading, and a table of these rows. */
export function table(heading: string, columns: readonly string[], rows: readonly string[]): string {
  const lines = [`| ${columns.join(" | ").trimStart()} |`, `|${"---|".repeat(columns.length)}`, ...rows];
  return `## ${heading}\n\n${lines.join("\n")}\n`;
}

/** The tests that claim a sentence, as links. */
export function proofsOf(tag: string, tests: readonly TaggedTest[]): string {
  return tests
    .filter(({ tags }) => tags.includes(tag))
    .map(({ file, name }) => `[${basename(file, ".test.ts")}](../${file}): ${plain(name)}`)
    .join("<br>");
}

/** A row of a table of Markdown; the cells at these places are no Markdown themselves. */
export function cells(texts: readonly string[], quoted: readonly number[]): string {
  const written = texts.map((text, at) => (quoted.includes(at) ? plain(text) : text).replaceAll("|", "\\|"));
  return `| ${written.join(" | ")} |`;
}

/** Text that is no Markdown: what would be taken for a tag, or for emphasis, is not. */
function plain(text: string): string {
  return text.replace(/[<>&*_`\\]/g, (character) => ESCAPED[character] ?? `\\${character}`);
}
const ESCAPED: Readonly<Record<string, string>> = { "<": "&lt;", ">": "&gt;", "&": "&amp;" };
