import { describe, expect, it } from "vitest";
import type { Plugin } from "../../../core/host/plugin.ts";
import { house, plugin } from "./cast.ts";

/** A plugin that answers who comes to the coven, if nobody before it did. */
function witness(name: string, more: Partial<Plugin> = {}): Plugin {
  return plugin(name, ({ handle }) => handle("coven/who", () => undefined), more);
}

describe("a host that learns of a plugin", () => {
  it("runs it, and leaves alone what ran before", async () => {
    let starts = 0;
    const { host } = house([plugin("hecate", () => void starts++)]);
    await host.apply({ hecate: {} });
    expect(await host.apply({ hecate: {}, hag66: {} }, [plugin("hag66")])).toMatchObject({
      stop: [],
      start: ["hag66"],
    });
    expect(host.status()).toMatchObject({ hecate: { state: "on" }, hag66: { state: "on" } });
    expect(starts).toBe(1);
  });

  it("does not know it yet when it only makes a plan", async () => {
    const { host } = house([]);
    expect(host.plan({ hag66: {} }, [plugin("hag66")]).start).toEqual(["hag66"]);
    expect(() => host.plan({ hag66: {} })).toThrow('there is no plugin "hag66"');
  });

  it("does not know it either when the rest of what is wanted is wrong", async () => {
    const { host } = house([]);
    await expect(host.apply({ hag66: {}, hag67: {} }, [plugin("hag66")])).rejects.toThrow('there is no plugin "hag67"');
    expect(host.status()).toEqual({});
  });

  it("knows it from then on, and does not mind to be told again", async () => {
    const { host } = house([]);
    const hag66 = plugin("hag66");
    await host.apply({ hag66: {} }, [hag66]);
    await host.apply({});
    expect(host.status()).toMatchObject({ hag66: { state: "off" } });
    expect((await host.apply({ hag66: {} }, [hag66])).start).toEqual(["hag66"]);
  });

  it("refuses another one of the same name, and a circle, and stays as it was", async () => {
    const { host } = house([plugin("hecate", undefined, { dependsOn: ["coven"] })]);
    await expect(host.apply({}, [plugin("hecate")])).rejects.toThrow('Two plugins are called "hecate".');
    const coven = plugin("coven", undefined, { dependsOn: ["hecate"] });
    await expect(host.apply({}, [coven])).rejects.toThrow("in a circle: hecate -> coven -> hecate.");
    expect(Object.keys(host.status())).toEqual(["hecate"]);
  });

  it("lets those start who waited for it", async () => {
    const { host } = house([
      plugin("hecate", undefined, { dependsOn: ["coven"] }),
      plugin("cave", undefined, { provides: ["coven"] }),
    ]);
    await host.apply({ hecate: {} });
    expect(host.status().hecate?.state).toBe("waiting");
    const heath = plugin("heath", undefined, { provides: ["coven"] });
    expect((await host.apply({ hecate: {}, heath: {} }, [heath])).start).toEqual(["heath", "hecate"]);
  });

  it("asks everybody in the order of a host that knew all from the beginning", async () => {
    const [a, b, c] = [witness("a", { dependsOn: ["coven"] }), witness("b", { dependsOn: ["c"] }), witness("c")];
    const cave = plugin("cave", undefined, { provides: ["coven"] });
    // With the heath known, what "a" may need stands as high as "b", and "a" higher.
    const heath = plugin("heath", undefined, { provides: ["coven"], dependsOn: ["c"] });
    const all = { a: {}, b: {}, c: {}, cave: {} };
    const asked = () => grown.explain("coven/who").asked.map((one) => one.plugin);

    const { host: grown } = house([a, b, c, cave]);
    await grown.apply(all);
    expect(asked()).toEqual(["c", "a", "b"]);
    await grown.apply(all, [heath]);
    expect(asked()).toEqual(["c", "b", "a"]);
    await grown.reload("b");
    expect(asked()).toEqual(["c", "b", "a"]);
  });
});
