import { Channels, definePlugin, NODE, type NodeDeed, NS, xml } from "masque";
import { type Actor, type TestHost, testHost } from "masque/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { bundled } from "../../plugins/index.ts";
import { COVEN, disco, events, listed, outcome, publishes, reads, reason, sheet } from "../core/channel/replies.ts";

const ALL = Object.fromEntries(bundled.map(({ name }) => [name, {}]));
const jid = (name: string) => `${name}@shakespeare.example`;
const subscribes = (actor: Actor, node: string) =>
  actor.asks("set", COVEN, xml("update-subscription", { xmlns: NS.MIX_CORE_1 }, xml("subscribe", { node })), actor.jid);

/** Hecate owns the coven, crone1 administers it, hag66 is in it, and macbeth might join. */
async function coven(plugins: object = {}) {
  const host = testHost([], { plugins: { ...ALL, ...plugins } });
  const { hecate, crone1, hag66 } = await host.coven("hecate", "crone1", "hag66");
  const config = async (fields: Record<string, string | string[]>) =>
    expect(outcome(await publishes(hecate, NODE.CONFIG, fields))).toBe("result");
  await config({ Administrator: crone1.jid });
  return { host, hecate, crone1, hag66, macbeth: host.actor("macbeth"), config };
}

/** From the one who has every right to him who has none. */
const PEOPLE = ["hecate", "crone1", "hag66", "macbeth"] as const;
const upTo = (last: (typeof PEOPLE)[number] | undefined) => PEOPLE.slice(0, last ? PEOPLE.indexOf(last) + 1 : 0);
type Verb = NodeDeed["verb"];

