import { Channels, definePlugin, NODE, NS, type Participant, xml } from "masque";
import { emptyStore, parseStanza, stanzasIn, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { Audience, type Eyes, type Kind } from "../../../core/channel/audience.ts";
import { FanOut, type Wire } from "../../../core/channel/fan-out.ts";
import { type Telling, TellingRound } from "../../../core/channel/round.ts";
import { Load } from "../../../core/load.ts";
import { HeldStore } from "./held-store.ts";
import { COVEN } from "./replies.ts";

const hag = (name: string, more: Partial<Participant> = {}): Participant => ({
  id: name,
  jid: `${name}@shakespeare.example`,
  nick: name,
  generation: 1,
  nodes: new Set(),
  delivery: { mode: "bare", full: [] },
  clients: {},
  traits: {},
  ...more,
});

const audience = (readers: readonly Participant[], administrators: readonly string[] = []) =>
  new Audience(readers, ({ id }): Eyes => (administrators.includes(id) ? "administrator" : "participant"), "groupchat");

/** A telling whose copies say how their reader was looked at. */
function telling(then: Audience, now = then, more: Partial<Telling> = {}): Telling {
  return { audience: then, now: () => now, tail: ({ eyes }) => Buffer.from(`>${eyes}</message>`), ...more };
}

/** All copies of a telling, as they leave; `undefined` for none. */
function copies(telling: Telling): Uint8Array | undefined {
  const pieces: Uint8Array[] = [];
  new TellingRound(telling).next(pieces, Number.POSITIVE_INFINITY);
  return pieces.length === 0 ? undefined : Buffer.concat(pieces);
}

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();

/** Who was told, and what. */
function told(bytes: Uint8Array | undefined): Record<string, string> {
  const stanzas = stanzasIn(text(bytes));
  return Object.fromEntries(stanzas.map((stanza) => [stanza.attrs.to?.split("@")[0], stanza.getText()]));
}

describe("the copies of a telling", () => {
  it("are rendered once for each kind of reader", () => {
    const rendered: Kind[] = [];
    const readers = ["a", "b", "c"].map((name) => hag(name));
    const tail = (kind: Kind) => {
      rendered.push(kind);
      return Buffer.from(">!</message>");
    };
    copies(telling(audience([...readers, hag("d", { generation: 0 })]), undefined, { tail }));
    expect(rendered.map(({ generation }) => generation)).toEqual([1, 0]);
  });

  it("go to those who were to hear it and still may", () => {
    const [hecate, hag66, macbeth] = [hag("hecate"), hag("hag66"), hag("macbeth")];
    const bytes = copies(telling(audience([hecate, hag66]), audience([hag66, macbeth])));
    expect(Object.keys(told(bytes))).toEqual(["hag66"]);
  });

  it("show each reader what the stricter of then and now allows", () => {
    const readers = ["once", "now", "both", "neither"].map((name) => hag(name));
    const bytes = copies(telling(audience(readers, ["once", "both"]), audience(readers, ["now", "both"])));
    expect(told(bytes)).toEqual({
      once: "participant",
      now: "participant",
      both: "administrator",
      neither: "participant",
    });
  });

  it("go where their readers are reached now", () => {
    const moved = hag("hag66", { delivery: { mode: "full", full: ["hag66@shakespeare.example/pda"] } });
    const bytes = copies(telling(audience([hag("hag66")]), audience([moved])));
    expect(parseStanza(text(bytes)).attrs.to).toBe("hag66@shakespeare.example/pda");
  });

  it("leave out whom the filter drops", () => {
    const then = audience([hag("hecate"), hag("hag66")]);
    expect(told(copies(telling(then, then, { filter: ({ id }) => id === "hag66" })))).toEqual({ hag66: "participant" });
  });

  it("are none when nobody is left", () => {
    expect(copies(telling(audience([]), audience([hag("hecate")])))).toBeUndefined();
    expect(copies(telling(audience([hag("hecate")]), undefined, { filter: () => false }))).toBeUndefined();
  });

  it("leave out those who came since, and one who has come back since at another place", () => {
    const then = audience([hag("hecate"), hag("hag66")]);
    const now = then.without("hecate").with(hag("macbeth"), "participant").with(hag("hecate"), "participant");
    expect(Object.keys(told(copies(telling(then, then.with(hag("macbeth"), "participant")))))).toEqual([
      "hecate",
      "hag66",
    ]);
    expect(Object.keys(told(copies(telling(then, now))))).toEqual(["hag66", "hecate"]);
  });

  it("come in parts, each reader's all in one, and to nobody twice, whoever comes and goes between the parts", () => {
    const full = ["b@shakespeare.example/1", "b@shakespeare.example/2"];
    const readers = [hag("a"), hag("b", { delivery: { mode: "full", full } }), hag("c"), hag("d"), hag("e")];
    let now = audience(readers);
    const round = new TellingRound({ ...telling(now), now: () => now });
    const parts: string[][] = [];
    while (!round.isOver) {
      const pieces: Uint8Array[] = [];
      round.next(pieces, 1);
      round.sent();
      parts.push(stanzasIn(text(Buffer.concat(pieces))).map(({ attrs }) => attrs.to?.split("@")[0] ?? ""));
      if (parts.length === 1) now = now.with(hag("f"), "participant");
      if (parts.length === 2) now = now.without("d");
    }
    expect(parts.filter((part) => part.length > 0)).toEqual([["a"], ["b", "b"], ["c"], ["e"]]);
  });

  it("come again when their part could not be sent", () => {
    const round = new TellingRound(telling(audience([hag("hecate")])));
    const attempt = () => {
      const pieces: Uint8Array[] = [];
      round.next(pieces, 1);
      return text(Buffer.concat(pieces));
    };
    expect(attempt()).toBe(attempt());
    expect(round.isOver).toBe(false);
    round.sent();
    expect(round.isOver).toBe(true);
  });

  it("have words of their own for one reader, at all his addresses", () => {
    const full = ["hecate@shakespeare.example/a", "hecate@shakespeare.example/b"];
    const then = audience([hag("hecate", { delivery: { mode: "full", full } }), hag("hag66")]);
    const own = { reader: "hecate", tail: () => Buffer.from(">own</message>") };
    const stanzas = stanzasIn(text(copies(telling(then, then, { own }))));
    expect(stanzas.map((stanza) => stanza.getText())).toEqual(["own", "own", "participant"]);
  });
});

/** A wire that takes so many writes before it breaks, and remembers what it took. */
function wire(takes = Number.POSITIVE_INFINITY) {
  const taken: string[] = [];
  return {
    taken,
    takes,
    online: true as boolean,
    isCongested: false as boolean,
    isStuck: false,
    hold() {},
    write: () => false,
    writeAll(pieces: readonly Uint8Array[]) {
      if (taken.length >= this.takes) return false;
      taken.push(
        stanzasIn(Buffer.concat(pieces).toString())
          .map((stanza) => stanza.getText())
          .join(),
      );
      return true;
    },
  } satisfies Wire & { taken: string[]; takes: number };
}

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

describe("the outbox", () => {
  const then = audience([hag("hecate")]);
  const says = (words: string) => telling(then, then, { tail: () => Buffer.from(`>${words}</message>`) });

  it("keeps what is told while the stream is down, in its order, and sends it once", () => {
    const stream = wire();
    const fanOut = new FanOut(stream, quiet, new Load(() => {}));
    stream.online = false;
    for (const words of ["one", "two", "three"]) fanOut.tell("coven", says(words));
    expect([stream.taken, fanOut.waiting]).toEqual([[], 3]);
    stream.online = true;
    fanOut.flush();
    fanOut.flush();
    expect([stream.taken, fanOut.waiting]).toEqual([["one", "two", "three"], 0]);
  });

  it("keeps what the stream did not take, and what comes behind, when it breaks meanwhile", () => {
    const stream = wire(2);
    const fanOut = new FanOut(stream, quiet, new Load(() => {}));
    stream.online = false;
    for (const words of ["one", "two", "three", "four"]) fanOut.tell("coven", says(words));
    stream.online = true;
    fanOut.flush();
    expect([stream.taken, fanOut.waiting]).toEqual([["one", "two"], 2]);
    stream.takes = Number.POSITIVE_INFINITY;
    fanOut.flush();
    expect(stream.taken).toEqual(["one", "two", "three", "four"]);
  });

  it("holds 10,000 tellings; of more it gives up the oldest, and counts them", () => {
    const stream = wire();
    const fanOut = new FanOut(stream, quiet, new Load(() => {}));
    stream.online = false;
    for (let i = 0; i < 10_003; i++) fanOut.tell("coven", says(String(i)));
    expect([fanOut.waiting, fanOut.dropped]).toEqual([10_000, 3]);
    stream.online = true;
    fanOut.flush();
    expect([stream.taken[0], stream.taken.at(-1), stream.taken.length]).toEqual(["3", "10002", 10_000]);
  });

  it("drops without counting what nobody may hear any more", () => {
    const stream = wire();
    const fanOut = new FanOut(stream, quiet, new Load(() => {}));
    stream.online = false;
    fanOut.tell("coven", telling(then, audience([])));
    stream.online = true;
    fanOut.flush();
    expect([stream.taken, fanOut.waiting, fanOut.dropped]).toEqual([[], 0, 0]);
  });
});

describe("what is told in a large channel", () => {
  const PAGE = "x".repeat(1000);
  const crowd = audience(Array.from({ length: 5000 }, (_, i) => hag(`hag${i}`)));
  const few = audience([hag("hecate")]);
  const says = (words: string, to = crowd) => telling(to, to, { tail: () => Buffer.from(`>${words}</message>`) });
  const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

  it("lets what is told in others go before it, and is told whole, and in its order", async () => {
    const stream = wire();
    const fanOut = new FanOut(stream, quiet, new Load(() => {}));
    for (const words of ["one", "two", "three"]) fanOut.tell("coven", says(`${words}${PAGE}`));
    fanOut.tell("heath", says("A drum!", few));
    while (fanOut.waiting > 0) await nextTurn();
    const place = stream.taken.indexOf("A drum!");
    expect(place).toBeGreaterThan(0);
    expect(stream.taken.slice(place).join()).toContain("one");
    const heard = stream.taken.flatMap((part) => [...part.matchAll(/one|two|three/g)].map(([words]) => words));
    expect(heard).toEqual(["one", "two", "three"].flatMap((words) => Array(5000).fill(words)));
  });

  it("waits while the server does not take what it was sent", async () => {
    const stream = wire();
    const fanOut = new FanOut(stream, quiet, new Load(() => {}));
    stream.isCongested = true;
    fanOut.tell("coven", says("one", few));
    await nextTurn();
    expect([stream.taken, fanOut.waiting]).toEqual([[], 1]);
    stream.isCongested = false;
    fanOut.proceed();
    expect([stream.taken, fanOut.waiting]).toEqual([["one"], 0]);
  });

  it("is not promised when too much of it waits already", () => {
    const stream = wire();
    const fanOut = new FanOut(stream, quiet, new Load(() => {}));
    stream.isCongested = true;
    for (let i = 0; i < 1000; i++) fanOut.tell("coven", says("again"));
    expect(fanOut.isBehind("coven")).toBe(false);
    fanOut.tell("coven", says("and again"));
    expect([fanOut.isBehind("coven"), fanOut.isBehind("heath")]).toEqual([true, false]);
  });
});

describe("a channel whose stream is down (semantics §7)", () => {
  const hiding = definePlugin({
    name: "hiding",
    summary: "Hides everybody's JID.",
    setup({ guard }) {
      guard("jid/disclose", () => "hidden");
    },
  });
  const PLUGINS = { channels: {}, participants: {}, messages: {}, archive: {} };

  async function coven() {
    const store = new HeldStore(await emptyStore());
    const host = testHost([hiding], { store, plugins: PLUGINS });
    const { hecate, hag66, macbeth } = await host.coven("hecate", "hag66", "macbeth");
    return { store, host, hecate, hag66, macbeth };
  }

  /** Sends an iq and does not wait for the reply, which the stream would have lost. */
  const requests = (who: { jid: string }, child: string) =>
    `<iq type='set' from='${who.jid}' to='${COVEN}' id='1'>${child}</iq>`;
  const leave = `<leave xmlns='${NS.MIX_CORE_1}'/>`;

  it("tells everybody in the archive's order when it is back", async () => {
    const { host, hecate, hag66, macbeth } = await coven();
    host.stream("down");
    for (const words of ["When", "shall", "we"]) await hag66.says(words);
    expect(hecate.heard()).toEqual([]);
    await hecate.says("three");
    host.stream("up");
    await macbeth.says("meet");
    for (const actor of [hecate, hag66, macbeth])
      expect(actor.heard()).toEqual(["When", "shall", "we", "three", "meet"]);
  });

  it("drops the copies of one who left meanwhile, and tells one who joined only what came after", async () => {
    const { host, hecate, hag66, macbeth } = await coven();
    host.stream("down");
    await hag66.says("before");
    await host.receive(requests(macbeth, leave));
    await host.receive(
      requests(
        host.actor("banquo"),
        `<join xmlns='${NS.MIX_CORE_1}'><subscribe node='${NODE.MESSAGES}'/><nick>b</nick></join>`,
      ),
    );
    await hag66.says("after");
    host.stream("up");
    expect([hecate.heard(), macbeth.heard(), host.actor("banquo").heard()]).toEqual([
      ["before", "after"],
      [],
      ["after"],
    ]);
  });

  it("shows the JIDs that may be shown when it is sent", async () => {
    const { host, hecate, hag66 } = await coven();
    host.stream("down");
    await hag66.says("in the open");
    await host.engine.host.enable("hiding");
    host.stream("up");
    expect(hecate.heard()).toEqual(["in the open"]);
    expect(String(hecate.received().at(-1))).not.toContain(hag66.jid);
  });

  it("shows no JID that its owner chose to hide meanwhile, in what waited of the participants node either", async () => {
    const shy = definePlugin({
      name: "shy",
      summary: "Hides the JIDs of the shy.",
      setup({ guard }) {
        guard("jid/disclose", ({ participant }) => (participant.traits.shy ? "hidden" : "visible"));
      },
    });
    const host = testHost([shy]);
    const { hecate, hag66 } = await host.coven("hecate", "hag66");
    host.stream("down");
    await host.receive(requests(hag66, `<setnick xmlns='${NS.MIX_CORE_1}'><nick>thirdwitch</nick></setnick>`));
    const coven = await host.use(Channels).find("coven");
    await coven?.update((turn) => turn.put({ ...coven.participant(hag66.jid)!, traits: { shy: true } }));
    host.stream("up");
    expect(String(hecate.received().at(-1))).toContain("<nick>thirdwitch</nick>");
    expect(String(hecate.received().at(-1))).not.toContain(hag66.jid);
  });

  it("shows no JID that was hidden when it was said", async () => {
    const { host, hecate, hag66 } = await coven();
    await host.engine.host.enable("hiding");
    host.stream("down");
    await hag66.says("in the dark");
    await host.engine.host.disable("hiding");
    host.stream("up");
    expect(hecate.heard()).toEqual(["in the dark"]);
    expect(String(hecate.received().at(-1))).not.toContain(hag66.jid);
  });

  it("keeps to what is stored, also when it had to be loaded anew meanwhile", async () => {
    const { store, host, hecate, hag66, macbeth } = await coven();
    host.stream("down");
    await hag66.says("before");
    store.fail(1);
    await host.receive(requests(hag66, `<setnick xmlns='${NS.MIX_CORE_1}'><nick>thirdwitch</nick></setnick>`));
    await host.receive(requests(macbeth, leave));
    host.stream("up");
    expect([hecate.heard(), macbeth.heard()]).toEqual([["before"], []]);
    expect(hecate.received().at(-1)?.toString()).toContain("retract");
  });

  it("tells of changes to the participants, too", async () => {
    const { host, hecate, macbeth } = await coven();
    host.stream("down");
    await host.receive(requests(macbeth, leave));
    host.stream("up");
    expect(String(hecate.received().at(-1))).toContain(String(xml("retract", { id: macbeth.id })));
  });
});
