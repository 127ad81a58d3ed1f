import { Channels, definePlugin, NODE, NS, xml } from "masque";
import { type Actor, emptyStore, type TestHost, type TestOptions, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { HeldStore, turns } from "../core/channel/held-store.ts";
import { COVEN, events, outcome, publishes, reads, reason, SERVICE, sheet } from "../core/channel/replies.ts";

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];
const BASIC = { channels: {}, participants: {}, messages: {}, info: {}, admin: {} };

function service(lifetime: object = {}, options: TestOptions = {}): TestHost {
  return testHost([], { ...options, plugins: { ...BASIC, lifetime } });
}

/** Lets time pass, and what is due then happen. */
async function passes(host: TestHost, ms: number): Promise<void> {
  host.clock.advance(ms);
  for (let i = 0; i < 3; i++) {
    await turns();
    await host.settled();
  }
}

const inA = (host: TestHost, ms: number) => new Date(host.clock.now() + ms).toISOString();
const ends = (owner: Actor, when: string, channel = COVEN) =>
  publishes(owner, NODE.CONFIG, { "End of Life": when }, channel);
const endOf = async (owner: Actor) => (await sheet(owner, NODE.CONFIG)).values["End of Life"];
/** Whether there is such a channel, for one who may know. */
const isThere = async (actor: Actor, channel = COVEN) =>
  outcome(await reads(actor, NODE.INFO, channel)) !== "item-not-found";

