import { Channels, definePlugin, type Element, NODE, NS, xml } from "masque";
import { type Actor, emptyStore, type TestHost, type TestOptions, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { HeldStore, turns } from "../core/channel/held-store.ts";
import {
  COVEN,
  disco,
  events,
  listed,
  outcome,
  publish,
  publishes,
  reads,
  reason,
  SERVICE,
  sheet,
} from "../core/channel/replies.ts";
import { ALL, during, itemsOf } from "./coven.ts";

const jid = (name: string) => `${name}@shakespeare.example`;
const [BANNED, ALLOWED] = [NODE.BANNED, NODE.ALLOWED];
const NOBODY = "0123456789abcdef";

/** Hecate owns the coven, crone1 administers it, hag66 and macbeth are in it; prospero operates the service. */
async function coven(options: TestOptions = {}, access: object = {}) {
  const host = testHost([], { plugins: { ...ALL, access }, operators: [jid("prospero")], ...options });
  const people = await host.coven("hecate", "crone1", "hag66", "macbeth");
  expect(outcome(await publishes(people.hecate, NODE.CONFIG, { Administrator: jid("crone1") }))).toBe("result");
  const channel = (await host.use(Channels).find("coven"))!;
  return { ...people, channel, prospero: host.actor("prospero"), banquo: host.actor("banquo") };
}

const item = (id?: string) => xml("item", { id });
const puts = (actor: Actor, node: string, ...ids: string[]) =>
  actor.asks("set", COVEN, publish(node, ...ids.map(item)));
const bans = (actor: Actor, ...ids: string[]) => puts(actor, BANNED, ...ids);
const retracts = (actor: Actor, node: string, ...ids: string[]) =>
  actor.asks("set", COVEN, xml("pubsub", { xmlns: NS.PUBSUB }, xml("retract", { node }, ids.map(item))));
const does = (actor: Actor, verb: "purge" | "create" | "delete", node: string, xmlns: string = NS.PUBSUB) =>
  actor.asks("set", COVEN, xml("pubsub", { xmlns }, xml(verb, { node })));
const allows = async (actor: Actor, ...ids: string[]) => {
  if (ids.length === 0) expect(outcome(await does(actor, "create", ALLOWED))).toBe("result");
  else expect(outcome(await puts(actor, ALLOWED, ...ids))).toBe("result");
};
const list = async (actor: Actor, node: string) => (await itemsOf(actor, node)).map(({ attrs }) => attrs.id);
const knows = async (actor: Actor) => outcome(await actor.asks("get", COVEN, disco("info")));
const subscribes = (actor: Actor, ...nodes: string[]) =>
  actor.joins("coven", { nodes: [NODE.MESSAGES, NODE.PARTICIPANTS, ...nodes] });
/** One of elsinore, a domain of its own. */
const dane = (host: TestHost, name = "hamlet", domain = "elsinore.example") => {
  const bare = `${name}@${domain}`;
  const asks = async (to: string, payload: Element) =>
    (await host.receive(xml("iq", { type: "set", from: bare, to, id: "dane" }, payload))).find(
      ({ attrs }) => attrs.to === bare && attrs.id === "dane",
    );
  return {
    jid: bare,
    joins: () => asks(COVEN, xml("join", { xmlns: NS.MIX_CORE_1 }, xml("nick", {}, `${name} of ${domain}`))),
  };
};

describe("the lists of a channel (XEP-0406 §2.2, §2.3)", () => {
  it("are, in a new one, nobody who is banned, and no list of who is allowed", {
    tags: ["0406-2/1", "0406-2/2", "0406-3.3/1"],
  }, async () => {
    const { hecate, channel } = await coven();
    expect(await list(hecate, BANNED)).toEqual([]);
    expect(outcome(await reads(hecate, ALLOWED))).toBe("item-not-found");
    expect(listed(await hecate.asks("get", COVEN, disco("items", "mix")), "node")).toContain(BANNED);
    expect(listed(await hecate.asks("get", COVEN, disco("items", "mix")), "node")).not.toContain(ALLOWED);
    expect(channel.state.requires).not.toContain("access");
  });

  it("hold bare JIDs and domains, in the order in which they were published", { tags: ["0406-2.3/2"] }, async () => {
    const { hecate } = await coven();
    await allows(hecate, "shakespeare.example");
    await allows(hecate, "alice@wonderland.example");
    expect(await list(hecate, ALLOWED)).toEqual(["shakespeare.example", "alice@wonderland.example"]);
  });

  it("are read and written by owners, administrators and operators, and by nobody else", {
    tags: ["0369-3/4", "0406-2.1/2", "0406-2.2/3", "0406-3.3/1"],
  }, async () => {
    const { hecate, crone1, hag66, banquo, prospero } = await coven();
    for (const [i, actor] of [hecate, crone1, prospero].entries()) {
      expect(outcome(await bans(actor, `fool${i}@court.example`))).toBe("result");
      expect(await list(actor, BANNED)).toHaveLength(i + 1);
    }
    for (const actor of [hag66, banquo]) {
      for (const reply of [
        await reads(actor, BANNED),
        await bans(actor, "lear@shakespeare.example"),
        await retracts(actor, BANNED, "fool0@court.example"),
        await does(actor, "purge", BANNED),
        await does(actor, "purge", BANNED, NS.PUBSUB_OWNER),
        await does(actor, "delete", BANNED, NS.PUBSUB_OWNER),
      ])
        expect(outcome(reply)).toBe("forbidden");
    }
    expect(await list(hecate, BANNED)).toHaveLength(3);
  });

  it("name nobody to others, also where some plugin lets participants read them and be told", async () => {
    const herald = definePlugin({
      name: "herald",
      summary: "Cries out who is banned.",
      setup: ({ get }) => get(Channels).rule({ least: (_, node) => (node === BANNED ? "participants" : undefined) }),
    });
    const host = testHost([herald], { plugins: { ...ALL, herald: {} } });
    const { hecate, hag66 } = await host.coven("hecate", "hag66", "macbeth");
    await subscribes(hag66, BANNED);
    const told = await during(hag66, () => bans(hecate, jid("macbeth"), "elsinore.example"));
    expect(told.join("")).toContain("elsinore.example");
    expect(told.join("")).not.toContain(jid("macbeth"));
    expect(await list(hag66, BANNED)).toEqual(["elsinore.example"]);
    expect(await list(hecate, BANNED)).toHaveLength(2);
  });

  it("take several entries in one request, and each but once", { tags: ["0406-3.3/2"] }, async () => {
    const { hecate } = await coven();
    const reply = await bans(hecate, "lear@shakespeare.example", "Lear@Shakespeare.Example/storm", "elsinore.example");
    const items = reply.getChild("pubsub", NS.PUBSUB)!.getChild("publish")!.getChildren("item");
    expect(items.map(({ attrs }) => attrs.id)).toEqual([jid("lear"), jid("lear"), "elsinore.example"]);
    await bans(hecate, "lear@shakespeare.example");
    expect(await list(hecate, BANNED)).toEqual([jid("lear"), "elsinore.example"]);
  });

  it("refuse what is no entry, every mistake at once, and then keep none of it", async () => {
    const { hecate } = await coven();
    const wrong = ["@", "elsinore.example/castle", NOBODY, `${NOBODY}#${COVEN}`, `${hecate.id}#heath@${SERVICE}`];
    const reply = await bans(hecate, jid("lear"), ...wrong);
    expect(outcome(reply)).toBe("not-acceptable");
    for (const each of wrong) expect(reason(reply)).toContain(`"${each}"`);
    expect(outcome(await hecate.asks("set", COVEN, publish(BANNED, item())))).toBe("not-acceptable");
    expect(outcome(await hecate.asks("set", COVEN, publish(BANNED)))).toBe("bad-request");
    expect(await list(hecate, BANNED)).toEqual([]);
  });

  it("find by his ID, or his proxy JID, who is in the channel, and who was", { tags: ["0406-2.3/2"] }, async () => {
    const { hecate, hag66, macbeth } = await coven();
    await hag66.leaves();
    await bans(hecate, hag66.id);
    await bans(hecate, `${macbeth.proxy}/token`);
    expect(await list(hecate, BANNED)).toEqual([hag66.jid, macbeth.jid]);
    await retracts(hecate, BANNED, macbeth.id, hag66.proxy);
    expect(await list(hecate, BANNED)).toEqual([]);
  });

  it("know an address with a # of another service for what it is", { tags: ["0369.11-4.6/1"] }, async () => {
    const { hecate } = await coven();
    await bans(hecate, "#macbeth%irc.example@gateway.example");
    expect(await list(hecate, BANNED)).toEqual(["#macbeth%irc.example@gateway.example"]);
  });

  it("are not written by one who managed the channel when he sent it, and does not when it is his turn", async () => {
    const { hecate, crone1, channel, host } = await coven();
    let go = () => {};
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    const before = channel.update(() => held);
    const demotion = publishes(hecate, NODE.CONFIG, { Administrator: [] });
    await turns();
    host.push(xml("iq", { type: "set", from: crone1.client, to: COVEN, id: "late" }, publish(BANNED, item("hag66@x"))));
    await turns();
    go();
    await before;
    await demotion;
    await host.settled();
    expect(outcome(crone1.received().find(({ attrs }) => attrs.id === "late"))).toBe("forbidden");
    expect(await list(hecate, BANNED)).toEqual([]);
  });

  it("lose what is retracted, all of it or nothing", { tags: ["0406-3.3/3"] }, async () => {
    const { hecate } = await coven();
    await bans(hecate, jid("lear"), jid("edmund"), "elsinore.example");
    const reply = await retracts(hecate, BANNED, jid("lear"), jid("goneril"));
    expect(outcome(reply)).toBe("item-not-found");
    expect(reason(reply)).toContain(jid("goneril"));
    expect(outcome(await retracts(hecate, BANNED, "Lear@shakespeare.example", "elsinore.example"))).toBe("result");
    expect(await list(hecate, BANNED)).toEqual([jid("edmund")]);
  });

  it.each([NS.PUBSUB, NS.PUBSUB_OWNER])(
    "are purged and deleted in %s, and created anew",
    { tags: ["0406-3.3/3"] },
    async (xmlns) => {
      const { hecate } = await coven();
      for (const node of [BANNED, ALLOWED]) {
        await puts(hecate, node, jid("lear"));
        expect(outcome(await does(hecate, "purge", node, xmlns))).toBe("result");
        expect(await list(hecate, node)).toEqual([]);
        expect(outcome(await does(hecate, "create", node))).toBe("conflict");
        expect(outcome(await does(hecate, "delete", node, xmlns))).toBe("result");
        for (const reply of [
          await reads(hecate, node),
          await retracts(hecate, node, jid("lear")),
          await does(hecate, "purge", node, xmlns),
          await does(hecate, "delete", node, xmlns),
        ])
          expect(outcome(reply)).toBe("item-not-found");
        expect(outcome(await does(hecate, "create", node))).toBe("result");
        expect(await list(hecate, node)).toEqual([]);
      }
    },
  );

  it("come into being when something is published to them", async () => {
    const { hecate } = await coven();
    await does(hecate, "delete", BANNED);
    for (const node of [BANNED, ALLOWED]) {
      expect(outcome(await puts(hecate, node, jid("lear")))).toBe("result");
      expect(await list(hecate, node)).toEqual([jid("lear")]);
    }
  });

  it("have no more entries than the operator lets them, and say so", async () => {
    const { hecate } = await coven({}, { longest_list: 2 });
    await bans(hecate, jid("lear"));
    const reply = await bans(hecate, jid("edmund"), jid("goneril"));
    expect(outcome(reply)).toBe("policy-violation");
    expect(reason(reply)).toContain("2 entries");
    expect(await list(hecate, BANNED)).toEqual([jid("lear")]);
    expect(outcome(await bans(hecate, jid("edmund"), jid("lear")))).toBe("result");
  });

  it("tell their subscribers what becomes of them (XEP-0060 §7 and §8)", async () => {
    const { hecate, hag66 } = await coven();
    await subscribes(hecate, BANNED);
    await bans(hecate, jid("lear"), "elsinore.example");
    await bans(hecate, jid("lear"));
    await retracts(hecate, BANNED, jid("lear"), "elsinore.example");
    await does(hecate, "purge", BANNED);
    await does(hecate, "delete", BANNED);
    expect(events(hecate, BANNED).map(String)).toEqual([
      `<items node="${BANNED}"><item id="${jid("lear")}"/><item id="elsinore.example"/></items>`,
      `<items node="${BANNED}"><retract id="${jid("lear")}"/></items>`,
      `<items node="${BANNED}"><retract id="elsinore.example"/></items>`,
      `<purge node="${BANNED}"/>`,
      `<delete node="${BANNED}"/>`,
    ]);
    expect(events(hag66, BANNED)).toEqual([]);
  });

  it("can be subscribed to by administrators only, and only while they are there", {
    tags: ["0406-2.2/3"],
  }, async () => {
    const { hecate, crone1, hag66, channel } = await coven();
    await subscribes(hag66, BANNED);
    await subscribes(crone1, BANNED, ALLOWED);
    expect(channel.participant(hag66.jid)?.nodes).not.toContain(BANNED);
    expect(channel.participant(crone1.jid)?.nodes).toContain(BANNED);
    expect(channel.participant(crone1.jid)?.nodes).not.toContain(ALLOWED);
    await does(hecate, "delete", BANNED);
    expect(channel.participant(crone1.jid)?.nodes).not.toContain(BANNED);
  });

  it("are seen by owners alone where their fields say so, and never by participants", {
    tags: ["0406-2.4/14", "0406-2.4/15"],
  }, async () => {
    const { hecate, crone1, hag66, channel } = await coven();
    await allows(hecate, "shakespeare.example");
    for (const [field, node] of [
      ["Allowed Node Subscription", ALLOWED],
      ["Banned Node Subscription", BANNED],
    ] as const) {
      await subscribes(crone1, node);
      expect(channel.participant(crone1.jid)?.nodes).toContain(node);
      expect(outcome(await publishes(hecate, NODE.CONFIG, { [field]: "participants" }))).toBe("not-acceptable");
      expect(outcome(await reads(hag66, node))).toBe("forbidden");
      expect(outcome(await publishes(hecate, NODE.CONFIG, { [field]: "owners" }))).toBe("result");
      expect(outcome(await reads(crone1, node))).toBe("forbidden");
      expect(channel.participant(crone1.jid)?.nodes).not.toContain(node);
      expect(outcome(await reads(hecate, node))).toBe("result");
    }
  });

  it("come and go by Nodes Present, too: with the node goes what it held", { tags: ["0406-2.4/9"] }, async () => {
    const { hecate, banquo } = await coven();
    const present = async () => (await sheet(hecate, NODE.CONFIG)).values["Nodes Present"] ?? [];
    const become = async (words: readonly string[]) =>
      expect(outcome(await publishes(hecate, NODE.CONFIG, { "Nodes Present": [...words] }))).toBe("result");
    await bans(hecate, banquo.jid);
    expect(await present()).not.toContain("allowed");
    await become((await present()).filter((word) => word !== "banned"));
    expect(outcome(await reads(hecate, BANNED))).toBe("item-not-found");
    expect(await knows(banquo)).toBe("result");
    await become([...(await present()), "banned", "allowed"]);
    expect([await list(hecate, BANNED), await list(hecate, ALLOWED)]).toEqual([[], []]);
    expect(await knows(banquo)).toBe("item-not-found");
  });

  it("outlive a restart", async () => {
    const store = await emptyStore();
    const { hecate, host } = await coven({ store });
    await bans(hecate, jid("banquo"));
    await allows(hecate, "shakespeare.example");
    await host.stop();
    const second = testHost([], { store, plugins: ALL });
    expect(await list(second.actor("hecate"), BANNED)).toEqual([jid("banquo")]);
    expect(await list(second.actor("hecate"), ALLOWED)).toEqual(["shakespeare.example"]);
    expect(await knows(second.actor("banquo"))).toBe("item-not-found");
    await second.stop();
    await store.close();
  });
});

describe("those who are allowed (XEP-0406 §2.1, §2.2)", () => {
  it("are all while there is no list, nobody new while it is empty, and all again once it is deleted", {
    tags: ["0406-2.1/4", "0406-2.2/1"],
  }, async () => {
    const { hecate, banquo } = await coven();
    expect(await knows(banquo)).toBe("result");
    await allows(hecate);
    expect(await knows(banquo)).toBe("item-not-found");
    expect(outcome(await banquo.joins())).toBe("item-not-found");
    await does(hecate, "delete", ALLOWED);
    expect(outcome(await banquo.joins())).toBe("result");
  });

  it("are those on it, by JID or by domain, but not by a domain above theirs", { tags: ["0406-2.1/4"] }, async () => {
    const { hecate, host, banquo } = await coven();
    await allows(hecate, "elsinore.example", jid("banquo"));
    const [hamlet, page] = [dane(host), dane(host, "page", "court.elsinore.example")];
    expect(outcome(await banquo.joins())).toBe("result");
    expect(outcome(await hamlet.joins())).toBe("result");
    expect(outcome(await page.joins())).toBe("item-not-found");
    expect(outcome(await host.actor("lennox").joins())).toBe("item-not-found");
  });

  it("are not those who are banned, whatever else is said of them", {
    tags: ["0406-2.1/4", "0406-2.2/2", "0406-2.3/1"],
  }, async () => {
    const { hecate, host, banquo } = await coven();
    await allows(hecate, jid("banquo"), "elsinore.example");
    await bans(hecate, jid("banquo"), "yorick@elsinore.example");
    expect(outcome(await banquo.joins())).toBe("item-not-found");
    expect(outcome(await dane(host, "yorick").joins())).toBe("item-not-found");
    expect(outcome(await dane(host).joins())).toBe("result");
  });

  it("always are those who manage the channel", async () => {
    const { hecate, crone1, prospero } = await coven();
    for (const actor of [hecate, crone1]) await actor.leaves();
    await allows(prospero);
    for (const actor of [hecate, crone1, prospero]) expect(outcome(await actor.joins())).toBe("result");
    expect(await list(hecate, ALLOWED)).toEqual([]);
  });

  it("stay when the list changes under them, but do not come back", { tags: ["0406-2.2/1"] }, async () => {
    const { hecate, hag66, macbeth } = await coven();
    await allows(hecate, hag66.jid);
    await retracts(hecate, ALLOWED, hag66.jid);
    await hag66.says("Still here");
    expect(macbeth.heard()).toEqual(["Still here"]);
    expect(outcome(await hag66.joins())).toBe("result");
    await hag66.leaves();
    expect(outcome(await hag66.joins())).toBe("item-not-found");
  });

  it("do not get to know of a channel by its list", async () => {
    const { hecate, hag66, banquo } = await coven();
    await allows(hecate);
    const seenBy = async (actor: Actor) => listed(await actor.asks("get", SERVICE, disco("items")));
    expect(await seenBy(banquo)).toEqual([]);
    expect(await seenBy(hag66)).toEqual([COVEN]);
  });

  describe("by an invitation", () => {
    /** Believes whoever says that he was invited. */
    const gullible = definePlugin({
      name: "gullible",
      summary: "Believes everybody.",
      setup: ({ handle }) =>
        handle("channel/invited", ({ stanza }) => stanza.getChild("join")?.attrs.invited === "yes" || undefined),
    });
    const invited = (actor: Actor) =>
      actor.asks("set", COVEN, xml("join", { xmlns: NS.MIX_CORE_1, invited: "yes" }, xml("nick", {}, actor.name)));

    async function castle(access: object = {}) {
      const host = testHost([gullible], { plugins: { ...ALL, gullible: {}, access } });
      const { hecate } = await host.coven("hecate");
      await subscribes(hecate, ALLOWED);
      return { host, hecate, banquo: host.actor("banquo") };
    }

    it("are on the list from then on, which its subscribers are told", { tags: ["0407-6/5"] }, async () => {
      const { hecate, banquo } = await castle();
      await allows(hecate);
      await subscribes(hecate, ALLOWED);
      expect(outcome(await invited(banquo))).toBe("result");
      expect(await list(hecate, ALLOWED)).toEqual([banquo.jid]);
      expect(events(hecate, ALLOWED).join("")).toContain(banquo.jid);
      await banquo.leaves();
      expect(outcome(await banquo.joins())).toBe("result");
    });

    it("are not those who are banned", async () => {
      const { hecate, banquo } = await castle();
      await allows(hecate);
      await bans(hecate, banquo.jid);
      expect(outcome(await invited(banquo))).toBe("item-not-found");
      expect(await list(hecate, ALLOWED)).toEqual([]);
    });

    it("are told when the list has no room for them, and those who are in the channel are not", async () => {
      const { host, hecate, banquo } = await castle({ longest_list: 1 });
      await allows(hecate, "elsinore.example");
      const reply = await invited(banquo);
      expect(outcome(reply)).toBe("resource-constraint");
      expect(reason(reply)).toContain("full");
      expect(outcome(await host.actor("lennox").joins())).toBe("item-not-found");
      for (const actor of [hecate, dane(host)]) expect(outcome(await actor.joins())).toBe("result");
      expect(await list(hecate, ALLOWED)).toEqual(["elsinore.example"]);
    });

    it("are put on no list where there is none", async () => {
      const { hecate, banquo } = await castle();
      expect(outcome(await invited(banquo))).toBe("result");
      expect(outcome(await reads(hecate, ALLOWED))).toBe("item-not-found");
    });
  });
});

describe("one who is banned (XEP-0406 §3.4)", () => {
  const kindOf = (stanza: Element) =>
    stanza.name === "presence" ? stanza.attrs.type : stanza.getChild("event") ? "retract" : "reason";

  it("is removed at once: his presence ends, his item is retracted, and he is told why", {
    tags: ["0406-3.3/4"],
  }, async () => {
    const { hecate, hag66, macbeth, channel, host } = await coven();
    for (const actor of [hag66, macbeth]) await subscribes(actor, NODE.PRESENCE);
    await host.receive(xml("presence", { from: macbeth.client, to: COVEN }));
    const before = macbeth.received().length;
    const told = await during(hag66, () => bans(hecate, macbeth.id));
    expect(told.map(kindOf).sort()).toEqual(["retract", "unavailable"]);
    expect(told.join("")).toContain(`<retract id="${macbeth.id}"/>`);
    expect(told.join("")).not.toContain(macbeth.jid);
    const his = macbeth.received().slice(before);
    expect(his.map(kindOf)).toEqual(expect.arrayContaining(["retract", "reason"]));
    expect(his.at(-1)?.getChildText("body")).toBe("You have been banned from this channel.");
    expect(channel.participant(macbeth.jid)).toBeUndefined();
  });

  it("is not in the channel at any moment at which the ban is stored", async () => {
    const store = await emptyStore();
    const { hecate, macbeth, host } = await coven({ store });
    const commit = store.commit.bind(store);
    const stored: boolean[] = [];
    store.commit = (changes, line, settled) =>
      commit(changes, line, async (error) => {
        const { channel, participants } = (await store.channel("coven"))!;
        if (channel.state.includes('"banned":[')) stored.push(participants.some((each) => each.jid === macbeth.jid));
        settled(error);
      });
    await bans(hecate, macbeth.jid);
    expect(stored.length).toBeGreaterThan(0);
    expect(stored).not.toContain(true);
    await host.stop();
    await store.close();
  });

  it("hears and says nothing any more, from whichever of his clients", async () => {
    const { hecate, hag66, macbeth, host } = await coven();
    await bans(hecate, macbeth.jid);
    const before = macbeth.received().length;
    await hag66.says("He is gone");
    expect(macbeth.received()).toHaveLength(before);
    const elsewhere = { from: `${macbeth.jid}/tent`, to: COVEN, id: "1" };
    const [said] = await host.receive(xml("message", { ...elsewhere, type: "groupchat" }, xml("body", {}, "Not I")));
    const join = xml("join", { xmlns: NS.MIX_CORE_1 }, xml("nick", {}, "Thane"));
    const [joined] = await host.receive(xml("iq", { ...elsewhere, type: "set" }, join));
    expect([said, joined].map(outcome)).toEqual(["item-not-found", "item-not-found"]);
    expect(hecate.heard()).toEqual(["He is gone"]);
  });

  it("may be a whole domain, but not those below it", { tags: ["0406-3.3/4"] }, async () => {
    const { hecate, host, channel } = await coven();
    const [hamlet, page] = [dane(host), dane(host, "page", "court.elsinore.example")];
    for (const each of [hamlet, page]) expect(outcome(await each.joins())).toBe("result");
    await bans(hecate, "Elsinore.Example");
    expect(channel.participant(hamlet.jid)).toBeUndefined();
    expect(channel.participant(page.jid)).toBeDefined();
    expect(outcome(await dane(host, "horatio").joins())).toBe("item-not-found");
  });

  it("is nobody who manages the channel, by whatever name; nobody locks himself out", {
    tags: ["0406-2.3/1"],
  }, async () => {
    const { hecate, crone1, prospero, macbeth, channel } = await coven();
    for (const actor of [hecate, crone1])
      for (const id of [jid("hecate"), crone1.id, hecate.proxy, prospero.jid]) {
        const reply = await bans(actor, macbeth.jid, id);
        expect(outcome(reply)).toBe("not-allowed");
        expect(reason(reply)).toContain(`"${id}"`);
        if (id === crone1.id) expect(reason(reply)).not.toContain(crone1.jid);
      }
    expect(await list(hecate, BANNED)).toEqual([]);
    expect(outcome(await bans(hecate, "shakespeare.example"))).toBe("result");
    expect([...channel.participants].map((each) => each.jid).sort()).toEqual([crone1.jid, hecate.jid]);
    await crone1.leaves();
    expect(outcome(await crone1.joins())).toBe("result");
  });

  it("is removed, too, once he manages the channel no longer", async () => {
    const { hecate, crone1, channel } = await coven();
    await subscribes(crone1, NODE.CONFIG, BANNED);
    await bans(hecate, "shakespeare.example");
    expect(channel.participant(crone1.jid)).toBeDefined();
    await publishes(hecate, NODE.CONFIG, { Administrator: [] });
    expect(channel.participant(crone1.jid)).toBeUndefined();
    expect(await knows(crone1)).toBe("item-not-found");
  });

  it("comes back as who he was once he is banned no longer", async () => {
    const { hecate, macbeth } = await coven();
    const { id } = macbeth;
    await bans(hecate, id);
    expect(outcome(await macbeth.joins())).toBe("item-not-found");
    await retracts(hecate, BANNED, macbeth.jid);
    expect(outcome(await macbeth.joins())).toBe("result");
    expect(macbeth.id).toBe(id);
  });

  it("does not slip in while the ban is on its way, nor does a ban undo a join before it", async () => {
    const store = new HeldStore(await emptyStore());
    const { hecate, banquo, channel, host } = await coven({ store });
    const join = xml("join", { xmlns: NS.MIX_CORE_1 }, xml("nick", {}, "banquo"));
    const banquoJoins = () => host.push(xml("iq", { type: "set", from: banquo.jid, to: COVEN, id: "join" }, join));
    const hecateBans = () =>
      host.push(
        xml("iq", { type: "set", from: hecate.client, to: COVEN, id: "ban" }, publish(BANNED, item(banquo.jid))),
      );
    const joined = () => banquo.received().filter(({ attrs }) => attrs.id === "join");
    store.hold();
    banquoJoins();
    hecateBans();
    await store.turns();
    store.release();
    await host.settled();
    expect(channel.participant(banquo.jid)).toBeUndefined();
    await retracts(hecate, BANNED, banquo.jid);
    hecateBans();
    banquoJoins();
    await host.settled();
    expect(channel.participant(banquo.jid)).toBeUndefined();
    expect(outcome(joined().at(-1))).toBe("item-not-found");
    await host.stop();
    await store.close();
  });

  it("stays, and so does the list, when the ban could not be stored", async () => {
    const store = new HeldStore(await emptyStore());
    const { hecate, macbeth, host } = await coven({ store });
    const before = macbeth.received().length;
    store.fail(1);
    expect(outcome(await bans(hecate, macbeth.jid))).toBe("internal-server-error");
    expect(macbeth.received()).toHaveLength(before);
    expect(await list(hecate, BANNED)).toEqual([]);
    expect((await host.use(Channels).find("coven"))?.participant(macbeth.jid)).toBeDefined();
    await host.stop();
    await store.close();
  });
});

describe("a channel that has the name of one that was destroyed", () => {
  it("begins with lists of its own", async () => {
    const { hecate, hag66, host } = await coven();
    await bans(hecate, jid("lear"), "elsinore.example");
    await allows(hecate, hag66.jid);
    await hecate.asks("set", "mix.shakespeare.example", xml("destroy", { xmlns: NS.MIX_CORE_1, channel: "coven" }));
    await hecate.creates("coven");
    expect(await list(hecate, BANNED)).toEqual([]);
    expect(outcome(await reads(hecate, ALLOWED))).toBe("item-not-found");
    expect(outcome(await dane(host).joins())).toBe("result");
  });
});

describe("a channel that admits not everybody", () => {
  it("needs the plugin for as long as it does", async () => {
    const { hecate, channel } = await coven();
    const needs = () => channel.state.requires.includes("access");
    await bans(hecate, jid("lear"));
    expect(needs()).toBe(true);
    await allows(hecate);
    await retracts(hecate, BANNED, jid("lear"));
    expect(needs()).toBe(true);
    await does(hecate, "delete", ALLOWED);
    expect(needs()).toBe(false);
    await bans(hecate, jid("lear"));
    await does(hecate, "delete", BANNED);
    expect(needs()).toBe(false);
    expect(channel.state.requires).toContain("visibility");
  });

  it.each(["switched off", "failing to start"])(
    "is suspended with it %s, which nobody outside is told",
    async (how) => {
      const { hecate, hag66, banquo, macbeth, host } = await coven();
      await bans(hecate, macbeth.jid);
      const { host: kernel } = host.engine;
      if (how === "switched off") await kernel.disable("access");
      else await kernel.disable("participants");
      for (const actor of [hecate, hag66]) {
        const reply = await actor.asks("get", COVEN, disco("info"));
        expect(outcome(reply)).toBe("service-unavailable");
        expect(reason(reply)).toContain("access");
      }
      for (const actor of [banquo, macbeth]) {
        expect(await knows(actor)).toBe("item-not-found");
        expect(listed(await actor.asks("get", SERVICE, disco("items")))).toEqual([]);
      }
      await kernel.enable(how === "switched off" ? "access" : "participants");
      expect(await knows(banquo)).toBe("result");
      expect(await knows(macbeth)).toBe("item-not-found");
    },
  );

  it("is none that never banned anybody: it goes on without the plugin", async () => {
    const { hecate, banquo, host } = await coven();
    await host.engine.host.disable("access");
    expect(await knows(banquo)).toBe("result");
    expect(outcome(await banquo.joins())).toBe("result");
    expect(outcome(await reads(hecate, BANNED))).toBe("item-not-found");
  });
});
