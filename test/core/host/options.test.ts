import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { nearest } from "../../../core/host/nearest.ts";
import { duration, readOptions, Secret, sameOptions, secret, size } from "../../../core/host/options.ts";

/** What is said about one option with this schema and this value. */
function complaint(schema: z.ZodType, value: unknown): string | undefined {
  const read = readOptions(z.strictObject({ it: schema }), { it: value });
  return "problems" in read ? read.problems.map(({ message }) => message).join(" | ") : undefined;
}

function value(schema: z.ZodType, input: unknown): unknown {
  const read = readOptions(z.strictObject({ it: schema }), { it: input });
  return "options" in read ? read.options.it : read.problems;
}

describe("Options", () => {
  it("get their defaults, and cannot be changed afterwards, however deep", () => {
    const schema = z.strictObject({
      pots: z.array(z.string()).default(["big"]),
      fire: z.strictObject({ hot: z.boolean().default(true) }).prefault({}),
    });
    const read = readOptions(schema, {}) as { options: { pots: string[]; fire: object } };
    expect(read.options).toEqual({ pots: ["big"], fire: { hot: true } });
    for (const part of [read.options, read.options.pots, read.options.fire]) expect(Object.isFrozen(part)).toBe(true);
  });

  it("have all their problems told at once, each with its path", () => {
    const schema = z.strictObject({
      prefix: z.string(),
      fire: z.strictObject({ heat: z.number().max(9) }),
      pots: z.array(z.int()),
    });
    expect(readOptions(schema, { prefx: "@", fire: { heat: 12, colour: "red" }, pots: [1, "two"] })).toEqual({
      problems: [
        { path: ["prefix"], message: "expected text, but it is missing" },
        { path: ["fire", "heat"], message: "expected a number of at most 9, not 12" },
        { path: ["fire", "colour"], message: 'there is no option "colour"; there is "heat".' },
        { path: ["pots", "1"], message: 'expected a whole number, not "two"' },
        { path: ["prefx"], message: 'there is no option "prefx"; did you mean "prefix"?' },
      ],
    });
  });

  it("say one thing once, even if it is wrong twice", () => {
    expect(complaint(z.int().min(1), -1.5)).toBe("expected a whole number of at least 1, not -1.5");
  });

  for (const [schema, input, words] of [
    [z.boolean(), "yes", 'expected true or false, not "yes"'],
    [z.enum(["a", "b", "c"]), "d", 'expected "a", "b" or "c", not "d"'],
    [z.literal("a"), 1, 'expected "a", not 1'],
    [z.number().positive(), 0, "expected a number above 0, not 0"],
    [z.number().lt(1), 2, "expected a number below 1, not 2"],
    [z.int().multipleOf(5), 7, "expected a whole number divisible by 5, not 7"],
    [z.string().min(1), "", 'expected text of at least 1 character, not ""'],
    [z.string().max(3), "x".repeat(90), `expected text of at most 3 characters, not "${"x".repeat(40)}…"`],
    [z.string().min(2).max(3), "x", 'expected text of 2 to 3 characters, not "x"'],
    [z.string().regex(/^@/), "x", 'expected text of the form ^@, not "x"'],
    [z.email(), "x", 'expected text that is a valid email, not "x"'],
    [z.array(z.string()).min(2), ["x"], "expected a list of at least 2 entries, not a list"],
    [z.strictObject({}), [], "expected a table, not a list"],
    [z.array(z.string()), {}, "expected a list, not a table"],
    [z.int(), new Date(0), "expected a whole number, not a date"],
    [z.union([z.int(), z.literal("none")]), true, 'expected a whole number or "none", not true'],
    [z.record(z.string(), z.int()), { a: "x" }, 'expected a whole number, not "x"'],
    [
      z.string().refine((text) => text !== "newt", "expected anything but a newt"),
      "newt",
      "expected anything but a newt",
    ],
  ] as const) {
    it(`are explained in words: ${words.slice(0, 60)}`, () => {
      expect(complaint(schema, input)).toBe(words);
    });
  }

  it("are the same when they mean the same, whatever the order", () => {
    expect(sameOptions({ a: [1, { b: 2 }], c: "x" }, { c: "x", a: [1, { b: 2 }] })).toBe(true);
    expect(sameOptions({ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] })).toBe(false);
    expect(sameOptions({ a: 1 }, { a: 1, b: undefined })).toBe(false);
    expect(sameOptions({ a: [] }, { a: {} })).toBe(false);
    expect(sameOptions({ a: new Secret("fair") }, { a: new Secret("fair") })).toBe(true);
    expect(sameOptions({ a: new Secret("fair") }, { a: new Secret("foul") })).toBe(false);
  });
});

describe("A duration", () => {
  it("is written with its unit and read as milliseconds", () => {
    const read = ["250 ms", "30 s", "5 min", "1.5 h", "1 d", "2h"].map((text) => value(duration, text));
    expect(read).toEqual([250, 30_000, 300_000, 5_400_000, 86_400_000, 7_200_000]);
  });

  it("has a default that reads as it is written, and keeps its words behind it", () => {
    const schema = z.strictObject({ it: duration.prefault("30 s").describe("Patience") });
    expect(readOptions(schema, {})).toEqual({ options: { it: 30_000 } });
    expect(complaint(duration.prefault("30 s").describe("Patience"), 30)).toContain("not 30");
  });

  for (const wrong of ["30", "30 sec", "s", "-1 s", "1e3 s", "30 s 5", "9999999999999 d", "1 constructor"]) {
    it(`is not ${JSON.stringify(wrong)}`, () => {
      expect(complaint(duration, wrong)).toBe(
        `expected a length of time with its unit (ms, s, min, h or d), such as "30 s", not "${wrong}"`,
      );
    });
  }

  it("is no bare number: of what?", () => {
    expect(complaint(duration, 30)).toBe(
      'expected a length of time with its unit (ms, s, min, h or d), such as "30 s", not 30',
    );
  });
});

describe("A size", () => {
  it("is written with its unit and read as bytes", () => {
    const read = ["10 B", "64 KiB", "0.5 MiB", "1 GiB"].map((text) => value(size, text));
    expect(read).toEqual([10, 65_536, 524_288, 1_073_741_824]);
  });

  it("is not what it could be in two ways", () => {
    expect(complaint(size, "64 KB")).toBe(
      'expected a size with its unit (B, KiB, MiB or GiB), such as "64 KiB", not "64 KB"',
    );
  });
});

describe("A secret", () => {
  it("prints nowhere, and is there for who asks", () => {
    const read = value(secret, "double, double") as Secret;
    const printed = [`${read}`, JSON.stringify({ read }), inspect({ read }), inspect(read, { showHidden: true })];
    expect(printed.join()).not.toContain("double");
    expect(printed[0]).toBe("[secret]");
    expect(read.reveal()).toBe("double, double");
  });

  it("is not repeated when it is wrong", () => {
    expect(complaint(secret, 8404)).toBe("expected text that is not empty");
  });
});

describe("The nearest name", () => {
  it("is near: a guess is no help", () => {
    const names = ["participants", "presence", "vcard"];
    expect(nearest("particpants", names)).toBe("participants");
    expect(nearest("presense", names)).toBe("presence");
    expect(nearest("cauldron", names)).toBeUndefined();
    expect(nearest("x", [])).toBeUndefined();
  });
});
