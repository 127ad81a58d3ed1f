import fc from "fast-check";
import { HandClock } from "masque/testing";
import { z } from "zod";
import { type Container, service } from "../../../core/container.ts";
import type { Host } from "../../../core/host/host.ts";
import type { Plugin } from "../../../core/host/plugin.ts";
import { logger, plugin, settle, WORDS } from "./cast.ts";

export type HostFactory = (
  catalogue: readonly Plugin[],
  parts: { clock: HandClock; log: ReturnType<typeof logger>; container?: Container },
) => Host;

/** A plugin of a random world: what it needs, and what it would like. */
interface Node {
  readonly name: string;
  readonly needs: readonly string[];
  readonly likes: readonly string[];
}
interface Mood {
  readonly setup: "well" | "throws" | "rejects";
  readonly handler: "passes" | "throws";
  readonly knob: number;
}
type Step = { readonly apply: Record<string, Mood> } | { readonly reload: string };
interface World {
  readonly nodes: readonly Node[];
  readonly steps: readonly Step[];
}

const mood: fc.Arbitrary<Mood> = fc.record({
  setup: fc.oneof(
    { weight: 6, arbitrary: fc.constant("well" as const) },
    { weight: 1, arbitrary: fc.constantFrom("throws" as const, "rejects" as const) },
  ),
  handler: fc.oneof(
    { weight: 4, arbitrary: fc.constant("passes" as const) },
    { weight: 1, arbitrary: fc.constant("throws" as const) },
  ),
  knob: fc.integer({ min: 0, max: 1 }),
});

/** Up to seven plugins without circles, and up to twelve changes of mind. */
const world: fc.Arbitrary<World> = fc.shuffledSubarray([..."abcdefg"], { minLength: 2 }).chain((names) =>
  fc.record({
    nodes: fc.tuple(
      ...names.map((name, at) =>
        fc.record({
          name: fc.constant(name),
          needs: fc.subarray(names.slice(0, at), { maxLength: Math.min(at, 3) }),
          likes: fc.subarray(
            names.filter((other) => other !== name),
            { maxLength: Math.min(names.length - 1, 2) },
          ),
        }),
      ),
    ),
    steps: fc.array(
      fc.oneof(
        {
          weight: 4,
          arbitrary: fc.dictionary(fc.constantFrom(...names), mood).map((apply) => ({ apply: { ...apply } })),
        },
        { weight: 1, arbitrary: fc.constantFrom(...names).map((reload) => ({ reload })) },
      ),
      { minLength: 1, maxLength: 12, size: "max" },
    ),
  }),
);

const options = z.strictObject({ setup: z.string(), handler: z.string(), knob: z.int() });
const place = service<{ visit(): void }>;

/** The random world as plugins that write into a ledger what they hold, and complain when something is out of order. */
class Ledger {
  readonly up = new Set<string>();
  readonly held: string[] = [];
  readonly started: string[] = [];
  readonly stopped: string[] = [];
  readonly asked: string[] = [];
  readonly complaints: string[] = [];

  hold(thing: string): () => void {
    this.held.push(thing);
    return () => void this.held.splice(this.held.indexOf(thing), 1);
  }

  plugin({ name, needs, likes }: Node, all: readonly Node[]): Plugin {
    const setup: Plugin["setup"] = async (ctx) => {
      const { handler, setup } = ctx.options as unknown as Mood;
      ctx.cleanup("held", this.hold(name));
      for (const need of needs) if (!this.up.has(need)) this.complaints.push(`${name} started before ${need}`);
      ctx.handle("coven/who", () => {
        this.asked.push(name);
        if (handler === "throws") throw new Error("boil");
        return undefined;
      });
      ctx.guard("coven/show", () => undefined);
      ctx.on("coven/joined", () => {});
      ctx.every(60_000, () => {});
      ctx.keep("memory", () => 0);
      ctx.provide(place(`test-place-${name}`), (consumer) => ({
        visit: () => consumer.cleanup("visit", this.hold(`${consumer.name} visits ${name}`)),
      }));
      for (const need of needs) ctx.get(place(`test-place-${need}`)).visit();
      for (const like of likes) {
        ctx.when(place(`test-place-${like}`), (it, inner) => {
          it.visit();
          inner.handle("coven/who", () => undefined, -1);
          inner.cleanup("leave", async () => {
            await undefined;
            if (!this.held.includes(like)) this.complaints.push(`${like} was gone before ${name} let go`);
          });
        });
      }
      if (setup === "throws") throw new Error("no fire");
      if (setup === "rejects") await Promise.reject(new Error("no fire"));
      this.up.add(name);
      this.started.push(name);
      ctx.cleanup("down", () => {
        for (const other of all) {
          if (other.needs.includes(name) && this.up.has(other.name)) {
            this.complaints.push(`${name} stopped before ${other.name}`);
          }
        }
        this.up.delete(name);
        this.stopped.push(name);
      });
    };
    return plugin(name, setup, { options, dependsOn: needs });
  }
}

