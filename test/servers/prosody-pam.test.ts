import { beforeAll, expect, it } from "vitest";
import { NODE } from "../../core/xmpp/ns.ts";
import { PamProsody } from "./prosody.ts";
import { DOMAIN, SERVICE } from "./server.ts";
import { type Entry, type Slixmpp, speakingIn, type Told } from "./slixmpp.ts";
import { onRealServers } from "./world.ts";

const CHANNEL = `coven@${SERVICE}`;

interface Listed {
  readonly id: string;
  readonly nick: string;
}

interface Roster {
  readonly contacts: readonly Entry[];
  readonly channels: readonly Entry[];
}

// One story, told by slixmpp's own XEP-0405, as it comes, behind Debian's Prosody with config/prosody/mod_mix_pam.lua:
// each `it` goes on where the one before ended.
onRealServers(PamProsody, "slixmpp behind Prosody, which joins for its users (XEP-0405)", (world) => {
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
  });

  const roster = (client: Slixmpp) => client.does<Roster>("mix_roster");
  const participants = (client: Slixmpp) => client.does<Listed[]>("participants", CHANNEL);

  it("finds a server that joins for it, and archives what channels send (§2.4)", {
    tags: ["0405-2.4/1", "0405-2.4/2"],
  }, async () => {
    expect(await garden.does("has_pam")).toBe(true);
    const { features } = await garden.does<{ features: string[] }>("describe", `hecate@${DOMAIN}`);
    expect(features).toEqual(expect.arrayContaining(["urn:xmpp:mix:pam:2", "urn:xmpp:mix:pam:2#archive"]));
    // The version of 2018 is found at the server.
    const server = await garden.does<{ features: string[] }>("describe", DOMAIN);
    expect(server.features).toContain("urn:xmpp:mix:pam:0");
  });

  it("is told at once that there is no such channel, and its roster is as it was", async () => {
    expect(await garden.isRefused("client_join", CHANNEL, "third witch")).toMatchObject({
      condition: "item-not-found",
      type: "cancel",
    });
    expect(await roster(garden)).toEqual({ contacts: [], channels: [] });
  });

  it("joins, is granted every node it asked for, and the channel comes into the roster of every client of hers", {
    tags: ["0369-3/3", "0405-2.9/1", "slixmpp-prosody/join"],
  }, async () => {
    await garden.does("create", SERVICE, "coven");
    expect(await garden.does("client_join", CHANNEL, "third witch")).toEqual([]);
    await Promise.all([garden, cave].map((client) => client.notices('"pushed"')));
    expect(cave.pushed).toMatchObject([{ jid: CHANNEL }]);
  });

  it("finds the channel in the roster, marked with its ID where it asked for marks, and nowhere else (§2.10)", {
    tags: ["0405-2.10/1", "0405-2.10/2", "0405-2.10/3", "0405-2.10/4", "0405-2.10/5"],
  }, async () => {
    const [self] = await participants(garden);
    expect(self?.nick).toBe("third witch");
    expect(garden.pushed).toEqual([{ jid: CHANNEL, subscription: "none", participant: self?.id }]);
    expect(cave.pushed).toEqual([{ jid: CHANNEL, subscription: "none", participant: "" }]);
    for (const client of [garden, cave])
      expect(await roster(client)).toEqual({ contacts: [], channels: garden.pushed });
    // A later request resets the marks.
    expect(await cave.does("plain_roster")).toEqual(cave.pushed);
  });

  it("is told of a nick that somebody has", async () => {
    const refusal = await hag66.isRefused("client_join", CHANNEL, "third witch");
    expect(refusal).toMatchObject({ condition: "conflict", type: "cancel" });
    expect((await roster(hag66)).channels).toEqual([]);
    expect(await hag66.does("client_join", CHANNEL, "first witch")).toEqual([]);
  });

  it("hears every message exactly once on each client, whichever of them said it (§2.2)", {
    tags: ["0405-2.2/1", "slixmpp-prosody/talk", "slixmpp-prosody/several"],
  }, async () => {
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
    for (const { bodies } of [garden, cave, hag66]) expect(bodies).toEqual(said);
    expect(cave.heard.map(({ stanza_id }) => stanza_id)).toEqual(garden.heard.map(({ stanza_id }) => stanza_id));
  });

  it("catches up, on a client that was offline, from its own account's archive, which has everything once (§2.11)", {
    tags: ["0369-7.2.1/1", "0405-2.11/1", "slixmpp-prosody/history"],
  }, async () => {
    const before = cave.bodies;
    await cave.stop();
    await speak(garden, "Has she gone?", [garden, hag66]);
    await speak(hag66, "She has.", [garden, hag66]);

    cave = await world().slixmpp("hecate", "cave");
    const archive = await cave.does<Told[]>("own_archive", 4);
    expect(archive.map(({ body }) => body)).toEqual([...before, "Has she gone?", "She has."]);
    expect(archive.map(({ body }) => body)).toEqual(garden.bodies);
    expect(archive.map(({ from }) => from)).toEqual(garden.heard.map(({ from }) => from));
    expect(archive.at(-1)).toMatchObject({ nick: "first witch", jid: "" });

    await speak(garden, "There she is.", [garden, cave, hag66]);
    await speak(cave, "Here I am.", [garden, cave, hag66]);
    expect(cave.bodies).toEqual(["There she is.", "Here I am."]);
    const all = await garden.does<Told[]>("own_archive", 50);
    expect(all.map(({ body }) => body)).toEqual([...archive.map(({ body }) => body), "There she is.", "Here I am."]);
  });

  it("is handed nothing of what was said while no client of hers was there: it is in the archive", {
    tags: ["0405-2.2/2", "0405-2.11/2"],
  }, async () => {
    await hag66.stop();
    await speak(garden, "All gone.", [garden, cave]);
    hag66 = await world().slixmpp("hag66", "heath");
    await speak(garden, "And back.", [garden, cave, hag66]);
    expect(hag66.bodies).toEqual(["And back."]);
    const archive = await hag66.does<Told[]>("own_archive", 50);
    expect(archive.slice(-2).map(({ body }) => body)).toEqual(["All gone.", "And back."]);
  });

  it("is told of participants and of the channel's information on every client", async () => {
    await garden.does("name", CHANNEL, "The Coven");
    await Promise.all([garden, cave, hag66].map((client) => client.notices('"The Coven"')));
  });

  it("leaves, and is told so: the channel forgets her, and so does the roster (§2.8)", {
    tags: ["0405-2.8/1", "0405-2.9/5", "slixmpp-prosody/leave"],
  }, async () => {
    await hag66.does("client_leave", CHANNEL);
    await Promise.all([garden, cave].map((client) => client.notices('"gone": true')));
    expect((await participants(garden)).map(({ nick }) => nick)).toEqual(["third witch"]);
    expect((await roster(hag66)).channels).toEqual([]);
    await speak(garden, "Alone at last.", [garden, cave]);
    await hag66.does("ping", SERVICE);
    expect(hag66.bodies).not.toContain("Alone at last.");
  });

  it("is told when she leaves a channel she is not in", async () => {
    expect(await hag66.isRefused("client_leave", CHANNEL)).toMatchObject({ condition: "forbidden" });
  });

  it("also joins straight from a client, which alone is written to, once; and by its server later, which is then one", async () => {
    const [cauldron, blasted] = await Promise.all([
      world().slixmpp("crone1", "cauldron"),
      world().slixmpp("crone1", "blasted-heath"),
    ]);
    expect(await cauldron.does("join", CHANNEL, "second witch")).toEqual([]);
    await speak(garden, "Round about the cauldron go.", [garden, cave, cauldron]);
    await speak(cauldron, "In the poison'd entrails throw.", [garden, cave, cauldron]);
    expect(cauldron.bodies).toEqual(["Round about the cauldron go.", "In the poison'd entrails throw."]);
    expect((await roster(cauldron)).channels).toEqual([]);
    const before = await participants(garden);

    // The same participant, reached by its account from now on.
    expect(await blasted.does("client_join", CHANNEL, "second witch")).toEqual([]);
    expect(await participants(garden)).toEqual(before);
    await speak(garden, "Double, double.", [garden, cave, cauldron, blasted]);
    await speak(blasted, "Toil and trouble.", [garden, cave, cauldron, blasted]);
    expect(blasted.bodies).toEqual(["Double, double.", "Toil and trouble."]);
    expect(cauldron.bodies.slice(2)).toEqual(blasted.bodies);
    const { channels } = await roster(cauldron);
    expect(channels.map(({ jid }) => jid)).toEqual([CHANNEL]);

    // A leave that a client asks the channel for by itself is one, too.
    await cauldron.does("leave", CHANNEL);
    expect((await roster(blasted)).channels).toEqual([]);
  });

  it("ends its subscription to the messages, and takes it up again", async () => {
    expect(await garden.does("subscribe", CHANNEL, [], [NODE.MESSAGES])).toEqual([[], []]);
    await cave.does("speak", CHANNEL, "Unheard.");
    const archive = await cave.does<Told[]>("archive", CHANNEL, 50);
    expect(archive.at(-1)?.body).toBe("Unheard.");
    expect(await garden.does("subscribe", CHANNEL, [NODE.MESSAGES], [])).toEqual([[], []]);
    await speak(cave, "Heard again.", [garden, cave]);
    for (const { bodies } of [garden, cave]) expect(bodies).not.toContain("Unheard.");
    const own = await garden.does<Told[]>("own_archive", 50);
    expect(own.map(({ body }) => body)).not.toContain("Unheard.");
  });
});
