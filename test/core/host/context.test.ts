import { describe, expect, it } from "vitest";
import { Container, service } from "../../../core/container.ts";
import { Ctx, Log, Opts } from "../../../core/host/context.ts";
import type { Context, Logger, Powers } from "../../../core/host/plugin.ts";
import { Cauldron, cauldron, house, pending, plugin, settle } from "./cast.ts";

describe("after", () => {
  it("runs a task once, a while from now", async () => {
    let runs = 0;
    const { host, clock } = house([plugin("a", ({ after }) => after(1000, () => void runs++))]);
    await host.enable("a");
    clock.advance(999);
    expect(runs).toBe(0);
    clock.advance(10_000);
    expect([runs, clock.waiting]).toEqual([1, 0]);
  });

  it("runs nothing once the plugin has stopped", async () => {
    let runs = 0;
    const { host, clock } = house([plugin("a", ({ after }) => after(1000, () => void runs++))]);
    await host.enable("a");
    await host.disable("a");
    clock.advance(10_000);
    expect([runs, clock.waiting]).toEqual([0, 0]);
  });

  it("puts nothing off for a plugin that has stopped", async () => {
    let late: Context["after"] = () => {};
    const { host } = house([plugin("a", ({ after }) => void (late = after))]);
    await host.enable("a");
    await host.disable("a");
    expect(() => late(1000, () => {})).toThrow('The plugin "a" has stopped: it can put nothing off any more.');
  });

  it("takes a crash of the task, now or later, for a fault", async () => {
    const { host, clock, faults } = house([
      plugin("a", ({ after }) => {
        after(1000, () => {
          throw new Error("boil");
        });
        after(2000, () => Promise.reject(new Error("bubble")));
      }),
    ]);
    await host.enable("a");
    clock.advance(2000);
    await settle();
    expect(faults).toMatchObject([
      { plugin: "a", where: "after 1000 ms", error: new Error("boil") },
      { plugin: "a", where: "after 2000 ms", error: new Error("bubble") },
    ]);
  });
});

describe("every", () => {
  it("runs a task each period, by the clock, until the plugin stops", async () => {
    let runs = 0;
    const { host, clock } = house([plugin("a", ({ every }) => every(1000, () => void runs++))]);
    await host.enable("a");
    clock.advance(999);
    expect(runs).toBe(0);
    clock.advance(2001);
    expect(runs).toBe(3);
    await host.disable("a");
    clock.advance(10_000);
    expect([runs, clock.waiting]).toEqual([3, 0]);
  });

  it("goes by the clock that tells a plugin the time", async () => {
    const told: number[] = [];
    const { host, clock } = house([plugin("a", ({ every, now }) => every(1000, () => void told.push(now())))]);
    await host.enable("a");
    const start = clock.now();
    clock.advance(2000);
    expect(told).toEqual([start + 1000, start + 2000]);
  });

  it("never runs a task while its last run lasts", async () => {
    let runs = 0;
    const rest = pending();
    const { host, clock } = house([
      plugin("a", ({ every }) =>
        every(1000, () => {
          runs++;
          return rest.promise;
        }),
      ),
    ]);
    await host.enable("a");
    clock.advance(5000);
    expect(runs).toBe(1);
    rest.resolve();
    await settle();
    clock.advance(1000);
    expect(runs).toBe(2);
  });

  for (const [manner, crash] of [
    [
      "throws",
      () => {
        throw new Error("boil");
      },
    ],
    ["rejects", () => Promise.reject(new Error("boil"))],
  ] as const) {
    it(`goes on after a run that ${manner}, which is a fault`, async () => {
      const { host, clock, faults } = house([plugin("a", ({ every }) => every(1000, crash))]);
      await host.enable("a");
      for (let i = 0; i < 3; i++) {
        clock.advance(1000);
        await settle();
      }
      expect(faults).toHaveLength(3);
      expect(faults[0]).toMatchObject({ plugin: "a", where: "every 1000 ms", error: new Error("boil") });
    });
  }

  it("refuses a period that would never let anything else run", async () => {
    const { host } = house([plugin("a", ({ every }) => every(0, () => {}))]);
    await host.enable("a");
    expect(host.status().a?.reason).toBe("every() takes a period above 0 ms, not 0.");
  });
});

