import { beforeAll, expect, it } from "vitest";
import { NODE } from "../../core/xmpp/ns.ts";
import { Prosody } from "./prosody.ts";
import { DOMAIN, OPERATOR, SERVICE } from "./server.ts";
import type { Slixmpp } from "./slixmpp.ts";
import { onRealServers } from "./world.ts";

const CHANNEL = `coven@${SERVICE}`;

/** What a stage of a command told, and the preferences, as slixmpp reads them. */
type Stage = { status: string; notes: string[]; fields: string[]; items: Record<string, string>[] };
type Preferences = Record<string, { value: string }>;

// One story, told by slixmpp's own XEP-0369 and XEP-0313, as they come, behind Debian's Prosody: each `it` goes on where
// the one before ended.
onRealServers(Prosody, "slixmpp behind Prosody", (world) => {
  let hecate: Slixmpp;
  let hag66: Slixmpp;

  beforeAll(async () => {
    [hecate, hag66] = await Promise.all([world().slixmpp("hecate", "garden"), world().slixmpp("hag66", "heath")]);
  });

  it("finds the service among the items of its server", async () => {
    expect(await hecate.does("services", DOMAIN)).toContain(SERVICE);
  });

  it("sees a MIX service with an archive in each channel", async () => {
    const { identities, features } = await hecate.does<{ identities: string[][]; features: string[] }>(
      "describe",
      SERVICE,
    );
    expect(identities).toEqual([["conference", "mix", "Shakespearean Chat Service"]]);
    expect(features).toEqual(expect.arrayContaining(["urn:xmpp:mix:core:1", "urn:xmpp:mix:core:1#searchable"]));
  });

  it("learns that it may create channels", async () => {
    expect(await hecate.does("can_create", SERVICE)).toBe(true);
  });

  it("creates a channel, and everybody finds it", async () => {
    expect(await hecate.does("create", SERVICE, "coven")).toBe("coven");
    expect(await hag66.does("channels", SERVICE)).toEqual([CHANNEL]);
  });

  it("is told when there is such a channel already", async () => {
    expect(await hag66.isRefused("create", SERVICE, "coven")).toMatchObject({ condition: "conflict", type: "cancel" });
  });

  it("sees a channel with an archive", async () => {
    const { features } = await hag66.does<{ features: string[] }>("describe", CHANNEL);
    expect(features).toEqual(expect.arrayContaining(["urn:xmpp:mix:core:1", "urn:xmpp:mam:2"]));
  });

  it("joins straight from its client, and is granted every node it asked for", {
    tags: ["slixmpp-alone/join"],
  }, async () => {
    expect(await hecate.does("join", CHANNEL, "third witch")).toEqual([]);
    expect(await hag66.does("join", CHANNEL, "first witch")).toEqual([]);
  });

  it("lists the channel's nodes", async () => {
    const nodes = await hag66.does<string[]>("nodes", CHANNEL);
    expect(nodes).toEqual(expect.arrayContaining([NODE.MESSAGES, NODE.PARTICIPANTS, NODE.INFO]));
  });

  it("lists the participants, by ID and nick", { tags: ["slixmpp-alone/participants"] }, async () => {
    const participants = await hag66.does<{ id: string; nick: string }[]>("participants", CHANNEL);
    expect(participants.map(({ nick }) => nick).sort()).toEqual(["first witch", "third witch"]);
    expect(new Set(participants.map(({ id }) => id)).size).toBe(2);
  });

  it("sets a nick, and everybody is told", async () => {
    expect(await hag66.does("nick", CHANNEL, "second witch")).toBe("second witch");
    await hecate.notices('"nick": "second witch"');
    const listed = await hecate.does<{ id: string; nick: string }[]>("participants", CHANNEL);
    const renamed = listed.find(({ nick }) => nick === "second witch");
    expect(hecate.participants.filter(({ nick }) => nick === "second witch")).toEqual([renamed]);
  });

  it("is refused a nick that somebody has", async () => {
    expect(await hag66.isRefused("nick", CHANNEL, "third witch")).toMatchObject({ condition: "conflict" });
  });

  it("reads what the channel is about, and is told when that changes", async () => {
    await hecate.does("name", CHANNEL, "The Coven");
    await hag66.notices('"The Coven"');
    const info = await hag66.does<{ Name: string; modified: string }>("info", CHANNEL);
    expect(info.Name).toBe("The Coven");
    expect(Date.parse(info.modified)).not.toBeNaN();
  });

  it("hears what is said, each message once, with its archive id and its speaker", {
    tags: ["slixmpp-alone/talk"],
  }, async () => {
    await hag66.does("speak", CHANNEL, "Where hast thou been, sister?");
    await hag66.hears("Where hast thou been, sister?");
    await hecate.does("speak", CHANNEL, "Killing swine & <sheep>.");
    await Promise.all([hecate.hears("Killing swine & <sheep>."), hag66.hears("Killing swine & <sheep>.")]);

    for (const { heard } of [hecate, hag66]) {
      expect(heard.map(({ nick, body }) => [nick, body])).toEqual([
        ["second witch", "Where hast thou been, sister?"],
        ["third witch", "Killing swine & <sheep>."],
      ]);
      for (const { id, stanza_id, by } of heard) expect([stanza_id, by]).toEqual([id, CHANNEL]);
    }
    const ids = new Map(
      (await hag66.does<{ id: string; nick: string }[]>("participants", CHANNEL)).map(({ id, nick }) => [nick, id]),
    );
    expect(hecate.heard[0]?.from).toBe(`${CHANNEL}/${ids.get("second witch")}`);
  });

  it("reads it again from the archive, page by page", { tags: ["slixmpp-alone/history"] }, async () => {
    for (const body of ["By the pricking of my thumbs", "something wicked", "this way comes"]) {
      await hag66.does("speak", CHANNEL, body);
      await hag66.hears(body);
    }
    const archive = await hecate.does<{ archive_id: string; body: string; nick: string }[]>("archive", CHANNEL, 2);
    expect(archive.map(({ body }) => body)).toEqual(hag66.bodies);
    expect(archive.map(({ archive_id }) => archive_id)).toEqual(hag66.heard.map(({ stanza_id }) => stanza_id));
    expect(archive[0]?.nick).toBe("second witch");
    expect(await hecate.does("page", CHANNEL, 3)).toEqual({ bodies: hag66.bodies.slice(0, 3), count: "5" });
  });

  it("hears nothing more once it has ended its subscription to the messages", async () => {
    expect(await hag66.does("subscribe", CHANNEL, [], [NODE.MESSAGES])).toEqual([[], []]);
    await hecate.does("speak", CHANNEL, "Unheard.");
    await hecate.hears("Unheard.");
    expect(await hag66.does("subscribe", CHANNEL, [NODE.MESSAGES], [])).toEqual([[], []]);
    await hecate.does("speak", CHANNEL, "Heard again.");
    await hag66.hears("Heard again.");
    expect(hag66.bodies).not.toContain("Unheard.");
  });

  it("leaves, and is neither told anything nor let speak or read any more", {
    tags: ["slixmpp-alone/leave"],
  }, async () => {
    await hag66.does("leave", CHANNEL);
    await hecate.notices('"gone": true');
    const left = await hecate.does<{ nick: string }[]>("participants", CHANNEL);
    expect(left.map(({ nick }) => nick)).toEqual(["third witch"]);
    expect(await hag66.isRefused("page", CHANNEL, 10)).toMatchObject({ condition: "forbidden" });

    await hecate.does("speak", CHANNEL, "Alone at last.");
    await hecate.hears("Alone at last.");
    await hag66.does("ping", SERVICE);
    expect(hag66.bodies).not.toContain("Alone at last.");
  });

  it("joins again, and chooses what may be shown, by ad hoc commands (XEP-0050)", async () => {
    expect(await hag66.does("commands", CHANNEL)).toEqual({ join: "Join this channel" });
    const [asked, joined] = await hag66.does<Stage[]>("command", CHANNEL, "join", { nick: "first witch" });
    expect(asked?.fields).toEqual(expect.arrayContaining(["nick", "JID Visibility"]));
    expect(joined).toMatchObject({ status: "completed", notes: ["You are in it as first witch."] });
    const [, chosen] = await hag66.does<Stage[]>("command", CHANNEL, "preferences", { "JID Visibility": "never" });
    expect(chosen).toMatchObject({ status: "completed", notes: ["It is as you have chosen."] });
    expect((await hag66.does<Preferences>("preferences", CHANNEL))["JID Visibility"]?.value).toBe("never");
  });

  it("manages the service for its operator, by ad hoc commands, which are nobody else's", async () => {
    const prospero = await world().slixmpp(OPERATOR, "island");
    expect(await hecate.does("commands", SERVICE)).toEqual({});
    expect(Object.keys(await prospero.does<object>("commands", SERVICE))).toContain("channel create");
    const [, listed] = await prospero.does<Stage[]>("command", SERVICE, "channels", {});
    expect(listed?.items).toEqual([expect.objectContaining({ name: "coven", size: "2" })]);
    const ejecting = { channel: "coven", participant: "first witch", because: "Enough." };
    const [, ejected] = await prospero.does<Stage[]>("command", SERVICE, "participant eject", ejecting);
    expect(ejected).toMatchObject({ status: "completed", notes: ["first witch is in coven no more."] });
    expect(await hag66.isRefused("page", CHANNEL, 10)).toMatchObject({ condition: "forbidden" });
  });

  it("is told bad-request for its own destroy_channel, which sends an empty iq, and nothing is destroyed", {
    tags: ["slixmpp-alone/destroy"],
  }, async () => {
    // slixmpp 1.8.3 never registers its Destroy stanza for an Iq.
    expect(await hecate.isRefused("destroy", CHANNEL)).toMatchObject({ condition: "bad-request", type: "modify" });
    expect(await hecate.does("channels", SERVICE)).toEqual([CHANNEL]);
  });

  it("destroys the channel with a request made by hand, unless it is somebody else's", async () => {
    expect(await hag66.isRefused("destroy_by_hand", CHANNEL)).toMatchObject({ condition: "forbidden" });
    await hecate.does("destroy_by_hand", CHANNEL);
    expect(await hag66.does("channels", SERVICE)).toEqual([]);
    expect(await hecate.isRefused("participants", CHANNEL)).toMatchObject({ condition: "item-not-found" });
  });
});
