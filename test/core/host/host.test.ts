import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ConfigError } from "../../../core/host/host.ts";
import type { Plugin } from "../../../core/host/plugin.ts";
import { StoreError } from "../../../core/storage/store-error.ts";
import { Cauldron, cauldron, house, pending, plugin, settle } from "./cast.ts";

/** Plugins that write down when they start and stop. */
function diary(...plugins: [name: string, dependsOn?: string[]][]) {
  const lines: string[] = [];
  const written = plugins.map(([name, dependsOn = []]) =>
    plugin(
      name,
      ({ cleanup }) => {
        lines.push(`+${name}`);
        cleanup("diary", () => void lines.push(`-${name}`));
      },
      { dependsOn, options: z.strictObject({ knob: z.int().default(0).describe("Anything") }) },
    ),
  );
  return { plugins: written, lines, turned: () => lines.splice(0).join(" ") };
}

/** A plugin that uses every power there is. */
const everything: Plugin = plugin("everything", (ctx) => {
  ctx.handle("coven/who", () => "hecate");
  ctx.guard("coven/show", () => "hidden");
  ctx.on("coven/joined", () => {});
  ctx.provide(Cauldron, () => ({ throws() {} }));
  ctx.when(Cauldron, (pot, inner) => {
    pot.throws("newt");
    inner.handle("coven/who", () => undefined);
  });
  ctx.keep("memory", () => ({}));
  ctx.every(60_000, () => {});
  ctx.make(class Broom {});
  ctx.cleanup("broom", () => {});
});

describe("The host", () => {
  it("is as it was before once nothing runs, after three reloads (rule 1)", async () => {
    const { host, clock } = house([everything, cauldron([])]);
    const first = host.snapshot();
    await host.apply({ everything: {} });
    const running = host.snapshot();
    for (let i = 0; i < 3; i++) {
      await host.reload("everything");
      expect(host.snapshot()).toEqual(running);
    }
    await host.apply({});
    expect(host.snapshot()).toEqual(first);
    expect(clock.waiting).toBe(0);
  });

  for (const [manner, fail] of [
    [
      "throws",
      () => {
        throw new Error("no fire");
      },
    ],
    ["rejects", () => Promise.reject(new Error("no fire"))],
  ] as const) {
    it(`takes back all of a setup that ${manner} (rule 2)`, async () => {
      const undone: string[] = [];
      const { host, clock, lines } = house([
        plugin("everything", (ctx) => {
          ctx.cleanup("broom", () => void undone.push("broom"));
          void everything.setup(ctx);
          return fail();
        }),
      ]);
      const first = host.snapshot();
      await host.apply({ everything: {} });
      expect(host.status().everything).toMatchObject({ state: "failed", reason: "no fire", holds: [] });
      expect(host.snapshot()).toEqual(first);
      expect(clock.waiting).toBe(0);
      expect(undone).toEqual(["broom"]);
      expect(lines.join()).toContain('The plugin "everything" could not start.');
    });
  }

  it("fails a setup that has not ended after ten seconds, and takes it back (rule 11)", async () => {
    let ctx: { handle: (hook: "coven/who", handler: () => string) => void } | undefined;
    const stuck = pending();
    const { host, clock } = house([
      plugin("stuck", async (given) => {
        ctx = given;
        given.handle("coven/who", () => "hecate");
        await stuck.promise;
      }),
      plugin("well"),
    ]);
    const applying = host.apply({ stuck: {}, well: {} });
    await settle();
    clock.advance(9_999);
    await settle();
    expect(host.status().stuck?.state).toBe("waiting");
    clock.advance(1);
    await applying;
    expect(host.status()).toMatchObject({
      stuck: { state: "failed", reason: "Its setup did not finish within 10 s." },
      well: { state: "on" },
    });
    expect(() => ctx?.handle("coven/who", () => "late")).toThrow('"stuck" has ended');
    stuck.reject(new Error("too late to matter"));
    await settle();
    expect(host.snapshot().questions).toEqual({});
  });

  it("takes no registration after the stop (rule 7)", async () => {
    let late: Parameters<Plugin["setup"]>[0] | undefined;
    const { host } = house([plugin("a", (ctx) => void (late = ctx))]);
    await host.enable("a");
    await host.disable("a");
    const first = host.snapshot();
    const attempts: (() => unknown)[] = [
      () => late!.handle("coven/who", () => "hecate"),
      () => late!.guard("coven/show", () => "hidden"),
      () => late!.on("coven/joined", () => {}),
      () => late!.provide(Cauldron, () => ({ throws() {} })),
      () => late!.when(Cauldron, () => {}),
      () => late!.every(1000, () => {}),
      () => late!.cleanup("broom", () => {}),
      () => late!.make(class Broom {}),
      () => late!.keep("memory", () => 1),
    ];
    for (const attempt of attempts) expect(attempt).toThrow('The plugin "a" has');
    expect(host.snapshot()).toEqual(first);
  });

  it("never reorders a chain by a reload (rule 6)", async () => {
    const asked: string[] = [];
    const names = ["a", "b", "c", "d"];
    const { host } = house(
      names.map((name) => plugin(name, ({ handle }) => handle("coven/who", () => void asked.push(name)))),
    );
    await host.apply({ d: {}, b: {}, a: {}, c: {} });
    for (const name of ["a", "c", "b", "a"]) {
      await host.reload(name);
      await host.ask("coven/who", "", "nobody");
      expect(asked.splice(0)).toEqual(names);
    }
  });

  it("refuses plugins that need one another in a circle", () => {
    expect(() => house(diary(["a", ["b"]], ["b", ["c"]], ["c", ["a"]]).plugins)).toThrow("a -> b -> c -> a");
    expect(() =>
      house([
        plugin("a", undefined, { dependsOn: ["x"] }),
        plugin("b", undefined, { dependsOn: ["a"], provides: ["x"] }),
      ]),
    ).toThrow("a -> b -> a");
    expect(() => house([plugin("a"), plugin("a")])).toThrow('Two plugins are called "a".');
  });
});

