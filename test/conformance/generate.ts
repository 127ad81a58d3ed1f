// Prints docs/xep-0404.md.
import { page } from "./table.ts";
import { taggedTests } from "./tagged-tests.ts";
import { SENTENCES } from "./xep-0404.ts";

process.stdout.write(page(SENTENCES, taggedTests(new URL("../..", import.meta.url).pathname)));
