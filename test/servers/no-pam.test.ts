import { xml } from "@xmpp/client";
import { beforeAll, expect, it } from "vitest";
import { CORE } from "../../core/channel/generation.ts";
import { NODE, NS } from "../../core/xmpp/ns.ts";
import type { Element } from "../../core/xmpp/xml.ts";
import { Prosody } from "./prosody.ts";
import { SERVICE } from "./server.ts";
import { onRealServers } from "./world.ts";
import type { XmppJs } from "./xmpp-js.ts";

const CHANNEL = `coven@${SERVICE}`;

// What docs/servers.md says of servers without MIX-PAM. One story: each `it` goes on where the one before ended.
onRealServers(Prosody, "people whose server does not join for them", (world) => {
  let garden: XmppJs;
  let cave: XmppJs;
  let heath: XmppJs;

  beforeAll(async () => {
    [garden, cave, heath] = await Promise.all([
      world().xmppJs("hecate", "garden"),
      world().xmppJs("hecate", "cave"),
      world().xmppJs("hag66", "heath"),
    ]);
    await garden.asks("set", SERVICE, xml("create", { xmlns: CORE[1], channel: "coven" }));
    await garden.joins(CHANNEL, "third witch");
    const nodes = [NODE.MESSAGES, NODE.PRESENCE].map((node) => xml("subscribe", { node }));
    await heath.asks("set", CHANNEL, xml("join", { xmlns: CORE[1] }, nodes, xml("nick", {}, "first witch")));
  });

  /** Says it, and waits until these have heard it and nothing else is on its way to them. */
  async function speak(speaker: XmppJs, body: string, listeners: readonly XmppJs[]): Promise<void> {
    await speaker.says(CHANNEL, body);
    await Promise.all(listeners.map((listener) => listener.hears(body)));
    for (const each of listeners) await each.asks("get", SERVICE, xml("ping", { xmlns: NS.PING }));
  }

  it("are written to where the channel has heard of them, and not before", {
    tags: ["xmppjs-alone/several"],
  }, async () => {
    await speak(heath, "One.", [garden, heath]);
    await cave.participants(CHANNEL);
    await speak(heath, "Two.", [garden, cave, heath]);
    expect(garden.bodies).toEqual(["One.", "Two."]);
    expect(cave.bodies).toEqual(["Two."]);
  });

  it("are remembered when Masque was killed, on every client, though they have said nothing since", async () => {
    await world().masque.kill();
    await world().masque.start();
    await speak(heath, "Three.", [garden, cave, heath]);
    expect(cave.bodies).toEqual(["Two.", "Three."]);
  });

  it("are forgotten on a client that went away, by what comes back, until it is heard of again", async () => {
    await cave.stop();
    await speak(heath, "Four.", [garden, heath]);
    cave = await world().xmppJs("hecate", "cave");
    await speak(heath, "Five.", [garden, heath]);
    // Of itself, as anything sent to the channel would make it heard of.
    await cave.asks("get", cave.account, xml("ping", { xmlns: NS.PING }));
    expect(cave.bodies).toEqual([]);
    await cave.participants(CHANNEL);
    await speak(heath, "Six.", [garden, cave, heath]);
    expect(cave.bodies).toEqual(["Six."]);
    expect(garden.bodies).toEqual(["One.", "Two.", "Three.", "Four.", "Five.", "Six."]);
  });

  it("hear again when their server was killed, once they were heard of", async () => {
    const said = world().masque.said;
    await world().server.kill();
    await world().server.start();
    await world().masque.says("Connected to the server.", said);
    await Promise.all([garden, cave, heath].map((person) => person.isBack(2)));
    for (const person of [garden, cave, heath]) await person.participants(CHANNEL);
    await speak(garden, "Seven.", [garden, cave, heath]);
    for (const { bodies } of [garden, cave, heath]) expect(bodies.filter((body) => body === "Seven.")).toHaveLength(1);
  });

  it("show their presence by sending it to the channel, and are seen without address or resource", async () => {
    await garden.sends(xml("presence", { to: CHANNEL }, xml("show", {}, "dnd")));
    const isHer = ({ attrs }: Element) => attrs.from?.includes(`#${CHANNEL}/`) ?? false;
    await heath.when(() => heath.seen.some(isHer), "Seeing the third witch");
    const [seen] = heath.seen.filter(isHer);
    expect(seen?.getChildText("show")).toBe("dnd");
    expect(seen?.toString()).not.toMatch(/hecate|garden/);
    // Prosody tells of its end whomever the client has told of its beginning.
    await garden.stop();
    await heath.when(() => heath.seen.filter(isHer).at(-1)?.attrs.type === "unavailable", "Her going");
  });

  it("are told at once that Masque is away", async () => {
    await world().masque.stop();
    await expect(heath.joins(CHANNEL, "first witch")).rejects.toMatchObject({ condition: "remote-server-timeout" });
  });
});
