import { xml } from "@xmpp/client";
import { beforeAll, expect, it } from "vitest";
import { CORE } from "../../core/channel/generation.ts";
import { NODE, NS } from "../../core/xmpp/ns.ts";
import type { Element } from "../../core/xmpp/xml.ts";
import { Prosody } from "./prosody.ts";
import { DOMAIN, SERVICE } from "./server.ts";
import { onRealServers } from "./world.ts";
import type { XmppJs } from "./xmpp-js.ts";

const CHANNEL = `coven@${SERVICE}`;
const MIX = CORE[1];

// The same story as slixmpp's, told by @xmpp/client with stanzas made by hand; each `it` goes on where the one before ended.
onRealServers(Prosody, "@xmpp/client behind Prosody", (world) => {
  let hecate: XmppJs;
  let hag66: XmppJs;

  beforeAll(async () => {
    [hecate, hag66] = await Promise.all([world().xmppJs("hecate", "garden"), world().xmppJs("hag66", "heath")]);
  });

  const values = (of: Element | undefined, name: string, attr: string) =>
    of?.getChildren(name).map(({ attrs }) => attrs[attr]) ?? [];

  it("finds the service, and that it may create channels there", async () => {
    const items = await hecate.asks("get", DOMAIN, xml("query", { xmlns: NS.DISCO_ITEMS }));
    expect(values(items, "item", "jid")).toContain(SERVICE);
    const info = await hecate.asks("get", SERVICE, xml("query", { xmlns: NS.DISCO_INFO }));
    expect(info?.getChild("identity")?.attrs).toMatchObject({ category: "conference", type: "mix" });
    expect(values(info, "feature", "var")).toEqual(expect.arrayContaining([MIX, `${MIX}#create-channel`]));
  });

  it("creates a channel, and others find it", async () => {
    const created = await hecate.asks("set", SERVICE, xml("create", { xmlns: MIX, channel: "coven" }));
    expect(created?.attrs).toEqual({ xmlns: MIX, channel: "coven" });
    const items = await hag66.asks("get", SERVICE, xml("query", { xmlns: NS.DISCO_ITEMS }));
    expect(values(items, "item", "jid")).toEqual([CHANNEL]);
  });

  it("joins, and is told its ID and what it is subscribed to", async () => {
    const joined = await hecate.joins(CHANNEL, "third witch");
    expect(joined?.attrs.id).toMatch(/^[a-z0-9]{16}$/);
    expect(values(joined, "subscribe", "node")).toEqual([NODE.MESSAGES, NODE.PARTICIPANTS, NODE.INFO]);
    expect(joined?.getChildText("nick")).toBe("third witch");
    const { id } = (await hag66.joins(CHANNEL, "first witch"))?.attrs ?? {};
    expect(await hecate.participants(CHANNEL)).toEqual(
      expect.arrayContaining([
        { id, nick: "first witch" },
        { id: joined?.attrs.id, nick: "third witch" },
      ]),
    );
  });

  it("sets a nick, unless somebody else has it", async () => {
    const setNick = (nick: string) => hag66.asks("set", CHANNEL, xml("setnick", { xmlns: MIX }, xml("nick", {}, nick)));
    expect((await setNick("second witch"))?.getChildText("nick")).toBe("second witch");
    await expect(setNick("third witch")).rejects.toMatchObject({ condition: "conflict" });
    const nicks = (await hecate.participants(CHANNEL)).map(({ nick }) => nick);
    expect(nicks.sort()).toEqual(["second witch", "third witch"]);
  });

  it("lists the channel's nodes", async () => {
    const nodes = await hag66.asks("get", CHANNEL, xml("query", { xmlns: NS.DISCO_ITEMS, node: "mix" }));
    expect(values(nodes, "item", "node")).toEqual(
      expect.arrayContaining([NODE.MESSAGES, NODE.PARTICIPANTS, NODE.INFO]),
    );
  });

  it("hears every message once, and reads the same from the archive", async () => {
    await hag66.says(CHANNEL, "Where hast thou been, sister?");
    await hag66.hears("Where hast thou been, sister?");
    await hecate.says(CHANNEL, "Killing swine & <sheep> 🐖.");
    for (const each of [hecate, hag66]) {
      await each.hears("Killing swine & <sheep> 🐖.");
      expect(each.heard.map(({ nick, body }) => [nick, body])).toEqual([
        ["second witch", "Where hast thou been, sister?"],
        ["third witch", "Killing swine & <sheep> 🐖."],
      ]);
    }
    expect(await hecate.archive(CHANNEL)).toEqual(hag66.heard);
  });

  it("leaves, and reads and hears no more", async () => {
    const left = await hag66.asks("set", CHANNEL, xml("leave", { xmlns: MIX }));
    expect(left?.attrs).toEqual({ xmlns: MIX });
    await expect(hag66.archive(CHANNEL)).rejects.toMatchObject({ condition: "forbidden" });
    await hecate.says(CHANNEL, "Alone at last.");
    await hecate.hears("Alone at last.");
    await hag66.asks("get", SERVICE, xml("ping", { xmlns: NS.PING }));
    expect(hag66.bodies).not.toContain("Alone at last.");
  });

  it("destroys the channel, unless it is somebody else's", async () => {
    const destroy = (person: XmppJs) => person.asks("set", SERVICE, xml("destroy", { xmlns: MIX, channel: "coven" }));
    await expect(destroy(hag66)).rejects.toMatchObject({ condition: "forbidden" });
    expect(await destroy(hecate)).toBeUndefined();
    await expect(hecate.participants(CHANNEL)).rejects.toMatchObject({ condition: "item-not-found" });
  });
});
