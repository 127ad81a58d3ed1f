import { createHash } from "node:crypto";
import { Channels, type Element, NODE, NS, xml } from "masque";
import { type Actor, emptyStore, type TestOptions, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import {
  COVEN,
  disco,
  events,
  features,
  listed,
  outcome,
  publish,
  publishes,
  reads,
  reason,
  sheet,
} from "../core/channel/replies.ts";
import { ALL, during } from "./coven.ts";

const DATA = NODE.AVATAR_DATA;
const METADATA = NODE.AVATAR_METADATA;
const BEGINNINGS = {
  "image/png": "89504e470d0a1a0a0000000d49484452",
  "image/jpeg": "ffd8ffe000104a464946",
  "image/gif": "474946383961",
  "image/webp": "524946462400000057454250",
  "image/bmp": "424d3600",
};

interface Picture {
  readonly id: string;
  readonly bytes: string;
  readonly type: string;
  readonly text: string;
}

/** A picture of a type that has so many bytes, and others for another seed. */
function picture(type: keyof typeof BEGINNINGS = "image/png", size = 64, seed = 0): Picture {
  const bytes = Buffer.concat([Buffer.from(BEGINNINGS[type], "hex"), Buffer.alloc(size, seed)]).subarray(0, size);
  const id = createHash("sha1").update(bytes).digest("hex");
  return { id, bytes: String(size), type, text: bytes.toString("base64") };
}

const CAULDRON = picture();
const BROOM = picture("image/jpeg", 100, 1);

async function coven(options: TestOptions = {}) {
  const { host, hecate, hag66 } = await testHost([], { plugins: ALL, ...options }).coven("hecate", "hag66");
  const more = [DATA, METADATA].map((node) => xml("subscribe", { node }));
  await hag66.asks("set", COVEN, xml("update-subscription", { xmlns: NS.MIX_CORE_1 }, more));
  return { host, hecate, hag66 };
}

function publishesData(actor: Actor, { id, text }: Picture, itemId: string | undefined = id): Promise<Element> {
  return actor.asks("set", COVEN, publish(DATA, xml("item", { id: itemId }, xml("data", { xmlns: DATA }, text))));
}

function info({ id, bytes, type }: Picture, more: Record<string, string> = {}): Element {
  return xml("info", { id, bytes, type, ...more });
}

function publishesMetadata(actor: Actor, id: string | undefined, ...infos: Element[]): Promise<Element> {
  return actor.asks("set", COVEN, publish(METADATA, xml("item", { id }, xml("metadata", { xmlns: METADATA }, infos))));
}

/** Publishes the picture, and that it is the channel's. */
async function shows(actor: Actor, picture: Picture): Promise<void> {
  await publishesData(actor, picture);
  expect(outcome(await publishesMetadata(actor, picture.id, info(picture)))).toBe("result");
}

function retracts(actor: Actor, node: string, id?: string): Promise<Element> {
  const retract = xml("retract", { node }, id !== undefined && xml("item", { id }));
  return actor.asks("set", COVEN, xml("pubsub", { xmlns: NS.PUBSUB }, retract));
}

async function items(actor: Actor, node: string): Promise<string[]> {
  const reply = await reads(actor, node);
  const found = reply.getChild("pubsub", NS.PUBSUB)?.getChild("items")?.getChildren("item") ?? [];
  return [outcome(reply), ...found.map(String)];
}

const ids = async (actor: Actor, node: string) =>
  (await items(actor, node)).slice(1).map((each) => /id="([^"]*)"/.exec(each)?.[1]);

