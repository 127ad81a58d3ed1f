import { type Carrier, definePlugin, Post } from "masque";
import { testHost } from "masque/testing";
import { describe, expect, it } from "vitest";

const CARRIER: Carrier = { isHolding: false, pack: (pieces) => pieces, takes: () => false, online() {}, offline() {} };

/** A plugin that carries copies, in its own way. */
const carries = (name: string, carrier: Partial<Carrier>) =>
  definePlugin({
    name,
    summary: "Carries copies.",
    setup: ({ get }) => get(Post).carry({ ...CARRIER, ...carrier }),
  });

const crash = (): never => {
  throw new Error("The donkey is lame.");
};

describe("a carrier", () => {
  it("that crashes costs nobody anything: its copies leave as they are, and what comes in comes in", async () => {
    const plugin = carries("donkey", { pack: crash, takes: crash });
    const { hecate, hag66, host } = await testHost([plugin]).coven("hecate", "hag66");
    await hag66.says("double, double");
    expect(hecate.heard()).toEqual(["double, double"]);
    expect(host.faults()[0]).toMatchObject({ plugin: "donkey", where: "carrier takes" });
    expect(host.faults().map(({ where }) => where)).toContain("carrier pack");
  });

  it("is the only one", async () => {
    const host = testHost([carries("donkey", {}), carries("horse", {})]);
    await host.start();
    const { donkey, horse } = host.engine.host.status();
    expect([donkey?.state, horse?.state]).toEqual(["on", "failed"]);
    expect(horse?.reason).toContain('Copies are carried already, by "donkey".');
  });

  it("is gone with its plugin, and what it held goes", async () => {
    const { hecate, hag66, host } = await testHost([carries("donkey", { isHolding: true })]).coven("hecate", "hag66");
    await hag66.says("double, double");
    expect(hecate.heard()).toEqual([]);
    await host.engine.host.disable("donkey");
    expect(hecate.heard()).toEqual(["double, double"]);
  });
});
