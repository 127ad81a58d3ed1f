import type { Row } from "./row.ts";
import { XEP_0369 } from "./xep-0369.ts";
import { XEP_0403 } from "./xep-0403.ts";
import { XEP_0405 } from "./xep-0405.ts";
import { XEP_0406 } from "./xep-0406.ts";
import { XEP_0407 } from "./xep-0407.ts";

interface Specification {
  readonly title: string;
  readonly version: string;
  readonly rows: Readonly<Record<string, Row>>;
}

/** The MIX family without XEP-0404, by number: the rows of its tables, and what it demands or permits. */
export const FAMILY = {
  "0369": { title: "MIX-CORE", version: "0.14.6", rows: XEP_0369 },
  "0403": { title: "MIX-PRESENCE", version: "0.3.2", rows: XEP_0403 },
  "0405": { title: "MIX-PAM", version: "0.5.3", rows: XEP_0405 },
  "0406": { title: "MIX-ADMIN", version: "0.3.1", rows: XEP_0406 },
  "0407": { title: "MIX-MISC", version: "0.1.2", rows: XEP_0407 },
} satisfies Record<string, Specification>;

export const ROWS: Readonly<Record<string, Row>> = Object.assign({}, ...Object.values(FAMILY).map(({ rows }) => rows));

type Rows = typeof XEP_0369 & typeof XEP_0403 & typeof XEP_0405 & typeof XEP_0406 & typeof XEP_0407;

declare module "vitest" {
  interface TestTags {
    family: keyof Rows;
  }
}