describe("a channel's avatar (XEP-0407 §Avatar Publishing, XEP-0084)", () => {
  it("is not changed by one who managed the channel when he sent it, and does not when it is his turn", async () => {
    const { host, hecate, hag66 } = await coven();
    await publishes(hecate, NODE.CONFIG, { Administrator: [hag66.jid] });
    const channel = (await host.use(Channels).find("coven"))!;
    let go = () => {};
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    const before = channel.update(() => held);
    const demotion = publishes(hecate, NODE.CONFIG, { Administrator: [] });
    await new Promise((resolve) => setImmediate(resolve));
    const picture = publish(DATA, xml("item", { id: CAULDRON.id }, xml("data", { xmlns: DATA }, CAULDRON.text)));
    host.push(xml("iq", { type: "set", from: hag66.client, to: COVEN, id: "late" }, picture));
    await new Promise((resolve) => setImmediate(resolve));
    go();
    await Promise.all([before, demotion]);
    await host.settled();
    expect(outcome(hag66.received().find(({ attrs }) => attrs.id === "late"))).toBe("forbidden");
    expect(await ids(hecate, DATA)).toEqual([]);
  });

  it("is published as data, then told of by metadata, and read by whoever may join", {
    tags: ["0369-3/6", "0407-2/1", "0407-2/2"],
  }, async () => {
    const { host, hecate } = await coven();
    expect((await publishesData(hecate, CAULDRON)).getChild("pubsub")?.toString()).toContain(CAULDRON.id);
    await publishesMetadata(hecate, CAULDRON.id, info(CAULDRON, { width: "64", height: "48" }));
    const banquo = host.actor("banquo");
    expect(await items(banquo, METADATA)).toEqual([
      "result",
      `<item id="${CAULDRON.id}"><metadata xmlns="${METADATA}"><info id="${CAULDRON.id}" type="image/png" bytes="64" width="64" height="48"/></metadata></item>`,
    ]);
    const data = `<item id="${CAULDRON.id}"><data xmlns="${DATA}">${CAULDRON.text}</data></item>`;
    expect(await items(banquo, DATA)).toEqual(["result", data]);
  });

  it("is had by its id (XEP-0084 §3.4)", async () => {
    const { hecate, hag66 } = await coven();
    for (const each of [CAULDRON, BROOM]) await publishesData(hecate, each);
    const wanted = xml("items", { node: DATA }, xml("item", { id: BROOM.id }));
    const reply = await hag66.asks("get", COVEN, xml("pubsub", { xmlns: NS.PUBSUB }, wanted));
    const found = reply.getChild("pubsub", NS.PUBSUB)?.getChild("items")?.getChildren("item") ?? [];
    expect(found.map(({ attrs }) => attrs.id)).toEqual([BROOM.id]);
  });

  it("is told to those who are subscribed: what it is, and of the picture no more than its id", {
    tags: ["0407-2/1"],
  }, async () => {
    const { hecate, hag66 } = await coven();
    await shows(hecate, CAULDRON);
    expect(events(hag66, DATA).map(String)).toEqual([`<items node="${DATA}"><item id="${CAULDRON.id}"/></items>`]);
    const [told, ...more] = events(hag66, METADATA);
    expect(more).toEqual([]);
    expect(told?.getChild("item")?.toString()).toBe((await items(hag66, METADATA))[1]);
    expect(events(hecate, METADATA)).toEqual([]);
  });

  it("has two nodes and two features", async () => {
    const { host, hecate } = await coven();
    expect(listed(await hecate.asks("get", COVEN, disco("items", "mix")), "node")).toEqual(
      expect.arrayContaining([DATA, METADATA]),
    );
    expect(features(await hecate.asks("get", COVEN, disco("info")))).toEqual(expect.arrayContaining([DATA, METADATA]));
    await host.engine.host.disable("avatar");
    expect(features(await hecate.asks("get", COVEN, disco("info")))).not.toContain(METADATA);
  });

  it("is not there at first", async () => {
    const { hag66 } = await coven();
    for (const node of [DATA, METADATA]) expect(await items(hag66, node)).toEqual(["result"]);
  });

  it("is published by none who has no right to", async () => {
    const { hag66 } = await coven();
    expect(outcome(await publishesData(hag66, CAULDRON))).toBe("forbidden");
    expect(outcome(await publishesMetadata(hag66, undefined))).toBe("forbidden");
    for (const node of [DATA, METADATA]) expect(outcome(await retracts(hag66, node, CAULDRON.id))).toBe("forbidden");
  });

  it("is there after a restart, and after its plugin was off", async () => {
    const store = await emptyStore();
    const { host, hecate } = await coven({ store });
    await shows(hecate, CAULDRON);
    const before = [await items(hecate, DATA), await items(hecate, METADATA)];
    await host.engine.host.disable("avatar");
    expect(outcome(await reads(hecate, METADATA))).toBe("item-not-found");
    await host.stop();
    const again = await testHost([], { plugins: ALL, store }).start();
    const reader = again.actor("hag66");
    expect([await items(reader, DATA), await items(reader, METADATA)]).toEqual(before);
    await again.stop();
    await store.close();
  });

  it("is gone with its channel", async () => {
    const { hecate, host } = await coven();
    await shows(hecate, CAULDRON);
    await hecate.asks("set", "mix.shakespeare.example", xml("destroy", { xmlns: NS.MIX_CORE_1, channel: "coven" }));
    await hecate.creates("coven");
    for (const node of [DATA, METADATA]) expect(await items(host.actor("banquo"), node)).toEqual(["result"]);
  });
});

