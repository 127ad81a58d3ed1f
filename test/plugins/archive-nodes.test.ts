import { type Element, NODE, NS, xml } from "masque";
import { type Actor, type TestOptions, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { COVEN, item, outcome, publishes, sheet } from "../core/channel/replies.ts";
import { ALL, setMode } from "./coven.ts";

/** hecate, who owns the coven, and hag66 in it, on everything there is. */
async function coven(options: object = {}, rest: TestOptions = {}) {
  const host = testHost([], { plugins: { ...ALL, archive: options }, ...rest });
  const [hecate, hag66] = [host.actor("hecate"), host.actor("hag66")];
  const nodes = [NODE.MESSAGES, NODE.PARTICIPANTS, NODE.INFO, NODE.PRESENCE];
  await hecate.creates("coven");
  for (const actor of [hecate, hag66]) await actor.joins("coven", { nodes });
  return { host, hecate, hag66 };
}

/** The forwarded messages of a node's past, or how the query ended. */
async function past(reader: Actor, node: string, content?: Element): Promise<Element[] | string> {
  const before = reader.received().length;
  const reply = await reader.asks("set", COVEN, xml("query", { xmlns: NS.MAM, node }, content));
  if (outcome(reply) !== "result") return outcome(reply);
  const results = reader.received().slice(before);
  return results.flatMap((each) => {
    const forwarded = each.getChild("result", NS.MAM)?.getChild("forwarded", NS.FORWARD);
    return forwarded?.getChild("message", NS.CLIENT) ?? [];
  });
}

/** The items, and retractions, of a node's past. */
async function items(reader: Actor, node: string): Promise<Element[]> {
  const messages = await past(reader, node);
  if (typeof messages === "string") throw new Error(`${reader.name} cannot read the past of ${node}: ${messages}`);
  return messages.flatMap((message) => {
    const items = message.getChild("event", NS.PUBSUB_EVENT)!.getChild("items")!;
    expect(items.attrs.node).toBe(node);
    return items.getChildElements();
  });
}

describe("the archive of the information node (XEP-0442 §3)", () => {
  it("holds each item that was published, one in a message, as its subscribers were told it", async () => {
    const { hecate, hag66 } = await coven();
    const before = hag66.received().length;
    for (const Name of ["Witches Coven", "Dunsinane"]) await publishes(hecate, NODE.INFO, { Name });
    const told = hag66
      .received()
      .slice(before)
      .map((message) => message.getChild("event", NS.PUBSUB_EVENT)!);
    const messages = (await past(hag66, NODE.INFO)) as Element[];
    expect(messages.map(({ attrs }) => [attrs.from, attrs.type, attrs.to])).toEqual([
      [COVEN, "headline", undefined],
      [COVEN, "headline", undefined],
    ]);
    // Contact holds JIDs, and an archive none.
    const withoutJids = (event: string) => event.replace(/<field var="Contact"[^/>]*(\/>|>.*?<\/field>)/, "");
    expect(messages.map((each) => withoutJids(each.getChild("event")!.toString()))).toEqual(
      told.map((event) => withoutJids(event.toString())),
    );
  });

  it("is read by whoever may read the node, in the generation in which he is spoken to", async () => {
    const { host, hecate } = await coven();
    await publishes(hecate, NODE.INFO, { Name: "Witches Coven", Description: "Not urn:xmpp:mix:core:1" });
    const banquo = host.actor("banquo");
    await banquo.joins("coven", { generation: 0 });
    for (const [reader, formType] of [
      [banquo, NS.MIX_CORE_0],
      [hecate, NS.MIX_CORE_1],
      [host.actor("prospero"), NS.MIX_CORE_1],
    ] as const) {
      const [published] = (await items(reader, NODE.INFO)).map(item);
      expect(published?.formType).toBe(formType);
      expect(published?.values).toMatchObject({ Name: ["Witches Coven"], Description: ["Not urn:xmpp:mix:core:1"] });
    }
  });

  it("is paged, and told about by metadata, as that of messages is", async () => {
    const { hecate } = await coven();
    for (const Name of ["one", "two", "three"]) await publishes(hecate, NODE.INFO, { Name });
    const set = xml("set", { xmlns: NS.RSM }, xml("max", {}, "2"), xml("before"));
    expect(await past(hecate, NODE.INFO, set)).toHaveLength(2);
    const metadata = (node?: string) => hecate.asks("get", COVEN, xml("metadata", { xmlns: NS.MAM, node }));
    expect((await metadata(NODE.INFO)).getChild("metadata")?.getChildElements()).toHaveLength(2);
    expect((await metadata()).getChild("metadata")?.getChildElements()).toEqual([]);
    expect(outcome(await metadata("urn:x:cauldron"))).toBe("item-not-found");
  });

  it("is not there where the operator wants none", async () => {
    const { hecate } = await coven({ nodes: ["config"] });
    await publishes(hecate, NODE.INFO, { Name: "Witches Coven" });
    expect(await past(hecate, NODE.INFO)).toBe("item-not-found");
    expect(await items(hecate, NODE.CONFIG)).toEqual([]);
  });
});

describe("the archive of the configuration node (XEP-0406 §2.4)", () => {
  it("holds earlier configurations for those who may read the node, and for nobody else", async () => {
    const { hecate, hag66 } = await coven();
    await setMode(hecate, "jid-maybe-visible");
    const { id } = await sheet(hecate, NODE.CONFIG);
    await setMode(hecate, "jid-hidden");
    const [first, second] = (await items(hecate, NODE.CONFIG)).map(item);
    expect(first).toMatchObject({ id, formType: NS.MIX_ADMIN, values: { "JID Visibility": ["jid-maybe-visible"] } });
    expect(second?.values["JID Visibility"]).toEqual(["jid-hidden"]);
    expect(await past(hag66, NODE.CONFIG)).toBe("forbidden");
  });

  it("holds no JID", async () => {
    const { host, hecate, hag66 } = await coven();
    await publishes(hecate, NODE.INFO, { Contact: "prospero@shakespeare.example" });
    await publishes(hecate, NODE.CONFIG, { Owner: [hecate.jid, hag66.jid] });
    for (const node of [NODE.INFO, NODE.CONFIG]) {
      expect(await items(hecate, node)).toHaveLength(1);
      expect((await past(hecate, node)).toString().replaceAll(COVEN, "")).not.toContain("@");
    }
    expect(host.faults()).toEqual([]);
  });
});
