// Writes docs/plugins/, docs/clients.md, docs/conformance.md and docs/xep-0404.md.
import { mkdirSync, writeFileSync } from "node:fs";
import { clientPage } from "./client-table.ts";
import { conformancePage } from "./conformance-page.ts";
import { pluginPages } from "./plugin-pages.ts";
import { page } from "./table.ts";
import { taggedTests } from "./tagged-tests.ts";
import { SENTENCES } from "./xep-0404.ts";

const root = new URL("../..", import.meta.url).pathname;
const tests = taggedTests(root);
writeFileSync(`${root}/docs/clients.md`, clientPage(tests));
writeFileSync(`${root}/docs/conformance.md`, conformancePage(tests));
writeFileSync(`${root}/docs/xep-0404.md`, page(SENTENCES, tests));

mkdirSync(`${root}/docs/plugins`, { recursive: true });
for (const [file, text] of pluginPages()) writeFileSync(`${root}/docs/plugins/${file}`, text);