describe("a new avatar", () => {
  it("takes the place of the old one, whose pictures are forgotten", { tags: ["0407-2/2"] }, async () => {
    const { hecate, hag66 } = await coven();
    await shows(hecate, CAULDRON);
    const told = await during(hag66, () => shows(hecate, BROOM));
    expect(await ids(hag66, DATA)).toEqual([BROOM.id]);
    expect(await ids(hag66, METADATA)).toEqual([BROOM.id]);
    expect(told.map(String).join()).toContain(`<retract id="${CAULDRON.id}"/>`);
  });

  it("may have several pictures, and keeps those it names", async () => {
    const { hecate, hag66 } = await coven();
    const small = picture("image/png", 32, 7);
    for (const each of [CAULDRON, BROOM, small]) await publishesData(hecate, each);
    await publishesMetadata(hecate, CAULDRON.id, info(CAULDRON), info(BROOM));
    expect(await ids(hag66, DATA)).toEqual([CAULDRON.id, BROOM.id]);
  });

  it("keeps what is shown while pictures are published that nobody is told of, and not all of those", async () => {
    const { hecate, hag66 } = await coven();
    await shows(hecate, CAULDRON);
    for (let seed = 1; seed <= 20; seed++) await publishesData(hecate, picture("image/png", 64, seed));
    const kept = await ids(hag66, DATA);
    expect(kept).toContain(CAULDRON.id);
    expect(kept).toContain(picture("image/png", 64, 20).id);
    expect(kept.length).toBeLessThanOrEqual(8);
  });

  it("has so many pictures at most, whoever publishes one more each time", async () => {
    const { hecate, hag66 } = await coven();
    const pictures = Array.from({ length: 9 }, (_, seed) => picture("image/png", 64, seed + 1));
    const outcomes: string[] = [];
    for (const [at, each] of pictures.entries()) {
      await publishesData(hecate, each);
      const infos = pictures.slice(0, at + 1).map((picture) => info(picture));
      outcomes.push(outcome(await publishesMetadata(hecate, each.id, ...infos)));
    }
    expect(outcomes).toEqual([...Array(8).fill("result"), "policy-violation"]);
    expect(await ids(hag66, METADATA)).toEqual([pictures[7]!.id]);
  });

  it("may be the same again", async () => {
    const { hecate, hag66 } = await coven();
    for (const _ of [1, 2]) await shows(hecate, CAULDRON);
    expect(await ids(hag66, DATA)).toEqual([CAULDRON.id]);
  });
});

describe("no avatar", () => {
  it("is metadata without any <info/> (XEP-0084 §3.5), which is told, and forgets the pictures", async () => {
    const { hecate, hag66 } = await coven();
    await shows(hecate, CAULDRON);
    const told = await during(hag66, () => publishesMetadata(hecate, undefined));
    const empty = `<item id="none"><metadata xmlns="${METADATA}"/></item>`;
    expect(told.map(String).join()).toContain(empty);
    expect(await items(hag66, METADATA)).toEqual(["result", empty]);
    expect(await items(hag66, DATA)).toEqual(["result"]);
  });

  it("comes of retracting the metadata, too", async () => {
    const { hecate, hag66 } = await coven();
    await shows(hecate, CAULDRON);
    const told = await during(hag66, () => retracts(hecate, METADATA, CAULDRON.id));
    expect(told.map(String).join()).toContain(`<items node="${METADATA}"><retract id="${CAULDRON.id}"/></items>`);
    for (const node of [DATA, METADATA]) expect(await items(hag66, node)).toEqual(["result"]);
  });

  it("does not come of retracting a picture that is shown; another may go", async () => {
    const { hecate, hag66 } = await coven();
    await shows(hecate, CAULDRON);
    await publishesData(hecate, BROOM);
    expect(outcome(await retracts(hecate, DATA, CAULDRON.id))).toBe("conflict");
    expect(outcome(await retracts(hecate, DATA, BROOM.id))).toBe("result");
    expect(await ids(hag66, DATA)).toEqual([CAULDRON.id]);
  });

  it.each([DATA, METADATA])("can be retracted only where there is one: %s", async (node) => {
    const { hecate } = await coven();
    expect(outcome(await retracts(hecate, node, CAULDRON.id))).toBe("item-not-found");
    expect(outcome(await retracts(hecate, node))).toBe("bad-request");
  });
});

