import { Channels, type Context, type Plugin } from "masque";
import { testHost } from "masque/testing";
import { expect, it } from "vitest";
import { bundled } from "../../plugins/index.ts";
import { happens, prologue, type Step } from "./acts.ts";
import { SOUND, World } from "./world.ts";

type Callback = (...args: unknown[]) => unknown;

/** Every point at which the service asks a plugin anything, and the one of them that crashes. */
class Points {
  readonly passed = new Set<string>();
  crashing = "";

  /** The bundled plugins, crashing where they are told to. */
  plugins(): Plugin[] {
    return bundled.map((plugin) => ({ ...plugin, setup: (ctx) => plugin.setup(this.#watched(ctx)) }));
  }

  #watched(ctx: Context): Context {
    const point =
      (kind: string) =>
      (name: string, run: Callback, ...rest: unknown[]) =>
        (ctx[kind as keyof Context] as Callback)(name, this.#passing(`${ctx.name}: ${kind} ${name}`, run), ...rest);
    const watched = {
      ...ctx,
      ...Object.fromEntries(["guard", "handle", "on"].map((kind) => [kind, point(kind)])),
      get: (service: never) => this.#service(ctx.name, service, ctx.get(service)),
      when: (service: never, use: (it: unknown, ctx: Context) => void) =>
        ctx.when(service, (it: object, own) => use(this.#service(ctx.name, service, it), this.#watched(own))),
    };
    return watched as Context;
  }

  /** What a plugin tells a service to ask it: of fields, nodes and preferences. */
  #service(plugin: string, token: unknown, service: object): object {
    const specs = token === Channels ? ["field", "node"] : ["define"];
    const wrapped = specs
      .filter((name) => name in service)
      .map((name) => {
        const add = (service as Record<string, Callback>)[name] as Callback;
        return [name, (...args: unknown[]) => add(...args.map((arg) => this.#spec(`${plugin}: ${name}`, arg)))];
      });
    return { ...service, ...Object.fromEntries(wrapped) };
  }

  #spec(where: string, spec: unknown): unknown {
    if (typeof spec !== "object" || spec === null) return spec;
    const entries = Object.entries(spec).map(([name, value]) =>
      typeof value === "function" ? [name, this.#passing(`${where} ${name}`, value as Callback)] : [name, value],
    );
    return Object.fromEntries(entries);
  }

  #passing(point: string, run: Callback): Callback {
    return (...args) => {
      this.passed.add(point);
      if (point === this.crashing) throw new Error(`Something wicked this way comes: ${point}.`);
      return run(...args);
    };
  }
}

// A day in which nobody's JID is to be shown at any moment, whatever fails.
const DAY: readonly Partial<Step>[] = [
  ...prologue,
  { act: "appears", who: 1, extra: 1, telltales: ["caps", "photo"] },
  { act: "appears", who: 2, extra: 1 },
  { act: "wishes", who: 1, wish: "never" },
  { act: "wishes", who: 2, wish: "prefer not" },
  { act: "says", who: 1, telltales: ["mix", "forwarded", "nick"] },
  { act: "decrees", who: 0, mode: "jid-hidden" },
  { act: "retracts", who: 1 },
  { act: "says", who: 2, telltales: ["delay", "addresses"] },
  { act: "joins", who: 3, nick: 3, extra: 3, wish: "never" },
  { act: "allows", who: 1, extra: 0 },
  { act: "whispers", who: 1, other: 0, extra: 0, telltales: ["signed"] },
  { act: "inquires", who: 0, other: 1, device: 0, nick: 0, extra: 0 },
  { act: "decrees", who: 0, mode: "jid-maybe-visible" },
  { act: "remembers", who: 0 },
  { act: "moderates", who: 0, other: 2 },
  { act: "is renamed", who: 1, nick: 4 },
  { act: "snoops", who: 3, extra: 1 },
  { act: "snoops", who: 3, extra: 2 },
  { act: "leaves", who: 2 },
  { act: "appears", who: 1, extra: 3 },
];

async function aDay(points: Points): Promise<void> {
  const withPoints: typeof testHost = (plugins = [], options = {}) =>
    testHost([...plugins, ...points.plugins()], options);
  const world = await World.begin(
    { initial: "jid-maybe-visible", everywhere: false },
    { ...SOUND, testHost: withPoints },
  );
  world.watchesOnly = true;
  try {
    for (const step of DAY) await happens(world, [{ ...(prologue[0] as Step), ...step }]);
  } finally {
    await world.ends();
  }
}

it("a crash at any point at which a plugin is asked anything ends in hidden, never in shown", async () => {
  const points = new Points();
  await aDay(points);
  const all = [...points.passed];
  expect(all).toEqual(expect.arrayContaining(["visibility: guard jid/disclose", "visibility: field read"]));
  for (const point of all) {
    points.crashing = point;
    await aDay(points).catch((error) => expect.fail(`With a crash at "${point}": ${(error as Error).message}`));
  }
}, 120_000);
