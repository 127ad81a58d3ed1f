import { Channels, definePlugin, NODE, NS, xml } from "masque";
import { testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { outcome, publishes, reads, SERVICE } from "./replies.ts";

const PLUGINS = { channels: {}, participants: {}, messages: {}, info: {}, admin: {} };
const HECATE = "hecate@shakespeare.example";
const HAG66 = "hag66@shakespeare.example";
const MACBETH = "macbeth@shakespeare.example";
const PROSPERO = "prospero@shakespeare.example";

const destroy = () => xml("destroy", { xmlns: NS.MIX_CORE_1, channel: "coven" });

async function coven(...plugins: Parameters<typeof testHost>[0][]) {
  const own = plugins.flat().filter((plugin) => plugin !== undefined);
  const desired = { ...PLUGINS, ...Object.fromEntries(own.map(({ name }) => [name, {}])) };
  const host = testHost(own, { plugins: desired, operators: [PROSPERO] });
  const { hecate, hag66 } = await host.coven("hecate", "hag66");
  const channels = host.use(Channels);
  return { host, hecate, hag66, channels, channel: (await channels.find("coven"))! };
}

describe("the question actor/may", () => {
  it("is answered by the core for owners and operators, and for nobody else", async () => {
    const { channels, channel } = await coven();
    for (const action of ["channel/destroy", "config/publish", "cauldron/stir"]) {
      expect(await channels.may(HECATE, action, channel)).toBe(true);
      expect(await channels.may(PROSPERO, action, channel)).toBe(true);
      expect(await channels.may(HAG66, action, channel)).toBe(false);
      expect(await channels.may(MACBETH, action, channel)).toBe(false);
    }
  });

  it("about the service itself is answered for operators only", async () => {
    const { channels } = await coven();
    expect(await channels.may(PROSPERO, "service/stir", undefined)).toBe(true);
    expect(await channels.may(HECATE, "service/stir", undefined)).toBe(false);
  });

  it("is put to plugins first: a right they give holds", async () => {
    const seen: object[] = [];
    const deputy = definePlugin({
      name: "deputy",
      summary: "hag66 may destroy every channel.",
      setup: ({ handle }) =>
        handle("actor/may", (deed) => {
          seen.push(deed);
          return (deed.actor === HAG66 && deed.action === "channel/destroy") || undefined;
        }),
    });
    const { channel, hag66, host } = await coven([deputy]);
    seen.length = 0;
    expect(outcome(await host.actor("macbeth").asks("set", SERVICE, destroy()))).toBe("forbidden");
    expect(seen).toEqual([{ actor: MACBETH, action: "channel/destroy", channel, least: "owners" }]);
    expect(outcome(await hag66.asks("set", SERVICE, destroy()))).toBe("result");
  });

  it("is put to plugins first: a right they deny is denied, also to owners", async () => {
    const seal = definePlugin({
      name: "seal",
      summary: "Nobody may destroy a channel.",
      setup: ({ handle }) => handle("actor/may", ({ action }) => (action === "channel/destroy" ? false : undefined)),
    });
    const { hecate, channels, channel } = await coven([seal]);
    expect(outcome(await hecate.asks("set", SERVICE, destroy()))).toBe("forbidden");
    expect(await channels.may(HECATE, "config/publish", channel)).toBe(true);
  });

  it("is answered no when somebody crashes over it, also to owners", async () => {
    const spirit = definePlugin({
      name: "spirit",
      summary: "Crashes when it is asked.",
      setup: ({ handle }) =>
        handle("actor/may", ({ action }) => {
          if (action === "channel/destroy") throw new Error("Beware Macduff!");
          return undefined;
        }),
    });
    const { hecate, host, channels, channel } = await coven([spirit]);
    expect(outcome(await hecate.asks("set", SERVICE, destroy()))).toBe("forbidden");
    expect(await channels.may(HECATE, "channel/destroy", channel)).toBe(false);
    expect(host.faults().map(({ plugin, where }) => `${plugin} in ${where}`)).toEqual(
      Array(2).fill("spirit in actor/may"),
    );
  });
});

describe("the question node/may", () => {
  it("is answered by what the node itself says, by who asks", async () => {
    const { channels, channel } = await coven();
    const rights = async (jid: string, node: string, joining = false) => {
      const verbs = ["read", "subscribe", "publish"] as const;
      const given = await Promise.all(verbs.map((verb) => channels.mayNode(jid, channel, node, verb, joining)));
      return verbs.filter((_, index) => given[index]);
    };
    expect(await rights(HECATE, NODE.CONFIG)).toEqual(["read", "subscribe", "publish"]);
    expect(await rights(PROSPERO, NODE.CONFIG)).toEqual(["read", "subscribe", "publish"]);
    expect(await rights(HAG66, NODE.CONFIG)).toEqual([]);
    expect(await rights(HAG66, NODE.CONFIG, true)).toEqual([]);
    expect(await rights(HAG66, NODE.INFO)).toEqual(["read", "subscribe"]);
    expect(await rights(HAG66, NODE.PARTICIPANTS)).toEqual(["read", "subscribe"]);
    expect(await rights(MACBETH, NODE.INFO)).toEqual(["read"]);
    expect(await rights(MACBETH, NODE.PARTICIPANTS)).toEqual([]);
    expect(await rights(MACBETH, NODE.PARTICIPANTS, true)).toEqual(["read", "subscribe"]);
  });

  it("is answered no for a node that does not exist, to everybody", async () => {
    const { channels, channel } = await coven();
    expect(await channels.mayNode(HECATE, channel, "urn:example:cauldron", "read")).toBe(false);
  });

  it("is put to plugins first, and what they say holds, both ways", async () => {
    const turncoat = definePlugin({
      name: "turncoat",
      summary: "Gives the configuration to hag66, and keeps it from its owner.",
      setup: ({ handle }) =>
        handle("node/may", ({ actor, node }) => (node === NODE.CONFIG ? actor === HAG66 : undefined)),
    });
    const { hecate, hag66 } = await coven([turncoat]);
    expect(outcome(await reads(hag66, NODE.CONFIG))).toBe("result");
    expect(outcome(await publishes(hag66, NODE.CONFIG, { "Mandatory Nicks": "false" }))).toBe("result");
    expect(outcome(await reads(hecate, NODE.CONFIG))).toBe("forbidden");
    expect(outcome(await publishes(hecate, NODE.CONFIG, { "Mandatory Nicks": "true" }))).toBe("forbidden");
    expect(outcome(await reads(hecate, NODE.PARTICIPANTS))).toBe("result");
  });

  it("is answered no when somebody crashes over it, also to owners", async () => {
    const spirit = definePlugin({
      name: "spirit",
      summary: "Crashes when it is asked.",
      setup: ({ handle }) =>
        handle("node/may", () => {
          throw new Error("Beware the thane of Fife!");
        }),
    });
    const { hecate, host } = await coven();
    expect(outcome(await reads(hecate, NODE.CONFIG))).toBe("result");
    const haunted = testHost([spirit], { plugins: { ...PLUGINS, spirit: {} } });
    await haunted.actor("hecate").creates("coven");
    expect(outcome(await reads(haunted.actor("hecate"), NODE.CONFIG))).toBe("forbidden");
    expect(haunted.faults()).toHaveLength(1);
    expect(host.faults()).toEqual([]);
  });
});
