import { Channels, definePlugin, NODE, NS, type Plugin, xml } from "masque";
import { type Actor, emptyStore, type TestHost, type TestOptions, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import visibility from "../../plugins/visibility/index.ts";
import { HeldStore } from "../core/channel/held-store.ts";
import {
  COVEN,
  disco,
  events,
  features,
  listed,
  outcome,
  publishes,
  reads,
  reason,
  SERVICE,
  sheet,
} from "../core/channel/replies.ts";
import { ALL, during, history, itemsOf, setMode, veiled } from "./coven.ts";

const MODES = ["jid-visible", "jid-maybe-visible", "jid-hidden"] as const;
type Mode = (typeof MODES)[number];

/** XEP-0404 §2.2 and §3.1, as they are settled: mode of the channel × wish of the participant. */
const TABLE: Readonly<Record<string, Readonly<Record<Mode, "shown" | "hidden" | "may not be here">>>> = {
  default: { "jid-visible": "shown", "jid-maybe-visible": "hidden", "jid-hidden": "hidden" },
  "prefer not": { "jid-visible": "shown", "jid-maybe-visible": "hidden", "jid-hidden": "hidden" },
  prefer: { "jid-visible": "shown", "jid-maybe-visible": "shown", "jid-hidden": "hidden" },
  always: { "jid-visible": "shown", "jid-maybe-visible": "shown", "jid-hidden": "may not be here" },
  never: { "jid-visible": "may not be here", "jid-maybe-visible": "hidden", "jid-hidden": "hidden" },
};
const CELLS = Object.entries(TABLE).flatMap(([wish, row]) => MODES.map((mode) => [mode, wish, row[mode]] as const));
const HERE = CELLS.filter(([, , is]) => is !== "may not be here");
const NOT_HERE = CELLS.filter(([, , is]) => is === "may not be here");

const wishes = (wish: string) => ({ prefers: { "JID Visibility": wish } });

/** A coven of hecate's in this mode; banquo listens in generation 1, macbeth in generation 0. */
async function coven(mode: string, options: TestOptions = {}, more: object = {}) {
  const host = veiled({ default: mode, ...more }, options);
  const { hecate, banquo } = await host.coven("hecate", "banquo");
  const macbeth = host.actor("macbeth");
  await macbeth.joins("coven", { generation: 0 });
  const channel = (await host.use(Channels).find("coven"))!;
  return { host, hecate, banquo, macbeth, hag66: host.actor("hag66"), channel };
}

const textOf = (stanzas: readonly unknown[]) => stanzas.map(String).join("");
const wordIn = (stanzas: readonly unknown[], jid: string) => (textOf(stanzas).includes(jid) ? "shown" : "hidden");

describe.each(HERE)("in a channel that is %s, the JID of one whose preference is %s is %s", (mode, wish, is) => {
  it("in the participants node, when it is read and when it is told", {
    tags: ["0404-2.2/1", "0404-2.2/2", "0404-2.3/3", "0404-2.3/4"],
  }, async () => {
    const { hag66, banquo, macbeth } = await coven(mode);
    const told = [banquo, macbeth].map((reader) => reader.received().length);
    await hag66.joins("coven", wishes(wish));
    for (const [i, reader] of [banquo, macbeth].entries()) {
      expect(wordIn(reader.received().slice(told[i]), hag66.jid)).toBe(is);
      expect(wordIn(await itemsOf(reader, NODE.PARTICIPANTS), hag66.jid)).toBe(is);
    }
  });

  it("in messages of both generations, live and from the archive", {
    tags: ["0404-2.2/1", "0404-2.2/2", "0404-2.3/5"],
  }, async () => {
    const { hag66, banquo, macbeth } = await coven(mode);
    await hag66.joins("coven", wishes(wish));
    for (const reader of [banquo, macbeth]) {
      const heard = await during(reader, () => hag66.says("Double, double"));
      expect(heard).toHaveLength(1);
      expect(wordIn(heard, `<jid>${hag66.jid}</jid>`)).toBe(is);
      expect(wordIn(heard, hag66.jid)).toBe(is);
      const kept = (await history(reader)).slice(-1);
      expect(textOf(kept)).toContain("Double, double");
      expect(wordIn(kept, hag66.jid)).toBe(is);
    }
  });

  it("and so it is once she has chosen it later", {
    tags: ["0404-2.2/5", "0404-2.2/6", "0404-2.2/9", "0404-3.1/2", "0404-3.1/5", "0404-3.1/10"],
  }, async () => {
    const { hag66, banquo } = await coven(mode);
    await hag66.joins("coven");
    expect(outcome(await hag66.prefers({ "JID Visibility": wish }))).toBe("result");
    expect(wordIn(await itemsOf(banquo, NODE.PARTICIPANTS), hag66.jid)).toBe(is);
    const heard = await during(banquo, () => hag66.says("Double, double"));
    expect(wordIn(heard, hag66.jid)).toBe(is);
  });
});

describe.each(NOT_HERE)("in a channel that is %s, one whose preference is %s %s", (mode, wish) => {
  it("is refused when he would join, in words, and nobody hears of it", {
    tags: ["0404-2.2/7", "0404-2.2/8"],
  }, async () => {
    const { hag66, banquo, host } = await coven(mode);
    const before = host.sent().length;
    const reply = await hag66.joins("coven", wishes(wish));
    expect(outcome(reply)).toBe("not-acceptable");
    expect(reason(reply)).toContain("JID");
    expect(host.sent()).toHaveLength(before + 1);
    expect(await itemsOf(banquo, NODE.PARTICIPANTS)).toHaveLength(3);
  });

  it("is refused when he would choose it later, and nothing is changed", async () => {
    const { hag66, banquo, host, channel } = await coven(mode);
    await hag66.joins("coven");
    const [before, item] = [host.sent().length, textOf(await itemsOf(banquo, NODE.PARTICIPANTS))];
    const reply = await hag66.prefers({ "JID Visibility": wish });
    expect(outcome(reply)).toBe("not-acceptable");
    expect(reason(reply)).toContain("JID");
    expect(host.sent()).toHaveLength(before + 2);
    expect(channel.participant(hag66.jid)?.traits).toEqual({});
    expect(textOf(await itemsOf(banquo, NODE.PARTICIPANTS))).toBe(item);
  });

  it("is refused when he joins anew, and stays as he was", async () => {
    const { hag66, channel } = await coven(mode);
    await hag66.joins("coven");
    expect(outcome(await hag66.joins("coven", wishes(wish)))).toBe("not-acceptable");
    expect(channel.participant(hag66.jid)?.traits).toEqual({});
  });

  it("is removed when it becomes so; who never wished his JID shown is not taken back without a word of it", {
    tags: ["0404-2.2/7", "0404-2.2/8", "0404-3.1/3", "0404-3.1/4"],
  }, async () => {
    const { hag66, hecate, channel } = await coven("jid-maybe-visible");
    await hag66.joins("coven", wishes(wish));
    await setMode(hecate, mode);
    expect(channel.participant(hag66.jid)).toBeUndefined();
    expect(outcome(await hag66.joins("coven"))).toBe(wish === "never" ? "not-acceptable" : "result");
    expect(outcome(await hag66.joins("coven", wishes("default")))).toBe("result");
  });
});

describe("a change of mode", () => {
  it("is told in this order: retracts, what follows from a leave, the reasons, config, info, what became of the others", async () => {
    const herald = definePlugin({
      name: "herald",
      summary: "Stands in for presence.",
      setup({ on, send }) {
        on("participant/left", ({ participant }) => {
          send(
            xml("presence", { from: COVEN, to: "banquo@shakespeare.example", type: "unavailable", id: participant.id }),
          );
        });
      },
    });
    const host = testHost([herald], {
      plugins: { ...ALL, herald: {}, visibility: { default: "jid-maybe-visible" } },
    });
    const { hecate } = await host.coven("hecate", "banquo");
    await hecate.joins("coven", { nodes: [NODE.CONFIG, NODE.INFO, NODE.PARTICIPANTS] });
    for (const name of ["hag66", "hag01"]) await host.actor(name).joins("coven", wishes("never"));
    const before = host.sent().length;
    await setMode(hecate, "jid-visible");
    const kinds = host.sent().slice(before).map(kindOf);
    expect(kinds.filter((kind, i) => kind !== kinds[i - 1])).toEqual([
      "retract",
      "unavailable",
      "reason",
      "config",
      "info",
      "item",
      "reply",
    ]);
    expect(kinds.filter((kind) => kind === "reason")).toHaveLength(2);
    expect(kinds.filter((kind) => kind === "unavailable")).toHaveLength(2);
  });

  it("retracts the item of each who is removed, for the others and for himself, without his JID", async () => {
    const { hag66, hecate, banquo, macbeth } = await coven("jid-maybe-visible");
    await hag66.joins("coven", wishes("never"));
    const before = hag66.received().length;
    const told = await during(banquo, () => setMode(hecate, "jid-visible"));
    expect(textOf(told)).toContain(`<retract id="${hag66.id}"/>`);
    expect(textOf(macbeth.received())).toContain(`<retract id="${hag66.proxy}"/>`);
    expect(textOf([...told, ...macbeth.received()])).not.toContain(hag66.jid);
    expect(textOf(hag66.received().slice(before, before + 1))).toContain(`<retract id="${hag66.id}"/>`);
  });

  it("says the reason to each who is removed in one message of type normal, and to nobody else", async () => {
    const { hag66, hecate, banquo } = await coven("jid-maybe-visible");
    await hag66.joins("coven", wishes("never"));
    const [others, his] = [banquo.received().length, hag66.received().length];
    await setMode(hecate, "jid-visible");
    const reasons = hag66
      .received()
      .slice(his)
      .filter((stanza) => stanza.getChild("body"));
    expect(reasons).toHaveLength(1);
    expect(reasons[0]?.attrs).toMatchObject({ type: "normal", from: COVEN, to: hag66.jid });
    expect(reasons[0]?.getChildText("body")).toContain("you have been removed");
    expect(
      banquo
        .received()
        .slice(others)
        .filter((stanza) => stanza.getChild("body")),
    ).toEqual([]);
  });

  it.each([
    ["jid-hidden", "jid-visible", ["default", "prefer not", "prefer"], "shown"],
    ["jid-visible", "jid-hidden", ["default", "prefer not", "prefer"], "hidden"],
    ["jid-visible", "jid-maybe-visible", ["default", "prefer not"], "hidden"],
    ["jid-maybe-visible", "jid-hidden", ["prefer"], "hidden"],
    ["jid-hidden", "jid-maybe-visible", ["prefer"], "shown"],
  ])("from %s to %s publishes the items anew of those who wish %s: %s", async (from, to, changed, is) => {
    const { hecate, banquo, host } = await coven(from);
    for (const [i, wish] of ["default", "prefer not", "prefer"].entries())
      await host.actor(`hag${i}`).joins("coven", { ...wishes(wish), nick: wish });
    const told = (await during(banquo, () => setMode(hecate, to))).flatMap(
      (stanza) => stanza.getChild("event")?.getChild("items") ?? [],
    );
    const nicks = ["default", "prefer not", "prefer"];
    for (const [i, nick] of nicks.entries()) {
      const items = told.filter((each) => String(each).includes(`<nick>${nick}</nick>`));
      expect(items).toHaveLength(changed.includes(nick) ? 1 : 0);
      for (const item of items) expect(wordIn([item], host.actor(`hag${i}`).jid)).toBe(is);
    }
  });

  it("that is none is told as any other config, and publishes no participant anew", async () => {
    const { hecate, banquo } = await coven("jid-hidden");
    const told = await during(banquo, () => setMode(hecate, "jid-hidden"));
    expect(told).toEqual([]);
  });

  it("that could not be stored leaves everything as it was, and nobody is told", async () => {
    const store = new HeldStore(await emptyStore());
    const { hag66, hecate, host } = await coven("jid-maybe-visible", { store });
    await hag66.joins("coven", wishes("never"));
    const [config, info] = [await sheet(hecate, NODE.CONFIG), await sheet(hecate, NODE.INFO)];
    const before = host.sent().length;
    store.fail(1);
    expect(outcome(await setMode(hecate, "jid-visible"))).toBe("internal-server-error");
    expect(host.sent()).toHaveLength(before + 1);
    expect([await sheet(hecate, NODE.CONFIG), await sheet(hecate, NODE.INFO)]).toEqual([config, info]);
    const channel = (await host.use(Channels).find("coven"))!;
    expect(channel.participant(hag66.jid)).toBeDefined();
    expect(channel.state.requires).toEqual(["visibility"]);
    expect(wordIn(await itemsOf(hecate, NODE.PARTICIPANTS), hag66.jid)).toBe("hidden");
  });

  it("takes the JIDs of what was said before out of the archive, and never puts in those that were hidden then", {
    tags: ["0404-2.3/7"],
  }, async () => {
    const { hag66, hecate, banquo, macbeth } = await coven("jid-visible");
    await hag66.joins("coven");
    await hag66.says("Seen.");
    await setMode(hecate, "jid-hidden");
    await hag66.says("Unseen.");
    for (const reader of [banquo, macbeth]) expect(wordIn(await history(reader), hag66.jid)).toBe("hidden");
    await setMode(hecate, "jid-visible");
    for (const reader of [banquo, macbeth]) {
      const [seen, unseen] = await history(reader);
      expect([seen, unseen].map((each) => wordIn([each], hag66.jid))).toEqual(["shown", "hidden"]);
    }
  });

  it("removes an owner, too, even one who ceases to be one in the same form", async () => {
    const { hag66, hecate, channel } = await coven("jid-maybe-visible");
    await hag66.joins("coven", wishes("always"));
    await publishes(hecate, NODE.CONFIG, { Owner: [hecate.jid, hag66.jid] });
    await publishes(hecate, NODE.CONFIG, { Owner: hecate.jid, "JID Visibility": "jid-hidden" });
    expect(channel.participant(hag66.jid)).toBeUndefined();
  });

  it("takes one back who was removed for wishing his JID shown: hidden now, as a join without a word of it is", async () => {
    const { hag66, hecate, channel } = await coven("jid-maybe-visible");
    await hag66.joins("coven", wishes("always"));
    await setMode(hecate, "jid-hidden");
    expect(channel.participant(hag66.jid)).toBeUndefined();
    expect(outcome(await hag66.joins())).toBe("result");
    expect(channel.participant(hag66.jid)?.traits["JID Visibility"]).toBe("default");
    expect(wordIn(await itemsOf(hecate, NODE.PARTICIPANTS), hag66.jid)).toBe("hidden");
  });

  it("does not take one back who never wished his JID shown, while it would be", async () => {
    const { hag66, hecate, channel } = await coven("jid-maybe-visible");
    await hag66.joins("coven", wishes("never"));
    await setMode(hecate, "jid-visible");
    expect(outcome(await hag66.joins())).toBe("not-acceptable");
    expect(channel.participant(hag66.jid)).toBeUndefined();
  });

  it("removes one whose wish was stored while nobody can choose: preferences are off", {
    tags: ["0404-3.1/3"],
  }, async () => {
    const { hag66, hecate, host, channel } = await coven("jid-maybe-visible");
    await hag66.joins("coven", wishes("never"));
    await host.engine.host.disable("preferences");
    await setMode(hecate, "jid-visible");
    expect(channel.participant(hag66.jid)).toBeUndefined();
    expect(outcome(await hag66.joins("coven"))).toBe("not-acceptable");
  });

  it("removes nobody for a wish that is none any more, and shows him nowhere but where everybody is shown", async () => {
    const { hag66, hecate, banquo, channel } = await coven("jid-hidden");
    await hag66.joins("coven");
    await channel.update((turn) =>
      turn.put({ ...channel.participant(hag66.jid)!, traits: { "JID Visibility": "toString" } }),
    );
    expect(outcome(await hag66.joins("coven"))).toBe("result");
    await setMode(hecate, "jid-maybe-visible");
    expect(wordIn(await itemsOf(banquo, NODE.PARTICIPANTS), hag66.jid)).toBe("hidden");
  });
});

describe("a preference that shows or hides a JID", () => {
  it("publishes the item anew, at once and once", { tags: ["0404-2.3/4"] }, async () => {
    const { hag66, banquo, macbeth } = await coven("jid-maybe-visible");
    await hag66.joins("coven");
    for (const [wish, is] of [
      ["always", "shown"],
      ["never", "hidden"],
    ] as const) {
      const before = macbeth.received().length;
      const told = await during(banquo, () => hag66.prefers({ "JID Visibility": wish }));
      expect(told).toHaveLength(1);
      expect(events(banquo, NODE.PARTICIPANTS).at(-1)?.getChildren("item")).toHaveLength(1);
      expect(wordIn(told, hag66.jid)).toBe(is);
      expect(wordIn(macbeth.received().slice(before), hag66.jid)).toBe(is);
    }
  });

  it("tells nobody anything when it does neither", async () => {
    const { hag66, banquo } = await coven("jid-hidden");
    await hag66.joins("coven");
    expect(await during(banquo, () => hag66.prefers({ "JID Visibility": "prefer" }))).toEqual([]);
  });
});

describe("the mode of a channel", () => {
  it("is jid-hidden unless the operator says otherwise", { tags: ["0369-2/2", "0369-7.3.2/3"] }, async () => {
    const { hecate } = await veiled({}).coven("hecate");
    expect((await sheet(hecate, NODE.CONFIG)).values["JID Visibility"]).toEqual(["jid-hidden"]);
  });

  it.each(MODES)("stands in its configuration and in its information as %s", async (mode) => {
    const { hecate, banquo } = await veiled({ default: mode }).coven("hecate", "banquo");
    expect((await sheet(hecate, NODE.CONFIG)).values["JID Visibility"]).toEqual([mode]);
    expect((await sheet(banquo, NODE.INFO)).values["JID Visibility"]).toEqual([mode]);
  });

  it.each([
    ["jid-visible", "jid-visible"],
    ["JID-Visible", "jid-visible"],
    [" jid-maybe-visible\n", "jid-maybe-visible"],
    ["jid-optionally-visible", "jid-maybe-visible"],
    ["JID-Optionally-Visible", "jid-maybe-visible"],
    ["jid-mandatory-visible", "jid-visible"],
  ])("is set by %j, and is told as %s", async (written, mode) => {
    const { hecate } = await veiled({}).coven("hecate");
    const { id } = await sheet(hecate, NODE.INFO);
    expect(outcome(await setMode(hecate, written))).toBe("result");
    expect((await sheet(hecate, NODE.CONFIG)).values["JID Visibility"]).toEqual([mode]);
    const info = await sheet(hecate, NODE.INFO);
    expect(info.values["JID Visibility"]).toEqual([mode]);
    expect(info.id > id).toBe(true);
  });

  it.each(["", "hidden", "visible", "constructor", "toString", "__proto__"])("is not set by %j", async (written) => {
    const { hecate, channel } = await coven("jid-hidden");
    const reply = await setMode(hecate, written);
    expect(outcome(reply)).toBe("not-acceptable");
    expect(reason(reply)).toContain("jid-maybe-visible");
    expect(channel.state.config.values["JID Visibility"]).toEqual(["jid-hidden"]);
  });

  it("is set by owners only, and not through the information node", async () => {
    const { hecate, banquo, channel } = await coven("jid-hidden");
    expect(outcome(await setMode(banquo, "jid-visible"))).toBe("forbidden");
    await publishes(hecate, NODE.INFO, { Name: "Coven", "JID Visibility": "jid-visible" });
    expect((await sheet(hecate, NODE.INFO)).values).toMatchObject({
      Name: ["Coven"],
      "JID Visibility": ["jid-hidden"],
    });
    expect(channel.state.config.values["JID Visibility"]).toEqual(["jid-hidden"]);
  });

  it("shows nobody when it is none that we know", async () => {
    const { hag66, banquo, channel } = await coven("jid-hidden");
    await hag66.joins("coven", wishes("always")).then((reply) => expect(outcome(reply)).toBe("not-acceptable"));
    await hag66.joins("coven");
    await channel.update((turn) =>
      turn.revise("config", { "JID Visibility": ["jid-veiled"] }, "hecate@shakespeare.example", 0),
    );
    expect(wordIn(await itemsOf(banquo, NODE.PARTICIPANTS), hag66.jid)).toBe("hidden");
    expect(wordIn(await during(banquo, () => hag66.says("Double")), hag66.jid)).toBe("hidden");
  });
});

describe("the operator", () => {
  it.each(["jid-visible", "jid-mandatory-visible", "JID-VISIBLE"])(
    "may say what modes there are: then %s is not one, by whatever name",
    async (written) => {
      const { hecate } = await veiled({ modes: ["jid-hidden", "jid-maybe-visible"] }).coven("hecate");
      const reply = await setMode(hecate, written);
      expect(outcome(reply)).toBe("not-acceptable");
      expect(reason(reply)).not.toContain('"jid-visible",');
      expect(outcome(await setMode(hecate, "jid-maybe-visible"))).toBe("result");
    },
  );

  it("leaves the channels there are the modes they have, even when their owners send the whole form back", async () => {
    const store = await emptyStore();
    const first = veiled({ default: "jid-visible" }, { store });
    await first.coven("hecate", "hag66");
    await first.stop();
    const second = veiled({ modes: ["jid-hidden"] }, { store });
    const [hecate, hag66] = [second.actor("hecate"), second.actor("hag66")];
    await hag66.joins();
    expect(wordIn(await itemsOf(hecate, NODE.PARTICIPANTS), hag66.jid)).toBe("shown");
    const { values } = await sheet(hecate, NODE.CONFIG);
    expect(outcome(await publishes(hecate, NODE.CONFIG, { ...values, "Mandatory Nicks": "false" }))).toBe("result");
    expect((await sheet(hecate, NODE.CONFIG)).values["JID Visibility"]).toEqual(["jid-visible"]);
    expect(outcome(await setMode(hecate, "jid-hidden"))).toBe("result");
    expect(outcome(await setMode(hecate, "jid-visible"))).toBe("not-acceptable");
  });

  it("is told when new channels would be what no channel may be", () => {
    const host = testHost();
    const check = async () => {
      const { engine } = await host.start();
      engine.host.check({ channels: {}, participants: {}, visibility: { modes: ["jid-visible"] } });
    };
    return expect(check()).rejects.toThrow("a new channel must be one of what owners may make of it");
  });

  it("may do without the wish that the XEP only has a name for: then it is no choice, and counts as none", async () => {
    const store = await emptyStore();
    const first = await coven("jid-maybe-visible", { store });
    await first.hag66.joins("coven", wishes("prefer"));
    await first.host.stop();
    const second = veiled({ prefer: false }, { store });
    const [banquo, hag66] = [second.actor("banquo"), second.actor("hag66")];
    await banquo.joins();
    expect(wordIn(await itemsOf(banquo, NODE.PARTICIPANTS), hag66.jid)).toBe("hidden");
    await hag66.joins();
    const reply = await hag66.prefers({ "JID Visibility": "prefer" });
    expect(outcome(reply)).toBe("not-acceptable");
    expect(reason(reply)).not.toMatch(/"prefer"/);
  });

  describe("decides what administrators see of hidden JIDs:", () => {
    it.each([
      ["jidmap", "hidden"],
      ["everywhere", "shown"],
    ])(
      'with "%s" they are %s in messages and in the participants node',
      { tags: ["0404-2.2/3", "0404-2.3/6"] },
      async (option, is) => {
        const { hag66, hecate, banquo, macbeth } = await coven("jid-hidden", {}, { administrators_see_jids: option });
        await hag66.joins("coven");
        const before = [banquo, macbeth].map((reader) => reader.received().length);
        expect(wordIn(await during(hecate, () => hag66.says("Double")), hag66.jid)).toBe(is);
        expect(wordIn(await itemsOf(hecate, NODE.PARTICIPANTS), hag66.jid)).toBe(is);
        expect(wordIn(await itemsOf(hecate, NODE.JIDMAP), hag66.jid)).toBe("shown");
        for (const [i, reader] of [banquo, macbeth].entries()) {
          expect(wordIn(reader.received().slice(before[i]), hag66.jid)).toBe("hidden");
          expect(wordIn(await itemsOf(reader, NODE.PARTICIPANTS), hag66.jid)).toBe("hidden");
        }
      },
    );
  });
});

describe("visibility", () => {
  it("is advertised as urn:xmpp:mix:anon:0 by the service and its channels while it is on", {
    tags: ["0369-3/5"],
  }, async () => {
    const host = testHost([], { plugins: { channels: {}, participants: {}, messages: {}, visibility: {} } });
    const { hecate } = await host.coven("hecate");
    const seen = async () => [
      ...features(await hecate.asks("get", SERVICE, disco("info"))),
      ...features(await hecate.asks("get", COVEN, disco("info", "mix"))),
    ];
    expect((await seen()).filter((feature) => feature === NS.MIX_ANON)).toHaveLength(2);
    await host.engine.host.disable("visibility");
    await hecate.creates("heath");
    expect(features(await hecate.asks("get", SERVICE, disco("info")))).not.toContain(NS.MIX_ANON);
    expect(features(await hecate.asks("get", `heath@${SERVICE}`, disco("info", "mix")))).not.toContain(NS.MIX_ANON);
  });

  it("goes on to be advertised while another plugin of the namespace goes", async () => {
    const { host, hecate } = await coven("jid-hidden");
    await host.engine.host.disable("preferences");
    expect(features(await hecate.asks("get", SERVICE, disco("info")))).toContain(NS.MIX_ANON);
  });
});

describe("what a channel requires", () => {
  it.each([
    ["jid-hidden", ["visibility"]],
    ["jid-maybe-visible", ["visibility"]],
  ])("of a channel created as %s is %j: without it it is suspended", async (mode, requires) => {
    const { host, hag66, banquo, channel } = await coven(mode);
    await hag66.joins("coven");
    expect(channel.state.requires).toEqual(requires);
    await host.engine.host.disable("visibility");
    for (const reply of [
      await reads(banquo, NODE.PARTICIPANTS),
      await reads(host.actor("hecate"), NODE.JIDMAP),
      await banquo.asks("set", COVEN, xml("query", { xmlns: NS.MAM })),
      await hag66.prefers({ "JID Visibility": "default" }),
    ])
      expect(outcome(reply)).toBe("service-unavailable");
    expect(outcome(await host.actor("lennox").joins("coven"))).toBe("item-not-found");
    const before = host.sent().length;
    await hag66.says("Double, double");
    expect(host.sent()).toHaveLength(before + 1);
    expect(banquo.heard()).toEqual([]);
    expect(outcome(await hag66.leaves())).toBe("result");
    expect(wordIn(banquo.received(), hag66.jid)).toBe("hidden");
  });

  it("is nothing while it shows everybody, and visibility once it does not", async () => {
    const { channel, hecate, host } = await coven("jid-visible");
    expect(channel.state.requires).toEqual([]);
    await setMode(hecate, "jid-maybe-visible");
    await setMode(hecate, "jid-hidden");
    expect(channel.state.requires).toEqual(["visibility"]);
    await setMode(hecate, "jid-visible");
    expect(channel.state.requires).toEqual([]);
    await host.engine.host.disable("visibility");
    expect(outcome(await reads(hecate, NODE.PARTICIPANTS))).toBe("result");
  });

  it("is nothing for one made while there is no visibility: plain MIX-CORE, which shows JIDs, also when there is", async () => {
    const { visibility: _, ...others } = ALL;
    const host = testHost([], { plugins: others });
    const { hecate, hag66 } = await host.coven("hecate", "hag66");
    expect(wordIn(await itemsOf(hecate, NODE.PARTICIPANTS), hag66.jid)).toBe("shown");
    await host.engine.host.enable("visibility");
    expect(wordIn(await itemsOf(hecate, NODE.PARTICIPANTS), hag66.jid)).toBe("shown");
    expect((await sheet(hecate, NODE.INFO)).values["JID Visibility"]).toEqual(["jid-visible"]);
    await setMode(hecate, "jid-hidden");
    expect(wordIn(await itemsOf(hecate, NODE.PARTICIPANTS), hag66.jid)).toBe("hidden");
    await host.engine.host.disable("visibility");
    expect(outcome(await reads(hag66, NODE.PARTICIPANTS))).toBe("service-unavailable");
  });
});

describe("a reload under way", () => {
  /** Visibility whose stopping and starting wait until the test says go. */
  function slowly() {
    const gates: (() => void)[] = [];
    const gate = () => new Promise<void>((open) => void gates.push(open));
    let starts = 0;
    const plugin: Plugin = {
      ...visibility,
      async setup(ctx) {
        if (starts++ > 0) await gate();
        await visibility.setup(ctx);
        ctx.cleanup("slowly", gate);
      },
    };
    const next = async () => {
      while (gates.length === 0) await new Promise((resolve) => setImmediate(resolve));
    };
    return { plugin, next, open: () => gates.shift()!() };
  }

  /** Everything that somebody could learn a JID by. */
  async function traffic(host: TestHost, hag66: Actor, banquo: Actor): Promise<void> {
    await hag66.says("Double, double");
    await hag66.joins("coven", { nick: "third witch" });
    await hag66.prefers({ "JID Visibility": "default" });
    await host.actor("lennox").joins("coven");
    for (const node of [NODE.PARTICIPANTS, NODE.JIDMAP]) await reads(banquo, node);
    await banquo.asks("set", COVEN, xml("query", { xmlns: NS.MAM }));
    await banquo.asks("get", hag66.proxy, xml("vCard", { xmlns: "vcard-temp" }));
  }

  it.each(["jid-hidden", "jid-maybe-visible"])(
    "shows nobody's JID in a channel that is %s, at any moment",
    async (mode) => {
      const { plugin, next, open } = slowly();
      const host = testHost([plugin], { plugins: { ...ALL, visibility: { default: mode } } });
      const { hag66, banquo } = await host.coven("hecate", "hag66", "banquo");
      const reloaded = host.engine.host.reload("visibility");
      for (let moment = 0; moment < 2; moment++) {
        await next();
        await traffic(host, hag66, banquo);
        open();
        await traffic(host, hag66, banquo);
      }
      await reloaded;
      await traffic(host, hag66, banquo);
      expect(wordIn(banquo.received(), hag66.jid)).toBe("hidden");
      expect(wordIn(host.actor("lennox").received(), hag66.jid)).toBe("hidden");
      expect(banquo.heard()).toContain("Double, double");
    },
  );

  it("shows none of what is sent step by step, between any two of its moments", async () => {
    const { host, hag66, banquo, hecate } = await coven("jid-hidden");
    await hag66.joins("coven");
    let isDone = false;
    const reloads = (async () => {
      for (let i = 0; i < 3; i++) await host.engine.host.reload("visibility");
    })().finally(() => {
      isDone = true;
    });
    let steps = 0;
    for (; !isDone; steps++) {
      const say = xml(
        "message",
        { type: "groupchat", from: hag66.client, to: COVEN, id: `s${steps}` },
        xml("body", {}, "Toil"),
      );
      host.push(say);
      const read = xml("pubsub", { xmlns: NS.PUBSUB }, xml("items", { node: NODE.PARTICIPANTS }));
      host.push(xml("iq", { type: "get", from: banquo.client, to: COVEN, id: `r${steps}` }, read));
      await Promise.resolve();
    }
    await reloads;
    await host.settled();
    expect(steps).toBeGreaterThan(10);
    expect(wordIn(banquo.received(), hag66.jid)).toBe("hidden");
    expect(wordIn(await itemsOf(hecate, NODE.JIDMAP), hag66.jid)).toBe("shown");
  });

  it("lets nobody create a channel that visibility would not protect", async () => {
    const { plugin, next, open } = slowly();
    const host = testHost([plugin], { plugins: { ...ALL, visibility: {} } });
    const { hecate } = await host.coven("hecate");
    const reloaded = host.engine.host.reload("visibility");
    for (const name of ["heath", "moor"]) {
      await next();
      expect(outcome(await hecate.creates(name))).toBe("service-unavailable");
      open();
    }
    await reloaded;
    expect(outcome(await hecate.creates("heath"))).toBe("result");
    expect((await host.use(Channels).find("heath"))?.state.requires).toEqual(["visibility"]);
    const disabled = host.engine.host.disable("visibility");
    await next();
    expect(outcome(await hecate.creates("moor"))).toBe("service-unavailable");
    open();
    await disabled;
    expect(outcome(await hecate.creates("moor"))).toBe("result");
  });
});

describe("a crash anywhere in the decision", () => {
  const curse = () => {
    throw new Error("Something wicked this way comes.");
  };
  const cursed = (setup: Plugin["setup"]) =>
    definePlugin({ name: "cursed", summary: "Crashes.", dependsOn: ["participants", "preferences"], setup });

  it.each(["jid-visible", "jid-maybe-visible", "jid-hidden"])(
    "of a voter hides everybody in a channel that is %s",
    async (mode) => {
      const host = testHost([cursed(({ guard }) => guard("jid/disclose", curse))], {
        plugins: { ...ALL, cursed: {}, visibility: { default: mode, administrators_see_jids: "everywhere" } },
      });
      const { hecate, hag66 } = await host.coven("hecate", "hag66");
      await hag66.prefers({ "JID Visibility": "prefer" });
      await hag66.says("Double");
      await history(hecate);
      await itemsOf(hecate, NODE.PARTICIPANTS);
      expect(wordIn(hecate.received(), hag66.jid)).toBe("hidden");
      expect(host.faults().length).toBeGreaterThan(0);
    },
  );

  it.each<[string, Plugin["setup"], string]>([
    ["a handler of joins", ({ handle }) => handle("participant/join", curse), "internal-server-error"],
    [
      "a handler of joins, later",
      ({ handle }) => handle("participant/join", async () => curse(), -100),
      "internal-server-error",
    ],
    ["one who is asked who may stay", ({ guard }) => guard("participant/stays", curse), "not-acceptable"],
    ["one who is asked for nodes", ({ handle }) => handle("node/may", curse), "forbidden"],
  ])("of %s lets nobody in, and shows him to nobody", async (_, setup, condition) => {
    const host = testHost([cursed(setup)], { plugins: { ...ALL, visibility: { default: "jid-visible" } } });
    const { hecate } = await host.coven("hecate");
    await host.engine.host.enable("cursed");
    const before = host.sent().length;
    expect(outcome(await host.actor("hag66").joins())).toBe(condition);
    expect(host.sent()).toHaveLength(before + 1);
    await host.engine.host.disable("cursed");
    expect(await itemsOf(hecate, NODE.PARTICIPANTS)).toHaveLength(1);
  });

  it("of one who is asked who may stay keeps a preference from being set", async () => {
    const host = testHost([cursed(({ guard }) => guard("participant/stays", curse))], {
      plugins: { ...ALL, visibility: { default: "jid-maybe-visible" } },
    });
    const { hecate, hag66 } = await host.coven("hecate", "hag66");
    await host.engine.host.enable("cursed");
    expect(outcome(await hag66.prefers({ "JID Visibility": "always" }))).toBe("not-acceptable");
    expect(wordIn(await itemsOf(hecate, NODE.PARTICIPANTS), hag66.jid)).toBe("hidden");
  });

  it("of one who hears of a leave keeps nobody in, and nobody from hearing why he went", async () => {
    const host = testHost([cursed(({ on }) => on("participant/left", curse))], {
      plugins: { ...ALL, cursed: {}, visibility: { default: "jid-maybe-visible" } },
    });
    const { hecate, hag66, banquo } = await host.coven("hecate", "hag66", "banquo");
    await hag66.prefers({ "JID Visibility": "never" });
    await setMode(hecate, "jid-visible");
    expect(hag66.heard()).toHaveLength(1);
    expect(wordIn(banquo.received(), hag66.jid)).toBe("hidden");
  });

  it("of visibility as the service starts for the first time lets nobody create a channel without it", async () => {
    const broken: Plugin = { ...visibility, setup: curse };
    const hecate = testHost([broken], { plugins: { ...ALL } }).actor("hecate");
    expect(outcome(await hecate.creates("coven"))).toBe("service-unavailable");
  });

  it("of visibility itself, as it starts, leaves its channels suspended", async () => {
    let isCursed = false;
    const broken: Plugin = { ...visibility, setup: (ctx) => (isCursed ? curse() : visibility.setup(ctx)) };
    const host = testHost([broken], { plugins: { ...ALL } });
    const { hecate, hag66 } = await host.coven("hecate", "hag66");
    isCursed = true;
    await host.engine.host.reload("visibility");
    expect(outcome(await reads(hecate, NODE.PARTICIPANTS))).toBe("service-unavailable");
    expect(outcome(await hecate.creates("heath"))).toBe("service-unavailable");
    expect(wordIn(hecate.received(), hag66.jid)).toBe("hidden");
  });
});

describe("what must not be told apart gets the same bytes:", () => {
  const closed = definePlugin({
    name: "closed",
    summary: "Admits no macbeth.",
    setup({ guard }) {
      guard("channel/admit", ({ jid }) => (jid.startsWith("macbeth@") ? "refuse" : undefined));
    },
  });
  const pubsub = (child: string) => `<pubsub xmlns='${NS.PUBSUB}'>${child}</pubsub>`;
  const REQUESTS: Readonly<Record<string, string>> = {
    "a join": `<iq type='set'><join xmlns='${NS.MIX_CORE_1}'><nick>m</nick><subscribe node='${NODE.MESSAGES}'/></join></iq>`,
    "a join by anon:0": `<iq type='set'><join xmlns='${NS.MIX_ANON}'><subscribe node='${NODE.JIDMAP}'/></join></iq>`,
    "a leave": `<iq type='set'><leave xmlns='${NS.MIX_CORE_0}'/></iq>`,
    "the participants node": `<iq type='get'>${pubsub(`<items node='${NODE.PARTICIPANTS}'/>`)}</iq>`,
    "the JID map": `<iq type='get'>${pubsub(`<items node='${NODE.JIDMAP}'/>`)}</iq>`,
    "the information node": `<iq type='get'>${pubsub(`<items node='${NODE.INFO}'/>`)}</iq>`,
    "a node there is not": `<iq type='get'>${pubsub("<items node='urn:x:cauldron'/>")}</iq>`,
    "its configuration": `<iq type='set'>${pubsub(`<publish node='${NODE.CONFIG}'/>`)}</iq>`,
    preferences: `<iq type='get'><user-preference xmlns='${NS.MIX_ANON}'/></iq>`,
    "its archive": `<iq type='set'><query xmlns='${NS.MAM}'/></iq>`,
    "disco#info": `<iq type='get'><query xmlns='${NS.DISCO_INFO}'/></iq>`,
    "disco#items": `<iq type='get'><query xmlns='${NS.DISCO_ITEMS}' node='mix'/></iq>`,
    "a message": "<message type='groupchat'><body>Macbeth doth come.</body></message>",
    "a chat message": "<message type='chat'><body>Macbeth doth come.</body></message>",
    "what nobody knows": "<iq type='get'><drum xmlns='urn:x'/></iq>",
  };
  const addressed = (stanza: string, from: string, to: string) =>
    stanza.replace(" ", ` from='${from}' to='${to}' id='1' `);

  it.each(Object.keys(REQUESTS))(
    "%s to a channel one may not join, and to none",
    { tags: ["0369-5/2", "0369-6.3/1"] },
    async (what) => {
      const host = testHost([closed], { plugins: { ...ALL, closed: {} } });
      await host.coven("hecate", "hag66");
      const { client } = host.actor("macbeth");
      const [there] = await host.receive(addressed(REQUESTS[what]!, client, COVEN));
      const [nowhere] = await host.receive(addressed(REQUESTS[what]!, client, `nowhere@${SERVICE}`));
      expect(outcome(there)).toBe("item-not-found");
      expect(String(there).replaceAll("coven@", "nowhere@")).toBe(String(nowhere));
    },
  );

  it("a channel one may not join is not listed, and cannot be destroyed more than one that is not", async () => {
    const host = testHost([closed], { plugins: { ...ALL, closed: {} } });
    await host.coven("hecate");
    const macbeth = host.actor("macbeth");
    expect(listed(await macbeth.asks("get", SERVICE, disco("items")))).toEqual([]);
    const destroy = (channel: string) => `<iq type='set'><destroy xmlns='${NS.MIX_CORE_1}' channel='${channel}'/></iq>`;
    const [there] = await host.receive(addressed(destroy("coven"), macbeth.client, SERVICE));
    const [nowhere] = await host.receive(addressed(destroy("nowhere"), macbeth.client, SERVICE));
    expect(String(there).replaceAll("coven", "nowhere")).toBe(String(nowhere));
  });

  it.each([
    ["a message", "<message type='chat'><body>Who art thou?</body></message>"],
    ["a message of no type", "<message ><body>Who art thou?</body></message>"],
    ["a vCard", "<iq type='get'><vCard xmlns='vcard-temp'/></iq>"],
    ["disco#info", `<iq type='get'><query xmlns='${NS.DISCO_INFO}'/></iq>`],
    ["a ping", `<iq type='get'><ping xmlns='${NS.PING}'/></iq>`],
  ])("%s to a participant by one who is none, to nobody's ID, and by a participant to nobody's", async (_, stanza) => {
    const host = testHost([], { plugins: ALL });
    const { hecate, hag66 } = await host.coven("hecate", "hag66");
    const { client } = host.actor("macbeth");
    const nobody = `aaaaaaaaaaaaaaaa#${COVEN}`;
    const [known] = await host.receive(addressed(stanza, client, hag66.proxy));
    const [unknown] = await host.receive(addressed(stanza, client, nobody));
    const [within] = await host.receive(addressed(stanza, hecate.client, nobody));
    const [nowhere] = await host.receive(addressed(stanza, client, `${hag66.id}#nowhere@${SERVICE}`));
    expect(outcome(known)).toBe("item-not-found");
    expect(String(known).replaceAll(hag66.proxy, nobody)).toBe(String(unknown));
    expect(String(within).replaceAll(hecate.client, client)).toBe(String(unknown));
    expect(String(nowhere).replaceAll(`${hag66.id}#nowhere@${SERVICE}`, nobody)).toBe(String(unknown));
  });
});

describe("order", () => {
  it("tells nothing of JIDs: after a restart participants come in the order of their random IDs", async () => {
    const store = await emptyStore();
    const first = veiled({}, { store });
    const names = Array.from({ length: 12 }, (_, i) => `hag${String(i).padStart(2, "0")}`);
    await first.coven(...names);
    await first.stop();
    const reader = veiled({}, { store }).actor(names[0]!);
    for (const node of [NODE.PARTICIPANTS, NODE.JIDMAP]) {
      const ids = (await itemsOf(reader, node)).map(({ attrs }) => attrs.id!);
      expect(ids).toHaveLength(12);
      expect(ids).toEqual([...ids].sort());
    }
    const jids = (await itemsOf(reader, NODE.JIDMAP)).map((item) => item.getChild("participant")?.getChildText("jid"));
    expect(jids).not.toEqual([...jids].sort());
  });
});

function kindOf(sent: string): string {
  if (sent.startsWith("<iq")) return "reply";
  if (sent.startsWith("<presence")) return "unavailable";
  if (sent.includes("<body>")) return "reason";
  if (sent.includes("<retract")) return "retract";
  if (sent.includes(NODE.CONFIG)) return "config";
  return sent.includes(NODE.INFO) ? "info" : "item";
}
