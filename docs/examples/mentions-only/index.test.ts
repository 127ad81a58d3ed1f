import { testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import mentionsOnly from "./index.ts";

describe("mentions-only", () => {
  it("delivers everything until the participant asks otherwise", async () => {
    const { hecate, hag66 } = await testHost([mentionsOnly]).coven("hecate", "hag66");
    await hag66.says("double, double");
    expect(hecate.heard()).toContain("double, double");
  });

  it("drops what does not mention her once she does", async () => {
    const { hecate, hag66 } = await testHost([mentionsOnly]).coven("hecate", "hag66");
    await hecate.prefers({ Delivery: "mentions" });
    await hag66.says("toil and trouble");
    await hag66.says("@hecate, where are you?");
    expect(hecate.heard()).toEqual(["@hecate, where are you?"]);
  });

  it("goes by her preference, not by anybody else's", async () => {
    const { hecate, hag66, hag01 } = await testHost([mentionsOnly]).coven("hecate", "hag66", "hag01");
    await hecate.prefers({ Delivery: "mentions" });
    await hag66.says("toil and trouble");
    expect(hag01.heard()).toEqual(["toil and trouble"]);
  });

  it("lets her hear what she says herself", async () => {
    const { hecate } = await testHost([mentionsOnly]).coven("hecate", "hag66");
    await hecate.prefers({ Delivery: "mentions" });
    await hecate.says("O well done!");
    expect(hecate.heard()).toEqual(["O well done!"]);
  });

  it("may be chosen at once, on joining", async () => {
    const { hag66, host } = await testHost([mentionsOnly]).coven("hag66");
    const hecate = host.actor("hecate");
    await hecate.joins("coven", { prefers: { Delivery: "mentions" } });
    await hag66.says("toil and trouble");
    expect(hecate.heard()).toEqual([]);
  });

  it("takes a bare nick for a mention where the operator says so", async () => {
    const plugins = { channels: {}, participants: {}, messages: {}, preferences: {}, "mentions-only": { prefix: "" } };
    const { hecate, hag66 } = await testHost([mentionsOnly], { plugins }).coven("hecate", "hag66");
    await hecate.prefers({ Delivery: "mentions" });
    await hag66.says("hecate, where are you?");
    expect(hecate.heard()).toEqual(["hecate, where are you?"]);
  });

  it("leaves no trace when it is switched off, and remembers who wanted what", async () => {
    const { hecate, hag66, host } = await testHost([mentionsOnly]).coven("hecate", "hag66");
    const { host: kernel } = host.engine;
    await hecate.prefers({ Delivery: "mentions" });
    await kernel.disable("mentions-only");
    const without = kernel.snapshot();
    await hag66.says("round about the cauldron go");
    await kernel.enable("mentions-only");
    await hag66.says("toil and trouble");
    expect(hecate.heard()).toEqual(["round about the cauldron go"]);
    await kernel.disable("mentions-only");
    expect(kernel.snapshot()).toEqual(without);
  });
});
