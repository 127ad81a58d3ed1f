import { definePlugin, type Element, NODE, NS, xml } from "masque";
import { type Actor, emptyStore, type TestHost, type TestOptions, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { HeldStore } from "../core/channel/held-store.ts";
import { COVEN, disco, features, outcome, publishes, reads, reason, SERVICE } from "../core/channel/replies.ts";

const BASIC = { channels: {}, participants: {}, messages: {}, admin: {} };

function service(nicknames: object = {}, options: TestOptions = {}): TestHost {
  return testHost([], { ...options, plugins: { ...BASIC, nicknames } });
}

const request = (...content: Element[]) => xml("register", { xmlns: NS.MIX_MISC }, content);
const registers = (actor: Actor, nick?: string) =>
  actor.asks("set", SERVICE, request(...(nick === undefined ? [] : [xml("nick", {}, nick)])));
const releases = (actor: Actor) => actor.asks("set", SERVICE, request(xml("remove")));
const setnick = (actor: Actor, nick: string) =>
  actor.asks("set", COVEN, xml("setnick", { xmlns: NS.MIX_CORE_1 }, xml("nick", {}, nick)));
const nicksIn = (reply: Element) =>
  reply
    .getChild("register", NS.MIX_MISC)!
    .getChildren("nick")
    .map((nick) => nick.children.join(""));
const nickIn = (joined: Element) => joined.getChild("join")?.getChildText("nick");
const errorIn = (reply: Element) => reply.getChild("error")?.toString();
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe("registering a nick (XEP-0407 §3.1)", () => {
  it("is a feature of the service, and not of its channels", { tags: ["0407-3/5"] }, async () => {
    const { hecate } = await service().coven("hecate");
    const feature = `${NS.MIX_MISC}#nick-register`;
    expect(features(await hecate.asks("get", SERVICE, disco("info")))).toContain(feature);
    expect(features(await hecate.asks("get", COVEN, disco("info")))).not.toContain(feature);
  });

  it("informs the user of his nick, in the form that is enforced (RFC 8266)", {
    tags: ["0369-3/6", "0407-3/1", "0407-3/6"],
  }, async () => {
    const hag66 = service().actor("hag66");
    const reply = await registers(hag66, "  third   witch ");
    expect([outcome(reply), nicksIn(reply)]).toEqual(["result", ["third witch"]]);
  });

  it("assigns one, a UUID, when the request has none", { tags: ["0407-3/9"] }, async () => {
    const host = service();
    for (const reply of [await registers(host.actor("hag66")), await registers(host.actor("hecate"), "  ")])
      expect(nicksIn(reply)[0]).toMatch(UUID);
  });

  it("is not-acceptable for what cannot be a nick", async () => {
    expect(outcome(await registers(service().actor("hag66"), "a\u202eb"))).toBe("not-acceptable");
  });

  it("is a conflict when another has registered it, or one that looks the same, and changes nothing", {
    tags: ["0407-3/6", "0407-3/8"],
  }, async () => {
    const host = service();
    const [hecate, hag66] = [host.actor("hecate"), host.actor("hag66")];
    await registers(hecate, "Queen of Night");
    await registers(hag66, "thirdwitch");
    for (const nick of ["Queen of Night", "QUEEN of night", "Queen  of  Night"])
      expect(outcome(await registers(hag66, nick))).toBe("conflict");
    expect(nicksIn(await hag66.asks("get", SERVICE, request()))).toEqual(["thirdwitch"]);
  });

  it("is the same conflict, in the same words, when another uses it in a channel", { tags: ["0407-3/8"] }, async () => {
    const { hecate, hag66, host } = await service().coven("hecate", "hag66");
    await registers(hag66, "thirdwitch");
    const macbeth = host.actor("macbeth");
    const registered = await registers(macbeth, "thirdwitch");
    const used = await registers(macbeth, "Hecate");
    expect(outcome(used)).toBe("conflict");
    expect(errorIn(used)).toBe(errorIn(registered));
    expect(outcome(await registers(hecate, "hecate"))).toBe("result");
  });

  it("tells nobody but him what he has registered", { tags: ["0407-3/1"] }, async () => {
    const host = service();
    await registers(host.actor("hag66"), "thirdwitch");
    expect(nicksIn(await host.actor("hecate").asks("get", SERVICE, request()))).toEqual([]);
    expect(nicksIn(await host.actor("hag66").asks("get", SERVICE, request()))).toEqual(["thirdwitch"]);
  });

  it("of another one gives up the first", async () => {
    const host = service();
    const hag66 = host.actor("hag66");
    await registers(hag66, "thirdwitch");
    await registers(hag66, "fourthwitch");
    expect(nicksIn(await hag66.asks("get", SERVICE, request()))).toEqual(["fourthwitch"]);
    expect(outcome(await registers(host.actor("hecate"), "thirdwitch"))).toBe("result");
  });

  it("of the same in other letters keeps it, and shows it so", async () => {
    const host = service();
    const hag66 = host.actor("hag66");
    await registers(hag66, "thirdwitch");
    expect(nicksIn(await registers(hag66, "ThirdWitch"))).toEqual(["ThirdWitch"]);
    expect(nicksIn(await hag66.asks("get", SERVICE, request()))).toEqual(["ThirdWitch"]);
    expect(outcome(await registers(host.actor("hecate"), "thirdwitch"))).toBe("conflict");
  });

  it("may be had more than once where the operator wants that, and then the oldest is given up", async () => {
    const host = service({ each: 2 });
    const [hecate, hag66] = [host.actor("hecate"), host.actor("hag66")];
    for (const nick of ["one", "two", "one", "three"]) await registers(hag66, nick);
    expect(nicksIn(await hag66.asks("get", SERVICE, request()))).toEqual(["one", "three"]);
    expect(outcome(await registers(hecate, "one"))).toBe("conflict");
    expect(outcome(await registers(hecate, "two"))).toBe("result");
  });

  it("ends with a release", async () => {
    const host = service();
    await registers(host.actor("hag66"), "thirdwitch");
    expect(outcome(await releases(host.actor("hecate")))).toBe("result");
    expect(outcome(await registers(host.actor("hecate"), "thirdwitch"))).toBe("conflict");
    expect(nicksIn(await releases(host.actor("hag66")))).toEqual([]);
    expect(outcome(await registers(host.actor("hecate"), "thirdwitch"))).toBe("result");
  });

  it("is refused, in words, when as many are registered as the operator wants; who has one may change it", async () => {
    const host = service({ in_all: 2 });
    for (const name of ["hecate", "hag66"]) await registers(host.actor(name), name);
    const refused = await registers(host.actor("macbeth"), "thane");
    expect(outcome(refused)).toBe("resource-constraint");
    expect(reason(refused)).toContain("no more nicks");
    expect(outcome(await registers(host.actor("hag66"), "thirdwitch"))).toBe("result");
    await releases(host.actor("hecate"));
    expect(outcome(await registers(host.actor("macbeth"), "thane"))).toBe("result");
  });

  it("is kept across a restart, and while the plugin is off", async () => {
    const store = await emptyStore();
    const before = service({}, { store });
    await registers(before.actor("hag66"), "thirdwitch");
    await before.stop();
    const host = await service({}, { store }).start();
    expect(outcome(await registers(host.actor("hecate"), "ThirdWitch"))).toBe("conflict");
    await host.engine.host.disable("nicknames");
    expect(outcome(await registers(host.actor("hecate"), "thirdwitch"))).toBe("service-unavailable");
    await host.engine.host.enable("nicknames");
    expect(outcome(await registers(host.actor("hecate"), "thirdwitch"))).toBe("conflict");
    await host.stop();
    await store.close();
  });

  it("that could not be stored is not done: the nick is free, and he has the one he had", async () => {
    const store = new HeldStore(await emptyStore());
    const host = await service({}, { store }).start();
    const [hecate, hag66] = [host.actor("hecate"), host.actor("hag66")];
    await registers(hag66, "thirdwitch");
    store.fail(1);
    expect(outcome(await registers(hag66, "fourthwitch"))).toBe("internal-server-error");
    expect(nicksIn(await hag66.asks("get", SERVICE, request()))).toEqual(["thirdwitch"]);
    expect(outcome(await registers(hecate, "thirdwitch"))).toBe("conflict");
    expect(outcome(await registers(hecate, "fourthwitch"))).toBe("result");
    await store.close();
  });
});

describe("a registered nick in a channel (XEP-0407 §3.1, XEP-0369 §7.1.4)", () => {
  it("is nobody else's: not by join, not by setnick, and for the same reason as one that is in use", {
    tags: ["0407-3/4"],
  }, async () => {
    const { hecate, host } = await service().coven("hecate");
    await registers(host.actor("hag66"), "thirdwitch");
    const macbeth = host.actor("macbeth");
    const registered = await macbeth.joins("coven", { nick: "ThirdWitch" });
    expect(outcome(registered)).toBe("conflict");
    expect(errorIn(registered)).toBe(errorIn(await macbeth.joins("coven", { nick: "hecate" })));
    expect(outcome(await setnick(hecate, "thirdwitch"))).toBe("conflict");
    expect(outcome(await host.actor("hag66").joins("coven", { nick: "thirdwitch" }))).toBe("result");
  });

  it.each([0, 1] as const)(
    "is what he is called when he joins without a nick, in generation %i",
    { tags: ["0407-3/2"] },
    async (generation) => {
      const { host } = await service().coven("hecate");
      const hag66 = host.actor("hag66");
      await registers(hag66, "thirdwitch");
      expect(nickIn(await hag66.joins("coven", { nick: "", generation }))).toBe("thirdwitch");
    },
  );

  it("is the latest of several", async () => {
    const { host } = await service({ each: 3 }).coven("hecate");
    const hag66 = host.actor("hag66");
    for (const nick of ["one", "two", "one"]) await registers(hag66, nick);
    expect(nickIn(await hag66.joins("coven", { nick: "" }))).toBe("one");
  });

  it("does not replace the nick he asks for, nor the one he has, nor one he wants assigned", {
    tags: ["0407-3/3", "0407-3/7"],
  }, async () => {
    const { hag66, host } = await service().coven("hecate", "hag66");
    await registers(hag66, "thirdwitch");
    expect(nickIn(await hag66.joins("coven", { nick: "" }))).toBe("hag66");
    const blank = await setnick(hag66, "");
    expect(blank.getChild("setnick")?.getChildText("nick")).toMatch(UUID);
    const banquo = host.actor("banquo");
    await registers(banquo, "ghost");
    expect(nickIn(await banquo.joins("coven", { nick: "banquo" }))).toBe("banquo");
  });

  it("is not his where another has it already: that one keeps it, and he gets none, or another", {
    tags: ["0407-3/4"],
  }, async () => {
    const host = service();
    const [hag66, macbeth] = [host.actor("hag66"), host.actor("macbeth")];
    await registers(hag66, "thirdwitch");
    await host.engine.host.disable("nicknames");
    await host.coven("hecate");
    await macbeth.joins("coven", { nick: "thirdwitch" });
    await host.engine.host.enable("nicknames");
    expect(nickIn(await macbeth.joins("coven", { nick: "thirdwitch" }))).toBe("thirdwitch");
    expect(outcome(await hag66.joins("coven", { nick: "thirdwitch" }))).toBe("conflict");
    expect(outcome(await hag66.joins("coven", { nick: "" }))).toBe("not-acceptable");
    expect(nickIn(await hag66.joins("coven", { nick: "", generation: 0 }))).toMatch(UUID);
  });

  it("does without where he has none, and the channel wants none", async () => {
    const { hecate, host } = await service().coven("hecate");
    expect(outcome(await publishes(hecate, NODE.CONFIG, { "Mandatory Nicks": "false" }))).toBe("result");
    expect(nickIn(await host.actor("macbeth").joins("coven", { nick: "" })) ?? "").toBe("");
  });

  it("tells nobody whose it is: neither who is refused it, nor who reads who is there", {
    tags: ["0407-3/1"],
  }, async () => {
    const host = testHost([], {
      plugins: { ...BASIC, nicknames: {}, visibility: {}, preferences: {}, jidmap: {}, archive: {} },
    });
    const { hecate } = await host.coven("hecate");
    const hag66 = host.actor("hag66");
    await registers(hag66, "thirdwitch");
    await hag66.joins("coven", { nick: "" });
    const macbeth = host.actor("macbeth");
    await registers(macbeth, "thirdwitch");
    await macbeth.joins("coven", { nick: "thirdwitch" });
    await macbeth.joins();
    await reads(macbeth, NODE.PARTICIPANTS);
    for (const stanza of macbeth.received()) expect(stanza.toString()).not.toContain("hag66");
    expect(hecate.received().join()).toContain("thirdwitch");
  });

  it("is nobody's when the question whether it is taken cannot be answered", async () => {
    const broken = definePlugin({
      name: "broken",
      summary: "Does not know.",
      setup: ({ handle }) =>
        handle("nick/taken", () => {
          throw new Error("The cauldron fell over.");
        }),
    });
    const host = testHost([broken], { plugins: { ...BASIC, broken: {} } });
    await host.actor("hecate").creates("coven");
    expect(outcome(await host.actor("hag66").joins())).toBe("internal-server-error");
  });
});
