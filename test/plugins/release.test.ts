import { Channels, NODE, xml } from "masque";
import { type TestOptions, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { COVEN, disco, events, outcome, publish, reads } from "../core/channel/replies.ts";

const PLUGINS = { channels: {}, participants: {}, messages: {}, info: {}, admin: {}, preferences: {}, visibility: {} };

/** A coven that hides JIDs, and whose macbeth wants his never to be shown, with the plugin that hides them switched off. */
async function suspended(options: TestOptions = {}) {
  const host = testHost([], { plugins: PLUGINS, ...options });
  const people = await host.coven("hecate", "hag66", "macbeth");
  await people.macbeth.prefers({ "JID Visibility": "never" });
  await host.engine.host.disable("visibility");
  const releases = (name = "coven", to = "jid-visible", isSure = true) =>
    host.command("channel", "release", name, "--to", to, ...(isSure ? ["--yes"] : []));
  const channel = (await host.use(Channels).find("coven"))!;
  return { ...people, releases, channel };
}

describe("masque channel release", () => {
  it("makes a suspended channel work again, and show everybody's JID", async () => {
    const { hecate, hag66, releases, channel, host } = await suspended();
    await hag66.says("unheard");
    expect(hecate.heard()).toEqual([]);
    const { result, text } = await releases();
    await host.settled();
    expect(result).toEqual({ channel: "coven", shown: 2, removed: 1 });
    expect(text).toContain("2 of them now see one another's JID");
    expect(channel.missing()).toEqual([]);
    await hag66.says("double, double");
    expect(hecate.heard().at(-1)).toBe("double, double");
    expect(hecate.received().at(-1)?.getChild("mix")?.getChildText("jid")).toBe(hag66.jid);
    expect(outcome(await reads(hag66, NODE.PARTICIPANTS))).toBe("result");
  });

  it("tells its participants first, and then shows their JIDs", async () => {
    const { hag66, hecate, releases, host } = await suspended();
    const before = hag66.received().length;
    await releases();
    await host.settled();
    const told = hag66.received().slice(before).map(String);
    expect(told[0]).toContain("makes this channel show everybody's JID");
    expect(told.findIndex((text) => text.includes(hecate.jid))).toBeGreaterThan(0);
    expect(events(hag66, NODE.PARTICIPANTS).at(-1)?.toString()).toContain("<jid>");
  });

  it("removes those who want theirs never shown, tells them why, and shows it to nobody", async () => {
    const { hag66, hecate, macbeth, releases, channel, host } = await suspended();
    await releases();
    await host.settled();
    expect(channel.participant(macbeth.jid)).toBeUndefined();
    expect(macbeth.heard().at(-1)).toContain("you have been removed from it");
    for (const other of [hag66, hecate]) expect(other.received().join()).not.toContain(macbeth.jid);
    expect(macbeth.received().join()).not.toContain(hag66.jid);
  });

  it("leaves a channel that the plugin, when it is back, takes for one that shows JIDs", async () => {
    const { hag66, hecate, releases, host } = await suspended();
    await releases();
    await host.settled();
    await host.engine.host.enable("visibility");
    await host.engine.host.disable("visibility");
    expect(outcome(await hag66.asks("get", COVEN, disco("info")))).toBe("result");
    await host.engine.host.enable("visibility");
    await hag66.says("still here");
    expect(hecate.received().at(-1)?.getChild("mix")?.getChildText("jid")).toBe(hag66.jid);
  });

  it("asks to be confirmed, and does nothing and tells nobody before", async () => {
    const { hag66, releases, channel } = await suspended();
    const before = hag66.received().length;
    await expect(releases("coven", "jid-visible", false)).rejects.toThrow(/JIDs of 3 participants.*add --yes/);
    expect(channel.missing()).toEqual(["visibility"]);
    expect(hag66.received()).toHaveLength(before);
  });

  it("does nothing while the participants cannot be told", async () => {
    const { releases, channel, host } = await suspended();
    host.stream("down");
    await expect(releases()).rejects.toThrow("cannot be told, so nothing is done");
    expect(channel.missing()).toEqual(["visibility"]);
    expect(channel.size).toBe(3);
  });

  it("is for suspended channels, and for one thing only", async () => {
    const { releases, host } = await suspended();
    await expect(releases("heath")).rejects.toThrow('no channel "heath"');
    await expect(releases("coven", "jid-maybe-visible")).rejects.toThrow("--to jid-visible");
    await host.engine.host.enable("visibility");
    await expect(releases()).rejects.toThrow("is not suspended");
  });

  it("shows nobody's JID where what is off has hidden none", async () => {
    const { hecate, hag66, releases, channel, host } = await suspended({ plugins: { ...PLUGINS, access: {} } });
    await host.engine.host.enable("visibility");
    await hecate.asks("set", COVEN, publish(NODE.BANNED, xml("item", { id: "birnam.example" })));
    await host.engine.host.disable("access");
    const before = hag66.received().length;
    await expect(releases()).rejects.toThrow("suspended without access, which hides no JIDs");
    await host.settled();
    expect(hag66.received()).toHaveLength(before);
    expect(channel.missing()).toEqual(["access"]);
  });

  it("keeps out who is banned: what the lists need is not given up with what hid JIDs", async () => {
    const { hecate, hag66, releases, channel, host } = await suspended({ plugins: { ...PLUGINS, access: {} } });
    await host.engine.host.enable("visibility");
    await hecate.asks("set", COVEN, publish(NODE.BANNED, xml("item", { id: "birnam.example" })));
    for (const name of ["access", "visibility"]) await host.engine.host.disable(name);
    const before = hag66.received().length;
    await expect(releases()).rejects.toThrow("suspended without access, which hides no JIDs: switch that on again");
    expect(hag66.received()).toHaveLength(before);
    expect(new Set(channel.missing())).toEqual(new Set(["access", "visibility"]));
    await host.engine.host.enable("access");
    await releases();
    expect(channel.state.requires).toEqual(["access"]);
  });

  it("takes the name as the JID, too", async () => {
    const { releases, channel } = await suspended();
    await releases(COVEN);
    expect(channel.missing()).toEqual([]);
  });

  it("goes with the plugin of participants", async () => {
    const { releases, host } = await suspended();
    await host.engine.host.disable("participants");
    await expect(releases()).rejects.toThrow("no command");
  });
});