describe("rights on nodes (XEP-0406 §2.4)", () => {
  let host: TestHost;
  let hecate: Actor;
  beforeAll(async () => {
    ({ host, hecate } = await coven());
  });

  async function holders(node: string, verb: Verb): Promise<string[]> {
    const channels = host.use(Channels);
    const channel = (await channels.find("coven"))!;
    const may = await Promise.all(PEOPLE.map((name) => channels.mayNode(jid(name), channel, node, verb)));
    return PEOPLE.filter((_, at) => may[at]);
  }

  /** Who has a right at the least, by the channel's first configuration. */
  const FIRST: [string, Verb, (typeof PEOPLE)[number] | undefined][] = [
    [NODE.MESSAGES, "read", "hag66"],
    [NODE.MESSAGES, "subscribe", "hag66"],
    [NODE.MESSAGES, "publish", "hecate"],
    [NODE.PRESENCE, "read", undefined],
    [NODE.PRESENCE, "subscribe", "hag66"],
    [NODE.PRESENCE, "publish", undefined],
    [NODE.PARTICIPANTS, "read", "hag66"],
    [NODE.PARTICIPANTS, "subscribe", "hag66"],
    [NODE.JIDMAP, "read", "crone1"],
    [NODE.JIDMAP, "subscribe", "crone1"],
    [NODE.INFO, "read", "macbeth"],
    [NODE.INFO, "subscribe", "hag66"],
    [NODE.INFO, "publish", "crone1"],
    [NODE.CONFIG, "read", "hecate"],
    [NODE.CONFIG, "subscribe", "hecate"],
    [NODE.CONFIG, "publish", "hecate"],
    [NODE.BANNED, "read", "crone1"],
    [NODE.BANNED, "subscribe", "crone1"],
    [NODE.BANNED, "publish", "crone1"],
    [NODE.ALLOWED, "read", undefined],
    [NODE.ALLOWED, "publish", "crone1"],
    [NODE.AVATAR_DATA, "publish", "crone1"],
    [NODE.AVATAR_METADATA, "publish", "crone1"],
  ];
  it.each(FIRST)(
    "at first: %s, %s: no lower than %s",
    {
      tags: ["0369-4.7.3/6", "0406-2.4/10", "0406-2.4/11", "0406-2.4/12", "0406-2.4/13", "0406-2.4/16", "0406-2.4/17"],
    },
    async (node, verb, last) => {
      expect(await holders(node, verb)).toEqual(upTo(last));
    },
  );

  const [sight, told, change] = [["read", "subscribe"], ["subscribe"], ["publish"]] as const;
  const SET: [string, string, string, readonly Verb[], (typeof PEOPLE)[number] | undefined][] = [
    ["Messages Node Subscription", "allowed", NODE.MESSAGES, sight, "macbeth"],
    ["Messages Node Subscription", "anyone", NODE.MESSAGES, sight, "macbeth"],
    ["Messages Node Subscription", "participants", NODE.MESSAGES, sight, "hag66"],
    ["Presence Node Subscription", "admins", NODE.PRESENCE, told, "crone1"],
    ["Presence Node Subscription", "owners", NODE.PRESENCE, told, "hecate"],
    ["Presence Node Subscription", "nobody", NODE.PRESENCE, told, undefined],
    ["Presence Node Subscription", "allowed", NODE.PRESENCE, told, "hag66"],
    ["Participants Node Subscription", "allowed", NODE.PARTICIPANTS, sight, "macbeth"],
    ["Participants Node Subscription", "admins", NODE.PARTICIPANTS, sight, "crone1"],
    ["Participants Node Subscription", "owners", NODE.PARTICIPANTS, sight, "hecate"],
    ["Participants Node Subscription", "nobody", NODE.PARTICIPANTS, told, undefined],
    ["Participants Node Subscription", "nobody", NODE.PARTICIPANTS, ["read"], "hecate"],
    ["Participants Node Subscription", "participants", NODE.PARTICIPANTS, sight, "hag66"],
    ["Information Node Subscription", "admins", NODE.INFO, told, "crone1"],
    ["Information Node Subscription", "admins", NODE.INFO, ["read"], "macbeth"],
    ["Information Node Subscription", "anyone", NODE.INFO, told, "hag66"],
    ["Configuration Node Access", "admins", NODE.CONFIG, sight, "crone1"],
    ["Configuration Node Access", "participants", NODE.CONFIG, sight, "hag66"],
    ["Configuration Node Access", "allowed", NODE.CONFIG, sight, "macbeth"],
    ["Configuration Node Access", "allowed", NODE.CONFIG, change, "hecate"],
    ["Configuration Node Access", "nobody", NODE.CONFIG, told, undefined],
    ["Configuration Node Access", "nobody", NODE.CONFIG, ["read", "publish"], "hecate"],
    ["Information Node Update Rights", "participants", NODE.INFO, change, "hag66"],
    ["Information Node Update Rights", "owners", NODE.INFO, change, "hecate"],
    ["Information Node Update Rights", "admins", NODE.INFO, change, "crone1"],
    ["Banned Node Subscription", "owners", NODE.BANNED, sight, "hecate"],
    ["Banned Node Subscription", "nobody", NODE.BANNED, told, undefined],
    ["Banned Node Subscription", "nobody", NODE.BANNED, change, "crone1"],
    ["Avatar Nodes Update Rights", "participants", NODE.AVATAR_DATA, change, "hag66"],
    ["Avatar Nodes Update Rights", "owners", NODE.AVATAR_METADATA, change, "hecate"],
  ];
  it.each(SET)(
    "%s = %s: %s, %s: no lower than %s",
    {
      tags: [
        "0369-4.7.3/6",
        "0406-2.1/5",
        "0406-2.4/10",
        "0406-2.4/11",
        "0406-2.4/12",
        "0406-2.4/13",
        "0406-2.4/16",
        "0406-2.4/17",
      ],
    },
    async (field, value, node, verbs, last) => {
      expect(outcome(await publishes(hecate, NODE.CONFIG, { [field]: value }))).toBe("result");
      for (const verb of verbs) {
        // To be told of anything one has to join, which whoever may can do.
        const holds = await holders(node, verb);
        expect(holds, verb).toEqual(upTo(last));
      }
    },
  );

  it("are never given on the JID map to participants by letting them see who is in the channel", async () => {
    await publishes(hecate, NODE.CONFIG, { "Participants Node Subscription": "allowed" });
    expect(await holders(NODE.JIDMAP, "read")).toEqual(upTo("crone1"));
  });

  it.each([
    ["Information Node Update Rights", "onwers", "owners"],
    ["Information Node Update Rights", "Admin", "admins"],
    ["Configuration Node Access", "onbody", "nobody"],
    ["Configuration Node Access", "owner", "owners"],
  ])("take %s = %s, as some clients write it, for %s", async (field, written, kept) => {
    expect(outcome(await publishes(hecate, NODE.CONFIG, { [field]: written }))).toBe("result");
    expect((await sheet(hecate, NODE.CONFIG)).values[field]).toEqual([kept]);
  });

  it("are refused when they are none of the XEP's, and the words that are right are named", async () => {
    const reply = await publishes(hecate, NODE.CONFIG, { "Information Node Update Rights": "witches" });
    expect(outcome(reply)).toBe("not-acceptable");
    expect(reason(reply)).toContain('takes "participants", "admins", "owners", not "witches"');
  });
});

