import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { CLIENT_TAGS } from "./conformance/clients.ts";
import { ROWS } from "./conformance/family.ts";
import { SENTENCES, type Tag } from "./conformance/xep-0404.ts";

const sentences = Object.entries({ ...SENTENCES, ...ROWS }).map(([name, { says }]) => ({
  name: name as Tag,
  description: says,
}));

/** Where the tests keep what they store, if not in SQLite: "postgres", for a server of their own, or a URL. */
const { MASQUE_STORE: store } = process.env;

export default defineConfig({
  resolve: { conditions: ["masque-source"] },
  ssr: { resolve: { conditions: ["masque-source"] } },
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/**/*.test.ts"],
    globalSetup: store === "postgres" ? ["test/postgres-server.ts"] : [],
    setupFiles: store ? ["test/postgres-stores.ts"] : [],
    // Much of the time is spent on waiting for servers and browsers.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // A file begins with the modules of the one before it: to load them anew for each took a third of all the work. The
    // setup of stores is each file's own.
    isolate: store !== undefined,
    // For what hangs, not for what is slow: several programs may share the machine.
    testTimeout: 120_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 20_000 } },
    tags: [...sentences, ...CLIENT_TAGS.map((name) => ({ name }))],
  },
});
