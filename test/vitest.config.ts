import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["masque-source"] },
  ssr: { resolve: { conditions: ["masque-source"] } },
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/**/*.test.ts"],
    testTimeout: 10_000,
  },
});