describe("a picture is refused, in words,", () => {
  const small = { plugins: { ...ALL, avatar: { largest: "1 KiB", types: ["image/png", "image/gif"] } } };

  it.each<[string, Picture, string | undefined, string, RegExp]>([
    ["when its id is not its hash", CAULDRON, BROOM.id, "bad-request", /SHA-1/],
    ["when it has no id", CAULDRON, "", "bad-request", /SHA-1/],
    ["when it is no Base64", { ...CAULDRON, text: "Double, double!" }, CAULDRON.id, "bad-request", /Base64/],
    ["when it is empty", { ...CAULDRON, text: "" }, CAULDRON.id, "bad-request", /Base64/],
    [
      "when it is of no type that is known",
      picture("image/bmp"),
      undefined,
      "not-acceptable",
      /image\/png, image\/gif/,
    ],
    [
      "when it is of a type that the operator does not want",
      BROOM,
      undefined,
      "not-acceptable",
      /image\/png, image\/gif/,
    ],
    ["when it is too large", picture("image/png", 1025), undefined, "not-acceptable", /1024 bytes/],
    ["when it is much too large", picture("image/png", 9000), undefined, "not-acceptable", /1024 bytes/],
  ])("%s", async (_, given, id, condition, words) => {
    const { hecate } = await coven(small);
    const refused = await publishesData(hecate, given, id);
    expect(outcome(refused)).toBe(condition);
    expect(reason(refused)).toMatch(words);
    expect(await items(hecate, DATA)).toEqual(["result"]);
  });

  it.each(["image/png", "image/jpeg", "image/gif", "image/webp"] as const)("but not one of type %s", async (type) => {
    const { hecate } = await coven();
    expect(outcome(await publishesData(hecate, picture(type, 80)))).toBe("result");
  });

  it("and not one that is as large as it may be, with line feeds (XEP-0084 §4.1)", async () => {
    const { hecate } = await coven(small);
    const largest = picture("image/png", 1024);
    const lines = { ...largest, text: largest.text.replace(/.{76}/g, "$&\n") };
    expect(outcome(await publishesData(hecate, lines))).toBe("result");
    expect((await items(hecate, DATA))[1]).toContain(`>${largest.text}<`);
  });
});

describe("metadata are refused, in words,", () => {
  it.each<[string, string | undefined, Element[], string, RegExp]>([
    ["of a picture that is not there", BROOM.id, [info(BROOM)], "item-not-found", /publish it there first/],
    [
      "of a picture elsewhere",
      CAULDRON.id,
      [info(CAULDRON, { url: "http://spy.example/" })],
      "not-acceptable",
      /elsewhere/,
    ],
    ["of another size", CAULDRON.id, [info(CAULDRON, { bytes: "65" })], "bad-request", /has 64 bytes/],
    ["of another type", CAULDRON.id, [info(CAULDRON, { type: "image/gif" })], "bad-request", /type image\/png/],
    ["with a width that is none", CAULDRON.id, [info(CAULDRON, { width: "wide" })], "bad-request", /width/],
    ["under another id", "current", [info(CAULDRON)], "bad-request", /one of its pictures/],
    ["that say the same twice", CAULDRON.id, [info(CAULDRON), info(CAULDRON)], "bad-request", /enough/],
    ["that point elsewhere", CAULDRON.id, [info(CAULDRON), xml("pointer")], "not-acceptable", /nothing but/],
  ])("%s", async (_, id, infos, condition, words) => {
    const { hecate } = await coven();
    await publishesData(hecate, CAULDRON);
    const refused = await publishesMetadata(hecate, id, ...infos);
    expect(outcome(refused)).toBe(condition);
    expect(reason(refused)).toMatch(words);
    expect(await items(hecate, METADATA)).toEqual(["result"]);
  });

  it("when they are none at all", async () => {
    const { hecate } = await coven();
    expect(outcome(await hecate.asks("set", COVEN, publish(METADATA, xml("item", {}))))).toBe("bad-request");
    expect(outcome(await hecate.asks("set", COVEN, publish(METADATA)))).toBe("bad-request");
  });
});

describe("who may change the avatar (XEP-0406, Avatar Nodes Update Rights)", () => {
  it("is an administrator, unless its owner says otherwise", { tags: ["0406-2.4/18"] }, async () => {
    const { hecate, hag66 } = await coven();
    await publishes(hecate, NODE.CONFIG, { Administrator: hag66.jid });
    await shows(hag66, CAULDRON);
    await publishes(hecate, NODE.CONFIG, { "Avatar Nodes Update Rights": "owners" });
    expect(outcome(await publishesData(hag66, BROOM))).toBe("forbidden");
    await publishes(hecate, NODE.CONFIG, { Administrator: [], "Avatar Nodes Update Rights": "participants" });
    await shows(hag66, BROOM);
  });

  it("is nobody while the nodes are not present", async () => {
    const { hecate, hag66 } = await coven();
    await shows(hecate, CAULDRON);
    const present = (await sheet(hecate, NODE.CONFIG)).values["Nodes Present"] as string[];
    expect(present).toContain("avatar");
    await publishes(hecate, NODE.CONFIG, { "Nodes Present": present.filter((each) => each !== "avatar") });
    for (const node of [DATA, METADATA]) expect(outcome(await reads(hag66, node))).toBe("item-not-found");
    expect(outcome(await publishesData(hecate, BROOM))).toBe("item-not-found");
    await publishes(hecate, NODE.CONFIG, { "Nodes Present": present });
    expect(outcome(await publishesData(hecate, BROOM))).toBe("result");
  });
});
