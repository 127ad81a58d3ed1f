import { Channels, definePlugin, NODE, NS, type Role, xml } from "masque";
import { type Actor, type TestHost, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { COVEN, disco, events, listed, outcome, publishes, reads } from "./replies.ts";

const PLUGINS = { channels: {}, participants: {}, messages: {}, info: {}, admin: {}, visibility: {}, jidmap: {} };
const jid = (name: string) => `${name}@shakespeare.example`;

/** Hecate owns the coven, crone1 administers it, hag66 is in it; macbeth is not, and prospero operates the service. */
async function coven() {
  const host = testHost([], { plugins: PLUGINS, operators: [jid("prospero")] });
  const { hecate, crone1, hag66 } = await host.coven("hecate", "crone1", "hag66");
  await appoints(hecate, "crone1");
  return { host, hecate, crone1, hag66, macbeth: host.actor("macbeth"), prospero: host.actor("prospero") };
}

const appoints = (owner: Actor, ...names: string[]) =>
  publishes(owner, NODE.CONFIG, { Administrator: names.map(jid) }).then((reply) =>
    expect(outcome(reply)).toBe("result"),
  );

const subscribes = (actor: Actor, node: string) =>
  actor.asks("set", COVEN, xml("update-subscription", { xmlns: NS.MIX_CORE_1 }, xml("subscribe", { node })), actor.jid);

const inside = async (host: TestHost) => (await host.use(Channels).find("coven"))!;
const nodesOf = async (actor: Actor) => listed(await actor.asks("get", COVEN, disco("items", "mix")), "node");

describe("the roles in a channel (XEP-0406 §2.1)", () => {
  it("are the highest that somebody has: owners and operators, administrators, participants, whoever may join", {
    tags: ["0406-2.1/3"],
  }, async () => {
    const { host } = await coven();
    const channel = await inside(host);
    const roles = ["hecate", "prospero", "crone1", "hag66", "macbeth"].map((name) => channel.roleOf(jid(name)));
    expect(roles).toEqual(["owners", "owners", "admins", "participants", "allowed"]);
  });

  it("have the rights of those below them, in strict order, when somebody asks actor/may", {
    tags: ["0406-2.1/8"],
  }, async () => {
    const { host } = await coven();
    const channel = await inside(host);
    const may = async (name: string) => {
      const least: Role[] = ["anyone", "allowed", "participants", "admins", "owners", "nobody"];
      const answers = await Promise.all(
        least.map((role) => host.use(Channels).may(jid(name), "cauldron/stir", channel, role)),
      );
      return least.filter((_, at) => answers[at]).at(-1);
    };
    expect(await may("hecate")).toBe("owners");
    expect(await may("prospero")).toBe("owners");
    expect(await may("crone1")).toBe("admins");
    expect(await may("hag66")).toBe("participants");
    expect(await may("macbeth")).toBe("allowed");
  });

  it("do not need their holder to be in the channel, nor end with his leaving", { tags: ["0406-2.1/7"] }, async () => {
    const { host, hecate, crone1 } = await coven();
    await crone1.leaves();
    await hecate.leaves();
    expect((await inside(host)).roleOf(crone1.jid)).toBe("admins");
    expect(outcome(await reads(crone1, NODE.JIDMAP))).toBe("result");
    expect(outcome(await reads(hecate, NODE.CONFIG))).toBe("result");
  });

  it("give administrators nothing that is only the owners': neither the configuration nor the channel's end", {
    tags: ["0406-2.1/1"],
  }, async () => {
    const { crone1 } = await coven();
    expect(outcome(await reads(crone1, NODE.CONFIG))).toBe("forbidden");
    expect(outcome(await publishes(crone1, NODE.CONFIG, { Owner: crone1.jid }))).toBe("forbidden");
    const destroy = xml("destroy", { xmlns: NS.MIX_CORE_1, channel: "coven" });
    expect(outcome(await crone1.asks("set", "mix.shakespeare.example", destroy))).toBe("forbidden");
  });
});

describe("administrators", () => {
  it("see who is who in the JID map, and find it in disco; participants do not", {
    tags: ["0406-2.1/2", "0406-2.4/7"],
  }, async () => {
    const { crone1, hag66 } = await coven();
    expect((await reads(crone1, NODE.JIDMAP)).toString()).toContain(hag66.jid);
    expect(await nodesOf(crone1)).toContain(NODE.JIDMAP);
    expect(outcome(await reads(hag66, NODE.JIDMAP))).toBe("forbidden");
    expect(await nodesOf(hag66)).not.toContain(NODE.JIDMAP);
  });

  it("are told of the JID map while they are administrators, and not after", { tags: ["0406-2.4/7"] }, async () => {
    const { host, hecate, crone1 } = await coven();
    await subscribes(crone1, NODE.JIDMAP);
    await host.actor("crone2").joins("coven");
    expect(events(crone1, NODE.JIDMAP)).toHaveLength(1);
    await appoints(hecate);
    await host.actor("crone3").joins("coven");
    expect(events(crone1, NODE.JIDMAP)).toHaveLength(1);
    await appoints(hecate, "crone1");
    await host.actor("crone4").joins("coven");
    expect(events(crone1, NODE.JIDMAP)).toHaveLength(1);
  });

  it("are none while the plugin that names them is off, and are again with it", async () => {
    const { host, crone1 } = await coven();
    await subscribes(crone1, NODE.JIDMAP);
    await host.engine.host.disable("admin");
    expect((await inside(host)).roleOf(crone1.jid)).toBe("participants");
    expect(outcome(await reads(crone1, NODE.JIDMAP))).toBe("forbidden");
    await host.actor("crone2").joins("coven");
    expect(events(crone1, NODE.JIDMAP)).toEqual([]);
    await host.engine.host.enable("admin");
    await host.actor("crone3").joins("coven");
    expect(events(crone1, NODE.JIDMAP)).toHaveLength(1);
  });

  it("are not told the moment that plugin is off, without anything else having changed", async () => {
    const { host, crone1 } = await coven();
    await subscribes(crone1, NODE.JIDMAP);
    const channel = await inside(host);
    expect(channel.audience(NODE.JIDMAP).eyesOf(crone1.id)).toBe("administrator");
    await host.engine.host.disable("admin");
    expect(channel.audience(NODE.JIDMAP).eyesOf(crone1.id)).toBeUndefined();
  });

  it("keep, when they lose the role, what every participant may be told", async () => {
    const { host, hecate, crone1, hag66 } = await coven();
    await appoints(hecate);
    await hag66.says("double, double");
    expect(crone1.heard()).toContain("double, double");
    expect((await inside(host)).participant(crone1.jid)?.nodes).toContain(NODE.PARTICIPANTS);
  });
});

describe("a rule of nodes", () => {
  const cauldron = definePlugin({
    name: "cauldron",
    summary: "The participants node is for administrators.",
    dependsOn: ["participants"],
    setup: ({ get }) =>
      get(Channels).rule({ least: (_channel, node) => (node === NODE.PARTICIPANTS ? "admins" : undefined) }),
  });

  it("says who is told of a node while it holds, also of those who subscribed before", async () => {
    const host = testHost([cauldron], { plugins: PLUGINS });
    const { hecate, hag66 } = await host.coven("hecate", "hag66");
    const told = events(hag66, NODE.PARTICIPANTS).length;
    await host.engine.host.enable("cauldron");
    await host.actor("crone2").joins("coven");
    expect(events(hag66, NODE.PARTICIPANTS)).toHaveLength(told);
    expect(events(hecate, NODE.PARTICIPANTS).toString()).toContain("crone2");
    expect(outcome(await reads(hag66, NODE.PARTICIPANTS))).toBe("forbidden");
    await host.engine.host.disable("cauldron");
    await host.actor("crone3").joins("coven");
    expect(events(hag66, NODE.PARTICIPANTS)).toHaveLength(told + 1);
  });

  it("cannot be got round by an answer to node/may: that can only forbid to subscribe", async () => {
    const turncoat = definePlugin({
      name: "turncoat",
      summary: "Lets everybody do everything.",
      setup: ({ handle }) => handle("node/may", () => true),
    });
    const host = testHost([cauldron, turncoat], { plugins: { ...PLUGINS, cauldron: {}, turncoat: {} } });
    const { hag66 } = await host.coven("hecate", "hag66");
    expect(outcome(await reads(hag66, NODE.PARTICIPANTS))).toBe("result");
    expect(outcome(await subscribes(hag66, NODE.PARTICIPANTS))).toBe("forbidden");
  });
});

describe("of two rules of a node", () => {
  const ruling = (name: string, least: Role) =>
    definePlugin({
      name,
      summary: `The participants node is for ${least}.`,
      dependsOn: ["participants"],
      setup: ({ get }) =>
        get(Channels).rule({ least: (_channel, node) => (node === NODE.PARTICIPANTS ? least : undefined) }),
    });

  it.each([["owners", "participants"] as const, ["participants", "owners"] as const])(
    "the stricter counts: %s, then %s",
    async (first, second) => {
      const rules = [ruling("fair", first), ruling("foul", second)];
      const host = testHost(rules, { plugins: { ...PLUGINS, fair: {}, foul: {} } });
      const { hecate, hag66 } = await host.coven("hecate", "hag66");
      expect(outcome(await reads(hecate, NODE.PARTICIPANTS))).toBe("result");
      expect(outcome(await reads(hag66, NODE.PARTICIPANTS))).toBe("forbidden");
    },
  );
});

describe("somebody who is not in the channel", () => {
  it("is shown nobody's JID, also where a node is for him and JIDs are for everybody in it", {
    tags: ["0369-2/2", "0406-2.4/12"],
  }, async () => {
    const open = definePlugin({
      name: "open",
      summary: "Whoever may join may see who is in the channel.",
      setup: ({ get }) => get(Channels).rule({ least: (_c, _n, verb) => (verb === "read" ? "allowed" : undefined) }),
    });
    const host = testHost([open], { plugins: { ...PLUGINS, open: {}, visibility: { default: "jid-visible" } } });
    const { hecate, hag66 } = await host.coven("hecate", "hag66");
    expect((await reads(hag66, NODE.PARTICIPANTS)).toString()).toContain(hecate.jid);
    const reply = await reads(host.actor("macbeth"), NODE.PARTICIPANTS);
    expect(outcome(reply)).toBe("result");
    expect(reply.toString()).not.toContain("@shakespeare.example<");
  });
});
