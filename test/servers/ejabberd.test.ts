import { beforeAll, expect, it } from "vitest";
import { NODE } from "../../core/xmpp/ns.ts";
import { Ejabberd } from "./ejabberd.ts";
import { DOMAIN, SERVICE } from "./server.ts";
import { type Slixmpp, speakingIn } from "./slixmpp.ts";
import { onRealServers } from "./world.ts";

const CHANNEL = `coven@${SERVICE}`;

interface Listed {
  readonly id: string;
  readonly nick: string;
}

interface Roster {
  readonly contacts: readonly { readonly jid: string }[];
  readonly channels: readonly { readonly jid: string; readonly participant: string }[];
}

// One story, told by slixmpp's own XEP-0405, as it comes, behind Debian's ejabberd with its mod_mix_pam: each `it` goes
// on where the one before ended.
onRealServers(Ejabberd, "slixmpp behind ejabberd, which joins for its users", (world) => {
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

  it("finds the service, and a server that joins for it", async () => {
    expect(await garden.does("services", DOMAIN)).toContain(SERVICE);
    expect(await garden.does("has_pam")).toBe(true);
  });

  it("is told at once that there is no such channel", async () => {
    expect(await garden.isRefused("client_join", CHANNEL, "third witch")).toMatchObject({
      condition: "item-not-found",
      type: "cancel",
    });
    expect(await roster(garden)).toEqual({ contacts: [], channels: [] });
  });

  it("joins, and the channel comes into the roster of every client of hers", {
    tags: ["0369-3/3", "slixmpp-ejabberd/join"],
  }, async () => {
    await garden.does("create", SERVICE, "coven");
    // ejabberd answers in MIX-CORE's namespace instead of MIX-PAM's, where slixmpp does not see what was granted.
    await garden.does("client_join", CHANNEL, "third witch");
    await Promise.all([garden, cave].map((client) => client.notices('"pushed"')));
    expect(garden.pushed).toMatchObject([{ jid: CHANNEL }]);
    expect(cave.pushed).toMatchObject([{ jid: CHANNEL }]);
  });

  it("finds the channel in the roster, marked with its ID in it", async () => {
    const [self] = await participants(garden);
    expect(self?.nick).toBe("third witch");
    // It had asked for the marks before it joined.
    expect(garden.pushed[0]?.participant).toBe(self?.id);
    for (const client of [garden, cave]) {
      const { contacts, channels } = await roster(client);
      expect(contacts).toEqual([]);
      expect(channels).toMatchObject([{ jid: CHANNEL, participant: self?.id }]);
    }
  });

  it("is told of a nick that somebody has", async () => {
    const refusal = await hag66.isRefused("client_join", CHANNEL, "third witch");
    expect(refusal).toMatchObject({ condition: "conflict", type: "cancel" });
    expect((await roster(hag66)).channels).toEqual([]);
    await hag66.does("client_join", CHANNEL, "first witch");
  });

  it("hears every message exactly once on each client, whichever of them said it", {
    tags: ["slixmpp-ejabberd/talk", "slixmpp-ejabberd/several"],
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
    expect(cave.heard).toEqual(garden.heard);
    expect(hag66.heard).toEqual(garden.heard);
    for (const { id, stanza_id, by } of garden.heard) expect([stanza_id, by]).toEqual([id, CHANNEL]);
  });

  it("sees who is here, and is told of a new nick on each client", async () => {
    expect((await participants(cave)).map(({ nick }) => nick).sort()).toEqual(["first witch", "third witch"]);
    expect(await hag66.does("nick", CHANNEL, "second witch")).toBe("second witch");
    await Promise.all([garden, cave].map((client) => client.notices('"nick": "second witch"')));
    const renamed = (await participants(garden)).find(({ nick }) => nick === "second witch");
    for (const client of [garden, cave])
      expect(client.participants.filter(({ nick }) => nick === "second witch")).toEqual([renamed]);
  });

  it("misses nothing by going offline: the archive has it, and she is heard and hears again without joining anew", {
    tags: ["slixmpp-ejabberd/history"],
  }, async () => {
    const before = hag66.bodies;
    await hag66.stop();
    await speak(garden, "Has she gone?", [garden, cave]);
    await speak(cave, "She has.", [garden, cave]);

    hag66 = await world().slixmpp("hag66", "blasted-heath");
    const archive = await hag66.does<{ body: string }[]>("archive", CHANNEL, 10);
    expect(archive.map(({ body }) => body)).toEqual([...before, "Has she gone?", "She has."]);
    expect(hag66.bodies).toEqual([]);
    await speak(garden, "There she is.", [garden, cave, hag66]);
    await speak(hag66, "Here I am.", [garden, cave, hag66]);
    expect(hag66.bodies).toEqual(["There she is.", "Here I am."]);
  });

  it("leaves: the channel forgets her, and so does the roster", { tags: ["slixmpp-ejabberd/leave"] }, async () => {
    await hag66.does("begin_client_leave", CHANNEL);
    await garden.notices('"gone": true');
    expect((await participants(garden)).map(({ nick }) => nick)).toEqual(["third witch"]);
    expect((await roster(hag66)).channels).toEqual([]);
    await speak(garden, "Alone at last.", [garden, cave]);
    await hag66.does("ping", SERVICE);
    expect(hag66.bodies).not.toContain("Alone at last.");
  });

  it("is told when she leaves a channel she is not in", async () => {
    expect(await hag66.isRefused("client_leave", CHANNEL)).toMatchObject({ condition: "forbidden" });
  });

  it("also joins straight from a client, which alone is written to, once", async () => {
    const crone1 = await world().slixmpp("crone1", "cauldron");
    expect(await crone1.does("join", CHANNEL, "fourth witch")).toEqual([]);
    await speak(garden, "Round about the cauldron go.", [garden, cave, crone1]);
    await speak(crone1, "In the poison'd entrails throw.", [garden, cave, crone1]);
    expect(crone1.bodies).toEqual(["Round about the cauldron go.", "In the poison'd entrails throw."]);
    expect(crone1.heard.map(({ nick }) => nick)).toEqual(["third witch", "fourth witch"]);
    for (const { bodies } of [garden, cave]) expect(bodies.slice(-2)).toEqual(crone1.bodies);
    expect((await roster(crone1)).channels).toEqual([]);

    await crone1.does("leave", CHANNEL);
    await speak(garden, "Alone again.", [garden, cave]);
    await crone1.does("ping", SERVICE);
    expect(crone1.bodies).not.toContain("Alone again.");
  });

  it("ends its subscription to the messages, and takes it up again", async () => {
    expect(await garden.does("subscribe", CHANNEL, [], [NODE.MESSAGES])).toEqual([[], []]);
    // The subscription is her account's: no client of hers hears it, so the archive says that it is through.
    await cave.does("speak", CHANNEL, "Unheard.");
    const archive = await cave.does<{ body: string }[]>("archive", CHANNEL, 50);
    expect(archive.at(-1)?.body).toBe("Unheard.");
    expect(await garden.does("subscribe", CHANNEL, [NODE.MESSAGES], [])).toEqual([[], []]);
    await speak(cave, "Heard again.", [garden, cave]);
    for (const { bodies } of [garden, cave]) expect(bodies).not.toContain("Unheard.");
  });
});
