import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Prosody } from "./prosody.ts";
import { DOMAIN, freePorts, type Make, SERVICE } from "./server.ts";
import { Slixmpp, speakingIn } from "./slixmpp.ts";
import { onRealServers } from "./world.ts";

const CHANNEL = `coven@${SERVICE}`;
const ELSEWHERE = "birnam.example";

let [here, there] = [0, 0];

/** Prosody that talks to another server. */
const Federated: Make = {
  title: "Prosody",
  program: Prosody.program,
  async start(folder) {
    [here = 0, there = 0] = await freePorts(2);
    return Prosody.start(folder, { federation: { port: here, others: { [ELSEWHERE]: there } } });
  },
};

onRealServers(Federated, "a channel that is used from another server", (world) => {
  let folder: string;
  let birnam: Prosody;
  let hecate: Slixmpp;
  let hag66: Slixmpp;
  const speak = speakingIn(CHANNEL);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "masque-birnam-"));
    const others = { [DOMAIN]: here, [SERVICE]: here };
    birnam = await Prosody.start(folder, { domain: ELSEWHERE, federation: { port: there, others } });
    [hecate, hag66] = await Promise.all([
      world().slixmpp("hecate", "garden"),
      Slixmpp.login(birnam, "hag66", "heath", ELSEWHERE),
    ]);
  });
  afterAll(async () => {
    await hag66?.stop();
    await birnam?.stop();
    await rm(folder, { recursive: true });
  });

  /** How somebody is called by the others. */
  async function proxyOf(nick: string, asker: Slixmpp): Promise<string> {
    const participants = await asker.does<{ id: string; nick: string; jid: string }[]>("participants", CHANNEL);
    return `${participants.find((each) => each.nick === nick)?.id}#${CHANNEL}`;
  }

  it("is found and joined there", async () => {
    await hecate.does("create", SERVICE, "coven");
    await hecate.does("join", CHANNEL, "hecate");
    expect(await hag66.does("channels", SERVICE)).toEqual([CHANNEL]);
    await hag66.does("join", CHANNEL, "first witch");
    expect(await hecate.does("participants", CHANNEL)).toHaveLength(2);
  });

  it("carries what is said both ways, once, and tells nobody from which server it came", async () => {
    await speak(hecate, "Where hast thou been, sister?", [hecate, hag66]);
    await speak(hag66, "Killing swine.", [hecate, hag66]);
    for (const each of [hecate, hag66]) {
      expect(each.bodies).toEqual(["Where hast thou been, sister?", "Killing swine."]);
      expect(each.heard.map(({ jid }) => jid)).toEqual(["", ""]);
    }
    expect(await hag66.does("archive", CHANNEL, 10)).toMatchObject([
      { body: "Where hast thou been, sister?" },
      { body: "Killing swine." },
    ]);
  });

  it("carries private messages both ways", async () => {
    await hecate.does("whisper", await proxyOf("first witch", hecate), "Sister, where thou?");
    await hag66.notices("Sister, where thou?");
    await hag66.does("whisper", hag66.whispers[0]!.from, "In Birnam wood.");
    await hecate.notices("In Birnam wood.");
    for (const { from } of [...hecate.whispers, ...hag66.whispers]) expect(from).toContain(`#${CHANNEL}/`);
  });

  it("asks for a vCard there, and brings it back", async () => {
    await hag66.does("introduce", "A witch");
    await hag66.does("choose", CHANNEL, { vCard: "allow" });
    expect(await hecate.does("vcard", await proxyOf("first witch", hecate))).toBe("A witch");
  });

  it("tells its participants who leaves", async () => {
    const proxy = await proxyOf("first witch", hecate);
    await hag66.does("leave", CHANNEL);
    await hecate.notices(`"id": "${proxy.split("#")[0]}", "gone": true`);
  });
});
