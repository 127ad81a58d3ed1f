import { Channels, type Element, NODE, NS, xml } from "masque";
import { type Actor, type TestHost, type TestOptions, testHost } from "masque/testing";
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
  it("holds each item that was published, one in a message, as its subscribers were told it", {
    tags: ["0369-4.7.1/1", "0369-4.7.1/3"],
  }, async () => {
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

  it("is read by whoever may read the node, in the generation in which he is spoken to", {
    tags: ["0369-7.2.3/1"],
  }, async () => {
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

  it("is paged, and told about by metadata, as that of messages is", { tags: ["0369-4.7.1/1"] }, async () => {
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
  it("holds earlier configurations for those who may read the node, and for nobody else", {
    tags: ["0369-4.7.1/3", "0406-2.4/1"],
  }, async () => {
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

describe("the archive of the presence node (XEP-0403 §6, XEP-0404 §2.4)", () => {
  const WITH_PRESENCE = { nodes: ["presence"] };
  const says = (host: TestHost, who: Actor, words: string, type = "") =>
    host.receive(`<presence from='${who.client}' to='${COVEN}'${type && ` type='${type}'`}>${words}</presence>`);

  /** What each item says of a client: its words, "gone", and whose JID it shows. */
  const told = async (reader: Actor) =>
    (await items(reader, NODE.PRESENCE)).map((item) => {
      const presence = item.getChild("presence", NS.CLIENT);
      return [
        item.name === "retract" ? "gone" : (presence?.getChildText("show") ?? "online"),
        presence?.getChild("mix", NS.MIX_PRESENCE)?.getChildText("jid") ?? "",
      ];
    });

  it("is none, unless the operator wants it", { tags: ["0403-4.1/2"] }, async () => {
    const { host, hecate, hag66 } = await coven();
    await says(host, hag66, "<show>dnd</show>");
    expect(await past(hecate, NODE.PRESENCE)).toBe("item-not-found");
  });

  it("holds who came, what he said of himself, and who went, once each", {
    tags: ["0369-4.7.1/3", "0403-4.1/2"],
  }, async () => {
    const { host, hecate, hag66 } = await coven(WITH_PRESENCE);
    await says(host, hag66, "<show>dnd</show><status>Making a Brew</status>");
    await says(host, hag66, "<show>dnd</show><status>Making a Brew</status>");
    await says(host, hag66, "<show>away</show>");
    await says(host, hag66, "", "unavailable");
    await says(host, hag66, "");
    await hag66.leaves();
    expect(await told(hecate)).toEqual(["dnd", "away", "gone", "online", "gone"].map((what) => [what, ""]));
    const [first, , third] = await items(hecate, NODE.PRESENCE);
    expect(first?.toString()).toContain("<status>Making a Brew</status>");
    expect(first?.attrs.id).toMatch(new RegExp(`^${hag66.id}#${COVEN}/[a-z0-9]{16}$`));
    expect(third?.attrs.id).toBe(first?.attrs.id);
  });

  it("holds that somebody does not share his presence any more", async () => {
    const { host, hecate, hag66 } = await coven(WITH_PRESENCE);
    await says(host, hag66, "<show>dnd</show>");
    await hag66.prefers({ Presence: "not share" });
    await says(host, hag66, "<show>away</show>");
    expect((await told(hecate)).map(([what]) => what)).toEqual(["dnd", "gone"]);
  });

  it("holds no JID and no resource, and shows the bare JID if it was shown then and may be shown now", {
    tags: ["0403-4.1/2"],
  }, async () => {
    const { host, hecate, hag66 } = await coven(WITH_PRESENCE);
    await says(host, hag66, "<show>dnd</show>");
    await setMode(hecate, "jid-visible");
    await says(host, hag66, "<show>away</show>");
    expect(await told(hecate)).toEqual([
      ["dnd", ""],
      ["away", hag66.jid],
    ]);
    const channel = (await host.use(Channels).find("coven"))!;
    expect(JSON.stringify(await channel.history({ node: NODE.PRESENCE, max: 10 }))).not.toMatch(/hag66@|UUID-hag66/);
    await setMode(hecate, "jid-hidden");
    expect((await told(hecate)).map(([, jid]) => jid)).toEqual(["", ""]);
  });

  it("is for participants alone", async () => {
    const { host, hag66 } = await coven(WITH_PRESENCE);
    expect(await past(host.actor("prospero"), NODE.PRESENCE)).toBe("forbidden");
    await hag66.leaves();
    expect(await past(hag66, NODE.PRESENCE)).toBe("forbidden");
  });

  it("is not there while nobody tells presence, and is there again after", async () => {
    const { host, hecate, hag66 } = await coven(WITH_PRESENCE);
    await says(host, hag66, "<show>dnd</show>");
    await host.engine.host.disable("presence");
    expect(await past(hecate, NODE.PRESENCE)).toBe("item-not-found");
    await host.engine.host.enable("presence");
    expect((await told(hecate)).map(([what]) => what)).toEqual(["dnd"]);
  });
});
