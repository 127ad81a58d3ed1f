import { describe, expect, it } from "vitest";
import { house, plugin, settle } from "./cast.ts";

describe("A fact", () => {
  it("is heard by everybody who listens, the core too", async () => {
    const heard: string[] = [];
    const { host } = house([
      plugin("a", ({ on }) => on("coven/joined", ({ nick }) => void heard.push(`a: ${nick}`))),
      plugin("b", ({ on, emit }) => {
        on("coven/joined", async ({ nick }) => void heard.push(`b: ${nick}`));
        on("coven/joined", ({ nick }) => {
          if (nick === "hecate") emit("coven/joined", { nick: "hag66" });
        });
      }),
    ]);
    host.on("coven/joined", ({ nick }) => void heard.push(`core: ${nick}`));
    await host.apply({ a: {}, b: {} });
    host.emit("coven/joined", { nick: "hecate" });
    expect(heard.sort()).toEqual(["a: hag66", "a: hecate", "b: hag66", "b: hecate", "core: hag66", "core: hecate"]);
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
    it(`reaches everybody else, and the emitter notices nothing, when a listener ${manner} (rule 5)`, async () => {
      const heard: string[] = [];
      const { host, faults } = house([
        plugin("a", ({ on }) => on("coven/joined", crash)),
        plugin("b", ({ on }) => on("coven/joined", () => void heard.push("b"))),
      ]);
      await host.apply({ a: {}, b: {} });
      host.emit("coven/joined", { nick: "hecate" });
      await settle();
      expect(heard).toEqual(["b"]);
      expect(faults).toMatchObject([{ plugin: "a", where: "coven/joined", error: new Error("boil") }]);
    });
  }

  it("is not heard by a plugin that stopped", async () => {
    const heard: string[] = [];
    const { host } = house([plugin("a", ({ on }) => on("coven/joined", ({ nick }) => void heard.push(nick)))]);
    await host.enable("a");
    await host.disable("a");
    host.emit("coven/joined", { nick: "hecate" });
    expect(heard).toEqual([]);
  });
});
