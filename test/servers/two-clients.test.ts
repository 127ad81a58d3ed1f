import { beforeAll, expect, it } from "vitest";
import { Prosody } from "./prosody.ts";
import { SERVICE } from "./server.ts";
import { type Slixmpp, speakingIn } from "./slixmpp.ts";
import { onRealServers } from "./world.ts";

const CHANNEL = `coven@${SERVICE}`;

// Prosody has no MIX-PAM: clients join by themselves, and each is written to at its full JID.
onRealServers(Prosody, "people with several clients behind Prosody", (world) => {
  let garden: Slixmpp;
  let cave: Slixmpp;
  let hag66: Slixmpp;
  const speak = speakingIn(CHANNEL);

  beforeAll(async () => {
    [garden, cave, hag66] = await Promise.all([
      world().slixmpp("hecate", "garden"),
      world().slixmpp("hecate", "cave"),
      world().slixmpp("hag66", "heath"),
    ]);
    await garden.does("create", SERVICE, "coven");
    await garden.does("join", CHANNEL, "hecate");
    await hag66.does("join", CHANNEL, "hag66");
  });

  it("learn of each other through the channel: it writes to a second client from its first stanza on", async () => {
    await speak(hag66, "Only to the garden.", [garden, hag66]);
    expect(await cave.does("participants", CHANNEL)).toHaveLength(2);
    await speak(hag66, "To the garden and the cave.", [garden, cave, hag66]);
    expect(garden.bodies).toEqual(["Only to the garden.", "To the garden and the cave."]);
    expect(cave.bodies).toEqual(["To the garden and the cave."]);
  });

  it("see every message exactly once on each client, whichever of them said it", {
    tags: ["slixmpp-alone/several"],
  }, async () => {
    const before = garden.bodies.length;
    const said: string[] = [];
    for (let round = 1; round <= 5; round++) {
      for (const [speaker, where] of [
        [garden, "garden"],
        [cave, "cave"],
        [hag66, "heath"],
      ] as const) {
        said.push(`${where} ${round}`);
        await speak(speaker, `${where} ${round}`, [garden, cave, hag66]);
      }
    }
    expect(garden.bodies.slice(before)).toEqual(said);
    expect(cave.bodies.slice(-said.length)).toEqual(said);
    expect(hag66.bodies.slice(-said.length)).toEqual(said);
    expect(cave.heard.slice(-said.length)).toEqual(garden.heard.slice(before));
  });

  it("are one participant", async () => {
    const participants = await hag66.does<{ nick: string }[]>("participants", CHANNEL);
    expect(participants.map(({ nick }) => nick).sort()).toEqual(["hag66", "hecate"]);
  });

  it("miss nothing by going offline: still a participant, with the archive to catch up, and live again from then on", async () => {
    await hag66.stop();
    await speak(garden, "Has she gone?", [garden, cave]);
    await speak(cave, "She has.", [garden, cave]);

    const back = await world().slixmpp("hag66", "blasted-heath");
    const missed = await back.does<{ body: string }[]>("archive", CHANNEL, 100);
    expect(missed.slice(-2).map(({ body }) => body)).toEqual(["Has she gone?", "She has."]);
    expect(missed.slice(0, -2).map(({ body }) => body)).toEqual(hag66.bodies);

    await speak(garden, "There she is.", [garden, cave, back]);
    await speak(back, "Here I am.", [garden, cave, back]);
    expect(back.bodies).toEqual(["There she is.", "Here I am."]);
    expect(back.heard.map(({ nick }) => nick)).toEqual(["hecate", "hag66"]);
  });
});
