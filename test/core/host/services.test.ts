import { describe, expect, it } from "vitest";
import { Container, service } from "../../../core/container.ts";
import { Cauldron, cauldron, house, pending, plugin, settle } from "./cast.ts";

/** A plugin that throws one thing into the cauldron, if there is one. */
const hag = (name: string, thing: string) => plugin(name, ({ when }) => when(Cauldron, (pot) => pot.throws(thing)));

/** The same, for one who cannot do without. */
const witch = (name: string, thing: string) =>
  plugin(name, ({ get }) => get(Cauldron).throws(thing), { dependsOn: ["cauldron"] });

describe("A service", () => {
  it("is made for each consumer, once, and knows whom it serves", async () => {
    const served: string[] = [];
    const facades: unknown[] = [];
    const Broom = service<{ owner: string }>("test-broom");
    const asks = (name: string) =>
      plugin(name, ({ get }) => void facades.push(get(Broom), get(Broom)), { dependsOn: ["brooms"] });
    const { host } = house([
      plugin("brooms", ({ provide }) => {
        provide(Broom, ({ name }) => {
          served.push(name);
          return { owner: name };
        });
      }),
      asks("hag66"),
      asks("hecate"),
    ]);
    await host.apply({ brooms: {}, hag66: {}, hecate: {} });
    expect(served).toEqual(["hag66", "hecate"]);
    expect(facades[0]).toBe(facades[1]);
    expect(facades[2]).toBe(facades[3]);
    expect(facades[0]).not.toBe(facades[2]);
  });

  it("forgets what a consumer did through it when the consumer goes, and not what others did", async () => {
    const contents: string[] = [];
    const { host } = house([cauldron(contents), witch("hag66", "newt"), witch("hecate", "frog")]);
    await host.apply({ cauldron: {}, hag66: {}, hecate: {} });
    expect(contents).toEqual(["hag66: newt", "hecate: frog"]);
    await host.disable("hag66");
    expect(contents).toEqual(["hecate: frog"]);
  });

  it("forgets everything when the provider goes", async () => {
    const contents: string[] = [];
    const { host } = house([cauldron(contents), witch("hecate", "frog"), hag("hag66", "newt")]);
    await host.apply({ cauldron: {}, hag66: {}, hecate: {} });
    await host.disable("cauldron");
    expect(contents).toEqual([]);
    expect(host.snapshot().holds).toEqual({ hag66: ["when test-cauldron"] });
  });

  it("of a provider that is not in dependsOn fails the setup, and says what to add", async () => {
    const { host } = house([cauldron([]), plugin("hecate", ({ get }) => get(Cauldron).throws("frog"))]);
    await host.apply({ cauldron: {}, hecate: {} });
    expect(host.status().hecate).toMatchObject({
      state: "failed",
      reason:
        '"hecate" gets the service "test-cauldron", which the plugin "cauldron" provides: ' +
        'add "cauldron" to its dependsOn, or use when().',
    });
  });

  it("may come from whoever provides what dependsOn names", async () => {
    const contents: string[] = [];
    const kettle = { ...cauldron(contents, "kettle"), provides: ["cauldron"] };
    const { host } = house([kettle, witch("hecate", "frog")]);
    await host.apply({ kettle: {}, hecate: {} });
    expect(contents).toEqual(["hecate: frog"]);
  });

  it("that nobody provides fails the setup, with the nearest name", async () => {
    const Misspelt = service<Cauldron>("test-couldron");
    const { host } = house([
      cauldron([]),
      plugin("hecate", ({ get }) => void get(Misspelt), { dependsOn: ["cauldron"] }),
    ]);
    await host.apply({ cauldron: {}, hecate: {} });
    expect(host.status().hecate?.reason).toBe(
      '"hecate" gets the service "test-couldron", which nobody provides now; did you mean "test-cauldron"?',
    );
  });

  it("of the core is there for everybody", async () => {
    const served: string[] = [];
    const { host } = house([plugin("hecate", ({ get }) => get(Cauldron).throws("frog"))]);
    host.provide(Cauldron, ({ name, cleanup }) => ({
      throws(thing) {
        served.push(`${name}: ${thing}`);
        cleanup(thing, () => void served.push(`${name}: no ${thing}`));
      },
    }));
    await host.apply({ hecate: {} });
    await host.stop();
    expect(served).toEqual(["hecate: frog", "hecate: no frog"]);
  });

  it("is found among the core's singletons, too, but cannot take the name of one", async () => {
    const Broom = service<string>("test-broom");
    const got: string[] = [];
    const { host } = house(
      [
        plugin("hecate", ({ get }) => void got.push(get(Broom))),
        plugin("thief", ({ provide }) => provide(Broom, () => "mine")),
      ],
      { container: new Container().value(Broom, "the core's broom") },
    );
    await host.apply({ hecate: {}, thief: {} });
    expect(got).toEqual(["the core's broom"]);
    expect(host.status().thief?.reason).toBe('The service "test-broom" is the core\'s own: it cannot be provided.');
  });

  it("cannot be provided twice", async () => {
    const { host } = house([cauldron([], "a"), cauldron([], "b")]);
    await host.apply({ a: {}, b: {} });
    expect(host.status().b).toMatchObject({
      state: "failed",
      reason: 'The service "test-cauldron" is provided already, by "a".',
    });
  });

  it("can be used by the core while it is there", async () => {
    const contents: string[] = [];
    const { host } = house([cauldron(contents)]);
    expect(() => host.core.get(Cauldron)).toThrow("nobody provides now");
    await host.enable("cauldron");
    host.core.get(Cauldron).throws("toad");
    expect(contents).toEqual(["core: toad"]);
    await host.disable("cauldron");
    expect(contents).toEqual([]);
    expect(host.snapshot().core).toEqual([]);
  });
});

