import { describe } from "vitest";
import { isInstalled } from "./postgres.ts";

/** Tests that need a PostgreSQL; where it is not installed they are skipped, and that is said, or fail if they must not be. */
export function describeWithPostgres(name: string, tests: () => void): void {
  const isMissing = !isInstalled;
  if (isMissing && process.env.MASQUE_REQUIRE_SERVERS === "1")
    throw new Error(`PostgreSQL is not installed, and ${name} needs it: npm run test:servers`);
  if (isMissing) console.warn(`\n  NOT TESTED: ${name}. PostgreSQL is not installed: npm run test:servers\n`);
  describe.skipIf(isMissing)(name, tests);
}