describe("the End of Life of a channel (XEP-0406 §2.2, XEP-0369 §7.3.5)", () => {
  it("is nothing at first, and what its owner sets", { tags: ["0406-2.4/8"] }, async () => {
    const { hecate, host } = await service().coven("hecate");
    expect(await endOf(hecate)).toEqual([]);
    const when = inA(host, HOUR);
    expect(outcome(await ends(hecate, when))).toBe("result");
    expect(await endOf(hecate)).toEqual([when]);
  });

  it("destroys it when it has come, to the second, and not before; its participants are told as ever", {
    tags: ["0369-3/4", "0369-7.3.5/1", "0406-2.4/8"],
  }, async () => {
    const { hecate, hag66, host } = await service().coven("hecate", "hag66");
    await ends(hecate, inA(host, HOUR));
    await passes(host, HOUR - SECOND);
    expect(await isThere(hag66)).toBe(true);
    const told = hag66.received().length;
    await passes(host, SECOND);
    expect(await isThere(hag66)).toBe(false);
    expect(events(hag66, NODE.MESSAGES).map(String)).toEqual([`<delete node="${NODE.MESSAGES}"/>`]);
    const gone = hag66.received().slice(told).map(String).join();
    const other = await service().coven("hecate", "hag66");
    const before = other.hag66.received().length;
    await other.hecate.asks("set", SERVICE, xml("destroy", { xmlns: NS.MIX_CORE_1, channel: "coven" }));
    const nodes = (text: string) => text.match(/<delete node="[^"]*"/g);
    expect(nodes(gone)).toEqual(nodes(other.hag66.received().slice(before).map(String).join()));
  });

  it("may be a moment away", async () => {
    const { hecate, host } = await service().coven("hecate");
    await ends(hecate, inA(host, 10 * SECOND));
    await passes(host, 10 * SECOND);
    expect(await isThere(hecate)).toBe(false);
  });

  it("may be written in another time zone (XEP-0082)", async () => {
    const { hecate, host } = await service().coven("hecate");
    await ends(hecate, inA(host, 3 * HOUR).replace("Z", "+02:00"));
    await passes(host, HOUR);
    expect(await isThere(hecate)).toBe(false);
  });

  it.each(["tomorrow", "2030-02-30T00:00:00Z", "2030-01-01", "20300101T00:00:00"])(
    "cannot be %s: that is refused in words, and nothing is changed",
    async (when) => {
      const { hecate } = await service().coven("hecate");
      const reply = await publishes(hecate, NODE.CONFIG, { "End of Life": when, "Mandatory Nicks": "false" });
      expect(outcome(reply)).toBe("not-acceptable");
      expect(reason(reply)).toContain(`and not "${when}"`);
      expect(await endOf(hecate)).toEqual([]);
      expect((await sheet(hecate, NODE.CONFIG)).values["Mandatory Nicks"]).toEqual(["true"]);
    },
  );

  it("cannot be over already", async () => {
    const { hecate, host } = await service().coven("hecate");
    for (const ms of [-HOUR, 0]) {
      const reply = await ends(hecate, inA(host, ms));
      expect(outcome(reply)).toBe("not-acceptable");
      expect(reason(reply)).toContain("must be yet to come");
    }
  });

  it("may be put off, brought forward and taken back", async () => {
    const { hecate, host } = await service().coven("hecate");
    await ends(hecate, inA(host, HOUR));
    await ends(hecate, inA(host, DAY));
    await passes(host, 2 * HOUR);
    expect(await isThere(hecate)).toBe(true);
    await ends(hecate, "");
    await passes(host, 2 * DAY);
    expect(await isThere(hecate)).toBe(true);
    await ends(hecate, inA(host, DAY));
    await ends(hecate, inA(host, HOUR));
    await passes(host, HOUR);
    expect(await isThere(hecate)).toBe(false);
  });

  it("holds across a restart, also when it passes meanwhile; only such a channel is loaded to find out", {
    tags: ["0369-7.3.5/1"],
  }, async () => {
    const store = await emptyStore();
    const before = service({}, { store });
    const { hecate } = await before.coven("hecate");
    const channels = before.use(Channels);
    const heaths = Array.from({ length: 3000 }, (_, i) => ({ name: `heath${i}`, by: hecate.jid }));
    await Promise.all(heaths.map((heath) => channels.create({ ...heath, generation: 1, listed: true })));
    for (const [channel, ms] of [
      ["coven", HOUR],
      ["heath7", HOUR],
      ["heath8", DAY],
    ] as const)
      await ends(hecate, inA(before, ms), `${channel}@${SERVICE}`);
    await before.stop();

    const host = service({ ad_hoc_after: "0 s" }, { store });
    host.clock.advance(2 * HOUR);
    await host.start();
    await passes(host, MINUTE);
    const names = [...host.use(Channels).loaded()].map(({ name }) => name);
    expect(names).toEqual([]);
    expect(await store.channel("coven")).toBeUndefined();
    expect(await store.channel("heath7")).toBeUndefined();
    expect(await store.channel("heath8")).toBeDefined();
    await passes(host, DAY);
    expect(await store.channel("heath8")).toBeUndefined();
    await host.stop();
    await store.close();
  });

  it("that passes while the plugin is off is made up for when it is on again", async () => {
    const { hecate, host } = await service().coven("hecate");
    await ends(hecate, inA(host, HOUR));
    await host.engine.host.disable("lifetime");
    await passes(host, 2 * HOUR);
    expect(await isThere(hecate)).toBe(true);
    expect((await sheet(hecate, NODE.CONFIG)).values).not.toHaveProperty("End of Life");
    await host.engine.host.enable("lifetime");
    await passes(host, MINUTE);
    expect(await isThere(hecate)).toBe(false);
  });

  it("ends a channel that is suspended, too", async () => {
    const store = await emptyStore();
    const plugins = { ...BASIC, lifetime: {}, visibility: {} };
    const host = testHost([], { store, plugins });
    const { hecate } = await host.coven("hecate");
    await ends(hecate, inA(host, HOUR));
    await host.engine.host.disable("visibility");
    await passes(host, HOUR);
    expect(await store.channel("coven")).toBeUndefined();
    await store.close();
  });

  it("that could not be stored does not come; one that could not be carried out is tried again", async () => {
    const store = new HeldStore(await emptyStore());
    const { hecate, host } = await service({}, { store }).coven("hecate");
    store.fail(1);
    expect(outcome(await ends(hecate, inA(host, HOUR)))).toBe("internal-server-error");
    await passes(host, 2 * HOUR);
    expect(await isThere(hecate)).toBe(true);
    await ends(hecate, inA(host, HOUR));
    store.fail(1);
    await passes(host, HOUR);
    expect(await isThere(hecate)).toBe(true);
    expect(host.complaints.join()).toContain("could not be destroyed yet");
    await passes(host, 2 * MINUTE);
    expect(await isThere(hecate)).toBe(false);
    expect(host.faults()).toEqual([]);
    await store.close();
  });

  it("is of that channel, not of another that has its name by now", async () => {
    const { hecate, host } = await service().coven("hecate");
    await ends(hecate, inA(host, HOUR));
    await hecate.asks("set", SERVICE, xml("destroy", { xmlns: NS.MIX_CORE_1, channel: "coven" }));
    await hecate.creates("coven");
    await passes(host, 2 * HOUR);
    expect(await isThere(hecate)).toBe(true);
  });
});

