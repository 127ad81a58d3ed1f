import { parse } from "smol-toml";

/** A key's place in a TOML source, in offsets: from `start` (the key, or the `[` of its table) to `end`; `value` is where its value begins. */
export interface Span {
  readonly start: number;
  readonly value: number;
  readonly end: number;
}

/** Table names, keys and, as decimal text, indexes into arrays. */
export type Path = readonly string[];

/** The places of all paths in a source, and of the nearest one around a path that is not there. */
export interface Positions {
  readonly paths: readonly Path[];
  /** The span of the path itself, or else of the innermost table or key around it. */
  around(path: Path): Span | undefined;
}

const VOID = /(?:[ \t\r\n]|#[^\n]*)*/y;
const BLANK = /[ \t]*/y;
const BARE = /[A-Za-z0-9_-]+/y;
// A closing quote of a multi-line string may follow one or two that belong to it: """"a"""" says "a".
const STRING = /"""(?:\\[\s\S]|[^\\])*?"""(?!")|'''[\s\S]*?'''(?!')|"(?:\\.|[^"\\])*"|'[^']*'/y;
const SCALAR = /[^,\]}#\r\n]+/y;

/**
 * Finds where every key of a TOML source stands.
 * @param source must be valid TOML: the scanner finds places, smol-toml judges.
 */
export function positions(source: string): Positions {
  const spans = new Scanner(source).scan();
  return {
    paths: [...spans.keys()].map((key) => JSON.parse(key) as Path),
    around(path) {
      for (let length = path.length; length > 0; length--) {
        const span = spans.get(name(path.slice(0, length)));
        if (span) return span;
      }
      return undefined;
    },
  };
}

class Scanner {
  readonly #source: string;
  readonly #spans = new Map<string, Span>();
  /** How many tables each array of tables has so far. */
  readonly #lengths = new Map<string, number>();
  #at: number;

  constructor(source: string) {
    this.#source = source;
    this.#at = source.charCodeAt(0) === 0xfeff ? 1 : 0;
  }

  scan(): Map<string, Span> {
    let table: Path = [];
    for (this.#take(VOID); this.#at < this.#source.length; this.#take(VOID)) {
      if (this.#next() === "[") table = this.#header();
      else this.#entry(table);
    }
    return this.#spans;
  }

  #header(): Path {
    const start = this.#at;
    const isArray = this.#source.startsWith("[[", start);
    this.#at += isArray ? 2 : 1;
    const keys = this.#key().map(({ text }) => text);
    this.#at += isArray ? 2 : 1;

    const last = keys.pop() as string;
    let parent: Path = [];
    for (const key of keys) parent = this.#newest([...parent, key]);
    const span = { start, value: start, end: this.#at };
    for (let length = 1; length <= parent.length; length++) this.#imply(parent.slice(0, length), span);

    const path = [...parent, last];
    if (!isArray) return this.#place(path, span);
    this.#imply(path, span);
    this.#lengths.set(name(path), (this.#lengths.get(name(path)) ?? 0) + 1);
    return this.#place(this.#newest(path), span);
  }

  #entry(table: Path): void {
    const keys = this.#key();
    this.#at++;
    this.#take(BLANK);
    const path = [...table, ...keys.map(({ text }) => text)];
    const value = this.#at;
    this.#value(path);
    keys.forEach(({ start }, index) => {
      const span = { start, value, end: this.#at };
      if (index === keys.length - 1) this.#place(path, span);
      else this.#imply(path.slice(0, table.length + index + 1), span);
    });
  }

  #value(path: Path): void {
    if (this.#next() === "[") this.#array(path);
    else if (this.#next() === "{") this.#inline(path);
    else if (!this.#take(STRING)) this.#scalar();
  }

  #scalar(): void {
    const blanks = /\s*$/.exec(this.#take(SCALAR)) as RegExpExecArray;
    this.#at -= blanks[0].length;
  }

  #array(path: Path): void {
    this.#at++;
    for (let index = 0; this.#inside("]"); index++) {
      const start = this.#at;
      this.#value([...path, String(index)]);
      this.#place([...path, String(index)], { start, value: start, end: this.#at });
    }
  }

  #inline(path: Path): void {
    this.#at++;
    while (this.#inside("}")) this.#entry(path);
  }

  /** Steps to the next item of an array or inline table; past its end, and false, when there is none. */
  #inside(close: string): boolean {
    this.#take(VOID);
    if (this.#next() === ",") {
      this.#at++;
      this.#take(VOID);
    }
    if (this.#next() !== close && this.#at < this.#source.length) return true;
    this.#at++;
    return false;
  }

  /** The parts of a dotted key, and the blanks behind it. */
  #key(): { text: string; start: number }[] {
    const parts: { text: string; start: number }[] = [];
    do {
      if (parts.length > 0) this.#at++;
      this.#take(BLANK);
      const start = this.#at;
      const raw = this.#take(BARE) || this.#take(STRING);
      parts.push({ text: /^["']/.test(raw) ? unquote(raw) : raw, start });
      this.#take(BLANK);
    } while (this.#next() === ".");
    return parts;
  }

  /** A path that a header or dotted key names in passing: its first mention counts, until it gets a header of its own. */
  #imply(path: Path, span: Span): void {
    if (!this.#spans.has(name(path))) this.#spans.set(name(path), span);
  }

  #place(path: Path, span: Span): Path {
    this.#spans.set(name(path), span);
    return path;
  }

  /** Below an array of tables, its last table is meant. */
  #newest(path: Path): Path {
    const length = this.#lengths.get(name(path));
    return length === undefined ? path : [...path, String(length - 1)];
  }

  #next(): string {
    return this.#source.charAt(this.#at);
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#source)?.[0] ?? "";
    this.#at += text.length;
    return text;
  }
}

function name(path: Path): string {
  return JSON.stringify(path);
}

function unquote(key: string): string {
  return Object.keys(parse(`${key} = 0`))[0] as string;
}
