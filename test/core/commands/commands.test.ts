import { z } from "masque";
import { beforeEach, describe, expect, it } from "vitest";
import type { Doing } from "../../../core/commands/command.ts";
import { CommandTable } from "../../../core/commands/table.ts";

const NAME = z.string().describe("The channel's name");

let commands: CommandTable;
let doing: Doing & { readonly said: unknown[] };

beforeEach(() => {
  commands = new CommandTable();
  const said: unknown[] = [];
  doing = { by: "prospero", signal: new AbortController().signal, said, say: (data) => void said.push(data) };
});

const obeys = async (written: string) => (await commands.obey(written.split(" "), doing)).result;

describe("what a command is given", () => {
  beforeEach(() =>
    commands.add({
      name: "channel show",
      summary: "Shows a channel.",
      takes: z.strictObject({
        channel: NAME,
        least: z.int().min(1).default(3).describe("The fewest participants"),
        sorted_by: z.enum(["name", "size"]).optional().describe("The order"),
        quiet: z.boolean().default(false).describe("Without the rest"),
        whole: z.boolean().default(true).describe("With everything"),
        node: z.array(z.string()).default([]).describe("A node, as often as wanted"),
      }),
      run: (given) => given,
    }),
  );

  it("is read in its order, and by name", async () => {
    expect(await obeys("channel show coven --least 5 --sorted-by size --quiet")).toEqual({
      channel: "coven",
      least: 5,
      sorted_by: "size",
      quiet: true,
      whole: true,
      node: [],
    });
    expect(await obeys("channel show --least=7 coven")).toMatchObject({ channel: "coven", least: 7 });
    expect(await obeys("channel show --channel coven")).toMatchObject({ channel: "coven" });
  });

  it("can be a flag put down, and a list", async () => {
    expect(await obeys("channel show coven --no-whole --node a --node b")).toMatchObject({
      whole: false,
      node: ["a", "b"],
    });
  });

  it("can begin with a dash, after two of them", async () => {
    expect(await obeys("channel show -- --coven")).toMatchObject({ channel: "--coven" });
  });

  it.each([
    [
      "channel show",
      "Write: masque channel show CHANNEL [--least …] [--sorted-by …] [--quiet] [--no-whole] [--node …]",
    ],
    ["channel show coven heath", "Write: masque channel show CHANNEL"],
    ["channel show coven --least", "--least wants a value"],
    ["channel show coven --lest 3", 'There is no option --lest; did you mean "--least"?'],
    ["channel show coven --no-least", "There is no option --no-least"],
    ["channel show coven --yes", "There is no option --yes"],
    ["channel show coven --least many", '--least …: expected a whole number of at least 1, not "many"'],
    ["channel show coven --sorted-by age", '--sorted-by …: expected "name" or "size", not "age"'],
  ])("is refused in words when it is wrong: %s", async (written, why) => {
    await expect(obeys(written)).rejects.toThrow(why);
  });

  it("is refused with all its mistakes at once", async () => {
    await expect(obeys("channel show coven --least 0 --sorted-by age")).rejects.toThrow(
      /--least …: expected [^\n]*\n--sorted-by …: expected [^\n]*\nWrite:/,
    );
  });
});

describe("a list that is required", () => {
  it("takes all the rest", async () => {
    const takes = z.strictObject({ channel: NAME, jids: z.array(z.string()).describe("Whom") });
    commands.add({ name: "ban", summary: "Bans.", takes, run: ({ jids }) => jids });
    expect(await obeys("ban coven macbeth banquo")).toEqual(["macbeth", "banquo"]);
    await expect(obeys("ban coven")).rejects.toThrow("Write: masque ban CHANNEL JIDS…");
  });
});

describe("what cannot be undone", () => {
  beforeEach(() =>
    commands.add({
      name: "destroy",
      summary: "Destroys a channel.",
      takes: z.strictObject({ channel: NAME }),
      warns: ({ channel }) => (channel === "coven" ? "All that was said in coven is lost." : undefined),
      run: ({ channel }) => `${channel} is gone`,
    }),
  );

  it("is done when it is confirmed, and warned of before", async () => {
    await expect(obeys("destroy coven")).rejects.toThrow(
      "All that was said in coven is lost. If this is what you want, add --yes.",
    );
    expect(await obeys("destroy coven --yes")).toBe("coven is gone");
  });

  it("needs no word where nothing is lost", async () => {
    expect(await obeys("destroy heath")).toBe("heath is gone");
  });
});

describe("a command", () => {
  it("says what happens while it runs, and to whom it is done", async () => {
    commands.add({
      name: "count",
      summary: "Counts.",
      run: (_, { by, say }) => {
        for (const each of [1, 2]) say({ each });
        return by;
      },
    });
    expect(await obeys("count")).toBe("prospero");
    expect(doing.said).toEqual([{ each: 1 }, { each: 2 }]);
  });

  it("is meant by the longest name that fits", async () => {
    const takes = z.strictObject({ question: NAME });
    commands.add({ name: "explain", summary: "Explains.", takes, run: ({ question }) => question });
    commands.add({ name: "explain jid", summary: "Explains a JID.", run: () => "why" });
    expect([await obeys("explain join"), await obeys("explain jid")]).toEqual(["join", "why"]);
  });

  it("is one of those that begin so, when it is not written whole", async () => {
    commands.add({ name: "channel show", summary: "Shows.", run: () => 1 });
    commands.add({ name: "channel create", summary: "Creates.", run: () => 1 });
    await expect(obeys("channel")).rejects.toThrow(
      '"channel" is not all of a command. There is:\n  channel create  Creates.\n  channel show    Shows.',
    );
    await expect(obeys("channel shw")).rejects.toThrow('There is no command "channel shw". There is:\n');
  });

  it("says how it is written, with what each thing is", async () => {
    const takes = z.strictObject({
      channel: NAME,
      least: z.int().min(1).default(3).describe("The fewest participants"),
    });
    commands.add({ name: "channel show", summary: "Shows a channel.", takes, run: () => 1 });
    expect(await obeys("channel show --help")).toBe(
      [
        "Shows a channel.",
        "Write: masque channel show CHANNEL [--least …]",
        "  CHANNEL    The channel's name       text\n  --least …  The fewest participants  a whole number of at least 1",
      ].join("\n\n"),
    );
  });
});