describe("Who would like a service if it is there", () => {
  it("gets it at once, or whenever it appears", async () => {
    const contents: string[] = [];
    const { host } = house([cauldron(contents), hag("a-hag", "newt"), hag("z-hag", "frog")]);
    await host.apply({ "a-hag": {} });
    expect(contents).toEqual([]);
    await host.enable("cauldron");
    expect(contents).toEqual(["a-hag: newt"]);
    await host.enable("z-hag");
    expect(contents).toEqual(["a-hag: newt", "z-hag: frog"]);
  });

  it("gets it again when it reappears, and has let go of it in between", async () => {
    const contents: string[] = [];
    const { host } = house([cauldron(contents), hag("hag66", "newt")]);
    await host.apply({ cauldron: {}, hag66: {} });
    for (let i = 0; i < 3; i++) {
      await host.disable("cauldron");
      expect(contents).toEqual([]);
      await host.enable("cauldron");
      expect(contents).toEqual(["hag66: newt"]);
    }
  });

  it("has let go, awaited, before the provider begins to stop (rule 13)", async () => {
    const steps: string[] = [];
    const gate = pending();
    const { host } = house([
      plugin("cauldron", ({ provide, signal, cleanup }) => {
        signal.addEventListener("abort", () => steps.push("cauldron told to stop"));
        provide(Cauldron, () => ({ throws() {} }));
        cleanup("fire", () => void steps.push("cauldron gone"));
      }),
      plugin("hag66", ({ when }) =>
        when(Cauldron, (_, ctx) => {
          ctx.signal.addEventListener("abort", () => steps.push("hag told to let go"));
          ctx.cleanup("ladle", async () => {
            await gate.promise;
            steps.push("hag has let go");
          });
        }),
      ),
    ]);
    await host.apply({ cauldron: {}, hag66: {} });
    const stopping = host.disable("cauldron");
    await settle();
    expect(steps).toEqual(["hag told to let go"]);
    gate.resolve();
    await stopping;
    expect(steps).toEqual(["hag told to let go", "hag has let go", "cauldron told to stop", "cauldron gone"]);
  });

  it("loses what it registered there, and nothing else", async () => {
    const { host } = house([
      cauldron([]),
      plugin("hag66", ({ when, handle }) => {
        handle("coven/who", () => undefined);
        when(Cauldron, (_, ctx) => ctx.handle("coven/who", () => "hag66, stirring"));
      }),
    ]);
    await host.apply({ cauldron: {}, hag66: {} });
    expect(await host.ask("coven/who", "", "nobody")).toBe("hag66, stirring");
    await host.disable("cauldron");
    expect(await host.ask("coven/who", "", "nobody")).toBe("nobody");
    expect(host.snapshot().questions).toEqual({ "coven/who": ["hag66 @ 0"] });
  });

  it("keeps its place in every chain when the service comes back (rule 6)", async () => {
    const asked: string[] = [];
    const { host } = house([
      cauldron([]),
      plugin("hag66", ({ when, handle }) => {
        when(Cauldron, (_, ctx) => ctx.handle("coven/who", () => void asked.push("in the when")));
        handle("coven/who", () => void asked.push("after the when"));
      }),
    ]);
    await host.apply({ cauldron: {}, hag66: {} });
    await host.reload("cauldron");
    await host.ask("coven/who", "", "nobody");
    expect(asked).toEqual(["in the when", "after the when"]);
  });

  it("counts a crash as a fault, leaves nothing behind, and goes on without", async () => {
    const contents: string[] = [];
    const { host, faults } = house([
      cauldron(contents),
      plugin("hag66", ({ when }) =>
        when(Cauldron, (pot, { handle }) => {
          pot.throws("newt");
          handle("coven/who", () => "hag66");
          throw new Error("burnt");
        }),
      ),
    ]);
    await host.apply({ cauldron: {}, hag66: {} });
    await settle();
    expect(faults).toMatchObject([{ plugin: "hag66", where: "when test-cauldron", error: new Error("burnt") }]);
    expect(host.status().hag66).toMatchObject({ state: "on", degraded: true, holds: ["when test-cauldron"] });
    expect([contents, host.has("coven/who")]).toEqual([[], false]);
  });

  it("may pass it on: what it provides within goes first", async () => {
    const Soup = service<string>("test-soup");
    const steps: string[] = [];
    const { host } = house([
      cauldron([]),
      plugin("cook", ({ when }) =>
        when(Cauldron, (_, ctx) => {
          ctx.provide(Soup, () => "soup");
          ctx.cleanup("fire", () => void steps.push("no fire"));
        }),
      ),
      plugin("guest", ({ when }) =>
        when(Soup, (soup, ctx) => {
          steps.push(soup);
          ctx.cleanup("spoon", () => void steps.push("no soup"));
        }),
      ),
    ]);
    await host.apply({ cauldron: {}, cook: {}, guest: {} });
    await host.reload("cauldron");
    expect(steps).toEqual(["soup", "no soup", "no fire", "soup"]);
  });

  it("does not see it while its provider is still being set up, nor if that fails", async () => {
    const seen: string[] = [];
    const { host } = house([
      plugin("cauldron", ({ provide }) => {
        provide(Cauldron, () => ({ throws: (thing) => void seen.push(thing) }));
        throw new Error("cracked");
      }),
      hag("hag66", "newt"),
      hag("a-hag", "frog"),
    ]);
    await host.apply({ "a-hag": {}, cauldron: {}, hag66: {} });
    expect(seen).toEqual([]);
    expect(host.snapshot().services.offered).toEqual({});
  });
});
