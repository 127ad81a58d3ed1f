import { Channels, CORE, definePlugin, type Element, MIX_NAMESPACES, NODE, NS, xml } from "masque";
import { type Actor, emptyStore, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import {
  COVEN,
  disco,
  events,
  features,
  listed,
  outcome,
  reads,
  reason,
  SERVICE,
  sheet,
} from "../core/channel/replies.ts";

const PLUGINS = { channels: {}, participants: {}, messages: {}, archive: {}, info: {} };
const create = (channel?: string, xmlns: string = NS.MIX_CORE_1) => xml("create", { xmlns, channel });
const destroy = (channel?: string, xmlns: string = NS.MIX_CORE_1) => xml("destroy", { xmlns, channel });
const identities = (reply: Element) =>
  reply
    .getChild("query")!
    .getChildren("identity")
    .map(({ attrs }) => attrs);

function service(channels: object = {}, operators: readonly string[] = []) {
  return testHost([], { plugins: { ...PLUGINS, channels }, operators });
}

/** Asks the service for a page of its channels (XEP-0059). */
function page(actor: Actor, ...set: Element[]): Promise<Element> {
  return actor.asks("get", SERVICE, disco("items", undefined, xml("set", { xmlns: NS.RSM }, set)));
}

function setIn(reply: Element): Element {
  return reply.getChild("query")!.getChild("set", NS.RSM)!;
}

describe("discovering the service (XEP-0369 §6.1)", () => {
  it("returns an identity with the category conference, the type mix and the service's name", {
    tags: ["0369-6.1/1"],
  }, async () => {
    const reply = await service().actor("hag66").asks("get", SERVICE, disco("info"));
    expect(identities(reply)).toEqual([{ category: "conference", type: "mix", name: "Shakespearean Chat Service" }]);
  });

  it("returns the feature of MIX-CORE in both generations, and disco's own two", {
    tags: ["0369-6.1/1", "0369.11-6.1/1"],
  }, async () => {
    const reply = await service().actor("hag66").asks("get", SERVICE, disco("info"));
    expect(features(reply)).toEqual(expect.arrayContaining([...CORE, NS.DISCO_INFO, NS.DISCO_ITEMS]));
  });

  it("names each feature once, by its var and without children (XEP-0030 §3.1)", async () => {
    const reply = await service().actor("hag66").asks("get", SERVICE, disco("info"));
    expect(new Set(features(reply)).size).toBe(features(reply).length);
    for (const feature of reply.getChild("query")!.getChildren("feature")) expect(feature.children).toEqual([]);
  });

  it("indicates that it may be searched for channels, in both generations", { tags: ["0369-6.1/2"] }, async () => {
    const reply = await service().actor("hag66").asks("get", SERVICE, disco("info"));
    expect(features(reply)).toEqual(expect.arrayContaining(CORE.map((core) => `${core}#searchable`)));
  });

  it("says that it gives results in pages (XEP-0059 §4), and so do its channels", async () => {
    const { hecate } = await service().coven("hecate");
    for (const address of [SERVICE, COVEN]) {
      expect(features(await hecate.asks("get", address, disco("info")))).toContain(NS.RSM);
    }
  });

  it("does not advertise MAM, which its channels support and not the service", { tags: ["0369-6.1/4"] }, async () => {
    const reply = await service().actor("hag66").asks("get", SERVICE, disco("info"));
    expect(features(reply).filter((feature) => feature.startsWith("urn:xmpp:mam"))).toEqual([]);
  });

  it("does not advertise PubSub, for it is not a generic PubSub service", { tags: ["0369-6.1/5"] }, async () => {
    const reply = await service().actor("hag66").asks("get", SERVICE, disco("info"));
    expect(features(reply).filter((feature) => feature.startsWith(NS.PUBSUB))).toEqual([]);
  });

  it("also calls itself conference/text, as MIX-CORE 0.11 has it, where the operator wants that", {
    tags: ["0369.11-6.1/2"],
  }, async () => {
    const reply = await service({ text_identity: true }).actor("hag66").asks("get", SERVICE, disco("info"));
    expect(identities(reply).map(({ category, type }) => `${category}/${type}`)).toEqual([
      "conference/mix",
      "conference/text",
    ]);
  });

  it("has no nodes of its own: disco about one is item-not-found (XEP-0030 §7)", async () => {
    const hag66 = service().actor("hag66");
    expect(outcome(await hag66.asks("get", SERVICE, disco("info", "mix")))).toBe("item-not-found");
    expect(outcome(await hag66.asks("get", SERVICE, disco("items", "mix")))).toBe("item-not-found");
  });
});

describe("checking for permission to create a channel (XEP-0369 §7.3.1)", () => {
  const mayCreate = (reply: Element) => CORE.map((core) => features(reply).includes(`${core}#create-channel`));

  it("returns #create-channel in both generations to a user who is able to create a channel", {
    tags: ["0369-6.1/3", "0369-7.3.1/1"],
  }, async () => {
    expect(mayCreate(await service().actor("hag66").asks("get", SERVICE, disco("info")))).toEqual([true, true]);
  });

  it.each<[string, string[], string[]]>([
    ["operators", ["operators"], ["prospero"]],
    ["one domain", ["shakespeare.example"], ["hecate", "prospero"]],
    ["one person", ["hecate@shakespeare.example"], ["hecate", "prospero"]],
    ["one person, written in another case", ["Hecate@Shakespeare.Example"], ["hecate", "prospero"]],
    ["nobody but operators, by an empty list", [], ["prospero"]],
    ["another domain, which is no part of this one", ["example"], ["prospero"]],
  ])(
    "returns it only to those who may create channels, and lets only them: %s",
    { tags: ["0369-6.1/3", "0369-7.3.1/1"] },
    async (_, creators, able) => {
      const host = service({ creators }, ["Prospero@Shakespeare.Example"]);
      for (const name of ["hecate", "prospero"]) {
        const actor = host.actor(name);
        const expected = able.includes(name);
        expect(mayCreate(await actor.asks("get", SERVICE, disco("info")))).toEqual([expected, expected]);
        expect(outcome(await actor.creates(`of-${name}`))).toBe(expected ? "result" : "forbidden");
        expect(outcome(await actor.creates())).toBe(expected ? "result" : "forbidden");
      }
    },
  );
});

describe("discovering the channels on a service (XEP-0369 §6.2)", () => {
  it("returns the address of every channel, in order", async () => {
    const hecate = service().actor("hecate");
    for (const name of ["wizards", "coven", "spells"]) await hecate.creates(name);
    const reply = await hecate.asks("get", SERVICE, disco("items"));
    expect(listed(reply)).toEqual([COVEN, `spells@${SERVICE}`, `wizards@${SERVICE}`]);
  });

  it("returns an empty query where there is none (XEP-0030 §4.1)", async () => {
    const reply = await service().actor("hag66").asks("get", SERVICE, disco("items"));
    expect(outcome(reply)).toBe("result");
    expect(reply.getChild("query", NS.DISCO_ITEMS)?.children).toEqual([]);
  });

  it("only returns channels that exist: a destroyed one is not listed", { tags: ["0369-6.2/1"] }, async () => {
    const hecate = service().actor("hecate");
    await hecate.creates("coven");
    await hecate.creates("spells");
    await hecate.asks("set", SERVICE, destroy("coven"));
    expect(listed(await hecate.asks("get", SERVICE, disco("items")))).toEqual([`spells@${SERVICE}`]);
  });

  it("only returns channels that the user has rights to subscribe to, but those he is in or owns always", {
    tags: ["0369-6.2/1"],
  }, async () => {
    const castle = definePlugin({
      name: "castle",
      summary: "Lets nobody into a channel whose name begins with dunsinane.",
      setup: ({ guard }) =>
        guard("channel/admit", ({ channel }) => (channel.name.startsWith("dunsinane") ? "refuse" : "admit")),
    });
    const host = testHost([castle], { plugins: PLUGINS, operators: ["prospero@shakespeare.example"] });
    const [hecate, hag66] = [host.actor("hecate"), host.actor("hag66")];
    for (const name of ["coven", "dunsinane", "dunsinane2", "wizards"]) await hecate.creates(name);
    await hag66.joins("dunsinane2");
    await host.engine.host.enable("castle");
    const seenBy = async (actor: Actor) => listed(await actor.asks("get", SERVICE, disco("items"))).map(nameOf);
    expect(await seenBy(host.actor("macbeth"))).toEqual(["coven", "wizards"]);
    expect(await seenBy(hag66)).toEqual(["coven", "dunsinane2", "wizards"]);
    expect(await seenBy(hecate)).toEqual(["coven", "dunsinane", "dunsinane2", "wizards"]);
    expect(await seenBy(host.actor("prospero"))).toEqual(["coven", "dunsinane", "dunsinane2", "wizards"]);
    const first = await page(host.actor("macbeth"), xml("max", {}, "1"));
    expect(listed(first).map(nameOf)).toEqual(["coven"]);
    const second = await page(host.actor("macbeth"), xml("max", {}, "1"), xml("after", {}, COVEN));
    expect(listed(second).map(nameOf)).toEqual(["wizards"]);
  });

  it("lists nothing, and does not say it could be searched, where the operator wants it so", {
    tags: ["0369-6.1/2"],
  }, async () => {
    const hecate = service({ searchable: false }).actor("hecate");
    await hecate.creates("coven");
    expect(listed(await hecate.asks("get", SERVICE, disco("items")))).toEqual([]);
    expect(features(await hecate.asks("get", SERVICE, disco("info"))).join()).not.toContain("#searchable");
  });

  const nameOf = (jid: string) => jid.split("@")[0];
});

describe("the list of channels in pages (XEP-0059)", () => {
  const NAMES = ["alpha", "beta", "coven", "delta", "epsilon"];

  async function five() {
    const hecate = service().actor("hecate");
    for (const name of NAMES) await hecate.creates(name);
    return hecate;
  }

  it("holds every channel once when pages are asked for one after the other, and ends with an empty one", async () => {
    const hecate = await five();
    const seen: string[] = [];
    let last: Element[] = [];
    for (let i = 0; i < 3; i++) {
      const reply = await page(hecate, xml("max", {}, "2"), ...last);
      const jids = listed(reply);
      expect(setIn(reply).getChildText("first")).toBe(jids[0]);
      expect(setIn(reply).getChildText("last")).toBe(jids.at(-1));
      seen.push(...jids);
      last = [xml("after", {}, jids.at(-1))];
    }
    expect(seen).toEqual(NAMES.map((name) => `${name}@${SERVICE}`));
    const end = await page(hecate, xml("max", {}, "2"), ...last);
    expect(listed(end)).toEqual([]);
    expect(setIn(end).children).toEqual([]);
  });

  it("goes on after a channel that was destroyed meanwhile", async () => {
    const hecate = await five();
    await hecate.asks("set", SERVICE, destroy("beta"));
    const reply = await page(hecate, xml("max", {}, "1"), xml("after", {}, `beta@${SERVICE}`));
    expect(listed(reply)).toEqual([COVEN]);
  });

  it("holds nothing for a max of 0", async () => {
    const reply = await page(await five(), xml("max", {}, "0"));
    expect(outcome(reply)).toBe("result");
    expect(listed(reply)).toEqual([]);
  });

  it("refuses a max that is no number with bad-request", async () => {
    const reply = await page(await five(), xml("max", {}, "many"));
    expect(outcome(reply)).toBe("bad-request");
  });

  it("says that it cannot be read backwards", async () => {
    const reply = await page(await five(), xml("max", {}, "2"), xml("before"));
    expect(outcome(reply)).toBe("feature-not-implemented");
  });

  it("is cut, and says where, for one who did not ask for pages, when it is long", async () => {
    const store = await emptyStore();
    const host = testHost([], { store });
    const hecate = host.actor("hecate");
    await hecate.creates("a");
    const { state } = (await store.channel("a"))!.channel;
    for (let i = 0; i < 260; i++) {
      await store.create({ name: `b${String(i).padStart(3, "0")}`, created: 0, listed: true, state });
    }
    const reply = await hecate.asks("get", SERVICE, disco("items"));
    expect(listed(reply)).toHaveLength(250);
    expect(setIn(reply).getChildText("last")).toBe(listed(reply).at(-1));
    const rest = await page(hecate, xml("after", {}, setIn(reply).getChildText("last")!));
    expect(listed(rest)).toHaveLength(11);
  });
});

describe("discovering channel information (XEP-0369 §6.3)", () => {
  it.each([[undefined], ["mix"]])(
    "returns identity and features, and mirrors the node (%s) of the query",
    { tags: ["0369-6.3/1", "0369-6.3/2", "0369.11-6.3/1"] },
    async (node) => {
      const { host } = await service().coven("hecate");
      const reply = await host.actor("hag66").asks("get", COVEN, disco("info", node));
      expect(reply.getChild("query")?.attrs.node).toBe(node);
      expect(identities(reply)).toMatchObject([{ category: "conference", type: "mix" }]);
      expect(features(reply)).toEqual(expect.arrayContaining([...CORE, NS.DISCO_INFO, NS.MAM]));
    },
  );

  it("gives the channel the name that stands in its information node, and none before there is one", {
    tags: ["0369-4.7.4/1"],
  }, async () => {
    const { hecate } = await service().coven("hecate");
    expect(identities(await hecate.asks("get", COVEN, disco("info")))[0]).not.toHaveProperty("name");
    const fields = xml("field", { var: "Name" }, xml("value", {}, "A Dark Cave"));
    const item = xml("item", {}, xml("x", { xmlns: NS.DATA, type: "submit" }, fields));
    const publish = xml("publish", { node: NODE.INFO }, item);
    await hecate.asks("set", COVEN, xml("pubsub", { xmlns: NS.PUBSUB }, publish));
    expect(identities(await hecate.asks("get", COVEN, disco("info")))[0]?.name).toBe("A Dark Cave");
  });

  it("does not offer what only the service can do", async () => {
    const { hecate } = await service().coven("hecate");
    const offered = features(await hecate.asks("get", COVEN, disco("info"))).join();
    expect(offered).not.toContain("#searchable");
    expect(offered).not.toContain("#create-channel");
  });

  it("knows no other node than mix", async () => {
    const { hecate } = await service().coven("hecate");
    expect(outcome(await hecate.asks("get", COVEN, disco("info", "cauldron")))).toBe("item-not-found");
  });

  it("is item-not-found for a channel that does not exist (XEP-0030 §7)", { tags: ["0369-4.3/2"] }, async () => {
    expect(outcome(await service().actor("hag66").asks("get", COVEN, disco("info")))).toBe("item-not-found");
  });
});

describe("discovering nodes at a channel (XEP-0369 §6.4)", () => {
  it("rejects queries without node='mix', which are MUC's", { tags: ["0369-6.4/2"] }, async () => {
    const { hecate } = await service().coven("hecate");
    const reply = await hecate.asks("get", COVEN, disco("items"));
    expect(outcome(reply)).toBe("not-acceptable");
    expect(reason(reply)).toContain("node='mix'");
    expect(outcome(await hecate.asks("get", COVEN, disco("items", "cauldron")))).toBe("not-acceptable");
  });

  it("returns the nodes that a participant has rights to subscribe to, each at the channel's address", {
    tags: ["0369-6.4/1"],
  }, async () => {
    const { hag66 } = await service().coven("hecate", "hag66");
    const reply = await hag66.asks("get", COVEN, disco("items", "mix"));
    expect(reply.getChild("query")?.attrs.node).toBe("mix");
    expect(listed(reply, "node").sort()).toEqual([NODE.INFO, NODE.MESSAGES, NODE.PARTICIPANTS]);
    expect(new Set(listed(reply))).toEqual(new Set([COVEN]));
  });

  it("returns the configuration node to an owner, who alone has rights to subscribe to it", async () => {
    const { hecate } = await service().coven("hecate", "hag66");
    expect(listed(await hecate.asks("get", COVEN, disco("items", "mix")), "node")).toContain(NODE.CONFIG);
  });

  it("returns to one outside what he could subscribe to by joining, and nothing else", {
    tags: ["0369-6.4/1"],
  }, async () => {
    const { host } = await service().coven("hecate");
    const nodes = listed(await host.actor("macbeth").asks("get", COVEN, disco("items", "mix")), "node");
    expect(nodes.sort()).toEqual([NODE.INFO, NODE.MESSAGES, NODE.PARTICIPANTS]);
  });

  it("only returns nodes that exist: one vanishes with the plugin that brought it", {
    tags: ["0369-6.4/1"],
  }, async () => {
    const { hecate, host } = await service().coven("hecate");
    await host.engine.host.disable("messages");
    expect(listed(await hecate.asks("get", COVEN, disco("items", "mix")), "node")).not.toContain(NODE.MESSAGES);
  });

  it("follows a plugin's word on who may subscribe", async () => {
    const shy = definePlugin({
      name: "shy",
      summary: "Hides the participants node from hag66.",
      setup: ({ handle }) =>
        handle("node/may", ({ actor, node, verb }) =>
          node === NODE.PARTICIPANTS && verb === "subscribe" && actor.startsWith("hag66@") ? false : undefined,
        ),
    });
    const { hecate, hag66 } = await testHost([shy]).coven("hecate", "hag66");
    const seenBy = async (actor: Actor) => listed(await actor.asks("get", COVEN, disco("items", "mix")), "node");
    expect(await seenBy(hag66)).not.toContain(NODE.PARTICIPANTS);
    expect(await seenBy(hecate)).toContain(NODE.PARTICIPANTS);
  });
});

describe("creating a channel (XEP-0369 §7.3.2)", () => {
  it.each(MIX_NAMESPACES)(
    "answers with the name, in the namespace of the request: %s",
    { tags: ["0369-7.3.2/1"] },
    async (namespace) => {
      const reply = await service().actor("hag66").asks("set", SERVICE, create("coven", namespace));
      expect(reply.attrs.type).toBe("result");
      expect(reply.attrs.from).toBe(SERVICE);
      const created = reply.getChild("create", namespace);
      expect(created?.attrs.channel).toBe("coven");
      expect(reply.getChildElements()).toEqual([created]);
    },
  );

  it("makes the channel that disco then finds", async () => {
    const hag66 = service().actor("hag66");
    await hag66.creates("coven");
    expect(outcome(await hag66.asks("get", COVEN, disco("info")))).toBe("result");
  });

  it("sets the Owner in the configuration to the bare JID that creates the channel, and it changed it last", {
    tags: ["0369-7.3.2/2", "0369.11-7.3.2/1", "0406-2.4/6"],
  }, async () => {
    const hag66 = service().actor("hag66");
    await hag66.creates("coven");
    const { values } = await sheet(hag66, NODE.CONFIG);
    expect(values.Owner).toEqual(["hag66@shakespeare.example"]);
    expect(values["Last Change Made By"]).toEqual(["hag66@shakespeare.example"]);
  });

  it("does not make its creator a participant", { tags: ["0369-7.3.2/2"] }, async () => {
    const host = service();
    await host.actor("hag66").creates("coven");
    const channel = await host.use(Channels).find("coven");
    expect(channel?.size).toBe(0);
  });

  it("fails with conflict when a channel of that name exists, and leaves that one alone", async () => {
    const host = service();
    await host.actor("hecate").creates("coven");
    expect(outcome(await host.actor("hag66").creates("coven"))).toBe("conflict");
    expect((await sheet(host.actor("hecate"), NODE.CONFIG)).values.Owner).toEqual(["hecate@shakespeare.example"]);
  });

  it("prepares the name as a localpart, and matches the name in the request in its result", {
    tags: ["0369-7.3.2/1"],
  }, async () => {
    const hag66 = service().actor("hag66");
    const reply = await hag66.creates("Coven");
    expect(reply.getChild("create")?.attrs.channel).toBe("Coven");
    expect(listed(await hag66.asks("get", SERVICE, disco("items")))).toEqual([COVEN]);
    expect(outcome(await hag66.creates("COVEN"))).toBe("conflict");
    expect(outcome(await hag66.asks("get", `cOvEn@${SERVICE}`, disco("info")))).toBe("result");
  });

  it.each([
    ["a #, which separates an ID from a channel", "thane#cawdor"],
    ["an @", "coven@heath"],
    ["a slash", "coven/heath"],
    ["a space", "the coven"],
    ["nothing but spaces", "  "],
    ["1024 letters", "w".repeat(1024)],
  ])("refuses a name with %s as not-acceptable", { tags: ["0369.11-4.6/1"] }, async (_, name) => {
    const hag66 = service().actor("hag66");
    expect(outcome(await hag66.creates(name))).toBe("not-acceptable");
    expect(listed(await hag66.asks("get", SERVICE, disco("items")))).toEqual([]);
  });

  it("lets one of two who want the same name at the same moment have it", async () => {
    const host = service();
    await host.start();
    for (const name of ["hecate", "hag66"]) {
      host.push(
        xml("iq", { type: "set", id: name, from: `${name}@shakespeare.example/a`, to: SERVICE }, create("coven")),
      );
    }
    await host.settled();
    const outcomes = ["hecate", "hag66"].map((name) => outcome(host.sentTo(`${name}@shakespeare.example`)[0]));
    expect(outcomes.sort()).toEqual(["conflict", "result"]);
  });

  it("answers a request that ejabberd's mod_mix_pam signed without an echo, when it fails", async () => {
    const host = service();
    await host.actor("hecate").creates("coven");
    const [reply] = await host.receive(
      xml("iq", { type: "set", id: "rr-1", from: "hag66@shakespeare.example", to: SERVICE }, create("coven")),
    );
    expect(outcome(reply)).toBe("conflict");
    expect(reply?.getChildElements().map(({ name }) => name)).toEqual(["error"]);
  });

  it("echoes the request in an error to everybody else (RFC 6120 §8.3.1)", async () => {
    const hag66 = service().actor("hag66");
    await hag66.creates("coven");
    const reply = await hag66.asks("set", SERVICE, create("coven", NS.MIX_CORE_0));
    expect(reply.getChild("create", NS.MIX_CORE_0)?.attrs.channel).toBe("coven");
  });
});

describe("creating a channel for ad hoc use (XEP-0369 §7.3.3)", () => {
  it.each(MIX_NAMESPACES)(
    "names the channel and tells the name, in the namespace of the request: %s",
    { tags: ["0369-7.3.3/1"] },
    async (namespace) => {
      const hag66 = service().actor("hag66");
      const reply = await hag66.asks("set", SERVICE, create(undefined, namespace));
      const name = reply.getChild("create", namespace)?.attrs.channel;
      expect(name).toMatch(/^[a-z0-9]{16}$/);
      expect(outcome(await hag66.joins(name))).toBe("result");
    },
  );

  it("gives every channel a name of its own", async () => {
    const hag66 = service().actor("hag66");
    const names = [await hag66.creates(), await hag66.creates()].map(
      (reply) => reply.getChild("create")?.attrs.channel,
    );
    expect(names[0]).not.toBe(names[1]);
  });

  it("takes an empty name for none", async () => {
    const reply = await service().actor("hag66").creates("");
    expect(reply.getChild("create")?.attrs.channel).toMatch(/^[a-z0-9]{16}$/);
  });

  it("is never listed, not even to its owner", { tags: ["0369-7.3.3/1"] }, async () => {
    const host = service({}, ["prospero@shakespeare.example"]);
    const hag66 = host.actor("hag66");
    const name = (await hag66.creates()).getChild("create")!.attrs.channel!;
    await hag66.joins(name);
    for (const actor of [hag66, host.actor("prospero")]) {
      expect(listed(await actor.asks("get", SERVICE, disco("items")))).toEqual([]);
      expect(listed(await page(actor, xml("max", {}, "9")))).toEqual([]);
    }
  });
});

describe("destroying a channel (XEP-0369 §7.3.4)", () => {
  it.each(MIX_NAMESPACES)(
    "answers its owner with an empty result: %s",
    { tags: ["0369-7.3.4/1"] },
    async (namespace) => {
      const { hecate } = await service().coven("hecate");
      const reply = await hecate.asks("set", SERVICE, destroy("coven", namespace));
      expect(outcome(reply)).toBe("result");
      expect(reply.children).toEqual([]);
      expect(outcome(await hecate.asks("get", COVEN, disco("info")))).toBe("item-not-found");
    },
  );

  it("does not need the owner to be in the channel", { tags: ["0369-7.3.4/2"] }, async () => {
    const host = service();
    await host.actor("hecate").creates("coven");
    await host.actor("hag66").joins("coven");
    expect(outcome(await host.actor("hecate").asks("set", SERVICE, destroy("coven")))).toBe("result");
  });

  it("is open to the service's operators", { tags: ["0369-7.3.4/1"] }, async () => {
    const { host } = await service({}, ["prospero@shakespeare.example"]).coven("hecate");
    expect(outcome(await host.actor("prospero").asks("set", SERVICE, destroy("coven")))).toBe("result");
  });

  it("is forbidden to everybody else, and nothing happens", { tags: ["0369-7.3.4/1"] }, async () => {
    const { hag66, host } = await service().coven("hecate", "hag66");
    for (const actor of [hag66, host.actor("macbeth")]) {
      expect(outcome(await actor.asks("set", SERVICE, destroy("coven")))).toBe("forbidden");
    }
    expect(outcome(await hag66.asks("get", COVEN, disco("info")))).toBe("result");
    expect(events(hag66, NODE.MESSAGES)).toEqual([]);
  });

  it("finds no channel that does not exist, or cannot", async () => {
    const { hecate } = await service().coven("hecate");
    for (const name of ["heath", "thane#cawdor", "the coven"]) {
      expect(outcome(await hecate.asks("set", SERVICE, destroy(name)))).toBe("item-not-found");
    }
  });

  it("must specify the channel to be destroyed", { tags: ["0369-7.3.4/3"] }, async () => {
    const { hecate } = await service().coven("hecate");
    const reply = await hecate.asks("set", SERVICE, destroy());
    expect(outcome(reply)).toBe("bad-request");
    expect(reason(reply)).toContain("channel=");
  });

  it("prepares the name it is given", async () => {
    const { hecate } = await service().coven("hecate");
    expect(outcome(await hecate.asks("set", SERVICE, destroy("COVEN")))).toBe("result");
  });

  it("tells the subscribers of each node, and nobody else, that it is deleted (XEP-0060 §8.4)", {
    tags: ["0369-7.3.4/1"],
  }, async () => {
    const { hecate, hag66, host } = await service().coven("hecate", "hag66");
    const thirdwitch = host.actor("thirdwitch");
    await thirdwitch.joins("coven", { nodes: [NODE.PARTICIPANTS] });
    await hecate.asks("set", SERVICE, destroy("coven"));
    const deletions = (actor: Actor, node: string) =>
      events(actor, node).filter(({ name }) => name === "delete").length;
    for (const node of [NODE.MESSAGES, NODE.PARTICIPANTS, NODE.INFO]) expect(deletions(hag66, node)).toBe(1);
    expect([NODE.MESSAGES, NODE.PARTICIPANTS, NODE.INFO].map((node) => deletions(thirdwitch, node))).toEqual([0, 1, 0]);
    expect(deletions(hag66, NODE.CONFIG)).toBe(0);
  });

  it("frees the name; a channel created anew under it has nothing of the old one, and starts new IDs", async () => {
    const { hecate, hag66, host } = await service({ hold_names: "0 s" }).coven("hecate", "hag66");
    const before = [hecate.id, hag66.id];
    await hag66.says("Double, double toil and trouble");
    await hecate.asks("set", SERVICE, destroy("coven"));
    expect(outcome(await hag66.creates("coven"))).toBe("result");
    await hecate.joins();
    await hag66.joins();
    expect(before).not.toContain(hecate.id);
    expect(before).not.toContain(hag66.id);
    expect((await host.use(Channels).find("coven"))?.size).toBe(2);
    const archive = await hag66.asks("set", COVEN, xml("query", { xmlns: NS.MAM }));
    expect(archive.getChild("fin")?.getChild("set")?.getChildText("count")).toBe("0");
    expect((await sheet(hag66, NODE.CONFIG)).values.Owner).toEqual(["hag66@shakespeare.example"]);
  });

  it("can be done by two owners at the same moment, and by one who creates it anew behind them", async () => {
    const { host } = await service({}, ["prospero@shakespeare.example"]).coven("hecate");
    const iq = (name: string, payload: Element) =>
      host.push(xml("iq", { type: "set", id: "last", from: `${name}@shakespeare.example/a`, to: SERVICE }, payload));
    iq("hecate", destroy("coven"));
    iq("prospero", destroy("coven"));
    iq("hag66", create("coven"));
    await host.settled();
    const last = (name: string) => outcome(host.sentTo(`${name}@shakespeare.example/a`).at(-1));
    expect(last("hecate")).toBe("result");
    expect(["result", "item-not-found"]).toContain(last("prospero"));
    expect(["result", "conflict"]).toContain(last("hag66"));
    const isThere = last("hag66") === "result";
    const reply = await reads(host.actor("hag66"), NODE.INFO);
    expect(outcome(reply)).toBe(isThere ? "result" : "item-not-found");
    if (isThere)
      expect((await sheet(host.actor("hag66"), NODE.CONFIG)).values.Owner).toEqual(["hag66@shakespeare.example"]);
  });

  it("lets nobody slip in while it is being destroyed: what is not kept is not confirmed", async () => {
    const { host } = await service().coven("hecate");
    host.push(xml("iq", { type: "set", id: "1", from: "hecate@shakespeare.example/a", to: SERVICE }, destroy("coven")));
    const join = xml(
      "join",
      { xmlns: NS.MIX_CORE_1 },
      xml("subscribe", { node: NODE.MESSAGES }),
      xml("nick", {}, "third"),
    );
    host.push(xml("iq", { type: "set", id: "2", from: "hag66@shakespeare.example", to: COVEN }, join));
    await host.settled();
    expect(outcome(host.sentTo("hecate@shakespeare.example/a").at(-1))).toBe("result");
    const answer = host.sentTo("hag66@shakespeare.example").find(({ attrs }) => attrs.id === "2");
    expect(outcome(answer)).not.toBe("result");
    expect(await host.use(Channels).find("coven")).toBeUndefined();
  });
});

describe("without the plugin channels", () => {
  it("there is no trace of it: every request is answered as any unknown namespace is", async () => {
    const host = testHost([], { plugins: { ...PLUGINS } });
    const { hecate } = await host.coven("hecate");
    await host.engine.host.disable("channels");
    const requests: [string, "get" | "set", Element][] = [
      [SERVICE, "get", disco("info")],
      [SERVICE, "get", disco("items")],
      [COVEN, "get", disco("info", "mix")],
      [COVEN, "get", disco("items", "mix")],
      ...MIX_NAMESPACES.flatMap((namespace): [string, "set", Element][] => [
        [SERVICE, "set", create("heath", namespace)],
        [SERVICE, "set", create(undefined, namespace)],
        [SERVICE, "set", destroy("coven", namespace)],
      ]),
    ];
    for (const [to, type, payload] of requests) {
      expect(outcome(await hecate.asks(type, to, payload))).toBe("service-unavailable");
    }
    expect(host.engine.host.status().channels?.holds).toEqual([]);
  });

  it("the channels that exist go on", async () => {
    const { hecate, hag66, host } = await testHost().coven("hecate", "hag66");
    await host.engine.host.disable("channels");
    await hag66.says("double, double");
    expect(hecate.heard()).toEqual(["double, double"]);
  });
});

describe("what nobody answers", () => {
  it("is service-unavailable: an iq to the service, to a channel, to a participant; a message to the service", async () => {
    const { hecate, hag66, host } = await service().coven("hecate", "hag66");
    const unknown = () => xml("cauldron", { xmlns: "urn:example:cauldron" });
    for (const type of ["get", "set"] as const) {
      for (const to of [SERVICE, COVEN, hag66.proxy]) {
        expect(outcome(await hecate.asks(type, to, unknown()))).toBe("service-unavailable");
      }
    }
    const message = xml(
      "message",
      { from: hecate.client, to: SERVICE, type: "chat", id: "m" },
      xml("body", {}, "Who is there?"),
    );
    const [reply, ...more] = await host.receive(message);
    expect(reply?.attrs).toMatchObject({ type: "error", id: "m", from: SERVICE, to: hecate.client });
    expect(outcome(reply)).toBe("service-unavailable");
    expect(more).toEqual([]);
  });

  it("is passed over in silence when it is presence, or an error", async () => {
    const { hecate, host } = await service().coven("hecate");
    expect(await host.receive(xml("presence", { from: hecate.client, to: SERVICE }))).toEqual([]);
    const error = xml("message", { from: hecate.client, to: SERVICE, type: "error", id: "e" }, xml("error"));
    expect(await host.receive(error)).toEqual([]);
  });
});

describe("the name of a channel that was destroyed", () => {
  const HOUR = 3_600_000;
  const errorIn = (reply: Element) => reply.getChild("error")?.toString();

  it("is its owners' for a while: to others it is a conflict, as if it were there", async () => {
    const host = service({ hold_names: "1 h" });
    const { hecate } = await host.coven("hecate");
    const hag66 = host.actor("hag66");
    const taken = await hag66.creates("coven");
    await hecate.asks("set", SERVICE, destroy("coven"));
    host.clock.advance(HOUR - 1);
    const held = await hag66.creates("COVEN");
    expect(outcome(held)).toBe("conflict");
    expect(errorIn(held)).toBe(errorIn(taken));
    expect(outcome(await hecate.creates("coven"))).toBe("result");
  });

  it("is anybody's afterwards, and at once where the operator wants it so", async () => {
    for (const [hold_names, wait] of [
      ["1 h", HOUR],
      ["0 s", 0],
    ] as const) {
      const host = service({ hold_names });
      const { hecate } = await host.coven("hecate");
      await hecate.asks("set", SERVICE, destroy("coven"));
      host.clock.advance(wait);
      expect(outcome(await host.actor("hag66").creates("coven"))).toBe("result");
    }
  });

  it("is held across a restart, and then forgotten", async () => {
    const store = await emptyStore();
    const before = testHost([], { plugins: { ...PLUGINS, channels: { hold_names: "1 h" } }, store });
    const { hecate } = await before.coven("hecate");
    await hecate.asks("set", SERVICE, destroy("coven"));
    await before.stop();
    const host = testHost([], { plugins: { ...PLUGINS, channels: { hold_names: "1 h" } }, store });
    expect(outcome(await host.actor("hag66").creates("coven"))).toBe("conflict");
    await host.actor("hag66").creates("heath");
    host.clock.advance(HOUR);
    await host.actor("hag66").asks("set", SERVICE, destroy("heath"));
    await expect.poll(async () => [...(await store.values("channels/held names")).keys()]).toEqual(["heath"]);
    await store.close();
  });

  it("is held from the moment it is free: nobody can be quick enough", async () => {
    const host = service({ hold_names: "1 h" });
    const { hecate } = await host.coven("hecate");
    const attrs = (actor: Actor) => ({ type: "set", from: actor.client, to: SERVICE, id: "race" });
    host.push(xml("iq", attrs(hecate), destroy("coven")));
    for (let i = 0; i < 5; i++) {
      host.push(xml("iq", attrs(host.actor(`hag${i}`)), create("coven")));
      await Promise.resolve();
    }
    await host.settled();
    for (let i = 0; i < 5; i++) expect(outcome(host.actor(`hag${i}`).received().at(-1))).toBe("conflict");
  });

  it("tells nobody anything of a channel made for one occasion, whose name is nobody's", async () => {
    const store = await emptyStore();
    const host = testHost([], { plugins: PLUGINS, store });
    const hecate = host.actor("hecate");
    const name = (await hecate.creates()).getChild("create")?.attrs.channel;
    await hecate.asks("set", SERVICE, destroy(name));
    expect((await store.values("channels/held names")).size).toBe(0);
    await host.stop();
    await store.close();
  });
});
