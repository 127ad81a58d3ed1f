import { Channels, definePlugin, NS, xml } from "masque";
import { type Actor, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { COVEN, disco, listed, outcome, reads } from "./replies.ts";

const CAULDRON = "urn:example:nodes:cauldron";

const cauldron = (name = "cauldron", node = CAULDRON) =>
  definePlugin({
    name,
    summary: "A node that says what is in the cauldron.",
    dependsOn: ["channels"],
    setup: ({ get }) =>
      get(Channels).node({
        name: node,
        read: "participants",
        subscribe: "owners",
        *items(channel, { eyes }) {
          for (const id of ["newt", "frog", "bat"]) yield xml("item", { id }, xml("eye", { of: channel.name, eyes }));
        },
      }),
  });

const nodesOf = async (actor: Actor) => listed(await actor.asks("get", COVEN, disco("items", "mix")), "node");
const PLUGINS = { channels: {}, participants: {}, messages: {} };

describe("a node that a plugin brings", () => {
  it("is there while the plugin runs, and as if it had never been afterwards", { tags: ["0369-4.8/1"] }, async () => {
    const { hecate, host } = await testHost([cauldron()], { plugins: PLUGINS }).coven("hecate");
    expect(outcome(await reads(hecate, CAULDRON))).toBe("item-not-found");
    await host.engine.host.enable("cauldron");
    expect(outcome(await reads(hecate, CAULDRON))).toBe("result");
    expect(await nodesOf(hecate)).toContain(CAULDRON);
    await host.engine.host.disable("cauldron");
    expect(outcome(await reads(hecate, CAULDRON))).toBe("item-not-found");
    expect(await nodesOf(hecate)).not.toContain(CAULDRON);
  });

  it("is read, and subscribed to, by whom it says itself", async () => {
    const { hecate, hag66, host } = await testHost([cauldron()]).coven("hecate", "hag66");
    expect(outcome(await reads(hag66, CAULDRON))).toBe("result");
    expect(outcome(await reads(host.actor("macbeth"), CAULDRON))).toBe("forbidden");
    expect(await nodesOf(hag66)).not.toContain(CAULDRON);
    expect(await nodesOf(hecate)).toContain(CAULDRON);
  });

  it("shows its items for the eyes of the one who asks", async () => {
    const { hecate, hag66 } = await testHost([cauldron()]).coven("hecate", "hag66");
    const eyes = async (actor: typeof hecate) =>
      (await reads(actor, CAULDRON)).getChild("pubsub")!.getChild("items")!.getChild("item")!.getChild("eye")!.attrs;
    expect(await eyes(hecate)).toMatchObject({ of: "coven", eyes: "administrator" });
    expect(await eyes(hag66)).toMatchObject({ of: "coven", eyes: "participant" });
  });

  it("cannot be brought by two: the second does not start, and the first is not harmed", {
    tags: ["0369-4.8/1"],
  }, async () => {
    const host = testHost([cauldron(), cauldron("other")]);
    const { hecate } = await host.coven("hecate");
    expect(host.engine.host.status()).toMatchObject({ cauldron: { state: "on" }, other: { state: "failed" } });
    expect(host.engine.host.status().other?.reason).toBe(`The node ${CAULDRON} exists already.`);
    expect(outcome(await reads(hecate, CAULDRON))).toBe("result");
  });
});

describe("reading a node (XEP-0060 §6.5)", () => {
  const ids = (reply: Awaited<ReturnType<typeof reads>>) =>
    reply
      .getChild("pubsub")!
      .getChild("items")!
      .getChildren("item")
      .map(({ attrs }) => attrs.id);

  async function ask(attrs: Record<string, string>, items: string[] = [], set?: ReturnType<typeof xml>) {
    const { hag66 } = await testHost([cauldron()]).coven("hecate", "hag66");
    const wanted = items.map((id) => xml("item", { id }));
    return hag66.asks(
      "get",
      COVEN,
      xml("pubsub", { xmlns: NS.PUBSUB }, xml("items", { node: CAULDRON, ...attrs }, wanted), set),
    );
  }

  it("returns all items", async () => {
    expect(ids(await ask({}))).toEqual(["newt", "frog", "bat"]);
  });

  it("returns the newest, as many as max_items says", async () => {
    expect(ids(await ask({ max_items: "2" }))).toEqual(["frog", "bat"]);
    expect(ids(await ask({ max_items: "9" }))).toEqual(["newt", "frog", "bat"]);
    expect(outcome(await ask({ max_items: "some" }))).toBe("bad-request");
  });

  it("returns those that are asked for by id, and leaves out what is not there", async () => {
    expect(ids(await ask({}, ["bat", "dog", "newt"]))).toEqual(["newt", "bat"]);
  });

  it("returns a page, and says where in the whole it stands (XEP-0059)", async () => {
    const set = xml("set", { xmlns: NS.RSM }, xml("max", {}, "1"), xml("after", {}, "newt"));
    const reply = await ask({}, [], set);
    expect(ids(reply)).toEqual(["frog"]);
    const answer = reply.getChild("pubsub")!.getChild("set", NS.RSM)!;
    expect(answer.getChild("first")?.attrs.index).toBe("1");
    expect(answer.getChildText("last")).toBe("frog");
    expect(answer.getChildText("count")).toBe("3");
  });

  it("returns the last page for an empty before", async () => {
    const set = xml("set", { xmlns: NS.RSM }, xml("max", {}, "2"), xml("before"));
    expect(ids(await ask({}, [], set))).toEqual(["frog", "bat"]);
  });

  it("is item-not-found after an item that is not there", async () => {
    expect(outcome(await ask({}, [], xml("set", { xmlns: NS.RSM }, xml("after", {}, "dog"))))).toBe("item-not-found");
  });
});