describe("rights that shrink", () => {
  it("end the subscriptions they gave, and do not bring them back when they grow again", async () => {
    const { hag66, crone1, config, host } = await coven();
    await config({ "Configuration Node Access": "participants" });
    expect(outcome(await subscribes(hag66, NODE.CONFIG))).toBe("result");
    expect(outcome(await subscribes(crone1, NODE.CONFIG))).toBe("result");
    await config({ "Configuration Node Access": "admins" });
    await config({ "Configuration Node Access": "participants" });
    expect(events(hag66, NODE.CONFIG)).toEqual([]);
    expect(events(crone1, NODE.CONFIG)).toHaveLength(2);
    expect((await host.use(Channels).find("coven"))!.participant(hag66.jid)?.nodes).not.toContain(NODE.CONFIG);
  });

  it("take a node out of disco for those who lose it", async () => {
    const { hag66, crone1, config } = await coven();
    const nodes = async (actor: Actor) => listed(await actor.asks("get", COVEN, disco("items", "mix")), "node");
    expect(await nodes(hag66)).toContain(NODE.PARTICIPANTS);
    await config({ "Participants Node Subscription": "admins" });
    expect(await nodes(hag66)).not.toContain(NODE.PARTICIPANTS);
    expect(await nodes(crone1)).toContain(NODE.PARTICIPANTS);
  });

  it("hide who is online from those who were told before", async () => {
    const { hecate, hag66, config, host } = await coven();
    await subscribes(hag66, NODE.PRESENCE);
    await config({ "Presence Node Subscription": "admins" });
    await host.receive(xml("presence", { from: hecate.client, to: COVEN }));
    expect(hag66.received().filter(({ name }) => name === "presence")).toEqual([]);
  });

  it("keep the list of participants from them also by way of a JID map that is for everybody", async () => {
    const { hecate, hag66, config } = await coven({ visibility: { default: "jid-visible" } });
    expect(outcome(await reads(hag66, NODE.JIDMAP))).toBe("result");
    await config({ "Participants Node Subscription": "admins" });
    expect(outcome(await reads(hag66, NODE.JIDMAP))).toBe("forbidden");
    expect(outcome(await reads(hecate, NODE.JIDMAP))).toBe("result");
  });

  it("are a promise: without the plugin that keeps it the channel is suspended, not opened", async () => {
    const { hag66, hecate, config, host } = await coven();
    await config({ "Participants Node Subscription": "admins" });
    await host.engine.host.disable("admin");
    expect(outcome(await reads(hag66, NODE.PARTICIPANTS))).toBe("service-unavailable");
    await host.engine.host.enable("admin");
    expect(outcome(await reads(hag66, NODE.PARTICIPANTS))).toBe("forbidden");
    await config({ "Participants Node Subscription": "participants" });
    await host.engine.host.disable("admin");
    expect(outcome(await reads(hag66, NODE.PARTICIPANTS))).toBe("result");
    expect(outcome(await reads(hecate, NODE.CONFIG))).toBe("result");
  });
});

describe("what a channel requires", () => {
  it("is not lost to one plugin by what another adds upon the same change", async () => {
    const guardian = definePlugin({
      name: "guardian",
      summary: "Every channel that changes needs it.",
      setup({ on }) {
        on("channel/turned", ({ turn, state, sequel }) => {
          if (turn.state !== state) sequel.amend({ requires: [...sequel.state.requires, "guardian"] });
        });
      },
    });
    const host = testHost([guardian], { plugins: { ...ALL, guardian: {} } });
    const { hecate } = await host.coven("hecate");
    await publishes(hecate, NODE.CONFIG, { "Participants Node Subscription": "admins" });
    const { requires } = (await host.use(Channels).find("coven"))!.state;
    expect(requires).toEqual(expect.arrayContaining(["visibility", "guardian", "admin"]));
  });
});

