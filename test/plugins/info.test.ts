import { Channels, definePlugin, NODE, NS, xml } from "masque";
import { testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import {
  COVEN,
  disco,
  events,
  form,
  item,
  listed,
  outcome,
  publish,
  publishedId,
  publishes,
  reads,
  reason,
  SERVICE,
  sheet,
} from "../core/channel/replies.ts";

const PLUGINS = { channels: {}, participants: {}, messages: {}, info: {} };
const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const coven = () =>
  testHost([], { plugins: PLUGINS, operators: ["prospero@shakespeare.example"] }).coven("hecate", "hag66");

describe("the information node (XEP-0369 §3.9.3)", () => {
  it("contains a single item from the creation of the channel on, named by the date and time", {
    tags: ["0369-4.7/3", "0369-4.7.4/4"],
  }, async () => {
    const { hag66 } = await coven();
    const { id, values } = await sheet(hag66);
    expect(id).toBe("2016-05-30T09:00:00.000Z");
    expect(values).toEqual({ Name: [], Description: [], Contact: [] });
  });

  it("still contains a single item after many updates", async () => {
    const { hecate } = await coven();
    for (const name of ["Witches Coven", "A Dark Cave", "The Heath"])
      await publishes(hecate, NODE.INFO, { Name: name });
    expect((await sheet(hecate)).values.Name).toEqual(["The Heath"]);
  });

  it("is a form of type result, whose FORM_TYPE is MIX-CORE in the reader's generation", async () => {
    const { hag66, host } = await coven();
    const greymalkin = host.actor("greymalkin");
    await greymalkin.joins("coven", { generation: 0 });
    expect((await sheet(hag66)).formType).toBe(NS.MIX_CORE_1);
    expect((await sheet(greymalkin)).formType).toBe(NS.MIX_CORE_0);
    const reply = await reads(hag66, NODE.INFO);
    const found = reply.getChild("pubsub")?.getChild("items")?.getChild("item")?.getChild("x", NS.DATA);
    expect(found?.attrs.type).toBe("result");
    expect(found?.getChildren("field")[0]?.attrs).toMatchObject({ var: "FORM_TYPE", type: "hidden" });
  });

  it("speaks to its creator, who never joined, in the generation of his create", async () => {
    const host = testHost([], { plugins: PLUGINS });
    const hecate = host.actor("hecate");
    await hecate.creates("coven", 0);
    expect((await sheet(hecate)).formType).toBe(NS.MIX_CORE_0);
    expect((await sheet(host.actor("hag66"))).formType).toBe(NS.MIX_CORE_1);
  });

  it("speaks to others who never joined in the service's default generation", async () => {
    const host = testHost([], { plugins: PLUGINS, defaultGeneration: 0 });
    await host.actor("hecate").creates("coven", 1);
    expect((await sheet(host.actor("hag66"))).formType).toBe(NS.MIX_CORE_0);
  });

  it("may be read by whoever may join", { tags: ["0369-6.5/1"] }, async () => {
    const { hecate, host } = await coven();
    await publishes(hecate, NODE.INFO, { Name: "Witches Coven" });
    expect((await sheet(host.actor("macbeth"))).values.Name).toEqual(["Witches Coven"]);
  });
});

describe("modifying channel information (XEP-0406 §3.1)", () => {
  it("updates the fields with the values provided", {
    tags: ["0369-4.7.4/1", "0369-4.7.4/2", "0369-4.7.4/3"],
  }, async () => {
    const { hecate, hag66 } = await coven();
    const description = "A location not far from the blasted heath where\nthe three witches meet";
    const fields = { Name: "Witches Coven", Description: description, Contact: ["greymalkin@shakespeare.example"] };
    expect(outcome(await publishes(hecate, NODE.INFO, fields))).toBe("result");
    expect((await sheet(hag66)).values).toEqual({
      Name: ["Witches Coven"],
      Description: [description],
      Contact: ["greymalkin@shakespeare.example"],
    });
  });

  it("leaves other fields unchanged", { tags: ["0406-3.1/3"] }, async () => {
    const { hecate } = await coven();
    await publishes(hecate, NODE.INFO, { Name: "Witches Coven", Contact: ["greymalkin@shakespeare.example"] });
    await publishes(hecate, NODE.INFO, { Description: "Where the witches meet" });
    expect((await sheet(hecate)).values).toEqual({
      Name: ["Witches Coven"],
      Description: ["Where the witches meet"],
      Contact: ["greymalkin@shakespeare.example"],
    });
  });

  it("empties a field that is sent without a value", async () => {
    const { hecate } = await coven();
    await publishes(hecate, NODE.INFO, { Name: "Witches Coven", Description: "Where the witches meet" });
    await publishes(hecate, NODE.INFO, { Name: [] });
    expect((await sheet(hecate)).values).toMatchObject({ Name: [], Description: ["Where the witches meet"] });
  });

  it("returns the id used in the information node item", async () => {
    const { hecate } = await coven();
    const id = publishedId(await publishes(hecate, NODE.INFO, { Name: "Witches Coven" }));
    expect(id).toMatch(DATE);
    expect((await sheet(hecate)).id).toBe(id);
  });

  it("names the item by the date and time of the modification", async () => {
    const { hecate, host } = await coven();
    host.clock.advance(60_000);
    expect(publishedId(await publishes(hecate, NODE.INFO, { Name: "A Dark Cave" }))).toBe("2016-05-30T09:01:00.000Z");
  });

  it("names every item later than the one before, also when the clock stands still or goes back", {
    tags: ["0369-4.7.4/4"],
  }, async () => {
    const { hecate, host } = await coven();
    const ids = [(await sheet(hecate)).id];
    for (const step of [0, 0, -3_600_000, 0, 7_200_000, -1]) {
      host.clock.advance(step);
      ids.push(publishedId(await publishes(hecate, NODE.INFO, { Name: `${step}` }))!);
    }
    for (const id of ids) expect(id).toMatch(DATE);
    expect(ids).toEqual([...new Set(ids)].sort());
  });

  it("takes the item in both shapes: directly inside <publish/>, and inside <items/> as XEP-0406 has it", async () => {
    const { hecate } = await coven();
    const x = (name: string) => form({ Name: name }, NS.MIX_CORE_1);
    await hecate.asks("set", COVEN, publish(NODE.INFO, xml("item", {}, x("Witches Coven"))));
    expect((await sheet(hecate)).values.Name).toEqual(["Witches Coven"]);
    await hecate.asks("set", COVEN, publish(NODE.INFO, xml("items", {}, xml("item", {}, x("A Dark Cave")))));
    expect((await sheet(hecate)).values.Name).toEqual(["A Dark Cave"]);
  });

  it.each(["submit", "result", "form"])("takes a form of type %s", async (type) => {
    const { hecate } = await coven();
    const x = form({ Name: "Witches Coven" }, NS.MIX_CORE_1, type);
    expect(outcome(await hecate.asks("set", COVEN, publish(NODE.INFO, xml("item", {}, x))))).toBe("result");
    expect((await sheet(hecate)).values.Name).toEqual(["Witches Coven"]);
  });

  it("takes no form of type cancel", async () => {
    const { hecate } = await coven();
    const x = form({ Name: "Witches Coven" }, NS.MIX_CORE_1, "cancel");
    expect(outcome(await hecate.asks("set", COVEN, publish(NODE.INFO, xml("item", {}, x))))).toBe("bad-request");
    expect((await sheet(hecate)).values.Name).toEqual([]);
  });

  it.each([NS.MIX_CORE_0, NS.MIX_CORE_1])("takes the FORM_TYPE %s", async (formType) => {
    const { hecate } = await coven();
    const x = form({ Name: "Witches Coven" }, formType);
    expect(outcome(await hecate.asks("set", COVEN, publish(NODE.INFO, xml("item", {}, x))))).toBe("result");
    expect((await sheet(hecate)).values.Name).toEqual(["Witches Coven"]);
  });

  it("replaces an item id that the client chose", async () => {
    const { hecate } = await coven();
    const chosen = xml("item", { id: "2036-05-30T09:00:00" }, form({ Name: "Witches Coven" }, NS.MIX_CORE_1));
    const id = publishedId(await hecate.asks("set", COVEN, publish(NODE.INFO, chosen)));
    expect(id).toMatch(/^2016-05-30T09:00:00\.\d{3}Z$/);
    expect((await sheet(hecate)).id).toBe(id);
  });

  it("ignores fields that it does not know (XEP-0004 §3.2)", async () => {
    const { hecate } = await coven();
    expect(outcome(await publishes(hecate, NODE.INFO, { Name: "Coven", Owner: ["x@y.example"], Cauldron: "1" }))).toBe(
      "result",
    );
    expect(Object.keys((await sheet(hecate)).values)).toEqual(["Name", "Description", "Contact"]);
    const channel = await reads(hecate, NODE.CONFIG);
    expect(channel.toString()).not.toContain("x@y.example");
  });

  it("names several mistakes at once, and applies nothing of what stood beside them", {
    tags: ["0406-3.1/3"],
  }, async () => {
    const { hecate } = await coven();
    const { id } = await sheet(hecate);
    const reply = await publishes(hecate, NODE.INFO, {
      Name: ["Witches", "Coven"],
      Description: "Where the witches meet",
      Contact: ["greymalkin@shakespeare.example", "@"],
    });
    expect(outcome(reply)).toBe("not-acceptable");
    expect(reason(reply)).toContain('"Name" takes one value, not 2.');
    expect(reason(reply)).toContain('"Contact" takes JIDs; value 2 is none.');
    expect(await sheet(hecate)).toMatchObject({ id, values: { Name: [], Description: [], Contact: [] } });
  });

  it("is open to owners and operators, and forbidden to everybody else", async () => {
    const { hecate, hag66, host } = await coven();
    const { id } = await sheet(hecate);
    for (const actor of [hag66, host.actor("macbeth")]) {
      expect(outcome(await publishes(actor, NODE.INFO, { Name: "Dunsinane" }))).toBe("forbidden");
    }
    expect((await sheet(hecate)).id).toBe(id);
    expect(outcome(await publishes(host.actor("prospero"), NODE.INFO, { Name: "The Tempest" }))).toBe("result");
    expect((await sheet(hecate)).values.Name).toEqual(["The Tempest"]);
  });

  it("is open to whom a plugin gives the right", async () => {
    const generous = definePlugin({
      name: "generous",
      summary: "Lets everybody change the information.",
      setup: ({ handle }) =>
        handle("node/may", ({ node, verb }) => (node === NODE.INFO && verb === "publish") || undefined),
    });
    const { hag66 } = await testHost([generous], { plugins: { ...PLUGINS, generous: {} } }).coven("hecate", "hag66");
    expect(outcome(await publishes(hag66, NODE.INFO, { Name: "Everybody's" }))).toBe("result");
  });

  it("cannot be done without an item, or without a form in it", { tags: ["0369-5/4"] }, async () => {
    const { hecate } = await coven();
    const empty = await hecate.asks("set", COVEN, publish(NODE.INFO));
    expect(outcome(empty)).toBe("bad-request");
    expect(empty.getChild("error")?.getChild("item-required", NS.PUBSUB_ERRORS)).toBeDefined();
    expect(outcome(await hecate.asks("set", COVEN, publish(NODE.INFO, xml("item"))))).toBe("bad-request");
  });

  it("must name a node (XEP-0060 §7.1.3)", { tags: ["0369-5/4"] }, async () => {
    const { hecate } = await coven();
    const nameless = xml("pubsub", { xmlns: NS.PUBSUB }, xml("publish", {}, xml("item")));
    const reply = await hecate.asks("set", COVEN, nameless);
    expect(outcome(reply)).toBe("bad-request");
    expect(reply.getChild("error")?.getChild("nodeid-required", NS.PUBSUB_ERRORS)).toBeDefined();
  });

  it("knows no node that does not exist (XEP-0060 §7.1.3)", async () => {
    const { hecate } = await coven();
    expect(outcome(await publishes(hecate, "urn:example:cauldron", { Name: "x" }))).toBe("item-not-found");
  });

  it("is a set: a get that publishes is not allowed, and publishes nothing", async () => {
    const { hecate } = await coven();
    const reply = await hecate.asks(
      "get",
      COVEN,
      publish(NODE.INFO, xml("item", {}, form({ Name: "x" }, NS.MIX_CORE_1))),
    );
    expect(outcome(reply)).toBe("not-allowed");
    expect((await sheet(hecate)).values.Name).toEqual([]);
  });

  it("does not let the one item be taken back", async () => {
    const { hecate } = await coven();
    const { id } = await sheet(hecate);
    const retract = xml("pubsub", { xmlns: NS.PUBSUB }, xml("retract", { node: NODE.INFO }, xml("item", { id })));
    expect(outcome(await hecate.asks("set", COVEN, retract))).toBe("not-allowed");
    expect((await sheet(hecate)).id).toBe(id);
  });

  it("keeps what is published by two at the same moment, one after the other", async () => {
    const { hecate, host } = await coven();
    const push = (name: string, fields: Record<string, string>) => {
      const payload = publish(NODE.INFO, xml("item", {}, form(fields, NS.MIX_CORE_1)));
      host.push(xml("iq", { type: "set", id: "p", from: `${name}@shakespeare.example/a`, to: COVEN }, payload));
    };
    push("hecate", { Name: "Witches Coven" });
    push("prospero", { Description: "Where the witches meet" });
    await host.settled();
    expect((await sheet(hecate)).values).toMatchObject({
      Name: ["Witches Coven"],
      Description: ["Where the witches meet"],
    });
  });
});

describe("updates of the information", () => {
  it("are received by those who subscribed to the node, each in his generation", {
    tags: ["0369-4.7.4/5"],
  }, async () => {
    const { hecate, hag66, host } = await coven();
    const greymalkin = host.actor("greymalkin");
    await greymalkin.joins("coven", { generation: 0 });
    const id = publishedId(await publishes(hecate, NODE.INFO, { Name: "Witches Coven" }))!;
    for (const [reader, formType] of [
      [hag66, NS.MIX_CORE_1],
      [greymalkin, NS.MIX_CORE_0],
    ] as const) {
      const told = events(reader, NODE.INFO);
      expect(told).toHaveLength(1);
      expect(told[0]!.getChildren("item").map(item)).toEqual([
        { id, formType, values: { Name: ["Witches Coven"], Description: [], Contact: [] } },
      ]);
    }
  });

  it("come from the channel, as headlines or without a type, to the bare JID", async () => {
    const { hecate, hag66 } = await coven();
    await publishes(hecate, NODE.INFO, { Name: "Witches Coven" });
    const [told] = hag66.received().filter((stanza) => stanza.toString().includes("Witches Coven"));
    expect(told?.attrs).toMatchObject({ from: COVEN, to: hag66.jid });
    expect([undefined, "headline"]).toContain(told?.attrs.type);
  });

  it("are not received by a participant who did not subscribe, nor by one outside", async () => {
    const { hecate, host } = await coven();
    const thirdwitch = host.actor("thirdwitch");
    await thirdwitch.joins("coven", { nodes: [NODE.MESSAGES] });
    await publishes(hecate, NODE.INFO, { Name: "Witches Coven" });
    expect(events(thirdwitch, NODE.INFO)).toEqual([]);
    expect(host.sent().join()).not.toContain("macbeth");
  });

  it("are not received of a refused publish", async () => {
    const { hecate, hag66 } = await coven();
    await publishes(hecate, NODE.INFO, { Name: ["Witches", "Coven"] });
    expect(events(hag66, NODE.INFO)).toEqual([]);
  });
});

describe("fields of third parties", () => {
  const motto = definePlugin({
    name: "motto",
    summary: "A channel has a motto.",
    dependsOn: ["channels"],
    setup: ({ get }) =>
      void get(Channels).field("Motto", { sheet: "info", type: "text-single", label: "Motto", initial: "Double" }),
  });

  it("appear with their plugin, vanish with it, and keep their value meanwhile", async () => {
    const { hecate, host } = await testHost([motto], { plugins: PLUGINS }).coven("hecate");
    expect((await sheet(hecate)).values).not.toHaveProperty("Motto");
    await host.engine.host.enable("motto");
    expect((await sheet(hecate)).values.Motto).toEqual(["Double"]);
    await publishes(hecate, NODE.INFO, { Motto: "Fair is foul" });
    expect((await sheet(hecate)).values.Motto).toEqual(["Fair is foul"]);
    await host.engine.host.disable("motto");
    expect((await sheet(hecate)).values).not.toHaveProperty("Motto");
    expect(outcome(await publishes(hecate, NODE.INFO, { Motto: "Foul is fair" }))).toBe("result");
    await host.engine.host.enable("motto");
    expect((await sheet(hecate)).values.Motto).toEqual(["Fair is foul"]);
  });
});

describe("without the plugin info", () => {
  it("the node is read, and nobody can write to it", async () => {
    const { hecate, host } = await coven();
    await publishes(hecate, NODE.INFO, { Name: "Witches Coven" });
    await host.engine.host.disable("info");
    expect((await sheet(hecate)).values.Name).toEqual(["Witches Coven"]);
    expect(outcome(await publishes(hecate, NODE.INFO, { Name: "A Dark Cave" }))).toBe("not-allowed");
    expect((await sheet(hecate)).values.Name).toEqual(["Witches Coven"]);
    expect(listed(await hecate.asks("get", SERVICE, disco("items")))).toEqual([COVEN]);
  });
});
