import fc from "fast-check";
import { parse, TomlDate } from "smol-toml";
import { describe, expect, it } from "vitest";
import { type Positions, positions } from "../../../core/cli/positions.ts";

/** The text a path stands for, from its key to the end of its value. */
function text(source: string, path: string[]): string | undefined {
  const span = positions(source).around(path);
  return span && source.slice(span.start, span.end);
}

describe("positions", () => {
  it("finds a key below its table", () => {
    expect(text("[component]\nport = 5347 # the usual\n", ["component", "port"])).toBe("port = 5347");
  });

  it("finds a table by its header", () => {
    expect(text("[plugins.vcard]\n[plugins]\n", ["plugins"])).toBe("[plugins]");
  });

  it("finds the table around a key that is missing", () => {
    expect(text('[component]\nhost = "::1"\n', ["component", "domain"])).toBe("[component]");
  });

  it("finds nothing for a table that is missing", () => {
    expect(text('[service]\nname = "coven"\n', ["component", "domain"])).toBeUndefined();
  });

  it("finds keys of dotted keys and of inline tables", () => {
    const source = 'plugins.vcard = { enabled = false, "max bytes".soft = 12 }';
    expect(text(source, ["plugins", "vcard", "enabled"])).toBe("enabled = false");
    expect(text(source, ["plugins", "vcard", "max bytes", "soft"])).toBe("soft = 12");
  });

  it("finds one item of an array that runs over lines", () => {
    const source = 'operators = [\n  "hecate@shakespeare.example", # first, "of" [three]\n  "hag66",\n]';
    expect(text(source, ["operators", "1"])).toBe('"hag66"');
  });

  it("counts the tables of an array of tables", () => {
    const source = "[[hag]]\nnick = 1\n[[hag]]\n[hag.cat]\nnick = 2\n";
    expect(text(source, ["hag", "1", "cat", "nick"])).toBe("nick = 2");
  });

  it("is not led astray by what looks like keys inside strings", () => {
    const source = `a = """\n[b]\nc = 1 \\""" # no\n""""\n'd.e' = '''\nf = "'''\n[g]\nc = 2`;
    expect(positions(source).paths).toEqual([["a"], ["d.e"], ["g"], ["g", "c"]]);
  });

  it("finds exactly the paths and the values that smol-toml reads, in any document", () => {
    fc.assert(
      fc.property(documents(), (source) => {
        const document = parse(source);
        const found = positions(source);
        expect(found.paths.map((path) => path.join("\n")).sort()).toEqual(pathsOf(document).sort());
        for (const path of found.paths) expectSameValue(source, found, path, document);
      }),
      { numRuns: 300 },
    );
  });
});

/** Re-reads the value the span names, when it is a value and not a table put together from several places. */
function expectSameValue(source: string, found: Positions, path: readonly string[], document: unknown): void {
  const value = path.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], document);
  const span = found.around(path);
  if (!span) throw new Error(`no span for ${path.join(".")}`);
  if (isTable(value) || (Array.isArray(value) && value.some(isTable))) return;
  expect(parse(`v = ${source.slice(span.value, span.end)}`).v).toEqual(value);
}

function isTable(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof TomlDate);
}

function pathsOf(value: unknown, path: string[] = []): string[] {
  const own = path.length > 0 ? [path.join("\n")] : [];
  if (!isTable(value) && !Array.isArray(value)) return own;
  return [...own, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

// Keys carry a running number, so that every document made here is valid: the dice decide shapes, never clashes.
function documents(): fc.Arbitrary<string> {
  return fc.array(table(), { maxLength: 5 }).map((tables) => {
    let count = 0;
    return tables.join("").replace(/@/g, () => String(count++));
  });
}

const blank = fc.constantFrom("", " ", "\t ");
const comment = fc.constantFrom("", " # see [a] b = 'c'", ' # """');
const gap = fc.constantFrom(" ", "\n", "\n  # ], }\n", "\r\n");
const key = fc.constantFrom("k@", '"q.@ \\" #"', "'l@ = ['", "-_@", '"\\u00e9@"');

const scalar = fc.constantFrom(
  ...["true", "-1.5e3", "0x1F", "1979-05-27 07:32:00", "07:32:00", "+inf"],
  ...[
    '""',
    '"a # b"',
    '"\\\\"',
    "'\\'",
    '"\\", x = 1"',
    '""""""',
    '"""a"b""c"""""',
    '"""\n[x]\ny = \\"""\n"""',
    "'''it''s'''''",
  ],
);

const { value } = fc.letrec<{ value: string; inline: string; array: string }>((tie) => ({
  value: fc.oneof({ depthSize: "small", withCrossShrink: true }, scalar, tie("inline"), tie("array")),
  array: fc
    .tuple(fc.array(fc.tuple(tie("value"), gap), { maxLength: 3 }), gap, fc.boolean())
    .map(([items, lead, comma]) => {
      const body = items.map(([item, after]) => item + after).join(`,${lead}`);
      return `[${lead}${body}${comma && items.length > 0 ? "," : ""}${lead}]`;
    }),
  inline: fc
    .array(fc.tuple(dotted(), tie("value")), { maxLength: 3 })
    .map((entries) => `{ ${entries.map(([name, inner]) => `${name}= ${inner}`).join(" , ")} }`),
}));

function dotted(): fc.Arbitrary<string> {
  return fc
    .tuple(fc.array(key, { minLength: 1, maxLength: 3 }), blank)
    .map(([keys, space]) => keys.join(`${space}.${space}`) + space);
}

function table(): fc.Arbitrary<string> {
  const entry = fc
    .tuple(blank, dotted(), blank, value, comment)
    .map(([lead, name, space, inner, end]) => `${lead}${name}=${space}${inner}${end}\n`);
  const header = fc.oneof(
    dotted().map((name) => `[${name}]\n`),
    // Twice the same array of tables, the second with a table below it.
    fc
      .tuple(fc.nat({ max: 9 }), entry)
      .map(([n, first]) => `[[array.t${n}]]\n${first}[[array.t${n}]]\n[array.t${n}.k@]\n`),
  );
  return fc.tuple(header, fc.array(entry, { maxLength: 4 })).map(([head, entries]) => head + entries.join(""));
}