describe("fields on rights", () => {
  it("are there while the plugin of their node runs, and not without", async () => {
    const { hecate, host, config } = await coven();
    const names = async () => Object.keys((await sheet(hecate, NODE.CONFIG)).values);
    await config({ "Presence Node Subscription": "admins" });
    expect(await names()).toContain("Presence Node Subscription");
    await config({ "Presence Node Subscription": "participants" });
    await host.engine.host.disable("presence");
    expect(await names()).not.toContain("Presence Node Subscription");
    await config({ "Presence Node Subscription": "nonsense" });
    await host.engine.host.enable("presence");
    expect((await sheet(hecate, NODE.CONFIG)).values["Presence Node Subscription"]).toEqual(["participants"]);
  });

  it("let whoever may join read what was said, without anybody's JID", { tags: ["0406-2.4/10"] }, async () => {
    const { hecate, macbeth, config, host } = await coven({ visibility: { default: "jid-visible" } });
    await hecate.says("double, double");
    const query = () => macbeth.asks("set", COVEN, xml("query", { xmlns: NS.MAM }));
    expect(outcome(await query())).toBe("forbidden");
    await config({ "Messages Node Subscription": "allowed" });
    expect(outcome(await query())).toBe("result");
    const told = host.sentTo(macbeth.jid).map(String).join();
    expect(told).toContain("double, double");
    expect(told).not.toContain(hecate.jid);
  });

  it("let administrators change what the channel says of itself, and participants, too, if its owner wants that", {
    tags: ["0406-2.4/17", "0406-3.1/1"],
  }, async () => {
    const { hecate, crone1, hag66, config } = await coven();
    expect(outcome(await publishes(crone1, NODE.INFO, { Name: "Witches Coven" }))).toBe("result");
    expect(outcome(await publishes(hag66, NODE.INFO, { Name: "The Heath" }))).toBe("forbidden");
    await config({ "Information Node Update Rights": "participants" });
    expect(outcome(await publishes(hag66, NODE.INFO, { Name: "The Heath" }))).toBe("result");
    expect((await sheet(hecate)).values.Name).toEqual(["The Heath"]);
  });
});

describe("a configuration that participants may read", () => {
  const people = ["Owner", "Administrator", "Last Change Made By"];

  it("names nobody to them whose JID is hidden from them, in the node and when they are told", {
    tags: ["0406-2.4/4"],
  }, async () => {
    const { hecate, crone1, hag66, config } = await coven();
    await config({ "Configuration Node Access": "participants" });
    await subscribes(hag66, NODE.CONFIG);
    await config({ "Mandatory Nicks": "false" });
    const { values } = await sheet(hag66, NODE.CONFIG);
    expect(values["Mandatory Nicks"]).toEqual(["false"]);
    for (const name of people) expect(values[name], name).toEqual([]);
    expect(events(hag66, NODE.CONFIG).join()).not.toContain("@shakespeare.example");
    const { values: known } = await sheet(crone1, NODE.CONFIG);
    expect(known).toMatchObject({ Owner: [hecate.jid], Administrator: [crone1.jid], [people[2]!]: [hecate.jid] });
  });

  it("names to them those whose JID they are shown anyway, but nobody who is not in the channel", async () => {
    const { hecate, crone1, hag66, config } = await coven({ visibility: { default: "jid-visible" } });
    await config({ "Configuration Node Access": "allowed", Owner: [hecate.jid, jid("prospero")] });
    expect((await sheet(hag66, NODE.CONFIG)).values).toMatchObject({ Owner: [hecate.jid] });
    await crone1.leaves();
    expect((await sheet(hag66, NODE.CONFIG)).values.Administrator).toEqual([]);
  });

  it("names nobody to those who are not in the channel", async () => {
    const { macbeth, config } = await coven({ visibility: { default: "jid-visible" } });
    await config({ "Configuration Node Access": "allowed" });
    const { values } = await sheet(macbeth, NODE.CONFIG);
    for (const name of people) expect(values[name], name).toEqual([]);
  });
});
