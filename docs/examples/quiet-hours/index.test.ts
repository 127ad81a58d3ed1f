import { formOf, NODE, NS, xml } from "masque";
import { testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import quietHours from "./index.ts";

const HOUR = 3_600_000;

/** Three in a coven, where it is nine in the morning: that is when the clock of a test stands still. */
async function coven() {
  const plugins = { channels: {}, participants: {}, messages: {}, admin: {}, "quiet-hours": {} };
  return testHost([quietHours], { plugins }).coven("hecate", "hag66", "hag01");
}

describe("quiet hours", () => {
  it("let everything through by day", async () => {
    const { hecate, hag66 } = await coven();
    await hag66.says("@all: double, double");
    expect(hecate.heard()).toEqual(["@all: double, double"]);
  });

  it("wake only those whom a message mentions", async () => {
    const { hecate, hag66, hag01, host } = await coven();
    host.clock.advance(13 * HOUR);
    await hag66.says("hecate, is the cauldron hot?");
    expect(hecate.heard()).toEqual(["hecate, is the cauldron hot?"]);
    expect(hag01.heard()).toEqual([]);
    expect(hag66.heard()).toEqual(["hecate, is the cauldron hot?"]);
  });

  it("last until the morning", async () => {
    const { hag66, hag01, host } = await coven();
    host.clock.advance(20 * HOUR);
    await hag66.says("toil");
    host.clock.advance(HOUR);
    await hag66.says("and trouble");
    expect(hag01.heard()).toEqual(["and trouble"]);
  });

  it("refuse, in words, to call everybody", async () => {
    const { hecate, hag66, host } = await coven();
    host.clock.advance(13 * HOUR);
    await hag66.says("@all: fire burn!");
    expect(hecate.heard()).toEqual([]);
    const refusal = hag66
      .received()
      .find(({ attrs }) => attrs.type === "error")
      ?.getChild("error");
    expect(refusal?.getChild("policy-violation")).toBeDefined();
    expect(refusal?.getChildText("text")).toContain("quiet here until 6 o'clock UTC");
  });

  it("are over when the channel's owner wants none", async () => {
    const { hecate, hag66, hag01, host } = await coven();
    host.clock.advance(13 * HOUR);
    const form = formOf("submit", NS.MIX_ADMIN, [{ var: "Quiet Hours", values: ["false"] }]);
    const publish = xml("publish", { node: NODE.CONFIG }, xml("item", {}, form));
    await hecate.asks("set", "coven@mix.shakespeare.example", xml("pubsub", { xmlns: NS.PUBSUB }, publish));
    await hag66.says("@all: fire burn!");
    expect(hag01.heard()).toEqual(["@all: fire burn!"]);
  });

  it("leave no trace when they are switched off", async () => {
    const { engine } = await testHost([quietHours]).start();
    await engine.host.disable("quiet-hours");
    const without = engine.host.snapshot();
    await engine.host.enable("quiet-hours");
    expect(engine.host.snapshot()).not.toEqual(without);
    await engine.host.disable("quiet-hours");
    expect(engine.host.snapshot()).toEqual(without);
  });
});
