import { createHash } from "node:crypto";
import { StoreError } from "../store-error.ts";
import type { Moved } from "./export.ts";
import { type Columns, type Hold, type Row, tablesOf } from "./hold.ts";
import { cutOff, type EndLine, linesIn, readHeader, readLine, type TableLine } from "./lines.ts";

/** Bounds what is in memory at a time. */
const MOST_ROWS = 500;

/** Fills an empty database with what was exported, all of it or nothing. Throws a StoreError. */
export async function importFrom(pieces: AsyncIterable<string>, hold: Hold, moved: Moved): Promise<void> {
  const filling = new Filling(hold, await emptyTables(hold), moved);
  for await (const line of linesIn(pieces)) await filling.take(line);
  filling.finish();
  await hold.commit();
}

async function emptyTables(hold: Hold): Promise<Columns[]> {
  const tables = await tablesOf(hold);
  for (const { name, by, columns } of tables) {
    const rows = await hold.read({ name, by, columns }, undefined, 1);
    if (rows.length > 0) throw new StoreError("The database is not empty: import into one that nobody has used yet.");
  }
  return tables;
}

/** An import under way. */
class Filling {
  readonly #hold: Hold;
  readonly #moved: Moved;
  /** Tables that are still to come. */
  readonly #awaited: Columns[];
  readonly #digest = createHash("sha256");
  readonly #counts: Record<string, number> = {};
  #version: string | undefined;
  #table: Columns | undefined;
  #rows: Row[] = [];
  #lastKey = 0;
  #number = 0;
  #isWhole = false;

  constructor(hold: Hold, tables: readonly Columns[], moved: Moved) {
    this.#hold = hold;
    this.#awaited = [...tables];
    this.#moved = moved;
  }

  async take(text: string): Promise<void> {
    this.#number++;
    if (this.#isWhole) throw new StoreError("The export goes on after its end.");
    if (this.#version === undefined) this.#version = readHeader(text).version;
    else await this.#understand(text);
    this.#digest.update(`${text}\n`);
  }

  finish(): void {
    if (!this.#isWhole) throw cutOff();
  }

  async #understand(text: string): Promise<void> {
    const line = readLine(text, this.#number);
    if ("end" in line) return this.#end(line);
    if ("table" in line) return this.#begin(line);
    if (line.length !== this.#table?.columns.length)
      throw new StoreError(`Line ${this.#number} is no row of a table: it has ${line.length} columns.`);
    this.#rows.push(line);
    if (this.#rows.length === MOST_ROWS) await this.#flush();
  }

  async #begin({ table, columns, last }: TableLine): Promise<void> {
    await this.#flush();
    this.#table = this.#awaited.shift();
    const isKnown = table === this.#table?.name && columns.join() === this.#table.columns.join();
    if (!isKnown)
      throw new StoreError(
        `Its table "${table}" is not as this Masque has it: import it by Masque ${this.#version}, which wrote it, and ` +
          "start this one on that database.",
      );
    this.#counts[table] = 0;
    if (last !== undefined) this.#lastKey = last;
  }

  async #end({ end, sha256 }: EndLine): Promise<void> {
    await this.#flush();
    const isAll = this.#awaited.length === 0 && JSON.stringify(end) === JSON.stringify(this.#counts);
    if (!isAll || sha256 !== this.#digest.copy().digest("hex"))
      throw new StoreError("The export is damaged: what is in it is not what its last line says.");
    await this.#hold.setLastKey(this.#lastKey);
    this.#isWhole = true;
  }

  async #flush(): Promise<void> {
    if (!this.#table || this.#rows.length === 0) return;
    const { name } = this.#table;
    await this.#hold.write(this.#table, this.#rows);
    this.#moved(name, this.#rows.length);
    this.#counts[name]! += this.#rows.length;
    this.#rows = [];
  }
}