/** Who must run: wanted, able, and needing only those who must run. */
function rightSet(nodes: readonly Node[], wanted: Record<string, Mood>): Set<string> {
  const able = nodes.filter(({ name }) => wanted[name]?.setup === "well");
  const set = new Set<string>();
  for (let before = -1; before < set.size; ) {
    before = set.size;
    for (const { name, needs } of able) if (needs.every((need) => set.has(need))) set.add(name);
  }
  return set;
}

/** Who must stop: no longer right, changed, or needing one who must stop. */
function rightStops(nodes: readonly Node[], up: ReadonlySet<string>, isLeft: (name: string) => boolean): Set<string> {
  const set = new Set([...up].filter(isLeft));
  for (let before = -1; before < set.size; ) {
    before = set.size;
    for (const { name, needs } of nodes) if (up.has(name) && needs.some((need) => set.has(need))) set.add(name);
  }
  return set;
}

/** Throws unless a host made by `make` keeps its contract through every change of any random world. */
export function keepsItsContract(make: HostFactory) {
  const house = (nodes: readonly Node[]) => {
    const ledger = new Ledger();
    const clock = new HandClock();
    const host = make(
      nodes.map((node) => ledger.plugin(node, nodes)),
      { clock, log: logger([]) },
    );
    return { ledger, clock, host };
  };

  return fc.asyncProperty(world, async ({ nodes, steps }) => {
    const { ledger, clock, host } = house(nodes);
    const first = host.snapshot();
    let wanted: Record<string, Mood> = {};
    for (const step of steps) {
      if ("reload" in step && wanted[step.reload] === undefined) continue;
      const before = new Set(ledger.up);
      const earlier = wanted;
      wanted = "apply" in step ? step.apply : wanted;
      const wish = new Set(nodes.map(({ name }) => name).filter((name) => wanted[name] !== undefined));
      const isLeft = (name: string) =>
        !wish.has(name) || same(earlier[name], wanted[name]) === false || ("reload" in step && step.reload === name);
      ledger.started.length = ledger.stopped.length = 0;
      await ("apply" in step ? host.apply(wanted) : host.reload(step.reload));

      const right = rightSet(nodes, wanted);
      equal("runs", [...ledger.up], [...right]);
      equal("is on", namesIn(host, "on"), [...right]);
      const stops = rightStops(nodes, before, isLeft);
      equal("was stopped", ledger.stopped, [...stops]);
      equal(
        "was started",
        ledger.started,
        [...right].filter((name) => !before.has(name) || stops.has(name)),
      );
      equal("complains", ledger.complaints, []);
      equal("is held", ledger.held, heldBy(nodes, right));

      // However the host got here, it is as one that came straight here.
      const direct = house(nodes);
      await direct.host.apply(wanted);
      const { kept, ...registered } = host.snapshot();
      const { kept: _, ...should } = direct.host.snapshot();
      equal("is registered", [registered], [should]);
      equal(
        "is kept without need",
        Object.keys(kept).filter((name) => !wish.has(name)),
        [],
      );
      equal("waits for its time", [clock.waiting], [direct.clock.waiting]);
      await failsClosed(host, ledger, direct.ledger.started, wanted);
    }
    await host.apply({});
    equal("remains", [host.snapshot(), ledger.held, clock.waiting], [first, [], 0]);
  });
}

/** Asks everybody: after the first who crashes nobody is asked any more. */
async function failsClosed(host: Host, ledger: Ledger, order: readonly string[], wanted: Record<string, Mood>) {
  ledger.asked.length = 0;
  const answer = await host.ask("coven/who", "", (fault) => (fault ? `crash of ${fault.plugin}` : "nobody"));
  const crash = order.findIndex((name) => wanted[name]?.handler === "throws");
  equal("answers", [answer], [crash < 0 ? "nobody" : `crash of ${order[crash]}`]);
  if (JSON.stringify(ledger.asked) !== JSON.stringify(crash < 0 ? order : order.slice(0, crash + 1))) {
    throw new Error(`who was asked: ${ledger.asked}; in starting order: ${order}; the first to crash: ${order[crash]}`);
  }
  equal("is the outcome", [host.vote("coven/show", "", WORDS)], ["visible"]);
  await settle();
}

function heldBy(nodes: readonly Node[], right: ReadonlySet<string>): string[] {
  return nodes
    .filter(({ name }) => right.has(name))
    .flatMap(({ name, needs, likes }) => [
      name,
      ...[...needs, ...likes].filter((other) => right.has(other)).map((other) => `${name} visits ${other}`),
    ]);
}

function namesIn(host: Host, state: string): string[] {
  return Object.entries(host.status())
    .filter(([, status]) => status.state === state)
    .map(([name]) => name);
}

function same(a: Mood | undefined, b: Mood | undefined): boolean {
  return JSON.stringify(a && [a.setup, a.handler, a.knob]) === JSON.stringify(b && [b.setup, b.handler, b.knob]);
}

function equal(what: string, got: readonly unknown[], right: readonly unknown[]): void {
  const text = (list: readonly unknown[]) =>
    list
      .map((each) => JSON.stringify(each))
      .sort()
      .join(", ");
  if (text(got) !== text(right)) throw new Error(`what ${what}: ${text(got)}; what should: ${text(right)}`);
}