describe("Converging", () => {
  it("starts dependants after, and stops them before, what they need (rule 9)", async () => {
    const { plugins, turned } = diary(["a", ["c"]], ["b"], ["c", ["d", "b"]], ["d"]);
    const { host } = house(plugins);
    await host.apply({ a: {}, b: {}, c: {}, d: {} });
    expect(turned()).toBe("+b +d +c +a");
    await host.disable("d");
    expect(turned()).toBe("-a -c -d");
    await host.stop();
    expect(turned()).toBe("-b");
  });

  it("restarts what changed and its dependants, and touches nothing else", async () => {
    const { plugins, turned } = diary(["a"], ["b", ["a"]], ["c", ["b"]], ["d", ["a"]]);
    const { host } = house(plugins);
    await host.apply({ a: {}, b: {}, c: {}, d: {} });
    turned();
    await host.apply({ a: { knob: 0 }, b: {}, c: {}, d: {} });
    expect(turned()).toBe("");
    await host.apply({ a: {}, b: { knob: 1 }, c: {}, d: {} });
    expect(turned()).toBe("-c -b +b +c");
  });

  it("lets dependants wait, says for whom, and brings them back by itself", async () => {
    const { plugins, turned } = diary(["a"], ["b", ["a"]], ["c", ["b"]]);
    const { host } = house(plugins);
    expect(host.plan({ b: {}, c: {} })).toEqual({
      stop: [],
      start: [],
      waiting: [
        { name: "b", for: ["a"] },
        { name: "c", for: ["b"] },
      ],
    });
    await host.apply({ b: {}, c: {} });
    expect(host.status()).toMatchObject({
      a: { state: "off" },
      b: { state: "waiting", reason: 'It waits for "a", which is off.' },
      c: { state: "waiting", reason: 'It waits for "b", which waits itself.' },
    });
    await host.enable("a");
    expect(turned()).toBe("+a +b +c");
  });

  it("lets dependants of a failure wait until a reload mends it", async () => {
    let broken = true;
    const { host } = house([
      plugin("a", () => {
        if (broken) throw new Error("no fire");
      }),
      plugin("b", undefined, { dependsOn: ["a"] }),
    ]);
    await host.apply({ a: {}, b: {} });
    expect(host.status()).toMatchObject({
      a: { state: "failed", reason: "no fire" },
      b: { state: "waiting", reason: 'It waits for "a", which failed.' },
    });
    broken = false;
    await host.reload("a");
    expect(host.status()).toMatchObject({ a: { state: "on" }, b: { state: "on" } });
  });

  it("plans what it then does, and touches nothing by planning", async () => {
    const { plugins, turned } = diary(["a"], ["b", ["a"]], ["c"]);
    const { host } = house(plugins);
    await host.apply({ a: {}, b: {} });
    turned();
    const before = host.snapshot();
    const plan = host.plan({ a: { knob: 1 }, b: {}, c: {} });
    expect(plan).toEqual({ stop: ["b", "a"], start: ["a", "c", "b"], waiting: [] });
    expect(host.snapshot()).toEqual(before);
    expect(await host.apply({ a: { knob: 1 }, b: {}, c: {} })).toEqual(plan);
    expect(turned()).toBe("-b -a +a +c +b");
  });

  it("follows a name from one provider to the next", async () => {
    const { plugins, turned } = diary(["archive", ["storage"]], ["sqlite"], ["tape"]);
    const [archive, sqlite, tape] = plugins as [Plugin, Plugin, Plugin];
    const { host } = house([archive, { ...sqlite, provides: ["storage"] }, { ...tape, provides: ["storage"] }]);
    await host.apply({ archive: {}, sqlite: {} });
    await host.apply({ archive: {}, tape: {} });
    expect(turned()).toBe("+sqlite +archive -archive -sqlite +tape +archive");
  });

  it("makes one change after the other, each from where the one before ended", async () => {
    const { plugins, turned } = diary(["a"], ["b", ["a"]]);
    const { host } = house(plugins);
    await Promise.all([
      host.enable("b"),
      host.enable("a"),
      host.reload("a"),
      host.disable("b"),
      host.enable("a", { knob: 2 }),
    ]);
    expect(turned()).toBe("+a +b -b -a +a +b -b -a +a");
  });

  it("goes on with the next change when one was refused", async () => {
    const { plugins } = diary(["a"]);
    const { host } = house(plugins);
    const refused = host.enable("b");
    const next = host.enable("a");
    await expect(refused).rejects.toThrow(ConfigError);
    await next;
    expect(host.runs("a")).toBe(true);
  });

  it("keeps the options of a plugin that is enabled again without any", async () => {
    const { plugins, turned } = diary(["a"]);
    const { host } = house(plugins);
    await host.enable("a", { knob: 1 });
    await host.enable("a");
    expect(turned()).toBe("+a");
  });

  it("names what it does not know, and what is off", async () => {
    const { host } = house(diary(["archive"]).plugins);
    await expect(host.disable("archiv")).rejects.toThrow('There is no plugin "archiv"; did you mean "archive"?');
    await expect(host.reload("archive")).rejects.toThrow('The plugin "archive" is off: enable it instead.');
  });
});

