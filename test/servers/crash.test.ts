import { xml } from "@xmpp/client";
import { beforeAll, describe, expect, it } from "vitest";
import { CORE } from "../../core/channel/generation.ts";
import { NS } from "../../core/xmpp/ns.ts";
import { Prosody } from "./prosody.ts";
import { SERVICE } from "./server.ts";
import { onRealServers } from "./world.ts";
import type { XmppJs } from "./xmpp-js.ts";

const CHANNEL = `coven@${SERVICE}`;
const MIX = CORE[1];
const NAMES = ["hecate", "hag66", "crone1"] as const;

/** How many messages each has heard when the crash comes, with as many more on their way as they can say. */
const HEARD = 300;

onRealServers(Prosody, "a crash while everybody talks", (world) => {
  let people: XmppJs[];
  let hecate: XmppJs;
  let hag66: XmppJs;
  let crone1: XmppJs;

  beforeAll(async () => {
    people = await Promise.all(NAMES.map((name) => world().xmppJs(name, "heath")));
    [hecate, hag66, crone1] = people as [XmppJs, XmppJs, XmppJs];
    await hecate.asks("set", SERVICE, xml("create", { xmlns: MIX, channel: "coven" }));
    for (const [i, person] of people.entries()) await person.joins(CHANNEL, NAMES[i] as string);
  });

  /** Everybody talks, and in the middle of it something happens. Nobody talks afterwards. */
  async function whileAllTalk(opening: string, happens: () => Promise<void>): Promise<void> {
    const goal = hecate.heard.length + HEARD;
    for (const [i, person] of people.entries()) person.keepsTalking(CHANNEL, `${opening}, ${NAMES[i]}`);
    await hecate.when(() => hecate.heard.length >= goal, `Hearing ${HEARD} messages`);
    const crash = happens();
    for (const person of people) person.hush();
    await crash;
  }

  const rename = (person: XmppJs, nick: string) =>
    person.asks("set", CHANNEL, xml("setnick", { xmlns: MIX }, xml("nick", {}, nick)));

  /** Whatever anybody heard is in the archive once, as it was heard and in that order. */
  async function everythingHeardIsKept(): Promise<void> {
    // The answer comes after all that was on its way to a client.
    for (const person of people) await person.asks("get", SERVICE, xml("ping", { xmlns: NS.PING }));
    const archive = await hecate.archive(CHANNEL);
    expect(new Set(archive.map(({ id }) => id)).size).toBe(archive.length);
    for (const { heard } of people) {
      const ids = new Set(heard.map(({ id }) => id));
      expect(archive.filter(({ id }) => ids.has(id))).toEqual(heard);
    }
  }

  describe.each(["the first time", "the second time"])("of Masque, killed for %s", (time) => {
    it("keeps what anybody heard, the participants, and a nick changed just before", async () => {
      const nick = `hag66 ${time}`;
      await rename(hag66, nick);
      const before = await hecate.participants(CHANNEL);
      await whileAllTalk(time, () => world().masque.kill());
      await world().masque.start();

      // Nobody but hag66 has said anything since; the others are remembered.
      await hag66.says(CHANNEL, `After ${time}.`);
      for (const person of people) await person.hears(`After ${time}.`);
      expect(crone1.heard.at(-1)?.nick).toBe(nick);
      expect(await hecate.participants(CHANNEL)).toEqual(before);
      await everythingHeardIsKept();
    });
  });

  it("of Prosody is got over: Masque comes back by itself, with everything it had accepted", async () => {
    const before = await hecate.participants(CHANNEL);
    const said = world().masque.said;
    await whileAllTalk("The last time", () => world().server.kill());
    await world().masque.says("The connection to the server is lost.", said);
    await world().server.start();
    await world().masque.says("Connected to the server.", said);
    for (const person of people) await person.isBack();

    expect(await hecate.participants(CHANNEL)).toEqual(before);
    await everythingHeardIsKept();

    for (const person of people) await person.participants(CHANNEL);
    await crone1.says(CHANNEL, "When shall we three meet again?");
    for (const person of people) await person.hears("When shall we three meet again?");
    await everythingHeardIsKept();
  });
});
