import type { Path, Span } from "./positions.ts";

/** Something wrong in a configuration file, and where. */
export interface Mistake {
  /** Empty when it concerns the file as a whole. */
  readonly path: Path;
  readonly message: string;
  /** Absent when the file has no place for it: a section that is missing altogether. */
  readonly span?: Pick<Span, "start" | "end">;
}

/** A configuration file that cannot be used, with everything that is wrong with it; the message is made to be read. */
export class ConfigMistakes extends Error {
  override readonly name = "ConfigMistakes";
  /** One line each, without any source: fit for a log. */
  readonly lines: readonly string[];

  constructor(file: string, source: string, mistakes: readonly Mistake[]) {
    const sorted = [...mistakes].sort((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0));
    const lines = sorted.map((mistake) => headline(file, source, mistake));
    const blocks = sorted.map(({ span }, index) => lines[index] + (span ? excerpt(source, span) : ""));
    super(blocks.join("\n"));
    this.lines = lines;
  }
}

function headline(file: string, source: string, { path, message, span }: Mistake): string {
  const place = span ? `:${lineOf(source, span.start)}:${columnOf(source, span.start)}` : "";
  return `${[`${file}${place}`, ...(path.length > 0 ? [path.join(".")] : []), message].join(": ")}`;
}

/** The line of source that holds a span, with a mark under it; of a span over several lines, the first. */
function excerpt(source: string, { start, end }: Pick<Span, "start" | "end">): string {
  const from = start - columnOf(source, start) + 1;
  const text = withoutSecrets(/[^\r\n]*/.exec(source.slice(from))?.[0] ?? "");
  const number = String(lineOf(source, start));
  // Tabs stay tabs, or the mark would stand elsewhere.
  const indent = text.slice(0, start - from).replace(/[^\t]/g, " ");
  const mark = "^".repeat(Math.max(1, Math.min(end - start, text.length - (start - from))));
  return `\n  ${number} | ${text}\n  ${" ".repeat(number.length)} | ${indent}${mark}`;
}

/** A line fit to be printed: what is assigned to a secret, and passwords in URLs, are blotted out. */
function withoutSecrets(line: string): string {
  return line
    .replace(/((?:secret|password|token)["']?[ \t]*=[ \t]*)[^ \t].*/i, "$1…")
    .replace(/:\/\/[^@/\s"']*@/g, "://…@");
}

function lineOf(source: string, offset: number): number {
  return source.slice(0, offset).split("\n").length;
}

function columnOf(source: string, offset: number): number {
  return offset - source.lastIndexOf("\n", offset - 1);
}
