import { type Element, NODE, NS, xml } from "masque";
import { type Actor, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { bundled } from "../../plugins/index.ts";
import { COVEN, disco, events, listed, outcome, publishes, reads, reason, sheet } from "../core/channel/replies.ts";

const ALL = Object.fromEntries(bundled.map(({ name }) => [name, {}]));
const PRESENT = "Nodes Present";

async function coven() {
  const host = testHost([], { plugins: ALL });
  const { hecate, hag66 } = await host.coven("hecate", "hag66");
  const present = async () => (await sheet(hecate, NODE.CONFIG)).values[PRESENT] as string[];
  const without = async (...words: string[]) =>
    publishes(hecate, NODE.CONFIG, { [PRESENT]: (await present()).filter((word) => !words.includes(word)) });
  return { host, hecate, hag66, present, without };
}

const nodesOf = async (actor: Actor) => listed(await actor.asks("get", COVEN, disco("items", "mix")), "node");
const subscribes = (actor: Actor, node: string) =>
  actor.asks("set", COVEN, xml("update-subscription", { xmlns: NS.MIX_CORE_1 }, xml("subscribe", { node })));

describe("Nodes Present (XEP-0406 §2.4)", () => {
  it("lists the nodes of running plugins that there are, of those a channel can be without", {
    tags: ["0406-2.4/9"],
  }, async () => {
    const { present, host } = await coven();
    expect(await present()).toEqual(
      expect.arrayContaining(["participants", "presence", "information", "jidmap-visible"]),
    );
    await host.engine.host.disable("presence");
    expect(await present()).not.toContain("presence");
  });

  it("removes a node: it is neither listed nor read, subscribed to nor written to", {
    tags: ["0406-2.4/9"],
  }, async () => {
    const { hecate, without } = await coven();
    expect(outcome(await without("information"))).toBe("result");
    expect(await nodesOf(hecate)).not.toContain(NODE.INFO);
    expect(outcome(await reads(hecate, NODE.INFO))).toBe("item-not-found");
    expect(outcome(await subscribes(hecate, NODE.INFO))).toBe("item-not-found");
    expect(outcome(await publishes(hecate, NODE.INFO, { Name: "Witches Coven" }))).toBe("item-not-found");
  });

  it("tells a removed node's subscribers that it is deleted, and nobody else, and no more after", {
    tags: ["0406-2.4/9"],
  }, async () => {
    const { hecate, hag66, host, without } = await coven();
    const crone1 = host.actor("crone1");
    await crone1.joins("coven", { nodes: [NODE.MESSAGES] });
    await without("information");
    expect(events(hag66, NODE.INFO).map(({ name }) => name)).toEqual(["delete"]);
    expect(events(crone1, NODE.INFO)).toEqual([]);
    await publishes(hecate, NODE.CONFIG, { "JID Visibility": "jid-maybe-visible" });
    expect(events(hag66, NODE.INFO)).toHaveLength(1);
  });

  it("adds a node again, with what it held; but nobody is subscribed to it any more", {
    tags: ["0406-2.4/9"],
  }, async () => {
    const { hecate, hag66, without } = await coven();
    await publishes(hecate, NODE.INFO, { Name: "Witches Coven" });
    const all = (await sheet(hecate, NODE.CONFIG)).values[PRESENT]!;
    await without("information", "presence");
    expect(outcome(await publishes(hecate, NODE.CONFIG, { [PRESENT]: all }))).toBe("result");
    expect((await sheet(hag66)).values.Name).toEqual(["Witches Coven"]);
    expect(await nodesOf(hag66)).toEqual(expect.arrayContaining([NODE.INFO, NODE.PRESENCE]));
    const told = events(hag66, NODE.INFO).length;
    await publishes(hecate, NODE.INFO, { Name: "The Heath" });
    expect(events(hag66, NODE.INFO)).toHaveLength(told);
  });

  it("ends presence for those who were told of it", async () => {
    const { hecate, hag66, host, without } = await coven();
    await subscribes(hag66, NODE.PRESENCE);
    await without("presence");
    await host.receive(xml("presence", { from: hecate.client, to: COVEN }));
    expect(hag66.received().filter(({ name }) => name === "presence")).toEqual([]);
    expect(events(hag66, NODE.PRESENCE).map(({ name }) => name)).toEqual(["delete"]);
  });

  it.each(["participants", "jidmap-visible"])(
    "cannot be without %s: no channel is",
    { tags: ["0406-2.4/9"] },
    async (word) => {
      const { hecate, present, without } = await coven();
      const before = await present();
      const reply = await without(word, "information");
      expect(outcome(reply)).toBe("not-acceptable");
      expect(reason(reply)).toContain(`"Nodes Present" must hold "${word}"`);
      expect(await present()).toEqual(before);
      expect(outcome(await reads(hecate, NODE.INFO))).toBe("result");
    },
  );

  it("says nothing of the node of messages: it cannot be removed", async () => {
    const { hecate, without } = await coven();
    await without("information", "presence");
    expect(outcome(await publishes(hecate, NODE.CONFIG, { [PRESENT]: ["messages"] }))).toBe("not-acceptable");
    expect(await nodesOf(hecate)).toContain(NODE.MESSAGES);
  });

  it("stays as it is in all that is not sent, also of nodes whose plugin is off, and without this plugin", async () => {
    const { hecate, host, present, without } = await coven();
    await without("presence", "information");
    await host.engine.host.disable("presence");
    await publishes(hecate, NODE.CONFIG, { [PRESENT]: [...(await present()), "information"] });
    await host.engine.host.enable("presence");
    expect(await present()).not.toContain("presence");
    await host.engine.host.disable("admin");
    expect(await nodesOf(hecate)).not.toContain(NODE.PRESENCE);
  });

  it("makes and ends the list of who is allowed, which a channel at first has not", async () => {
    const { hecate, present, host } = await coven();
    const list = await present();
    expect(list).not.toContain("allowed");
    await publishes(hecate, NODE.CONFIG, { [PRESENT]: [...list, "allowed"] });
    expect(outcome(await reads(hecate, NODE.ALLOWED))).toBe("result");
    expect(outcome(await host.actor("macbeth").joins("coven"))).toBe("item-not-found");
    await publishes(hecate, NODE.CONFIG, { [PRESENT]: list });
    expect(outcome(await reads(hecate, NODE.ALLOWED))).toBe("item-not-found");
    expect(outcome(await host.actor("macbeth").joins("coven"))).toBe("result");
  });

  it("is as it was after a restart", async () => {
    const { hecate, host, without } = await coven();
    await without("information");
    const { store } = host.engine.registry;
    const again = testHost([], { plugins: ALL, store });
    expect(outcome(await reads(again.actor("hecate"), NODE.INFO))).toBe("item-not-found");
    expect(await nodesOf(again.actor("hecate"))).toContain(NODE.MESSAGES);
    expect(hecate.jid).toBe(again.actor("hecate").jid);
  });
});

describe("the form to fill in (XEP-0406 §3.1, §3.2)", () => {
  const formIn = (reply: Element) =>
    reply.getChild("pubsub")!.getChild("items")!.getChild("item")!.getChild("x", NS.DATA)!;
  const field = (form: Element, name: string) => form.getChildren("field").find(({ attrs }) => attrs.var === name)!;

  it("is read by those who may change the node: with a title, types, labels, choices and what they are now", {
    tags: ["0406-3.1/2", "0406-3.2/1"],
  }, async () => {
    const { hecate } = await coven();
    const form = formIn(await reads(hecate, NODE.CONFIG));
    expect(form.attrs.type).toBe("form");
    expect(form.getChildText("title")).toBe("Configuration Node Modification");
    const right = field(form, "Information Node Update Rights");
    expect(right.attrs).toMatchObject({ type: "list-single", label: "Who may change the information" });
    expect(right.getChildText("value")).toBe("admins");
    expect(right.getChildren("option").map((option) => option.getChildText("value"))).toEqual([
      "participants",
      "admins",
      "owners",
    ]);
    expect(formIn(await reads(hecate, NODE.INFO)).getChildText("title")).toBe("Information Node Modification");
  });

  it("can be sent back as it is, and changes nothing", { tags: ["0406-3.2/1"] }, async () => {
    const { hecate } = await coven();
    const before = await sheet(hecate, NODE.CONFIG);
    expect(outcome(await publishes(hecate, NODE.CONFIG, before.values))).toBe("result");
    const { "Last Change Made By": _, ...after } = (await sheet(hecate, NODE.CONFIG)).values;
    expect(before.values).toMatchObject(after);
  });

  it("is a plain result to those who may only read it, to subscribers, and where nobody can change it", async () => {
    const { hecate, hag66, host } = await coven();
    expect(formIn(await reads(hag66, NODE.INFO)).attrs.type).toBe("result");
    await subscribes(hecate, NODE.CONFIG);
    await publishes(hecate, NODE.CONFIG, { "Mandatory Nicks": "false" });
    const [told] = events(hecate, NODE.CONFIG);
    expect(told!.getChild("item")!.getChild("x", NS.DATA)!.attrs.type).toBe("result");
    await host.engine.host.disable("admin");
    expect(formIn(await reads(hecate, NODE.CONFIG)).attrs.type).toBe("result");
  });
});

describe("affiliations (XEP-0060 §5.7)", () => {
  const asks = (node?: string, verb = "affiliations") => xml("pubsub", { xmlns: NS.PUBSUB }, xml(verb, { node }));
  const affiliations = async (actor: Actor, node?: string) => {
    const found = (await actor.asks("get", COVEN, asks(node))).getChild("pubsub", NS.PUBSUB)!.getChild("affiliations")!;
    return Object.fromEntries(found.getChildren("affiliation").map(({ attrs }) => [attrs.node, attrs.affiliation]));
  };

  it("are what the one who asks is to each node, by what he may do with it", async () => {
    const { hecate, hag66, host } = await coven();
    await publishes(hecate, NODE.CONFIG, { Administrator: "crone1@shakespeare.example" });
    const crone1 = host.actor("crone1");
    expect(await affiliations(hecate)).toMatchObject({ [NODE.CONFIG]: "owner", [NODE.INFO]: "owner" });
    expect(await affiliations(crone1)).toMatchObject({ [NODE.INFO]: "publisher", [NODE.JIDMAP]: "member" });
    expect(await affiliations(crone1)).not.toHaveProperty(NODE.CONFIG);
    const hag = await affiliations(hag66);
    expect(hag).toMatchObject({ [NODE.INFO]: "member", [NODE.PARTICIPANTS]: "member", [NODE.PRESENCE]: "member" });
    expect(Object.keys(hag)).not.toContain(NODE.JIDMAP);
    expect(await affiliations(host.actor("macbeth"))).toEqual({});
  });

  it("are told of one node, of one that is not there as of any that is not there, and are nobody else's", async () => {
    const { hecate, hag66 } = await coven();
    expect(await affiliations(hecate, NODE.CONFIG)).toEqual({ [NODE.CONFIG]: "owner" });
    expect(await affiliations(hag66, NODE.CONFIG)).toEqual({});
    expect(outcome(await hag66.asks("get", COVEN, asks("urn:example:cauldron")))).toBe("item-not-found");
    expect((await hag66.asks("get", COVEN, asks())).toString()).not.toContain(hecate.jid);
  });

  it("cannot be changed by pubsub, and are nobody's business without this plugin", async () => {
    const { hecate, host } = await coven();
    expect(outcome(await hecate.asks("set", COVEN, asks(NODE.INFO)))).toBe("service-unavailable");
    await host.engine.host.disable("admin");
    expect(outcome(await hecate.asks("get", COVEN, asks()))).toBe("service-unavailable");
  });
});