describe("Checking", () => {
  const options = z.strictObject({
    prefix: z.enum(["@", ""]).default("@").describe("What a mention starts with"),
    largest: z.int().min(0).max(65536).default(1024).describe("In bytes"),
  });

  it("tells every problem at once, and touches nothing (rule 8)", async () => {
    const { host } = house([
      plugin(
        "mentions",
        () => {
          throw new Error("This must not run.");
        },
        { options },
      ),
      plugin("vcard", undefined, { dependsOn: ["participant"] }),
      plugin("participants"),
      plugin("sqlite", undefined, { provides: ["storage"] }),
      plugin("tape", undefined, { provides: ["storage"] }),
    ]);
    const first = host.snapshot();
    const desired = {
      mentions: { prefx: "@", largest: "big" },
      vcard: {},
      particpants: {},
      sqlite: { url: "x" },
      tape: {},
    };
    const problems = [
      {
        path: ["vcard"],
        message: 'it depends on "participant", which no known plugin provides; did you mean "participants"?',
      },
      { path: ["particpants"], message: 'there is no plugin "particpants"; did you mean "participants"?' },
      { path: ["tape"], message: 'it provides "storage", and so does "sqlite": only one of the two can be on.' },
      { path: ["mentions", "largest"], message: 'expected a whole number from 0 to 65536, not "big"' },
      { path: ["mentions", "prefx"], message: 'there is no option "prefx"; did you mean "prefix"?' },
      { path: ["sqlite", "url"], message: 'there is no option "url": this plugin has none here.' },
    ];
    for (const attempt of [() => host.check(desired), () => host.plan(desired)]) {
      expect(attempt).toThrow(expect.objectContaining({ name: "ConfigError", problems }));
    }
    await expect(host.apply(desired)).rejects.toMatchObject({ problems });
    expect(host.snapshot()).toEqual(first);
  });

  it("says it all in its message, a line each", () => {
    const { host } = house([plugin("mentions", undefined, { options })]);
    expect(() => host.check({ mentions: { largest: -1, prefix: "#" } })).toThrow(
      'mentions.prefix: expected "@" or "", not "#"\nmentions.largest: expected a whole number from 0 to 65536, not -1',
    );
  });

  it("has nothing against a provider that is known but off", () => {
    const { host } = house([plugin("vcard", undefined, { dependsOn: ["participants"] }), plugin("participants")]);
    expect(() => host.check({ vcard: {} })).not.toThrow();
  });

  it("gives the setup its options validated, with defaults, and frozen", async () => {
    const seen: unknown[] = [];
    const { host } = house([plugin("mentions", (ctx) => void seen.push(ctx.options), { options })]);
    await host.apply({ mentions: { largest: 7 } });
    expect(seen).toEqual([{ prefix: "@", largest: 7 }]);
    expect(Object.isFrozen(seen[0])).toBe(true);
  });
});