describe("make", () => {
  const Broom = service<string>("test-broom");

  it("builds a class of the plugin's own from its context, options, log and services", async () => {
    const made: Relay[] = [];
    class Relay {
      readonly parts: unknown[];
      constructor(
        @Ctx ctx: Context,
        @Opts options: object,
        @Log log: Logger,
        @Cauldron pot: Cauldron,
        @Broom broom: string,
      ) {
        this.parts = [ctx.name, options, log, broom];
        pot.throws("newt");
      }
    }
    const contents: string[] = [];
    let log: Logger | undefined;
    const { host } = house(
      [
        cauldron(contents),
        plugin(
          "a",
          (ctx) => {
            log = ctx.log;
            made.push(ctx.make(Relay));
          },
          { dependsOn: ["cauldron"] },
        ),
      ],
      { container: new Container().value(Broom, "broom") },
    );
    await host.apply({ cauldron: {}, a: {} });
    expect(made[0]?.parts).toEqual(["a", {}, log, "broom"]);
    expect(contents).toEqual(["a: newt"]);
    await host.disable("a");
    expect(contents).toEqual([]);
  });

  it("gives no service that the plugin may not get", async () => {
    class Relay {
      constructor(@Cauldron pot: Cauldron) {
        pot.throws("newt");
      }
    }
    const { host } = house([cauldron([]), plugin("hecate", ({ make }) => void make(Relay))]);
    await host.apply({ cauldron: {}, hecate: {} });
    expect(host.status().hecate?.reason).toContain('add "cauldron" to its dependsOn');
  });

  it("names the service that nobody provides", async () => {
    class Relay {
      constructor(@Cauldron pot: Cauldron) {
        pot.throws("newt");
      }
    }
    const { host } = house([plugin("hecate", ({ make }) => void make(Relay))]);
    await host.enable("hecate");
    expect(host.status().hecate?.reason).toBe(
      'The constructor of Relay wants "test-cauldron", and nothing is registered as that.',
    );
  });

  it("asks anew each time: a service that was withdrawn is gone, and the next provider's is found", async () => {
    class Spoon {
      constructor(@Cauldron pot: Cauldron) {
        pot.throws("newt");
      }
    }
    const [first, second]: [string[], string[]] = [[], []];
    const { host } = house([
      { ...cauldron(first, "kettle"), provides: ["pot"] },
      { ...cauldron(second, "pan"), provides: ["pot"] },
      plugin("a", ({ make }) => void make(Spoon), { dependsOn: ["pot"] }),
    ]);
    await host.apply({ kettle: {}, a: {} });
    expect([first, second]).toEqual([["a: newt"], []]);
    await host.apply({ pan: {}, a: {} });
    expect([first, second]).toEqual([[], ["a: newt"]]);
  });

  it("hands the context of a `when` to what is made in it", async () => {
    class Ladle {
      constructor(@Ctx ctx: Context) {
        ctx.handle("coven/who", () => "the stirring one");
      }
    }
    const { host } = house([
      cauldron([]),
      plugin("a", ({ when }) => when(Cauldron, (_, { make }) => void make(Ladle))),
    ]);
    await host.apply({ cauldron: {}, a: {} });
    expect(host.has("coven/who")).toBe(true);
    await host.disable("cauldron");
    expect(host.has("coven/who")).toBe(false);
  });
});

describe("Powers from around the kernel", () => {
  it("are made for every scope of a plugin, and what they register ends with it", async () => {
    const features: string[] = [];
    const feature = (ctx: Context, ns: string) => (ctx as unknown as { feature(ns: string): void }).feature(ns);
    const { host } = house(
      [
        cauldron([]),
        plugin("a", (ctx) => {
          feature(ctx, "urn:xmpp:newt");
          ctx.when(Cauldron, (_, inner) => feature(inner, "urn:xmpp:cauldron"));
        }),
      ],
      {
        powers: ({ name }, scope) =>
          ({
            feature(ns: string) {
              features.push(`${name}: ${ns}`);
              scope.add(`feature ${ns}`, () => void features.splice(features.indexOf(`${name}: ${ns}`), 1));
            },
          }) as unknown as Powers,
      },
    );
    await host.apply({ cauldron: {}, a: {} });
    expect(features).toEqual(["a: urn:xmpp:newt", "a: urn:xmpp:cauldron"]);
    await host.disable("cauldron");
    expect(features).toEqual(["a: urn:xmpp:newt"]);
    await host.disable("a");
    expect(features).toEqual([]);
  });
});

describe("log", () => {
  it("says who speaks", async () => {
    const { host, lines } = house([
      plugin("a", ({ log }) => {
        log.info("boiling");
        log.warn({ newts: 3 }, "enough");
      }),
    ]);
    const heard: unknown[][] = [];
    const spy =
      (level: string) =>
      (...said: unknown[]) =>
        void heard.push([level, ...said]);
    const log = { debug() {}, info: spy("info"), warn: spy("warn"), error: spy("error") };
    const second = house(
      [
        plugin("a", ({ log }) => {
          log.info("boiling");
          log.error(new Error("burnt"), "too late");
        }),
      ],
      { log },
    );
    await host.enable("a");
    await second.host.enable("a");
    expect(lines).toContain('{"plugin":"a","newts":3} enough');
    expect(heard).toEqual([
      ["info", { plugin: "a" }, "boiling"],
      ["error", { plugin: "a", err: new Error("burnt") }, "too late"],
    ]);
  });
});
