import { Channels, definePlugin, NODE, NS, type Plugin, xml } from "masque";
import { type Actor, emptyStore, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { COVEN, disco, events, listed, outcome, publishes, reads, reason, SERVICE } from "./replies.ts";

const PLUGINS = { channels: {}, participants: {}, messages: {}, archive: {}, info: {}, admin: {}, ping: {} };

/** Promises that nobody's address is shown, in channels created while it runs. */
const veil = (more: Partial<Plugin> = {}) =>
  definePlugin({
    name: "veil",
    summary: "Hides everybody.",
    dependsOn: ["channels"],
    setup({ get, guard }) {
      get(Channels).protect();
      guard("jid/disclose", () => "hidden");
    },
    ...more,
  });

async function coven(plugin = veil()) {
  const host = testHost([plugin], { plugins: { ...PLUGINS, veil: {} }, operators: ["prospero@shakespeare.example"] });
  const { hecate, hag66 } = await host.coven("hecate", "hag66");
  const channel = (await host.use(Channels).find("coven"))!;
  return { host, hecate, hag66, channel, kernel: host.engine.host };
}

const ping = () => xml("ping", { xmlns: NS.PING });

describe("a channel that needs a plugin which is off", () => {
  it("was created while the plugin protected new channels, and remembers it by name", async () => {
    const { channel } = await coven();
    expect(channel.state.requires).toEqual(["veil"]);
  });

  it("refuses every request with service-unavailable, and says what is missing and that it is suspended", async () => {
    const { hag66, hecate, kernel } = await coven();
    await kernel.disable("veil");
    const replies = [
      await hag66.asks("get", COVEN, ping()),
      await hag66.asks("get", COVEN, disco("info")),
      await hag66.asks("get", COVEN, disco("items", "mix")),
      await reads(hag66, NODE.PARTICIPANTS),
      await reads(hag66, NODE.INFO),
      await publishes(hecate, NODE.CONFIG, { "Mandatory Nicks": "false" }),
      await hag66.asks("set", COVEN, xml("query", { xmlns: NS.MAM })),
      await hag66.asks("set", COVEN, xml("setnick", { xmlns: NS.MIX_CORE_1 }, xml("nick", {}, "thirdwitch"))),
      await hag66.asks("get", hecate.proxy, xml("vCard", { xmlns: "vcard-temp" })),
    ];
    for (const reply of replies) {
      expect(outcome(reply)).toBe("service-unavailable");
      expect(reason(reply)).toContain("veil");
      expect(reason(reply)).toContain("suspended");
    }
  });

  it("lets nobody in", async () => {
    const { host, kernel, channel } = await coven();
    await kernel.disable("veil");
    await host.actor("prospero").joins();
    expect(outcome(await host.actor("macbeth").joins())).toBe("item-not-found");
    expect(channel.size).toBe(2);
  });

  it("is to those outside as one that does not exist, and is listed to nobody else", async () => {
    const { host, hag66, kernel } = await coven();
    await kernel.disable("veil");
    const macbeth = host.actor("macbeth");
    const seenBy = async (actor: Actor) => listed(await actor.asks("get", SERVICE, disco("items")));
    for (const payload of [ping(), disco("info")]) {
      const [replies, others] = await Promise.all(
        [COVEN, `haven@${SERVICE}`].map((to) => macbeth.asks("get", to, payload)),
      );
      expect(outcome(replies)).toBe("item-not-found");
      expect(reason(replies!)).toBe(reason(others!));
    }
    expect(await seenBy(macbeth)).toEqual([]);
    for (const actor of [hag66, host.actor("prospero")]) expect(await seenBy(actor)).toEqual([COVEN]);
    await kernel.enable("veil");
    expect(await seenBy(macbeth)).toEqual([COVEN]);
  });

  it("reflects no message, and tells its sender so", async () => {
    const { hecate, hag66, kernel } = await coven();
    await kernel.disable("veil");
    const id = await hag66.says("When shall we three meet again?");
    expect(hecate.heard()).toEqual([]);
    const error = hag66.received().find(({ attrs }) => attrs.type === "error");
    expect(error?.attrs.id).toBe(id);
    expect(outcome(error)).toBe("service-unavailable");
  });

  it("shows no address to anybody, not even to those with an administrator's eyes", async () => {
    const { hag66, kernel, channel } = await coven(
      veil({ setup: ({ get }) => get(Channels).protect() }), // it keeps its promise by other means
    );
    const participant = channel.byId(hag66.id)!;
    expect(channel.shows(participant, "participant")).toBe(true);
    await kernel.disable("veil");
    expect(channel.shows(participant, "participant")).toBe(false);
    expect(channel.shows(participant, "administrator")).toBe(false);
    await kernel.enable("veil");
    expect(channel.shows(participant, "participant")).toBe(true);
  });

  it("still lets people leave, and tells the others without an address", async () => {
    const { hecate, hag66, kernel, channel } = await coven();
    await kernel.disable("veil");
    const before = events(hecate, NODE.PARTICIPANTS).length;
    expect(outcome(await hag66.leaves())).toBe("result");
    expect(channel.participant(hag66.jid)).toBeUndefined();
    const told = events(hecate, NODE.PARTICIPANTS).slice(before);
    expect(told).toHaveLength(1);
    expect(told.join()).not.toContain("hag66@");
  });

  it("can still be destroyed, by its owner and by an operator", async () => {
    for (const name of ["hecate", "prospero"]) {
      const { host, kernel } = await coven();
      await kernel.disable("veil");
      const destroy = xml("destroy", { xmlns: NS.MIX_CORE_1, channel: "coven" });
      expect(outcome(await host.actor(name).asks("set", SERVICE, destroy))).toBe("result");
    }
  });

  it("works again when the plugin is back, with everybody who was in it", async () => {
    const { hecate, hag66, kernel } = await coven();
    await kernel.disable("veil");
    await hag66.says("lost");
    await kernel.enable("veil");
    await hag66.says("When the hurlyburly's done");
    expect(hecate.heard()).toEqual(["When the hurlyburly's done"]);
    expect(hecate.received().join()).not.toContain("hag66@");
  });

  it("is suspended too when it is loaded by a service that never had the plugin", async () => {
    const store = await emptyStore();
    const first = testHost([veil()], { store, plugins: { ...PLUGINS, veil: {} } });
    await first.coven("hecate", "hag66");
    await first.stop();
    const second = testHost([], { store, plugins: PLUGINS });
    const reply = await second.actor("hag66").asks("get", COVEN, ping());
    expect(outcome(reply)).toBe("service-unavailable");
    expect(reason(reply)).toContain("veil");
  });

  it("is suspended when the plugin is on by the configuration, and failed to start", async () => {
    let isCursed = false;
    const { setup } = veil();
    const { hag66, kernel } = await coven(
      veil({
        setup(ctx) {
          if (isCursed) throw new Error("The charm is broken.");
          return setup(ctx);
        },
      }),
    );
    isCursed = true;
    await kernel.reload("veil");
    expect(kernel.status().veil?.state).toBe("failed");
    expect(outcome(await hag66.asks("get", COVEN, ping()))).toBe("service-unavailable");
    isCursed = false;
    await kernel.reload("veil");
    expect(outcome(await hag66.asks("get", COVEN, ping()))).toBe("result");
  });
});

describe("a channel that needs no plugin", () => {
  it("goes on when one comes that protects new channels, and when it goes again", async () => {
    const host = testHost([veil()], { plugins: PLUGINS });
    const { hecate } = await host.coven("hecate");
    await host.engine.host.enable("veil");
    await hecate.creates("heath");
    await host.engine.host.disable("veil");
    expect(outcome(await hecate.asks("get", COVEN, ping()))).toBe("result");
    expect(outcome(await hecate.asks("get", `heath@${SERVICE}`, ping()))).toBe("service-unavailable");
    await hecate.creates("moor");
    expect(outcome(await hecate.asks("get", `moor@${SERVICE}`, ping()))).toBe("result");
  });
});

describe("the moment between stop and start of a reload", () => {
  /** A veil whose stopping and starting wait until the test says go. */
  function slowVeil() {
    const gates: (() => void)[] = [];
    const gate = () =>
      new Promise<void>((resolve) => {
        gates.push(resolve);
      });
    let isFirst = true;
    const { setup } = veil();
    const plugin = veil({
      async setup(ctx) {
        if (!isFirst) await gate();
        isFirst = false;
        await setup(ctx);
        ctx.cleanup("the charm is wound down", gate);
      },
    });
    const open = async () => {
      while (gates.length === 0) await new Promise((resolve) => setImmediate(resolve));
      gates.shift()!();
    };
    return { plugin, open, waiting: () => gates.length };
  }

  it("serves nothing and shows nothing, from the first step of stopping to the last of starting", async () => {
    const { plugin, open, waiting } = slowVeil();
    const { hecate, hag66, kernel, channel } = await coven(plugin);
    const participant = channel.byId(hag66.id)!;
    const settle = () => new Promise((resolve) => setImmediate(resolve));
    const reloaded = kernel.reload("veil");
    for (const moment of ["stopping", "starting"]) {
      while (waiting() === 0) await settle();
      expect(channel.shows(participant, "participant"), moment).toBe(false);
      expect(channel.shows(participant, "administrator"), moment).toBe(false);
      await hag66.says(moment);
      expect(outcome(await hag66.asks("get", COVEN, ping())), moment).toBe("service-unavailable");
      await open();
    }
    await reloaded;
    expect(hecate.heard()).toEqual([]);
    await hag66.says("wound up");
    expect(hecate.heard()).toEqual(["wound up"]);
    expect(hecate.received().join()).not.toContain("hag66@");
  });

  it("does not show in what was accepted before it and is told during it", async () => {
    const { plugin, open, waiting } = slowVeil();
    const { hecate, hag66, kernel, channel, host } = await coven(plugin);
    const said = channel.post({ sender: hag66.jid, payload: "<body>Paddock calls.</body>", id: "1", keep: true });
    const reloaded = kernel.reload("veil");
    await said;
    await host.settled();
    expect(hecate.received().join()).not.toContain("hag66@");
    expect(waiting()).toBe(1);
    await open();
    await open();
    await reloaded;
    expect(hecate.heard()).toEqual(["Paddock calls."]);
  });
});
