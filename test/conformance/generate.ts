// Writes docs/clients.md, and prints docs/xep-0404.md.
import { writeFileSync } from "node:fs";
import { clientPage } from "./client-table.ts";
import { page } from "./table.ts";
import { taggedTests } from "./tagged-tests.ts";
import { SENTENCES } from "./xep-0404.ts";

const tests = taggedTests(new URL("../..", import.meta.url).pathname);
writeFileSync(new URL("../../docs/clients.md", import.meta.url), clientPage(tests));
process.stdout.write(page(SENTENCES, tests));
