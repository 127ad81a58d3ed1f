import { z } from "zod";
import { StoreError } from "../store-error.ts";
import type { Row } from "./hold.ts";

/** The first line of an export names it; every other format is another number. */
export const FORMAT = 1;

const Header = z.object({ masque: z.literal("export"), format: z.number(), version: z.string() });
const TableLine = z.object({ table: z.string(), columns: z.array(z.string()), last: z.number().optional() });
const EndLine = z.object({ end: z.record(z.string(), z.number()), sha256: z.string() });

export type TableLine = z.output<typeof TableLine>;
export type EndLine = z.output<typeof EndLine>;
export type Line = Row | TableLine | EndLine;

/** Reads the first line. Throws a StoreError when what follows it could not be understood. */
export function readHeader(text: string): { readonly version: string } {
  const header = Header.safeParse(parsed(text)).data;
  if (!header) throw new StoreError("This is no export of Masque's: its first line does not say so.");
  if (header.format === FORMAT) return header;
  throw new StoreError(
    `The export was written by Masque ${header.version} in format ${header.format}, and this one knows ${FORMAT}: import it by that one.`,
  );
}

/** Reads any other line. Throws a StoreError. */
export function readLine(text: string, number: number): Line {
  const data = parsed(text);
  if (Array.isArray(data)) return data as Row;
  const found = TableLine.safeParse(data).data ?? EndLine.safeParse(data).data;
  if (found) return found;
  throw new StoreError(`Line ${number} is neither a row, nor a table, nor the end.`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The lines of a text that comes in pieces, without their ends. Throws when the last one has none. */
export async function* linesIn(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = "";
  for await (const piece of pieces) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== "") throw cutOff();
}

export function cutOff(): StoreError {
  return new StoreError("The export is cut off: it has no last line that says what is in it.");
}
