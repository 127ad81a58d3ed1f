import type { Row } from "./row.ts";
import { XEP_0369 } from "./xep-0369.ts";
import { XEP_0369_0_11 } from "./xep-0369-0.11.ts";
import { XEP_0403 } from "./xep-0403.ts";
import { XEP_0405 } from "./xep-0405.ts";
import { XEP_0406 } from "./xep-0406.ts";
import { XEP_0407 } from "./xep-0407.ts";

interface Specification {
  readonly number: string;
  readonly title: string;
  readonly version: string;
  readonly rows: Readonly<Record<string, Row>>;
}

/** The MIX family without XEP-0404: the rows of its tables, and what it demands of a service or permits it. */
export const FAMILY: readonly Specification[] = [
  { number: "0369", title: "MIX-CORE", version: "0.14.6", rows: XEP_0369 },
  { number: "0369", title: "MIX-CORE of 2018", version: "0.11.3, where it differs", rows: XEP_0369_0_11 },
  { number: "0403", title: "MIX-PRESENCE", version: "0.3.2", rows: XEP_0403 },
  { number: "0405", title: "MIX-PAM", version: "0.5.3, for Prosody", rows: XEP_0405 },
  { number: "0406", title: "MIX-ADMIN", version: "0.3.1", rows: XEP_0406 },
  { number: "0407", title: "MIX-MISC", version: "0.1.2", rows: XEP_0407 },
];

export const ROWS: Readonly<Record<string, Row>> = Object.assign({}, ...FAMILY.map(({ rows }) => rows));

type Rows = typeof XEP_0369 &
  typeof XEP_0369_0_11 &
  typeof XEP_0403 &
  typeof XEP_0405 &
  typeof XEP_0406 &
  typeof XEP_0407;

declare module "vitest" {
  interface TestTags {
    family: keyof Rows;
  }
}
