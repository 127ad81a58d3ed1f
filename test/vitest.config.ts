import { defineConfig } from "vitest/config";
import { SENTENCES, type Tag } from "./conformance/xep-0404.ts";

export default defineConfig({
  resolve: { conditions: ["masque-source"] },
  ssr: { resolve: { conditions: ["masque-source"] } },
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/**/*.test.ts"],
    testTimeout: 10_000,
    tags: Object.entries(SENTENCES).map(([name, { says }]) => ({ name: name as Tag, description: says })),
  },
});