describe("a channel in which nobody is (XEP-0369 §7.3.5)", () => {
  it("is kept for ever, unless the operator wants something else", { tags: ["0369-7.3.5/2"] }, async () => {
    const { hecate, host } = await service().coven("hecate");
    await hecate.leaves();
    await passes(host, 40 * DAY);
    expect(await isThere(hecate)).toBe(true);
  });

  it("is destroyed when nobody has been in it for as long as the operator says", {
    tags: ["0369-7.3.5/2"],
  }, async () => {
    const { hecate, host } = await service({ abandoned_after: "7 d" }).coven("hecate");
    await passes(host, 30 * DAY);
    expect(await isThere(hecate)).toBe(true);
    await hecate.leaves();
    await passes(host, 7 * DAY - SECOND);
    expect(await isThere(hecate)).toBe(true);
    await passes(host, SECOND);
    expect(await isThere(hecate)).toBe(false);
  });

  it("is destroyed as well when nobody ever was", async () => {
    const host = await service({ abandoned_after: "7 d" }).start();
    await host.actor("hecate").creates("coven");
    await passes(host, 7 * DAY);
    expect(await isThere(host.actor("hecate"))).toBe(false);
  });

  it("is saved by one who comes, and counted anew when he goes", async () => {
    const { hecate, hag66, host } = await service({ abandoned_after: "7 d" }).coven("hecate", "hag66");
    await hecate.leaves();
    await hag66.leaves();
    await passes(host, 6 * DAY);
    await hag66.joins();
    await passes(host, 6 * DAY);
    await hag66.leaves();
    await passes(host, 6 * DAY);
    expect(await isThere(hecate)).toBe(true);
    await passes(host, DAY);
    expect(await isThere(hecate)).toBe(false);
  });

  it("is saved by one whose join is in front of its end", async () => {
    let [begin, open] = [() => {}, () => {}];
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const slow = definePlugin({
      name: "slow",
      summary: "Thinks about the nick of hag66.",
      setup({ handle }) {
        handle("nick/taken", async ({ nick }) => {
          if (nick !== "hag66") return undefined;
          begin();
          await opened;
          return undefined;
        });
      },
    });
    const plugins = { ...BASIC, lifetime: { abandoned_after: "7 d" }, slow: {} };
    const { hecate, host } = await testHost([slow], { plugins }).coven("hecate");
    await hecate.leaves();
    await passes(host, 7 * DAY - SECOND);
    const hag66 = host.actor("hag66");
    const joined = hag66.joins();
    await begun;
    host.clock.advance(SECOND);
    await turns();
    open();
    expect(outcome(await joined)).toBe("result");
    await passes(host, DAY);
    expect(await isThere(hag66)).toBe(true);
  });

  it("is found by what was stored: after a restart nobody needs to use it first", async () => {
    const store = await emptyStore();
    const before = service({}, { store });
    const { hecate } = await before.coven("hecate");
    await hecate.creates("heath");
    await hecate.leaves();
    await hecate.joins("heath");
    await before.stop();
    const host = await service({ abandoned_after: "7 d" }, { store }).start();
    await passes(host, 8 * DAY);
    expect(await store.channel("coven")).toBeUndefined();
    expect(await store.channel("heath")).toBeDefined();
    await host.stop();
    await store.close();
  });

  it("and was made for one occasion is destroyed after thirty days, unless the operator wants it otherwise", {
    tags: ["0369-7.3.5/2"],
  }, async () => {
    for (const [lifetime, days, expected] of [
      [{}, 29, true],
      [{}, 30, false],
      [{ ad_hoc_after: "1 d" }, 1, false],
      [{ ad_hoc_after: "0 s" }, 40, true],
    ] as const) {
      const host = await service(lifetime).start();
      const hecate = host.actor("hecate");
      const name = (await hecate.creates()).getChild("create")?.attrs.channel as string;
      await hecate.joins(name);
      await passes(host, 40 * DAY);
      await hecate.leaves(name);
      await passes(host, days * DAY);
      expect(await isThere(hecate, `${name}@${SERVICE}`)).toBe(expected);
    }
  });

  it("has its end foreseen also if it was emptied while the plugin was off, once it is used", async () => {
    const { hecate, host } = await service({ abandoned_after: "7 d" }).coven("hecate");
    await host.engine.host.disable("lifetime");
    await hecate.leaves();
    await host.engine.host.enable("lifetime", { abandoned_after: "7 d" });
    await passes(host, 7 * DAY);
    expect(await isThere(hecate)).toBe(false);
  });

  it("is not taken for one that had its name before, and was destroyed while the plugin was off", async () => {
    const { hecate, host } = await service({ abandoned_after: "7 d" }).coven("hecate");
    await hecate.leaves();
    await passes(host, 6 * DAY);
    await host.engine.host.disable("lifetime");
    await hecate.asks("set", SERVICE, xml("destroy", { xmlns: NS.MIX_CORE_1, channel: "coven" }));
    await hecate.creates("coven");
    await host.engine.host.enable("lifetime", { abandoned_after: "7 d" });
    await passes(host, 6 * DAY);
    expect(await isThere(hecate)).toBe(true);
    await passes(host, DAY);
    expect(await isThere(hecate)).toBe(false);
  });
});
