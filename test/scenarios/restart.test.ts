import { join } from "node:path";
import { type Element, NODE, NS, xml } from "masque";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDriver } from "../../core/storage/driver.ts";
import { disco, form, item, listed, publish } from "../core/channel/replies.ts";
import { COVEN, type Person, SERVICE } from "./person.ts";
import { Play } from "./play.ts";

describe("a service started anew on its database", () => {
  let play: Play;
  let hecate: Person;
  let hag66: Person;
  let crone1: Person;

  beforeEach(async () => {
    play = await Play.begin();
    [hecate, hag66, crone1] = ["hecate", "hag66", "crone1"].map((name) => play.person(name)) as [
      Person,
      Person,
      Person,
    ];
    await hecate.creates("coven", 0);
  });
  afterEach(() => play.end());

  const publishes = (node: string, formType: string, fields: Readonly<Record<string, string | readonly string[]>>) =>
    hecate.asks("set", COVEN, publish(node, xml("item", {}, form(fields, formType))));

  /** Everything an owner can see of a channel. */
  async function looks(): Promise<unknown> {
    const sheets = [...(await hecate.reads(NODE.INFO)), ...(await hecate.reads(NODE.CONFIG))].map(item);
    const participants = (await hag66.reads(NODE.PARTICIPANTS)).map(String).sort();
    const nodes = listed(await hag66.asks("get", COVEN, disco("items", "mix")), "node");
    return { sheets, participants, nodes, archive: await hag66.archive() };
  }

  /** Who was sent something with these words, at which address. */
  const told = (words: string): string[] =>
    play.server.stanzas
      .filter((stanza) => String(stanza).includes(words))
      .map(({ attrs }) => attrs.to ?? "")
      .sort();

  it("has the channels, their sheets, participants and archives as they were", async () => {
    await hecate.joins({ generation: 0, nick: "third witch" });
    await hag66.joins({ nick: "first witch" });
    await publishes(NODE.INFO, NS.MIX_CORE_1, {
      Name: "The Coven",
      Description: "Thunder & lightning",
      Contact: ["prospero@shakespeare.example"],
    });
    await publishes(NODE.CONFIG, NS.MIX_ADMIN, { Owner: [hecate.jid, crone1.jid], "Mandatory Nicks": "false" });
    for (const line of ["When shall we", "three meet", "again?"]) await hag66.says(line);
    await hecate.hears("again?");

    const before = await looks();
    await play.restart();
    expect(await looks()).toEqual(before);
    expect(before).toMatchObject({ archive: [{ body: "When shall we" }, { body: "three meet" }, { body: "again?" }] });
  });

  it("lists the channels it listed, and no others", async () => {
    await hecate.creates("heath");
    const adHoc = await hecate.asks("set", SERVICE, xml("create", { xmlns: NS.MIX_CORE_1 }));
    const name = adHoc.getChild("create")?.attrs.channel;
    await play.restart();
    expect(listed(await hag66.asks("get", SERVICE, disco("items")))).toEqual([COVEN, `heath@${SERVICE}`]);
    expect((await hag66.asks("get", `${name}@${SERVICE}`, disco("info"))).attrs.type).toBe("result");
  });

  it("knows its owners: the new one may change what the old one may not any more", async () => {
    await publishes(NODE.CONFIG, NS.MIX_ADMIN, { Owner: crone1.jid });
    await play.restart();
    expect((await publishes(NODE.INFO, NS.MIX_CORE_1, { Name: "Mine" })).attrs.type).toBe("error");
    const mine = xml("item", {}, form({ Name: "Mine" }, NS.MIX_CORE_1));
    expect((await crone1.asks("set", COVEN, publish(NODE.INFO, mine))).attrs.type).toBe("result");
  });

  it("knows who listens to what, and where each of them is reached", async () => {
    await hecate.joins({ nodes: [NODE.PARTICIPANTS], signed: "rr-" });
    await hag66.joins({ nodes: [NODE.MESSAGES], from: hag66.client });
    await crone1.joins({ nodes: [NODE.MESSAGES, NODE.INFO], signed: "rr-" });
    const second = `${hag66.jid}/heath`;
    await play.sends(hag66.words("Hear me at both.", COVEN, second));
    await crone1.hears("Hear me at both.");
    await play.restart();

    await crone1.says("All hail!");
    await crone1.names("crowned");
    await publishes(NODE.INFO, NS.MIX_CORE_1, { Name: "Crowned, too" });
    expect(told("All hail!")).toEqual([crone1.jid, hag66.client, second].sort());
    expect(told("<nick>crowned</nick>").filter((to) => to !== crone1.client)).toEqual([hecate.jid]);
    expect(told("Crowned, too")).toEqual([crone1.jid]);
    const marked = (await crone1.hears("All hail!")).getChildren("mix");
    expect(marked.map((mix: Element) => mix.attrs.xmlns)).toEqual([NS.MIX_CORE_1, ""]);
  });

  it("gives one who left and comes back the ID she had, and nobody else", { tags: ["0369-4.6/3"] }, async () => {
    await hecate.joins();
    await hag66.joins();
    const { id } = hag66;
    await hag66.leaves();
    await play.restart();
    await crone1.joins();
    await hag66.joins();
    expect(hag66.id).toBe(id);
    expect(crone1.id).not.toBe(id);
  });

  it("forgets a destroyed channel: one of the same name begins empty, with IDs of its own", async () => {
    await hag66.joins();
    const { id } = hag66;
    await hag66.says("Lost.");
    await hag66.hears("Lost.");
    await hecate.asks("set", SERVICE, xml("destroy", { xmlns: NS.MIX_CORE_1, channel: "coven" }));
    await play.restart();
    expect(listed(await hecate.asks("get", SERVICE, disco("items")))).toEqual([]);
    await hecate.creates("coven");
    await hag66.joins();
    expect(hag66.id).not.toBe(id);
    expect(await hag66.archive()).toEqual([]);
  });

  // Of PostgreSQL that is told where its store is opened.
  it.skipIf(process.env.MASQUE_STORE)(
    "refuses, in a sentence, a database that a newer Masque has made, and leaves it as it is",
    async () => {
      await play.masque.stop();
      const file = join(play.folder, "masque.db");
      const version = (to?: number) => {
        const db = openDriver(file);
        if (to !== undefined) db.exec(`pragma user_version = ${to}`);
        const found = db.all("pragma user_version")[0]!.user_version as number;
        db.close();
        return found;
      };
      const known = version();
      version(99);
      await expect(play.start()).rejects.toThrow(
        `Cannot open the database ${file}. It was made by a newer Masque (schema 99, this one knows ${known}): run that one`,
      );
      expect(version()).toBe(99);
      expect(play.server.handshakes).toBe(1);
      version(known);
      await play.start();
      expect(listed(await hecate.asks("get", SERVICE, disco("items")))).toEqual([COVEN]);
    },
  );
});
