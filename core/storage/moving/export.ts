import { createHash } from "node:crypto";
import { VERSION } from "../../version.ts";
import { type Hold, type Row, tablesOf } from "./hold.ts";
import { FORMAT } from "./lines.ts";

/** Is told of rows as they are moved. */
export type Moved = (table: string, rows: number) => void;

/** Bounds what is in memory at a time. */
const MOST_ROWS = 1000;

/** A whole database as text, lines of JSON, in pieces. Throws a StoreError. */
export async function* exported(hold: Hold, moved: Moved): AsyncGenerator<string> {
  const digest = createHash("sha256");
  const counts: Record<string, number> = {};
  const put = (text: string) => {
    digest.update(text);
    return text;
  };
  yield put(line({ masque: "export", format: FORMAT, version: VERSION }));
  for (const table of await tablesOf(hold)) {
    const { name, columns } = table;
    const more = name === "channels" ? { last: await hold.lastKey() } : {};
    yield put(line({ table: name, columns, ...more }));
    counts[name] = 0;
    for (let last: Row | undefined; ; ) {
      const rows = await hold.read(table, last, MOST_ROWS);
      if (rows.length === 0) break;
      yield put(rows.map(line).join(""));
      last = rows.at(-1);
      counts[name] += rows.length;
      moved(name, rows.length);
    }
  }
  yield line({ end: counts, sha256: digest.digest("hex") });
}

function line(data: unknown): string {
  return `${JSON.stringify(data)}\n`;
}
