import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { openDriver } from "../../../core/storage/driver.ts";
import { exported } from "../../../core/storage/moving/export.ts";
import { openToRead } from "../../../core/storage/moving/open.ts";
import { openSqlite } from "../../../core/storage/sqlite.ts";
import { NODE } from "../../../core/xmpp/ns.ts";
import { exportOf, fill, laden, said } from "./cargo.ts";
import { folder } from "./folder.ts";

const home = folder();
let files = 0;
const fresh = () => `sqlite:${home}/${files++}.db`;

/** The export of a store with something of everything in it. */
async function cargo(): Promise<string> {
  const url = fresh();
  await (await laden(url)).close();
  return exportOf(url);
}

const linesOf = (text: string) => text.trimEnd().split("\n");

/** An export with other lines, and a last line that agrees to them. */
function signed(lines: readonly string[]): string {
  const text = lines.slice(0, -1).map((line) => `${line}\n`);
  const end = { ...JSON.parse(lines.at(-1)!), sha256: createHash("sha256").update(text.join("")).digest("hex") };
  return `${text.join("")}${JSON.stringify(end)}\n`;
}

describe("a database that is exported and imported", () => {
  it("is the same as before, to the last byte", async () => {
    const [text, url] = [await cargo(), fresh()];
    await fill(url, text);
    expect(await exportOf(url)).toBe(text);
  });

  it("has everything in its place for the service that goes on with it", async () => {
    const url = fresh();
    await fill(url, await cargo());
    const store = await openSqlite(url);
    const { channel, participants } = (await store.channel("coven"))!;
    expect(participants.map(({ jid }) => jid)).toEqual(["hecate@shakespeare.example"]);
    expect(await store.former(channel.key, "hag66@shakespeare.example")).toMatchObject({ id: "654321" });
    const query = { channel: channel.key, node: NODE.MESSAGES, max: 10 };
    expect(await store.history(query)).toMatchObject({
      messages: [
        { id: "m1", at: 10 },
        { id: "m2", at: 20 },
      ],
    });
    await store.put([said(channel.key, "m3", 40)]);
    expect(await store.history({ ...query, start: 15 })).toMatchObject({ messages: [{ id: "m2" }, { id: "m3" }] });
    expect((await store.items(channel.key, NODE.BANNED)).map(({ payload }) => payload)).toEqual(['"\\\n', "💀"]);
    expect((await store.values("presence/asked")).get("z")).toBe('"é"');
    // No key is given twice, not either that of a channel that was gone when it was exported.
    expect(await store.create({ name: "cave", created: 2, listed: true, state: "{}" })).toBe(4);
    await store.close();
  });

  it("is what it was when the export began, however much is written meanwhile", async () => {
    const url = fresh();
    const store = await laden(url);
    const before = await exportOf(url);
    const hold = await openToRead(url);
    let text = "";
    for await (const piece of exported(hold, () => {})) {
      if (text === "") await store.put([said(1, "late"), { put: "no channel", key: 2 }]);
      text += piece;
    }
    await hold.close();
    expect(text).toBe(before);
    expect(await exportOf(url)).not.toBe(before);
    await store.close();
  });

  it("takes nothing along that is forgotten, also where it still is on the disk", async () => {
    const url = fresh();
    await (await laden(url)).close();
    const db = openDriver(url.slice("sqlite:".length));
    // As they are between being forgotten and being swept out.
    db.exec("update archives set floor = 2 where channel = 1; insert into archives (channel, node) values (null, 'x')");
    db.exec("insert into messages select key, 1, 'gone', 1, '', '', 0, '' from archives where node = 'x'");
    db.close();
    const text = await exportOf(url);
    expect(text).toContain("m2");
    expect(text).not.toMatch(/"m0"|"m1"|"gone"/);
  });

  it("takes along what a later schema adds, which nobody had to think of, and refuses a table it knows nothing of", async () => {
    const [from, to] = [fresh(), fresh()];
    for (const url of [from, to]) {
      await (await openSqlite(url)).close();
      const db = openDriver(url.slice("sqlite:".length));
      db.exec("alter table plugin_values add column flavour text");
      if (url === from)
        db.exec("insert into plugin_values (space, key, value, flavour) values ('s', 'k', '1', 'newt')");
      db.close();
    }
    const text = await exportOf(from);
    await fill(to, text);
    expect(text).toContain("newt");
    expect(await exportOf(to)).toBe(text);

    const db = openDriver(from.slice("sqlite:".length));
    db.exec("create table cauldrons (key integer)");
    db.close();
    await expect(exportOf(from)).rejects.toThrow('The database has a table "cauldrons", which is none of Masque\'s');
  });
});