describe("Stopping", () => {
  it("tells the plugin first, then lets work in flight land, then undoes", async () => {
    const steps: string[] = [];
    const answer = pending<string>();
    const { host } = house([
      plugin("a", ({ handle, signal, cleanup }) => {
        handle("coven/who", () => answer.promise);
        signal.addEventListener("abort", () => steps.push("told"));
        cleanup("broom", () => void steps.push("undone"));
      }),
    ]);
    await host.enable("a");
    const asking = host.ask("coven/who", "", "nobody");
    const stopping = host.disable("a");
    await settle();
    expect(steps).toEqual(["told"]);
    expect(await host.ask("coven/who", "", "nobody")).toBe("nobody");
    answer.resolve("hecate");
    expect(await asking).toBe("hecate");
    await stopping;
    expect(steps).toEqual(["told", "undone"]);
  });

  it("gives work in flight up after five seconds: the asker gets `otherwise`", async () => {
    const { host, clock, faults } = house([
      plugin("a", ({ handle }) => handle("coven/who", () => new Promise<never>(() => {}))),
    ]);
    await host.enable("a");
    const asking = host.ask("coven/who", "", "nobody");
    const stopping = host.disable("a");
    await settle();
    clock.advance(4_999);
    await settle();
    expect(host.status().a?.state).toBe("on");
    clock.advance(1);
    await stopping;
    expect(await asking).toBe("nobody");
    expect(String(faults[0]?.error)).toBe('Error: "a" stopped, and this did not finish within 5 s.');
    expect(host.status().a?.state).toBe("off");
  });

  it("settles what waits for the signal: it aborts with an AbortError (rule 10)", async () => {
    const rejected: unknown[] = [];
    const { host } = house([
      plugin("a", ({ handle, signal }) =>
        handle(
          "coven/who",
          () => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
        ),
      ),
    ]);
    await host.enable("a");
    const asking = host.ask("coven/who", "", (fault) => {
      rejected.push(fault?.error);
      return "nobody";
    });
    await host.disable("a");
    expect(await asking).toBe("nobody");
    expect(rejected).toMatchObject([{ name: "AbortError" }]);
  });

  it("goes on when a cleanup fails or never ends, and counts it", async () => {
    const { host, clock, faults } = house([
      plugin("a", ({ cleanup, handle }) => {
        handle("coven/who", () => "hecate");
        cleanup("cat", () => {
          throw new Error("ran away");
        });
        cleanup("toad", () => new Promise(() => {}));
      }),
    ]);
    await host.enable("a");
    const stopping = host.disable("a");
    await settle();
    clock.advance(10_000);
    await stopping;
    expect(faults.map(({ where, error }) => [where, String(error)])).toEqual([
      ["toad", 'Error: The cleanup "toad" did not finish within 10 s.'],
      ["cat", "Error: ran away"],
    ]);
    expect(host.has("coven/who")).toBe(false);
  });
});

