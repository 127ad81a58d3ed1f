import { xml } from "@xmpp/client";
import { beforeAll, expect, it } from "vitest";
import { CORE } from "../../core/channel/generation.ts";
import { NS_MIX_ROSTER, NS_ROSTER } from "../../core/stage/roster.ts";
import { NODE, NS } from "../../core/xmpp/ns.ts";
import type { Element } from "../../core/xmpp/xml.ts";
import { PamProsody } from "./prosody.ts";
import { SERVICE } from "./server.ts";
import { onRealServers } from "./world.ts";
import type { XmppJs } from "./xmpp-js.ts";

const CHANNEL = `coven@${SERVICE}`;
const NODES = [NODE.MESSAGES, NODE.PRESENCE, NODE.PARTICIPANTS];

// One story: each `it` goes on where the one before ended.
onRealServers(PamProsody, "MIX-PAM, when Prosody or Masque is gone for a while", (world) => {
  let garden: XmppJs;
  let cave: XmppJs;
  let heath: XmppJs;
  /** How often everybody has logged in. */
  let logins = 1;

  beforeAll(async () => {
    [garden, cave, heath] = await Promise.all([
      world().xmppJs("hecate", "garden"),
      world().xmppJs("hecate", "cave"),
      world().xmppJs("hag66", "heath"),
    ]);
    await garden.asks("set", SERVICE, xml("create", { xmlns: CORE[1], channel: "coven" }));
    await garden.joinsByServer(CHANNEL, "third witch", NODES);
  });

  /** The channels in the roster, with the ID that its user has there. */
  async function channels(person: XmppJs): Promise<(string | undefined)[][]> {
    const query = xml("query", { xmlns: NS_ROSTER }, xml("annotate", { xmlns: NS_MIX_ROSTER }));
    const items = (await person.asks("get", person.account, query))?.getChildren("item") ?? [];
    return items.map((item) => [item.attrs.jid, item.getChild("channel", NS_MIX_ROSTER)?.attrs["participant-id"]]);
  }

  const nicks = async () => (await garden.participants(CHANNEL)).map(({ nick }) => nick).sort();

  /** Prosody ends without a warning, and comes back with what it has stored. */
  async function crash(): Promise<void> {
    await world().server.kill();
    for (const person of [garden, cave, heath]) person.seen.length = 0;
    await world().server.start();
  }

  async function everybodyIsBack(masqueSaid: number): Promise<void> {
    logins++;
    await world().masque.says("Connected to the server.", masqueSaid);
    await Promise.all([garden, cave, heath].map((person) => person.isBack(logins)));
  }

  /** What the client has sent before has been read by its server, which answers in order. */
  const isRead = (person: XmppJs) => person.asks("get", person.account, xml("ping", { xmlns: NS.PING }));

  it("is still in the channel, in the roster and in its archive, after the server was killed", async () => {
    await garden.says(CHANNEL, "Before.");
    await Promise.all([garden, cave].map((person) => person.hears("Before.")));
    const before = await channels(garden);
    const said = world().masque.said;
    // The clients are back before it is.
    world().masque.pause();
    await crash();
    await Promise.all([garden, cave, heath].map((person) => person.isBack(logins + 1).then(() => isRead(person))));
    world().masque.goOn();
    await everybodyIsBack(said);
    expect(await channels(garden)).toEqual(before);
    await cave.says(CHANNEL, "After.");
    await Promise.all([garden, cave].map((person) => person.hears("After.")));
    for (const person of [garden, cave]) expect(person.bodies).toEqual(["Before.", "After."]);
    expect((await garden.archive(garden.account)).map(({ body }) => body)).toEqual(["Before.", "After."]);
  });

  it("is told everybody's presence, though it came online before Masque was there to tell", async () => {
    const [[, id] = []] = await channels(garden);
    const isHer = ({ attrs }: Element) => attrs.from?.startsWith(`${id}#${CHANNEL}/`) && !attrs.type;
    for (const person of [garden, cave])
      await person.when(
        () => new Set(person.seen.filter(isHer).map(({ attrs }) => attrs.from)).size === 2,
        "Seeing both",
      );
  });

  it("joins all the same, when the server was killed before the channel had answered", async () => {
    const said = world().masque.said;
    world().masque.pause();
    const unanswered = heath.joinsByServer(CHANNEL, "first witch", NODES).catch(() => {});
    await isRead(heath);
    await crash();
    world().masque.goOn();
    await everybodyIsBack(said);
    await expect.poll(() => channels(heath)).toEqual([[CHANNEL, expect.stringMatching(/^[a-z0-9]{16}$/)]]);
    expect(await nicks()).toEqual(["first witch", "third witch"]);
    await garden.says(CHANNEL, "There she is.");
    await heath.hears("There she is.");
    void unanswered;
  });

  it("leaves all the same, likewise, what was taken from the roster", async () => {
    const said = world().masque.said;
    world().masque.pause();
    const remove = xml("query", { xmlns: NS_ROSTER }, xml("item", { jid: CHANNEL, subscription: "remove" }));
    await heath.asks("set", heath.account, remove);
    await crash();
    world().masque.goOn();
    await everybodyIsBack(said);
    await expect.poll(nicks).toEqual(["third witch"]);
    expect(await channels(heath)).toEqual([]);
  });

  it("is told that the channel does not answer, and joins when it does, late as it is", async () => {
    world().masque.pause();
    await expect(heath.joinsByServer(CHANNEL, "first witch", NODES)).rejects.toMatchObject({
      condition: "remote-server-timeout",
    });
    world().masque.goOn();
    await expect.poll(() => channels(heath)).toMatchObject([[CHANNEL, expect.any(String)]]);
    await heath.leavesByServer(CHANNEL);
  });

  it("may ask for a hundred channels that do not answer, and no more", async () => {
    world().masque.pause();
    const names = Array.from({ length: 100 }, (_, i) => `heath-${i}@${SERVICE}`);
    const answers = Promise.allSettled(names.map((channel) => heath.joinsByServer(channel, "first witch", NODES)));
    await expect(heath.joinsByServer(CHANNEL, "first witch", NODES)).rejects.toMatchObject({
      condition: "resource-constraint",
    });
    world().masque.goOn();
    for (const answer of await answers) expect(answer.status).toBe("rejected");
  });

  it("is told at once that Masque is not there", async () => {
    await world().masque.stop();
    await expect(heath.joinsByServer(CHANNEL, "first witch", NODES)).rejects.toMatchObject({
      condition: "remote-server-timeout",
    });
    expect(await channels(heath)).toEqual([]);
    await world().masque.start();
    await heath.joinsByServer(CHANNEL, "first witch", NODES);
    expect(await nicks()).toEqual(["first witch", "third witch"]);
  });

  it("leaves every channel when the account is given up", async () => {
    await heath.sends(
      xml("iq", { type: "set", id: "bye" }, xml("query", { xmlns: "jabber:iq:register" }, xml("remove"))),
    );
    await expect.poll(nicks).toEqual(["third witch"]);
    await garden.says(CHANNEL, "Alone.");
    await Promise.all([garden, cave].map((person) => person.hears("Alone.")));
  });
});