describe("an import", () => {
  it("refuses a database that is not empty, and one that is in use, and leaves them as they are", async () => {
    const [text, url] = [await cargo(), fresh()];
    const store = await laden(url);
    await expect(fill(url, text)).rejects.toThrow("Another Masque is using it");
    await store.close();
    const before = await exportOf(url);
    await expect(fill(url, text)).rejects.toThrow("The database is not empty");
    expect(await exportOf(url)).toBe(before);
  });

  it("refuses what is cut off, wherever it is, and what is damaged: nothing of it is in the database", async () => {
    const [text, url] = [await cargo(), fresh()];
    const lines = linesOf(text);
    const wrongs: [string, string][] = [
      [text.slice(0, -2), "is cut off"],
      [`${lines.slice(0, -1).join("\n")}\n`, "is cut off"],
      [`${lines.slice(0, 6).join("\n")}\n`, "is cut off"],
      ["", "is cut off"],
      [text.replace("123456", "123457"), "is damaged"],
      [`${[...lines.slice(0, 5), ...lines.slice(6)].join("\n")}\n`, "is damaged"],
      [text.replace('"messages":3', '"messages":2'), "is damaged"],
      [signed([...lines.slice(0, -3), lines.at(-1)!]), "is damaged"],
      [`${text}${lines[2]}\n`, "goes on after its end"],
    ];
    for (const [wrong, words] of wrongs) await expect(fill(url, wrong)).rejects.toThrow(`The export ${words}`);
    await fill(url, text);
    expect(await exportOf(url)).toBe(text);
  });

  it("says of what else it cannot take what that is", async () => {
    const [text, url] = [await cargo(), fresh()];
    const lines = linesOf(text);
    const wrongs: [string, string][] = [
      ["When shall we three meet again?\n", "This is no export of Masque's"],
      [text.replace('"format":1', '"format":2'), "in format 2, and this one knows 1"],
      [signed([...lines.slice(0, 3), "[1]", ...lines.slice(3)]), "Line 4 is no row of a table: it has 1 columns"],
      [signed([lines[0]!, "[1]", ...lines.slice(1)]), "Line 2 is no row of a table"],
      [signed([...lines.slice(0, 3), "{}", ...lines.slice(3)]), "Line 4 is neither a row, nor a table, nor the end"],
      [
        signed(lines.map((line) => line.replace('"created","key"', '"key"'))),
        'Its table "channels" is not as this Masque',
      ],
      [signed(lines.map((line) => line.replace('"participants"', '"witches"'))), 'Its table "witches" is not as this'],
    ];
    for (const [wrong, words] of wrongs) await expect(fill(url, wrong)).rejects.toThrow(words);
  });
});

describe("an export", () => {
  it("refuses what is no database, an empty one and one of another schema", async () => {
    const [none, empty, old] = [fresh(), fresh(), fresh()];
    await expect(exportOf(none)).rejects.toThrow("There is no database");
    openDriver(empty.slice("sqlite:".length)).close();
    const made = openDriver(empty.slice("sqlite:".length));
    made.exec("pragma application_id = 0x4d415351");
    made.close();
    await expect(exportOf(empty)).rejects.toThrow("It is empty: no Masque has used it yet");
    await (await openSqlite(old)).close();
    const db = openDriver(old.slice("sqlite:".length));
    db.exec("pragma user_version = 1");
    db.close();
    await expect(exportOf(old)).rejects.toThrow(
      /Its schema is 1, and that of this Masque is \d+: start this one on it/,
    );
    await expect(exportOf("sqlite::memory:")).rejects.toThrow("The storage is in memory");
  });
});