describe("A plugin that crashes", () => {
  it("is degraded and counted, but never turned off; a reload forgives, and forgets no count (rule 14)", async () => {
    const { host, lines } = house([
      plugin("a", ({ handle }) =>
        handle("coven/who", () => {
          throw new Error("boil");
        }),
      ),
      plugin("b"),
    ]);
    await host.apply({ a: {}, b: {} });
    for (let i = 0; i < 1000; i++) await host.ask("coven/who", "", "nobody");
    expect(host.status()).toMatchObject({
      a: { state: "on", degraded: true, faults: 1000 },
      b: { state: "on", degraded: false, faults: 0 },
    });
    expect(host.faults()).toHaveLength(100);
    expect(lines.join()).toContain('The plugin "a" crashed in "coven/who".');
    await host.reload("a");
    expect(host.status().a).toMatchObject({ state: "on", degraded: false, faults: 1000 });
  });
});

describe("A plugin beneath which the store fails", () => {
  it("is not to blame: its question fails closed, nothing is counted, and the log says so once in a while", async () => {
    const { host, lines, clock, faults } = house([
      plugin("a", ({ handle }) =>
        handle("coven/who", async () => {
          throw new StoreError("The disk is full.");
        }),
      ),
    ]);
    await host.apply({ a: {} });
    const ask = () => host.ask("coven/who", "", (fault) => (fault ? "closed" : "nobody"));
    const complaints = () => lines.filter((line) => line.includes("Something failed beneath a plugin."));
    for (let i = 0; i < 9; i++) expect(await ask()).toBe("closed");
    expect(host.status().a).toMatchObject({ state: "on", degraded: false, faults: 0 });
    expect([host.faults(), faults]).toEqual([[], []]);
    expect(complaints()).toHaveLength(1);
    expect(complaints()[0]).toContain('"plugin":"a","where":"coven/who","reason":"The disk is full."');
    clock.advance(10_000);
    await ask();
    expect(complaints()).toHaveLength(2);
  });
});

describe("What a plugin keeps", () => {
  const counter = (counts: number[]) =>
    plugin(
      "counter",
      ({ keep }) => {
        const memory = keep("count", () => ({ starts: 0 }));
        counts.push(++memory.starts);
      },
      { options: z.strictObject({ knob: z.int().default(0) }) },
    );

  it("survives a reload and changed options", async () => {
    const counts: number[] = [];
    const { host } = house([counter(counts)]);
    await host.enable("counter");
    await host.reload("counter");
    await host.enable("counter", { knob: 1 });
    expect(counts).toEqual([1, 2, 3]);
  });

  it("survives waiting for somebody else", async () => {
    const counts: number[] = [];
    const { host } = house([{ ...counter(counts), dependsOn: ["fire"] }, plugin("fire")]);
    await host.apply({ counter: {}, fire: {} });
    await host.disable("fire");
    await host.enable("fire");
    expect(counts).toEqual([1, 2]);
  });

  it("does not survive being turned off", async () => {
    const counts: number[] = [];
    const { host } = house([counter(counts)]);
    await host.enable("counter");
    await host.disable("counter");
    await host.enable("counter");
    expect(counts).toEqual([1, 1]);
  });
});

describe("Status", () => {
  it("shows what each plugin holds", async () => {
    const { host } = house([everything]);
    await host.enable("everything");
    expect(host.status().everything?.holds).toEqual([
      "handler coven/who",
      "voter coven/show",
      "listener coven/joined",
      "service test-cauldron",
      "when test-cauldron",
      "every 60000 ms",
      "container",
      "broom",
      "with test-cauldron",
      "with test-cauldron > using test-cauldron",
      "with test-cauldron > using test-cauldron > facade by everything",
      "with test-cauldron > handler coven/who",
    ]);
  });

  it("says that a plugin runs only between its setup and its stop", async () => {
    const seen: boolean[] = [];
    const { host } = house([
      plugin("a", ({ cleanup }) => {
        seen.push(host.runs("a"));
        cleanup("look", () => void seen.push(host.runs("a")));
      }),
    ]);
    await host.enable("a");
    seen.push(host.runs("a"));
    await host.disable("a");
    expect(seen).toEqual([false, true, false]);
  });
});
