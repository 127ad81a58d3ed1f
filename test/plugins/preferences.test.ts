import { Channels, definePlugin, type Element, findForm, NODE, NS, type Plugin, readForm, refuse, xml } from "masque";
import { Preferences } from "masque/plugins/preferences";
import { type Actor, emptyStore, type TestHost, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { HeldStore, turns } from "../core/channel/held-store.ts";
import { COVEN, disco, features, form, outcome, reason, SERVICE } from "../core/channel/replies.ts";
import { ALL, during, itemsOf, setMode } from "./coven.ts";

const COLOURS = { black: "As the night", "not so black": "As the dusk", grey: "As the mist" } as const;

/** A third party's preference. */
function cloaks(more: Partial<Parameters<Preferences["define"]>[0]> = {}): Plugin {
  return definePlugin({
    name: "cloaks",
    summary: "What one wears.",
    dependsOn: ["preferences"],
    setup({ get }) {
      get(Preferences).define({ name: "Cloak", label: "What I wear", values: COLOURS, initial: "grey", ...more });
    },
  });
}

/** What is left without the plugins that bring further preferences: two preferences, of which one is a third party's. */
const TWO = { channels: {}, participants: {}, messages: {}, visibility: {}, preferences: {}, info: {}, admin: {} };
const THREE = { ...TWO, cloaks: {} };

async function coven(plugin = cloaks(), visibility: object = {}) {
  const host = testHost([plugin], { plugins: { ...THREE, visibility } });
  const { hecate, hag66 } = await host.coven("hecate", "hag66");
  return { host, hecate, hag66 };
}

const element = (...content: Element[]) => xml("user-preference", { xmlns: NS.MIX_ANON }, content);
const asks = (actor: Actor) => actor.asks("get", COVEN, element());

/** The values in the form of a reply, by name. */
function chosen(reply: Element, name = "user-preference"): Record<string, readonly string[]> {
  const x = findForm(reply.getChild(name)!);
  if (!x) throw new Error(`There is no form in ${reply}`);
  const { type, formType, values } = readForm(x);
  expect([type, formType]).toEqual([
    name === "user-preference" && x.attrs.type === "form" ? "form" : "result",
    NS.MIX_ANON,
  ]);
  return Object.fromEntries(values);
}

describe("asking for the preferences (XEP-0404 §3.1)", () => {
  it("gets a form template: a list-single with label, options and the value there is now, for each", {
    tags: ["0404-3.1/11", "0404-3.1/17", "0404-3.1/18", "0404-3.1/19"],
  }, async () => {
    const { hag66 } = await coven();
    await hag66.prefers({ Cloak: "black" });
    const reply = await asks(hag66);
    const x = reply.getChild("user-preference", NS.MIX_ANON)!.getChild("x", NS.DATA)!;
    expect(x.attrs.type).toBe("form");
    const [formType, ...fields] = x.getChildren("field");
    expect(String(formType)).toContain(`type="hidden"><value>${NS.MIX_ANON}</value>`);
    expect(fields.map(({ attrs }) => [attrs.var, attrs.type, attrs.label])).toEqual([
      ["JID Visibility", "list-single", "Whether my JID is shown"],
      ["Cloak", "list-single", "What I wear"],
    ]);
    const options = (field: Element) =>
      field.getChildren("option").map((option) => [option.getChildText("value"), option.attrs.label]);
    expect(options(fields[1]!)).toEqual(Object.entries(COLOURS));
    expect(options(fields[0]!).map(([value]) => value)).toEqual(["default", "never", "always", "prefer", "prefer not"]);
    expect(fields.map((field) => field.getChildren("value").map((value) => value.getText()))).toEqual([
      ["default"],
      ["black"],
    ]);
  });

  it.each(["jid-visible", "jid-maybe-visible", "jid-hidden"])(
    "lists every value in a channel that is %s, too",
    { tags: ["0404-3.1/11"] },
    async (mode) => {
      const { hag66 } = await coven(cloaks(), { default: mode });
      const text = String(await asks(hag66));
      for (const value of ["default", "never", "always", "prefer", "prefer not"])
        expect(text).toContain(`<value>${value}</value></option>`);
    },
  );

  it("is for participants only: forbidden, not one byte of a form", { tags: ["0404-3.1/17"] }, async () => {
    const { host } = await coven();
    const macbeth = host.actor("macbeth");
    for (const reply of [await asks(macbeth), await macbeth.prefers({ Cloak: "black" })]) {
      expect(outcome(reply)).toBe("forbidden");
      expect(String(reply)).not.toContain("list-single");
    }
  });

  it("is not for one who has left", async () => {
    const { hag66 } = await coven();
    await hag66.leaves();
    expect(outcome(await asks(hag66))).toBe("forbidden");
  });
});

describe("choosing (XEP-0404 §3.1)", () => {
  it("may be about some preferences only: the others stay, and all come back", {
    tags: ["0404-3.1/20", "0404-3.1/21", "0404-3.1/22"],
  }, async () => {
    const { hag66 } = await coven();
    await hag66.prefers({ Cloak: "black" });
    const reply = await hag66.prefers({ "JID Visibility": "never" });
    expect(chosen(reply)).toEqual({ "JID Visibility": ["never"], Cloak: ["black"] });
    expect(chosen(await asks(hag66))).toEqual({ "JID Visibility": ["never"], Cloak: ["black"] });
  });

  it("takes the form beside the element, as 0.1.0 shows it", { tags: ["0404-3.1/25"] }, async () => {
    const { host, hag66 } = await coven();
    const x = form({ "JID Visibility": "never" }, NS.MIX_ANON);
    const [reply] = await host.receive(
      xml("iq", { type: "set", from: hag66.client, to: COVEN, id: "E6E10350" }, element(), x),
    );
    expect(chosen(reply!)).toEqual({ "JID Visibility": ["never"], Cloak: ["grey"] });
  });

  it.each([
    ["never", "never"],
    ["Never", "never"],
    ["prefer not", "prefer not"],
    ["PREFER NOT", "prefer not"],
    ["prefer_not", "prefer not"],
    ["Prefer-Not", "prefer not"],
    [" prefer not\n", "prefer not"],
  ])("takes %j for %s, and emits it as the XEP spells it", async (written, value) => {
    const { hag66 } = await coven();
    expect(chosen(await hag66.prefers({ "JID Visibility": written }))["JID Visibility"]).toEqual([value]);
  });

  it("ignores fields that it does not know (XEP-0004 §3.2)", { tags: ["0404-3.1/20"] }, async () => {
    const { hag66 } = await coven();
    const reply = await hag66.prefers({ Broom: "fast", Cloak: "black", FORM: "x", constructor: "y" });
    expect(chosen(reply)).toEqual({ "JID Visibility": ["default"], Cloak: ["black"] });
  });

  it.each(["nevver", "", "constructor", "toString", "prefer\u00a0not"])(
    "refuses the value %j, naming the field and its choices, and applies nothing of that set",
    async (written) => {
      const { hag66 } = await coven();
      const reply = await hag66.prefers({ Cloak: "black", "JID Visibility": written });
      expect(outcome(reply)).toBe("not-acceptable");
      expect(reason(reply)).toBe('"JID Visibility" is one of "default", "never", "always", "prefer", "prefer not".');
      expect(chosen(await asks(hag66))).toEqual({ "JID Visibility": ["default"], Cloak: ["grey"] });
    },
  );

  it("refuses two values for one preference, whichever was meant", async () => {
    const { hag66 } = await coven();
    const x = form({ "JID Visibility": ["always", "never"] }, NS.MIX_ANON);
    const reply = await hag66.asks("set", COVEN, element(x));
    expect(outcome(reply)).toBe("not-acceptable");
    expect(reason(reply)).toBe('"JID Visibility" takes one value, not 2.');
  });

  it("names every mistake at once", async () => {
    const { hag66 } = await coven();
    const text = reason(await hag66.prefers({ "JID Visibility": "x", Cloak: "red" }));
    expect(text).toContain('"JID Visibility" is one of');
    expect(text).toContain('"Cloak" is one of "black"');
  });

  it("changes nothing by slixmpp's form of type form without fields, by no form, and by a cancelled one", async () => {
    const { hag66, host } = await coven();
    await hag66.prefers({ Cloak: "black" });
    const before = host.sent().length;
    const cancelled = form({ Cloak: "grey" }, NS.MIX_ANON, "cancel");
    for (const content of [[xml("x", { xmlns: NS.DATA, type: "form" })], [], [cancelled]]) {
      const reply = await hag66.asks("set", COVEN, element(...content));
      expect(chosen(reply)).toEqual({ "JID Visibility": ["default"], Cloak: ["black"] });
    }
    expect(host.sent()).toHaveLength(before + 3);
  });

  it("works right after a join whose form was lost on the way (ejabberd's PAM drops it)", async () => {
    const { host, hecate } = await coven();
    const hag01 = host.actor("hag01");
    const join = xml(
      "join",
      { xmlns: NS.MIX_CORE_1 },
      xml("nick", {}, "hag01"),
      xml("subscribe", { node: NODE.MESSAGES }),
    );
    host.push(xml("iq", { type: "set", from: hag01.jid, to: COVEN, id: "rr-1" }, join));
    const preference = element(form({ "JID Visibility": "never" }, NS.MIX_ANON));
    await host.receive(xml("iq", { type: "set", from: hag01.client, to: COVEN, id: "p1" }, preference));
    const reply = hag01.received().find(({ attrs }) => attrs.id === "p1")!;
    expect(chosen(reply)["JID Visibility"]).toEqual(["never"]);
    expect((await setMode(hecate, "jid-visible")).attrs.type).toBe("result");
    expect(hag01.heard()).toHaveLength(1);
  });

  it("is remembered over a restart", { tags: ["0404-3.1/1"] }, async () => {
    const store = await emptyStore();
    const first = testHost([cloaks()], { store, plugins: THREE });
    const { hag66 } = await first.coven("hecate", "hag66");
    await hag66.prefers({ Cloak: "not so black", "JID Visibility": "never" });
    await first.stop();
    const second = testHost([cloaks()], { store, plugins: THREE });
    expect(chosen(await asks(second.actor("hag66")))).toEqual({ "JID Visibility": ["never"], Cloak: ["not so black"] });
  });

  it("is remembered over a leave, and over a join that says nothing of it", { tags: ["0404-3.1/1"] }, async () => {
    const { hag66 } = await coven();
    await hag66.prefers({ Cloak: "black" });
    await hag66.joins("coven");
    expect(chosen(await asks(hag66)).Cloak).toEqual(["black"]);
    await hag66.leaves();
    await hag66.joins("coven");
    expect(chosen(await asks(hag66)).Cloak).toEqual(["black"]);
  });

  it("is one's own: it changes nobody else's", { tags: ["0404-2.2/4"] }, async () => {
    const { hecate, hag66 } = await coven();
    await hag66.prefers({ Cloak: "black" });
    expect(chosen(await asks(hecate)).Cloak).toEqual(["grey"]);
  });

  it.each(["chosen", "joined with"])(
    "is judged once more in its turn: %s while the channel became another",
    async (how) => {
      const { host, hecate, hag66 } = await coven(cloaks(), { default: "jid-maybe-visible" });
      const channel = (await host.use(Channels).find("coven"))!;
      let go = () => {};
      const busy = channel.update(() => new Promise<void>((resolve) => (go = resolve)));
      const shown = form({ "JID Visibility": "jid-visible" }, NS.MIX_ADMIN);
      const publish = xml("publish", { node: NODE.CONFIG }, xml("item", {}, shown));
      const iq = (actor: Actor, id: string, payload: Element) =>
        host.push(xml("iq", { type: "set", from: actor.client, to: COVEN, id }, payload));
      iq(hecate, "1", xml("pubsub", { xmlns: NS.PUBSUB }, publish));
      await turns();
      const never = form({ "JID Visibility": "never" }, NS.MIX_ANON);
      const actor = how === "chosen" ? hag66 : host.actor("hag01");
      iq(actor, "2", how === "chosen" ? element(never) : xml("join", { xmlns: NS.MIX_ANON }, never));
      await turns();
      go();
      await busy;
      await host.settled();
      expect(outcome(actor.received().find(({ attrs }) => attrs.id === "2"))).toBe("not-acceptable");
      expect([...channel.participants].map(({ traits }) => traits)).toEqual([{}, {}]);
    },
  );

  it("that cannot be stored is not done", async () => {
    const store = new HeldStore(await emptyStore());
    const host = testHost([cloaks()], { store, plugins: { ...THREE, visibility: { default: "jid-maybe-visible" } } });
    const { hecate, hag66 } = await host.coven("hecate", "hag66");
    store.fail(1);
    const told = await during(hecate, async () => {
      expect(outcome(await hag66.prefers({ "JID Visibility": "always" }))).toBe("internal-server-error");
    });
    expect(told).toEqual([]);
    expect(chosen(await asks(hag66))["JID Visibility"]).toEqual(["default"]);
    expect(String(await itemsOf(hecate, NODE.PARTICIPANTS))).not.toContain(hag66.jid);
  });
});

describe("joining with preferences (XEP-0404 §3.1)", () => {
  const joins = (actor: Actor, namespace: string, ...content: Element[]) =>
    actor.asks("set", COVEN, xml("join", { xmlns: namespace }, xml("nick", {}, actor.name), content), actor.jid);

  it.each([NS.MIX_ANON, NS.MIX_CORE_0, NS.MIX_CORE_1])(
    "by %s: the result tells the values of all",
    { tags: ["0404-2.2/4", "0404-3.1/15", "0404-3.1/16"] },
    async (namespace) => {
      const { host } = await coven();
      const reply = await joins(host.actor("hag01"), namespace, form({ "JID Visibility": "never" }, NS.MIX_ANON));
      expect(reply.getChild("join", namespace)).toBeDefined();
      expect(chosen(reply, "join")).toEqual({ "JID Visibility": ["never"], Cloak: ["grey"] });
      expect(chosen(await asks(host.actor("hag01")))["JID Visibility"]).toEqual(["never"]);
    },
  );

  it("by anon:0 gets them without a form, too: the defaults", { tags: ["0404-3.1/16", "0404-3.1/23"] }, async () => {
    const { host } = await coven();
    const reply = await joins(host.actor("hag01"), NS.MIX_ANON);
    expect(chosen(reply, "join")).toEqual({ "JID Visibility": ["default"], Cloak: ["grey"] });
  });

  it.each([NS.MIX_CORE_0, NS.MIX_CORE_1])(
    "by %s without a form gets none",
    { tags: ["0404-3.1/16"] },
    async (namespace) => {
      const { host } = await coven();
      const reply = await joins(host.actor("hag01"), namespace);
      expect(reply.getChild("join")!.getChild("x")).toBeUndefined();
    },
  );

  it("never tells the real JID in the result, as 0.1.0's example does by mistake", {
    tags: ["0404-3.1/24"],
  }, async () => {
    const { host } = await coven();
    const hag01 = host.actor("hag01");
    const join = (await joins(hag01, NS.MIX_ANON, form({ "JID Visibility": "never" }, NS.MIX_ANON))).getChild("join")!;
    expect(join.attrs.jid).toBe(`${join.attrs.id}#${COVEN}`);
    expect(String(join)).not.toContain(hag01.jid);
  });

  it("with a value that is none is refused, and one has not joined", async () => {
    const { host, hecate } = await coven();
    const told = await during(hecate, async () => {
      const reply = await joins(host.actor("hag01"), NS.MIX_CORE_1, form({ Cloak: "red" }, NS.MIX_ANON));
      expect(outcome(reply)).toBe("not-acceptable");
      expect(reason(reply)).toBe('"Cloak" is one of "black", "not so black", "grey".');
    });
    expect(told).toEqual([]);
    expect(outcome(await asks(host.actor("hag01")))).toBe("forbidden");
  });
});

describe("a preference of a third party", () => {
  it("is read by its plugin as one of its values, the initial one until something is chosen", {
    tags: ["0404-3.1/10"],
  }, async () => {
    const read: string[] = [];
    const reader = definePlugin({
      name: "cloaks",
      summary: "Reads what one wears.",
      dependsOn: ["preferences", "messages"],
      setup({ get, handle }) {
        const cloak = get(Preferences).define({
          name: "Cloak",
          label: "What I wear",
          values: COLOURS,
          initial: "grey",
        });
        handle("message/accept", ({ sender }) => {
          const colour: "black" | "not so black" | "grey" = cloak.of(sender);
          read.push(colour);
          return undefined;
        });
      },
    });
    const { hag66 } = await coven(reader);
    await hag66.says("1");
    await hag66.prefers({ Cloak: "NOT_SO_BLACK" });
    await hag66.says("2");
    expect(read).toEqual(["grey", "not so black"]);
  });

  it("does not compile with an initial value that is none of its values, nor compared to one", () => {
    const define = (preferences: Preferences) => {
      // @ts-expect-error: "al" is none of the values
      preferences.define({ name: "Delivery", label: "…", values: { all: "All", mentions: "Mine" }, initial: "al" });
      const choice = preferences.define({
        name: "D",
        label: "…",
        values: { all: "All", none: "None" },
        initial: "all",
      });
      // @ts-expect-error: "some" is none of the values
      return (participant: Parameters<typeof choice.of>[0]) => choice.of(participant) === "some";
    };
    expect(define).toBeTypeOf("function");
  });

  it("vanishes with its plugin from every form, and its values survive the absence", {
    tags: ["0404-3.1/1", "0404-3.1/10", "0404-3.1/18"],
  }, async () => {
    const { host, hag66 } = await coven();
    await hag66.prefers({ Cloak: "black" });
    await host.engine.host.disable("cloaks");
    expect(Object.keys(chosen(await asks(hag66)))).toEqual(["JID Visibility"]);
    expect(chosen(await hag66.prefers({ Cloak: "nonsense", "JID Visibility": "never" }))).toEqual({
      "JID Visibility": ["never"],
    });
    await hag66.leaves();
    await hag66.joins("coven", { prefers: { "JID Visibility": "never" } });
    await host.engine.host.enable("cloaks");
    expect(chosen(await asks(hag66))).toEqual({ "JID Visibility": ["never"], Cloak: ["black"] });
  });

  it("is back after preferences were off: so is that of visibility", async () => {
    const { host, hag66 } = await coven();
    await hag66.prefers({ Cloak: "black", "JID Visibility": "never" });
    await host.engine.host.disable("preferences");
    expect(outcome(await asks(hag66))).toBe("service-unavailable");
    expect(host.engine.host.status().visibility?.state).toBe("on");
    await host.engine.host.enable("preferences");
    expect(chosen(await asks(hag66))).toEqual({ Cloak: ["black"], "JID Visibility": ["never"] });
  });

  it("counts as not chosen when its value is none any more", async () => {
    const { host, hag66 } = await coven();
    const channel = (await host.use(Channels).find("coven"))!;
    await channel.update((turn) => turn.put({ ...channel.participant(hag66.jid)!, traits: { Cloak: "toString" } }));
    expect(chosen(await asks(hag66)).Cloak).toEqual(["grey"]);
  });

  it("may object to a value here, in words", async () => {
    const shy = cloaks({ objection: (value) => (value === "black" ? "Nobody wears black here." : undefined) });
    const { hag66, host } = await coven(shy);
    for (const reply of [
      await hag66.prefers({ Cloak: "black", "JID Visibility": "never" }),
      await host.actor("hag01").joins("coven", { prefers: { Cloak: "black" } }),
    ]) {
      expect(outcome(reply)).toBe("not-acceptable");
      expect(reason(reply)).toBe("Nobody wears black here.");
    }
    expect(chosen(await asks(hag66))).toEqual({ "JID Visibility": ["default"], Cloak: ["grey"] });
  });

  it("that crashes as it judges changes nothing, shows nobody, and lets nobody in", async () => {
    const broken = cloaks({
      objection() {
        throw new Error("Fillet of a fenny snake");
      },
    });
    const { hecate, hag66, host } = await coven(broken, { default: "jid-maybe-visible" });
    const before = host.sent().length;
    const both = { Cloak: "black", "JID Visibility": "always" };
    expect(outcome(await hag66.prefers(both))).toBe("internal-server-error");
    expect(outcome(await host.actor("hag01").joins("coven", { prefers: both }))).toBe("internal-server-error");
    expect(host.sent()).toHaveLength(before + 2);
    expect(String(await itemsOf(hecate, NODE.PARTICIPANTS))).not.toContain("@shakespeare.example");
  });

  it("whose initial value is none of its values keeps its plugin from starting", async () => {
    const { host } = await coven(cloaks({ initial: "al" }));
    expect(host.engine.host.status().cloaks).toMatchObject({
      state: "failed",
      reason: 'The preference "Cloak" begins with "al", which is none of its values.',
    });
  });

  it("of a name that is taken keeps its plugin from starting, and the first stays", async () => {
    const { host, hag66 } = await coven(cloaks({ name: "JID Visibility" }));
    expect(host.engine.host.status().cloaks).toMatchObject({
      state: "failed",
      reason: expect.stringContaining("exists"),
    });
    await hag66.prefers({ "JID Visibility": "never" });
    expect(chosen(await asks(hag66))).toEqual({ "JID Visibility": ["never"] });
  });
});

describe("preferences", () => {
  it("leave nothing when they are off: not advertised, not answered, and a join's form is nobody's", async () => {
    const host = testHost([], { plugins: { channels: {}, participants: {}, messages: {}, preferences: {} } });
    const { hecate } = await host.coven("hecate");
    expect(features(await hecate.asks("get", SERVICE, disco("info")))).toContain(NS.MIX_ANON);
    await host.engine.host.disable("preferences");
    expect(features(await hecate.asks("get", SERVICE, disco("info")))).not.toContain(NS.MIX_ANON);
    expect(outcome(await hecate.prefers({}))).toBe("service-unavailable");
    const reply = await hecate.joins("coven", { prefers: { "JID Visibility": "never" } });
    expect(outcome(reply)).toBe("result");
    expect(reply.getChild("join")!.getChild("x")).toBeUndefined();
  });

  it("judge nothing that another plugin refuses: nothing is remembered of a join that failed", async () => {
    const gate = definePlugin({
      name: "cloaks",
      summary: "Lets nobody in again.",
      dependsOn: ["participants"],
      setup({ handle }) {
        handle("participant/join", ({ channel, jid }) => {
          if (channel.participant(jid)) throw refuse("not-allowed");
          return undefined;
        });
      },
    });
    const { hag66 } = await coven(gate);
    expect(outcome(await hag66.joins("coven", { prefers: { "JID Visibility": "never" } }))).toBe("not-allowed");
    expect(chosen(await asks(hag66))).toEqual({ "JID Visibility": ["default"] });
  });

  it("of everybody go with a channel that is destroyed: under the old name one begins anew", async () => {
    const { host, hecate, hag66 } = await coven();
    await hag66.prefers({ Cloak: "black" });
    await hecate.asks("set", SERVICE, xml("destroy", { xmlns: NS.MIX_CORE_1, channel: "coven" }));
    await (host as TestHost).coven("hecate", "hag66");
    expect(chosen(await asks(hag66)).Cloak).toEqual(["grey"]);
  });

  it("list what all running plugins bring", async () => {
    const { hag66 } = await testHost([], { plugins: ALL }).coven("hecate", "hag66");
    expect(Object.keys(chosen(await asks(hag66)))).toContain("JID Visibility");
  });
});
