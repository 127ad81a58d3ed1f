import { xml } from "@xmpp/client";
import { beforeAll, expect, it } from "vitest";
import { CORE } from "../../core/channel/generation.ts";
import { NODE, NS } from "../../core/xmpp/ns.ts";
import { Ejabberd } from "./ejabberd.ts";
import { SERVICE } from "./server.ts";
import type { Slixmpp } from "./slixmpp.ts";
import type { Tap } from "./tap.ts";
import { onRealServers } from "./world.ts";
import type { XmppJs } from "./xmpp-js.ts";

const CHANNEL = `coven@${SERVICE}`;
const NODES = [NODE.MESSAGES, NODE.PARTICIPANTS, NODE.PRESENCE, NODE.INFO];

const CheckingEjabberd = {
  title: "ejabberd",
  program: Ejabberd.program,
  start: (folder: string) => Ejabberd.start(folder, "validate_stream: true\n"),
};

// One story: each `it` goes on where the one before ended. ejabberd passes on only what it can read here, and writes it anew.
onRealServers(CheckingEjabberd, "ejabberd that checks every stanza (validate_stream)", (world) => {
  let tap: Tap;
  let hecate: XmppJs;
  let hag66: XmppJs;
  let crone1: Slixmpp;
  let witches: { id: string; nick: string }[];

  beforeAll(async () => {
    tap = await world().tap();
    [hecate, hag66, crone1] = await Promise.all([
      world().xmppJs("hecate", "garden", tap),
      world().xmppJs("hag66", "heath", tap),
      world().slixmpp("crone1", "cauldron", tap),
    ]);
    await hecate.asks("set", SERVICE, xml("create", { xmlns: CORE[1], channel: "coven" }));
  });

  const proxyOf = (nick: string) => `${witches.find((witch) => witch.nick === nick)?.id}#${CHANNEL}`;

  it("joins for its users, who see each other in the channel", async () => {
    await hecate.joinsByServer(CHANNEL, "third witch", NODES);
    await hag66.joinsByServer(CHANNEL, "first witch", NODES);
    // It answers in MIX-CORE's namespace, where slixmpp does not see what was granted.
    await crone1.does("client_join", CHANNEL, "second witch");
    witches = await hecate.participants(CHANNEL);
    expect(witches.map(({ nick }) => nick).sort()).toEqual(["first witch", "second witch", "third witch"]);
    expect(await crone1.does("participants", CHANNEL)).toHaveLength(3);
  });

  it("hands on what is said, and what the archive has", async () => {
    await hecate.says(CHANNEL, "Double, double.");
    await Promise.all([hecate, hag66, crone1].map((each) => each.hears("Double, double.")));
    expect(hecate.heard[0]?.nick).toBe("third witch");
    expect(await hag66.archive(CHANNEL)).toEqual(hag66.heard);
    expect(await crone1.does("archive", CHANNEL, 10)).toMatchObject([{ body: "Double, double.", nick: "third witch" }]);
  });

  it("hands on news of participants, information and preferences", async () => {
    await hag66.asks("set", CHANNEL, xml("setnick", { xmlns: CORE[1] }, xml("nick", {}, "fourth witch")));
    await crone1.notices('"nick": "fourth witch"');
    expect(await crone1.does("info", CHANNEL)).toHaveProperty("Name");
    expect(await crone1.does("choose", CHANNEL, { vCard: "allow" })).toMatchObject({ vCard: "allow" });
    witches = await hecate.participants(CHANNEL);
  });

  it("hands on presence, with the nick of whose it is", async () => {
    await hag66.sends(xml("presence", {}, xml("show", {}, "dnd")));
    const shown = () => hecate.seen.find((each) => each.getChildText("show") === "dnd");
    await hecate.when(() => shown() !== undefined, "Seeing the fourth witch");
    expect(shown()?.getChild("mix", NS.MIX_PRESENCE)?.getChildText("nick")).toBe("fourth witch");
  });

  it("hands on private messages, and the answers to them", async () => {
    const to = (address: string, body: string) => xml("message", { to: address, type: "chat" }, xml("body", {}, body));
    await hecate.sends(to(proxyOf("fourth witch"), "Where the place?"));
    const asked = await hag66.isTold("Where the place?");
    expect(asked.attrs.from).toMatch(`${proxyOf("third witch")}/`);
    await hag66.sends(to(asked.attrs.from ?? "", "Upon the heath."));
    expect((await hecate.isTold("Upon the heath.")).attrs.from).toMatch(`${proxyOf("fourth witch")}/`);
  });

  it("answers a leave, which it does not without the check", {
    tags: ["slixmpp-ejabberd/leave", "xmppjs-ejabberd/leave"],
  }, async () => {
    const left = await hag66.leavesByServer(CHANNEL);
    expect(left.getChild("leave")).toBeDefined();
    await crone1.does("client_leave", CHANNEL);
    expect((await hecate.participants(CHANNEL)).map(({ nick }) => nick)).toEqual(["third witch"]);
  });

  it("refuses slixmpp's own way to join straight from a client, and no other's", {
    tags: ["slixmpp-ejabberd/join"],
  }, async () => {
    expect(await crone1.isRefused("join", CHANNEL, "second witch")).toEqual({
      condition: "bad-request",
      type: "modify",
      text: "Missing attribute 'node' in tag <subscribe/> qualified by namespace 'urn:xmpp:mix:core:1'",
    });
    expect((await hag66.joins(CHANNEL, "first witch"))?.attrs.id).toBe(proxyOf("fourth witch")?.split("#")[0]);
  });

  it("takes the proxy JID out of messages to those who speak MIX-CORE 0.11 of 2018", async () => {
    const join = xml(
      "join",
      { xmlns: CORE[0] },
      xml("subscribe", { node: NODE.MESSAGES }),
      xml("nick", {}, "first witch"),
    );
    await hag66.asks("set", CHANNEL, join);
    const before = tap.text.length;
    await hecate.says(CHANNEL, "Toil and trouble.");
    await hag66.hears("Toil and trouble.");
    const told = tap.text.slice(before);
    expect(told).toContain(`<mix xmlns='${CORE[0]}'><nick>third witch</nick></mix>`);
    expect(told).not.toContain("proxy-jid");
  });
});
