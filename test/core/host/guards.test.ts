import { describe, expect, it } from "vitest";
import { house, plugin, settle, WORDS } from "./cast.ts";

type Word = (typeof WORDS)[number];
const voter = (name: string, word: Word | undefined) => plugin(name, ({ guard }) => guard("coven/show", () => word));
const JID = "hecate@shakespeare.example";

describe("A vote", () => {
  it("comes out mildest when nobody votes, or everybody abstains", async () => {
    const { host } = house([voter("a", undefined)]);
    expect(host.vote("coven/show", JID, WORDS)).toBe("visible");
    await host.apply({ a: {} });
    expect(host.vote("coven/show", JID, WORDS)).toBe("visible");
  });

  it("is won by the strictest word, whoever says it and when", async () => {
    const { host } = house([voter("a", "veiled"), voter("b", "hidden"), voter("c", "visible")]);
    await host.apply({ a: {}, c: {} });
    expect(host.vote("coven/show", JID, WORDS)).toBe("veiled");
    await host.enable("b");
    expect(host.vote("coven/show", JID, WORDS)).toBe("hidden");
  });

  it("hears everybody, also after the strictest word", async () => {
    const heard: string[] = [];
    const counts = (name: string) =>
      plugin(name, ({ guard }) =>
        guard("coven/show", (jid) => {
          heard.push(`${name} on ${jid}`);
          return "hidden";
        }),
      );
    const { host } = house([counts("a"), counts("b")]);
    await host.apply({ a: {}, b: {} });
    host.vote("coven/show", JID, WORDS);
    expect(heard).toEqual([`a on ${JID}`, `b on ${JID}`]);
  });

  for (const [manner, vote, complaint] of [
    [
      "a crash",
      () => {
        throw new Error("boil");
      },
      "boil",
    ],
    [
      "a promise",
      async () => "visible",
      'A voter must answer at once with one of "visible", "veiled", "hidden", not with a promise.',
    ],
    ["a promise that fails", () => Promise.reject(new Error("boil")), "not with a promise"],
    ["an unknown word", () => "hiden", '"hiden" is none of "visible", "veiled", "hidden"; did you mean "hidden"?'],
  ] as const) {
    it(`takes ${manner} for the strictest word, and for a fault`, async () => {
      const { host, faults } = house([
        voter("a", "veiled"),
        plugin("b", ({ guard }) => guard("coven/show", vote as never)),
        voter("c", "visible"),
      ]);
      await host.apply({ a: {}, b: {}, c: {} });
      expect(host.vote("coven/show", JID, WORDS)).toBe("hidden");
      await settle();
      expect(faults.map(({ plugin, where }) => [plugin, where])).toEqual([["b", "coven/show"]]);
      expect(String(faults[0]?.error)).toContain(complaint);
    });
  }

  it("has a version that rises when a voter comes or goes, and when any plugin starts or stops", async () => {
    const { host } = house([voter("a", "hidden"), plugin("b")]);
    const versions = [host.version];
    for (const name of ["a", "b"]) {
      await host.enable(name);
      versions.push(host.version);
      await host.reload(name);
      versions.push(host.version);
      await host.disable(name);
      versions.push(host.version);
    }
    expect(versions).toEqual([...new Set(versions)].sort((x, y) => x - y));
    expect(versions).toHaveLength(7);
  });

  it("is stale before a stopping plugin has let go of anything", async () => {
    const seen: { version: number; word: Word }[] = [];
    const { host } = house([
      plugin("a", ({ guard, cleanup }) => {
        guard("coven/show", () => "hidden");
        cleanup("look", () => void seen.push({ version: host.version, word: host.vote("coven/show", JID, WORDS) }));
      }),
    ]);
    await host.enable("a");
    const version = host.version;
    await host.disable("a");
    expect(seen[0]!.version).toBeGreaterThan(version);
    expect(seen[0]!.word).toBe("visible");
  });

  it("is explained: whose word won, lately", async () => {
    const { host } = house([voter("a", "veiled"), voter("b", "hidden")]);
    await host.apply({ a: {}, b: {} });
    host.vote("coven/show", JID, WORDS);
    expect(host.explain("coven/show")).toMatchObject({
      asked: [{ plugin: "a" }, { plugin: "b" }],
      recent: [{ plugin: "b", outcome: "hidden" }],
    });
  });
});

describe("A poll", () => {
  it("hears every voter's word, whoever would have won", async () => {
    const { host } = house([voter("a", "veiled"), voter("b", undefined), voter("c", "hidden"), voter("d", "visible")]);
    await host.apply({ a: {}, b: {}, c: {}, d: {} });
    expect(host.poll("coven/show", JID, WORDS)).toEqual([
      { plugin: "a", word: "veiled" },
      { plugin: "b" },
      { plugin: "c", word: "hidden" },
      { plugin: "d", word: "visible" },
    ]);
  });

  it("tells what went wrong in the place of a word, and is not itself a fault, nor remembered", async () => {
    const { host, faults } = house([
      plugin("a", ({ guard }) =>
        guard("coven/show", () => {
          throw new Error("boil");
        }),
      ),
      plugin("b", ({ guard }) => guard("coven/show", (() => "hiden") as never)),
      plugin("c", ({ guard }) => guard("coven/show", (async () => "visible") as never)),
    ]);
    await host.apply({ a: {}, b: {}, c: {} });
    expect(host.poll("coven/show", JID, WORDS)).toEqual([
      { plugin: "a", fault: "boil" },
      { plugin: "b", fault: expect.stringContaining('did you mean "hidden"?') },
      { plugin: "c", fault: expect.stringContaining("not with a promise") },
    ]);
    expect(faults).toEqual([]);
    expect(host.status().a).toMatchObject({ degraded: false });
    expect(host.explain("coven/show").recent).toEqual([]);
  });

  it("hears nobody who is about to stop, and nobody where nobody votes", async () => {
    let heard: unknown;
    const { host } = house([
      plugin("a", ({ guard, cleanup }) => {
        guard("coven/show", () => "hidden");
        cleanup("look", () => {
          heard = host.poll("coven/show", JID, WORDS);
        });
      }),
    ]);
    expect(host.poll("coven/show", JID, WORDS)).toEqual([]);
    await host.apply({ a: {} });
    await host.apply({});
    expect(heard).toEqual([]);
  });
});
