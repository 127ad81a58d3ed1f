import { describe, expect, it } from "vitest";
import { house, pending, plugin, settle } from "./cast.ts";

describe("A question", () => {
  it("is answered by the first who knows", async () => {
    const { host } = house([
      plugin("a", ({ handle }) => handle("coven/who", () => undefined)),
      plugin("b", ({ handle }) => handle("coven/who", async (place) => `hecate of ${place}`)),
      plugin("c", ({ handle }) => handle("coven/who", () => "hag66")),
    ]);
    await host.apply({ a: {}, b: {}, c: {} });
    expect(await host.ask("coven/who", "the heath", "nobody")).toBe("hecate of the heath");
  });

  it("goes by priority, then by starting order, then by registration", async () => {
    const asked: string[] = [];
    const say = (name: string) => () => void asked.push(name);
    const { host } = house([
      plugin("a", ({ handle }) => handle("coven/who", say("a, needs z")), { dependsOn: ["z"] }),
      plugin("y", ({ handle }) => {
        handle("coven/who", say("y first"));
        handle("coven/who", say("y second"));
        handle("coven/who", say("y, urgent"), 100);
        handle("coven/who", say("y, between"), 0.5);
      }),
      plugin("z", ({ handle }) => handle("coven/who", say("z"))),
    ]);
    host.core.handle("coven/who", say("core"));
    await host.apply({ a: {}, y: {}, z: {} });
    await host.ask("coven/who", "", "nobody");
    expect(asked).toEqual(["y, urgent", "y, between", "y first", "y second", "z", "a, needs z", "core"]);
  });

  it("takes `otherwise` when nobody answers, and a function then hears of no fault", async () => {
    const { host } = house([]);
    expect(await host.ask("coven/who", "", "nobody")).toBe("nobody");
    expect(await host.ask("coven/who", "", (fault) => `fault: ${fault}`)).toBe("fault: undefined");
  });

  it("fails when `otherwise` throws", async () => {
    const { host } = house([]);
    const asking = async () =>
      await host.ask("coven/who", "", () => {
        throw new Error("service-unavailable");
      });
    await expect(asking()).rejects.toThrow("service-unavailable");
  });

  it("is answered at once, unless somebody who is asked takes his time", async () => {
    const { host } = house([
      plugin("a", ({ handle }) => handle("coven/who", (name) => (name === "" ? "hecate" : Promise.resolve(name)))),
    ]);
    await host.apply({ a: {} });
    expect(host.ask("coven/who", "", "nobody")).toBe("hecate");
    expect(host.gather("coven/who", "")).toEqual(["hecate"]);
    expect(host.ask("coven/who", "hag66", "nobody")).toBeInstanceOf(Promise);
    expect(await host.ask("coven/who", "hag66", "nobody")).toBe("hag66");
    expect(await host.gather("coven/who", "hag66")).toEqual(["hag66"]);
  });

  for (const [manner, crash] of [
    [
      "throws",
      () => {
        throw new Error("boil");
      },
    ],
    ["rejects", () => Promise.reject(new Error("boil"))],
    [
      "rejects late",
      async () => {
        await settle();
        throw new Error("boil");
      },
    ],
  ] as const) {
    it(`fails closed when a handler ${manner}: otherwise, one fault, nobody else is asked (rule 3)`, async () => {
      const asked: string[] = [];
      const { host, faults } = house([
        plugin("a", ({ handle }) => handle("coven/who", crash)),
        plugin("b", ({ handle }) => handle("coven/who", () => void asked.push("b"))),
      ]);
      await host.apply({ a: {}, b: {} });
      const answer = await host.ask("coven/who", "", (fault) => `${fault?.plugin} crashed in ${fault?.where}`);
      expect(answer).toBe("a crashed in coven/who");
      expect(faults).toEqual([{ plugin: "a", where: "coven/who", error: new Error("boil"), at: expect.any(Number) }]);
      expect(asked).toEqual([]);
    });
  }

  for (const [manner, refuse] of [
    [
      "thrown",
      (refusal: unknown) => {
        throw refusal;
      },
    ],
    ["rejected", (refusal: unknown) => Promise.reject(refusal)],
  ] as const) {
    it(`passes a ${manner} refusal on to the asker: it is no fault (rule 4)`, async () => {
      const refusal = Object.assign(new Error("forbidden"), { [Symbol.for("masque:StanzaError")]: true });
      const { host, faults } = house([plugin("a", ({ handle }) => handle("coven/who", () => refuse(refusal)))]);
      await host.apply({ a: {} });
      await expect((async () => await host.ask("coven/who", "", "nobody"))()).rejects.toBe(refusal);
      await expect((async () => await host.gather("coven/who", ""))()).rejects.toBe(refusal);
      expect(faults).toEqual([]);
      expect(host.explain("coven/who").recent.map(({ outcome }) => outcome)).toEqual(["refused", "refused"]);
    });
  }

  it("gathers everybody's answers in order, without those who crash", async () => {
    const { host, faults } = house([
      plugin("a", ({ handle }) => handle("coven/who", async () => "hecate")),
      plugin("b", ({ handle }) =>
        handle("coven/who", () => {
          throw new Error("boil");
        }),
      ),
      plugin("c", ({ handle }) => handle("coven/who", () => undefined)),
      plugin("d", ({ handle }) => handle("coven/who", () => "hag66")),
      plugin("e", ({ handle }) => handle("coven/who", () => Promise.reject(new Error("burn")))),
    ]);
    await host.apply({ a: {}, b: {}, c: {}, d: {}, e: {} });
    expect(await host.gather("coven/who", "")).toEqual(["hecate", "hag66"]);
    expect(faults.map(({ plugin }) => plugin)).toEqual(["b", "e"]);
  });

  it("says whether anybody would be asked", async () => {
    const { host } = house([plugin("a", ({ handle }) => handle("coven/who", () => "hecate"))]);
    expect(host.has("coven/who")).toBe(false);
    await host.enable("a");
    expect(host.has("coven/who")).toBe(true);
    await host.disable("a");
    expect(host.has("coven/who")).toBe(false);
  });

  it("does not reach a plugin before its setup is done", async () => {
    const rest = pending();
    const { host } = house([
      plugin("a", async ({ handle }) => {
        handle("coven/who", () => "hecate");
        await rest.promise;
      }),
    ]);
    const starting = host.enable("a");
    await settle();
    expect(await host.ask("coven/who", "", "nobody")).toBe("nobody");
    rest.resolve();
    await starting;
    expect(await host.ask("coven/who", "", "nobody")).toBe("hecate");
  });

  it("does not reach a plugin that stopped while somebody before it was thinking", async () => {
    const thought = pending<undefined>();
    const { host } = house([
      plugin("a", ({ handle }) => handle("coven/who", () => thought.promise)),
      plugin("b", ({ handle }) => handle("coven/who", () => "hecate")),
    ]);
    await host.apply({ a: {}, b: {} });
    const asking = host.ask("coven/who", "", "nobody");
    await host.disable("b");
    thought.resolve(undefined);
    expect(await asking).toBe("nobody");
  });

  it("is explained: who is asked, in which order, and who answered or crashed lately", async () => {
    let mood = "well";
    const { host, clock } = house([
      plugin("a", ({ handle }) =>
        handle(
          "coven/who",
          () => {
            if (mood === "ill") throw new Error("boil");
            return mood === "shy" ? undefined : "hecate";
          },
          10,
        ),
      ),
      plugin("b", ({ handle }) => handle("coven/who", () => "hag66")),
    ]);
    await host.apply({ a: {}, b: {} });
    for (mood of ["well", "shy", "ill"]) await host.ask("coven/who", "", "nobody");
    const at = clock.now();
    expect(host.explain("coven/who")).toEqual({
      asked: [
        { plugin: "a", priority: 10 },
        { plugin: "b", priority: 0 },
      ],
      recent: [
        { plugin: "a", outcome: "answered", at },
        { plugin: "b", outcome: "answered", at },
        { plugin: "a", outcome: "crashed", at },
      ],
    });
    expect(host.explain("coven/what")).toEqual({ asked: [], recent: [] });
  });

  it("remembers only the last sixteen outcomes, oldest first", async () => {
    const { host, clock } = house([plugin("a", ({ handle }) => handle("coven/who", () => "hecate"))]);
    await host.apply({ a: {} });
    const start = clock.now();
    for (let i = 0; i < 20; i++) {
      clock.advance(1);
      await host.ask("coven/who", "", "nobody");
    }
    expect(host.explain("coven/who").recent.map(({ at }) => at - start)).toEqual(
      Array.from({ length: 16 }, (_, i) => i + 5),
    );
  });
});
