import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Host, type Plan } from "../../../core/host/host.ts";
import { type HostFactory, keepsItsContract } from "./reconfigure.ts";

describe("A host in any world, through any changes", () => {
  it("runs exactly the right plugins, in order, leaks nothing and fails closed", async () => {
    await fc.assert(
      keepsItsContract((catalogue, parts) => new Host(catalogue, parts)),
      { numRuns: 200 },
    );
  });
});

/** What the property says of a host with a defect; `undefined` when it notices nothing. */
async function verdict(make: HostFactory): Promise<string | undefined> {
  const { errorInstance } = await fc.check(keepsItsContract(make), { numRuns: 200, endOnFailure: true });
  return errorInstance instanceof Error ? errorInstance.message : undefined;
}

describe("The property above", () => {
  it("catches a host that does not take back a failed start", async () => {
    class NoRollback extends Host {
      constructor(...args: ConstructorParameters<typeof Host>) {
        super(...args);
        this.crew.rollback = async () => {};
      }
    }
    expect(await verdict((...args) => new NoRollback(...args))).toMatch(/is held|is registered|remains|waits/);
  });

  it("catches a host that does not stop dependants", async () => {
    class NoCascade extends Host {
      protected override planned(...args: Parameters<Host["planned"]>): Plan {
        const plan = super.planned(...args);
        const [wanted, restart] = args;
        const running = this.crew.running;
        const stop = plan.stop.filter(
          (name) => name === restart || JSON.stringify(running.get(name)) !== JSON.stringify(wanted.get(name)),
        );
        return { ...plan, stop, start: plan.start.filter((name) => !running.has(name) || stop.includes(name)) };
      }
    }
    expect(await verdict((...args) => new NoCascade(...args))).toMatch(/runs|was stopped|complains/);
  });

  it("catches a host that goes on asking after a crash", async () => {
    class GoesOn extends Host {
      constructor(...args: ConstructorParameters<typeof Host>) {
        super(...args);
        const { questions } = this.kernel;
        const add = questions.add.bind(questions);
        questions.add = (hook, owner, handler, priority) => {
          const careless = (payload: unknown) => {
            try {
              return handler(payload);
            } catch {
              return undefined;
            }
          };
          add(hook, owner, careless, priority);
        };
      }
    }
    expect(await verdict((...args) => new GoesOn(...args))).toMatch(/answers/);
  });
});
