import { definePlugin, NODE, type Parcel, xml } from "masque";
import type {} from "masque/plugins/messages";
import { type Actor, stanzasIn, type TestHost, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { Passage } from "../../plugins/multicast/passage.ts";
import { ADDRESSES } from "../../plugins/multicast/spelling.ts";
import { SERVICE } from "../core/channel/replies.ts";
import {
  addressesIn,
  discreet,
  type Manner,
  MULTICAST,
  MulticastService,
  refusing,
  telling,
} from "./multicast-service.ts";

const NAMES = ["hecate", "hag66", "hag01", "crone1", "macbeth"] as const;
const PLUGINS = { channels: {}, participants: {}, messages: {}, whispers: {} };

/** A message that begins with "psst" is for hecate alone. */
const whispers = definePlugin({
  name: "whispers",
  summary: "Some things are for few.",
  dependsOn: ["messages"],
  setup({ handle }) {
    handle("message/deliver", ({ body }) =>
      body.startsWith("psst") ? ({ nick }) => (nick === "hecate" ? "deliver" : "drop") : undefined,
    );
  },
});

interface Coven extends Record<(typeof NAMES)[number], Actor> {
  readonly host: TestHost;
  readonly service: MulticastService;
}

/** Five in a coven, on a server with a multicast service. */
async function coven(options: object = {}, prepare: (service: MulticastService) => void = () => {}): Promise<Coven> {
  const host = testHost([whispers], { plugins: { ...PLUGINS, multicast: { least: 3, ...options } } });
  await host.start();
  const service = new MulticastService(host);
  prepare(service);
  const people = {} as Record<(typeof NAMES)[number], Actor>;
  for (const name of NAMES) people[name] = host.actor(name);
  await people.hecate.creates("coven");
  for (const name of NAMES) await people[name].joins("coven", { nodes: [NODE.MESSAGES] });
  return { ...people, host, service };
}

/** The same once something was said there: the service is found when there is first something to be told to many. */
async function proven(options: object = {}, prepare?: (service: MulticastService) => void): Promise<Coven> {
  const all = await coven(options, prepare);
  await all.hecate.says("Round about the cauldron go.");
  return all;
}

const FIRST = "Round about the cauldron go.";
const everybody = (all: Coven) => NAMES.map((name) => all[name]);
/** What each has heard, and how much in all. */
function hear(all: Coven, ...words: string[]): void {
  for (const each of everybody(all)) expect(each.heard(), each.name).toEqual([FIRST, ...words]);
}

describe("a multicast service that is found, and has proven itself", () => {
  it("is handed one stanza for all, and everybody hears it once", async () => {
    const all = await proven();
    expect(all.service.got).toEqual([]);
    await all.hag66.says("In the poison'd entrails throw.");
    expect(all.service.got.map((stanza) => addressesIn(stanza).sort())).toEqual([
      everybody(all)
        .map(({ jid }) => jid)
        .sort(),
    ]);
    hear(all, "In the poison'd entrails throw.");
  });

  it("gives everybody the same bytes but for the address, and no addresses", async () => {
    const all = await proven();
    await all.hag66.says("Double, double.");
    const copies = everybody(all).map((each) => String(each.received().at(-1)).replace(each.jid, ""));
    expect(new Set(copies).size).toBe(1);
    expect(copies[0]).not.toContain("address");
  });

  it("is handed no more addresses in a stanza than it says it takes", async () => {
    const all = await proven({}, (service) => {
      service.limit = 2;
    });
    await all.hag66.says("Double, double.");
    expect(all.service.got.map((stanza) => addressesIn(stanza).length)).toEqual([2, 2, 1]);
    hear(all, "Double, double.");
  });

  it("is handed no more than the operator says", async () => {
    const all = await proven({ most: 4 });
    await all.hag66.says("Double, double.");
    expect(all.service.got.map((stanza) => addressesIn(stanza).length)).toEqual([4, 1]);
  });

  it("is handed a plain list, where it reads one, and has proven itself with one", async () => {
    const all = await proven({}, (service) => {
      service.readsLists = true;
    });
    await all.hag66.says("Double, double.");
    expect(all.service.got.map((stanza) => [stanza.getChild("addresses"), addressesIn(stanza).sort()])).toEqual([
      [
        undefined,
        everybody(all)
          .map(({ jid }) => jid)
          .sort(),
      ],
    ]);
    hear(all, "Double, double.");
    expect(String(all.hecate.received().at(-1))).not.toContain("recipients");
  });

  it("is not asked for few", async () => {
    const all = await proven({ least: 6 });
    await all.hag66.says("Double, double.");
    expect(all.host.sent().join()).not.toContain(MULTICAST);
    hear(all, "Double, double.");
  });

  it("is not handed those of other servers", async () => {
    const all = await proven();
    const banquo = "banquo@scotland.example";
    const join =
      "<join xmlns='urn:xmpp:mix:core:1'><nick>banquo</nick><subscribe node='urn:xmpp:mix:nodes:messages'/></join>";
    await all.host.receive(`<iq type='set' id='1' from='${banquo}' to='coven@${SERVICE}'>${join}</iq>`);
    await all.hag66.says("Who comes?");
    expect(all.service.got.flatMap(addressesIn)).not.toContain(banquo);
    expect(all.host.sentTo(banquo).map((stanza) => stanza.getChildText("body"))).toEqual([null, "Who comes?"]);
  });

  it("lets nobody but the sender know what id he gave it, where his client speaks MIX-CORE 0.11", async () => {
    const all = await proven();
    await all.hag66.leaves();
    await all.hag66.joins("coven", { nodes: [NODE.MESSAGES], generation: 0, nick: "old hag" });
    const id = await all.hag66.says("Double, double.");
    expect(all.service.got.map((stanza) => addressesIn(stanza).length).sort()).toEqual([1, 4]);
    expect(String(all.hag66.received().at(-1))).toContain(id);
    expect(String(all.hecate.received().at(-1))).not.toContain(id);
  });

  it("is named in the status", async () => {
    const { host } = await proven();
    const [note] = await host.engine.host.gather("service/status", {});
    expect(note).toBe(`Users of shakespeare.example are written to through ${MULTICAST}, 20 at a time.`);
  });

  it("is not used any more when the plugin is switched off", async () => {
    const all = await proven();
    await all.host.engine.host.disable("multicast");
    await all.hag66.says("Double, double.");
    expect(all.service.got).toEqual([]);
    hear(all, "Double, double.");
  });
});

const changing: Manner = (stanza, to) =>
  discreet(stanza, to).map((copy) => xml("message", { ...copy.attrs, id: "another" }, copy.children));
const doubling: Manner = (stanza, to) => discreet(stanza, [...to, ...to]);
const forgetting: Manner = (stanza, to) => discreet(stanza, to.slice(0, -1));

describe("a service is not relied on", () => {
  it.each([
    ["tells its recipients of one another", telling],
    ["changes what it passes on", changing],
    ["passes it on twice", doubling],
    ["loses some of it", forgetting],
    ["refuses it", refusing("forbidden")],
  ])("that %s", async (_, manner) => {
    const all = await proven({}, (service) => {
      service.manner = manner;
    });
    all.host.clock.advance(60_000);
    await all.host.settled();
    expect(all.host.complaints.join()).toContain("shakespeare.example are written to one by one");
    all.service.manner = discreet;
    await all.hag66.says("Double, double.");
    expect(all.service.got).toEqual([]);
    hear(all, "Double, double.");
  });

  it("that is not there, until it is looked for again", async () => {
    const all = await proven({}, (service) => {
      service.isThere = false;
    });
    all.service.isThere = true;
    await all.hag66.says("Fire, burn.");
    all.host.clock.advance(10 * 60_000);
    await all.hag66.says("And cauldron, bubble.");
    expect(all.service.got).toEqual([]);
    await all.hag66.says("Double, double.");
    expect(all.service.got).toHaveLength(1);
    hear(all, "Fire, burn.", "And cauldron, bubble.", "Double, double.");
  });

  it("after the stream was lost, before it has proven itself anew", async () => {
    const all = await proven();
    all.host.stream("down");
    all.host.stream("up");
    await all.hag66.says("Fire, burn.");
    expect(all.service.got).toEqual([]);
    await all.hag66.says("Double, double.");
    expect(all.service.got).toHaveLength(1);
  });
});

describe("nothing overtakes what the service was handed", () => {
  it("not what is said to few next: it goes the same way", async () => {
    const all = await proven();
    all.service.pauses();
    await all.hag66.says("One.");
    await all.hag66.says("psst, two.");
    await all.hag66.says("Three.");
    expect(all.hecate.heard()).toEqual([FIRST]);
    await all.service.goesOn();
    expect(all.hecate.heard()).toEqual([FIRST, "One.", "psst, two.", "Three."]);
    expect(all.hag01.heard()).toEqual([FIRST, "One.", "Three."]);
    all.service.got.length = 0;
    await all.hag66.says("psst, four.");
    expect(all.service.got).toEqual([]);
    expect(all.hecate.heard().at(-1)).toBe("psst, four.");
  });

  it("but another channel does not wait for it", async () => {
    const all = await proven();
    await all.hecate.creates("heath");
    await all.hecate.joins("heath", { nodes: [NODE.MESSAGES] });
    all.service.pauses();
    await all.hag66.says("One.");
    await all.hecate.says("Alone on the heath.");
    expect(all.hecate.heard()).toEqual([FIRST, "Alone on the heath."]);
  });

  it("not what is told over the next stream", async () => {
    const all = await proven();
    all.service.pauses();
    await all.hag66.says("One.");
    all.host.stream("down");
    all.host.stream("up");
    await all.hag66.says("Two.");
    expect(all.hag01.heard()).toEqual([FIRST]);
    await all.service.goesOn();
    hear(all, "One.", "Two.");
  });
});

describe("a server that delivers more slowly than it takes", () => {
  const EACH = 1000;
  const beginnings = Array.from({ length: EACH }, (_, i) => Buffer.from(`<message to='hag${i}@shakespeare.example'`));
  const lots = [{ rest: Buffer.from(" from='coven@mix.shakespeare.example'></message>"), beginnings }];
  const parcel = { line: "1 messages", telling: {} as Parcel["telling"] };

  it("is handed no more until it has caught up", () => {
    let proceeded = 0;
    const sent: string[] = [];
    const passage = new Passage(
      { jid: MULTICAST, limit: EACH, spelling: ADDRESSES },
      {
        domain: SERVICE,
        after() {},
        again() {},
        closed() {},
        proceed: () => void proceeded++,
        send: (text) => void sent.push(text),
      },
    );
    const out: Uint8Array[] = [];
    while (!passage.isHolding) passage.pack(lots, parcel, out);
    const handed = stanzasIn(Buffer.concat(out).toString());
    expect(handed).toHaveLength(22);
    const echo = handed.find((stanza) => addressesIn(stanza)[0]?.startsWith(SERVICE))!;
    passage.takes(discreet(echo, addressesIn(echo))[0]!);
    expect([passage.isHolding, proceeded]).toEqual([true, 0]);
    const [next] = stanzasIn(sent.join(""));
    passage.takes(discreet(next!, addressesIn(next!))[0]!);
    expect([passage.isHolding, proceeded]).toEqual([false, 1]);
  });
});

describe("a service that fails", () => {
  it.each(["forbidden", "not-acceptable", "service-unavailable", "remote-server-not-found"] as const)(
    "with %s has delivered nothing: it is sent again, in its order, and then all is sent straight",
    async (condition) => {
      const all = await proven();
      all.service.pauses();
      await all.hag66.says("One.");
      await all.hag66.says("Two.");
      all.service.manner = refusing(condition);
      const goesOn = all.service.goesOn();
      await all.hag66.says("Three.");
      await goesOn;
      hear(all, "One.", "Two.", "Three.");
      all.service.got.length = 0;
      await all.hag66.says("Four.");
      expect(all.service.got).toEqual([]);
      hear(all, "One.", "Two.", "Three.", "Four.");
    },
  );

  it("and may have delivered it or not is not asked to do so twice", async () => {
    const all = await proven();
    all.service.manner = (stanza, to) => [
      ...discreet(stanza, to.slice(0, 2)),
      ...refusing("internal-server-error")(stanza, to),
    ];
    await all.hag66.says("One.");
    await all.hag66.says("Two.");
    expect(
      everybody(all)
        .map((each) => each.heard().filter((body) => body === "One.").length)
        .sort(),
    ).toEqual([0, 0, 0, 1, 1]);
    for (const each of everybody(all)) expect(each.heard().filter((body) => body === "Two.")).toEqual(["Two."]);
  });

  it("with some of it has that sent again, to those who were meant", async () => {
    const all = await proven({}, (service) => {
      service.limit = 3;
    });
    all.service.manner = (stanza, to) => (to.length > 2 ? refusing("not-acceptable") : discreet)(stanza, to);
    await all.hag66.says("One.");
    hear(all, "One.");
  });

  it("has nothing sent again to those who have left meanwhile", async () => {
    const all = await proven();
    all.service.pauses();
    await all.hag66.says("One.");
    await all.macbeth.leaves();
    all.service.manner = refusing("forbidden");
    await all.service.goesOn();
    expect(all.macbeth.heard()).toEqual([FIRST]);
    expect(all.hag01.heard()).toEqual([FIRST, "One."]);
  });

  it("by silence is not waited for for ever", async () => {
    const all = await proven();
    all.service.manner = () => [];
    await all.hag66.says("One.");
    all.host.clock.advance(30_000);
    await all.hag66.says("Two.");
    hear(all, "Two.");
    expect(all.host.complaints.join()).toContain("it does not answer any more");
  });

  it("by beginning to tell people of one another is never used again", async () => {
    const all = await proven();
    all.service.manner = (stanza, to) => (to.length > 1 ? [] : telling(stanza, to));
    await all.hag66.says("One.");
    all.service.manner = discreet;
    all.service.got.length = 0;
    all.host.clock.advance(60 * 60_000);
    await all.hag66.says("Two.");
    await all.hag66.says("Three.");
    expect(all.service.got).toEqual([]);
  });

  it("is not believed to, because somebody says so", async () => {
    const all = await proven();
    all.service.pauses();
    await all.hag66.says("One.");
    const sent = all.host.sent().length;
    const error = "<error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    await all.host.receive(`<message type='error' from='${MULTICAST}' to='coven@${SERVICE}'>${error}</message>`);
    expect(all.host.sent()).toHaveLength(sent);
    await all.service.goesOn();
    hear(all, "One.");
  });
});
