import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { addMovingCommands } from "../../../core/cli/moving.ts";
import { CommandTable } from "../../../core/commands/table.ts";
import { openSqlite } from "../../../core/storage/sqlite.ts";
import { laden } from "../storage/cargo.ts";
import { folder } from "../storage/folder.ts";

describe("masque export and masque import", () => {
  const home = folder();
  let tests = 0;
  let here: string;
  let said: string[];

  beforeEach(() => {
    here = `${home}/${tests++}`;
    mkdirSync(here);
    said = [];
    for (const name of ["one", "two"])
      writeFileSync(
        `${here}/${name}.toml`,
        `[component]\ndomain = "mix.shakespeare.example"\nsecret = "x"\n[storage]\nurl = "sqlite:./${name}.db"\n`,
      );
  });

  /** Runs a command by a configuration; returns what was said of it on standard error. */
  async function masque(config: string, ...words: string[]): Promise<string | undefined> {
    const commands = new CommandTable();
    addMovingCommands(commands, { config: `${here}/${config}.toml`, json: false, version: false }, []);
    const say = (_: unknown, line = "") => void said.push(line);
    const { text } = await commands.obey(words, { by: "a test", signal: new AbortController().signal, say });
    expect(text).toBe("");
    return said.at(-1);
  }

  it("move everything, and say how much that was; a service may go on meanwhile", async () => {
    const store = await laden(`sqlite:${here}/one.db`);
    const all = "2 channels, 2 participants, 2 archives, 3 messages, 2 items, 2 plugin values.";
    expect(await masque("one", "export", `${here}/a.jsonl`)).toBe(`Exported in all: ${all}`);
    await store.close();
    expect(await masque("two", "import", `${here}/a.jsonl`)).toBe(`Imported in all: ${all}`);
    await masque("two", "export", `${here}/b.jsonl`);
    expect(readFileSync(`${here}/b.jsonl`)).toEqual(readFileSync(`${here}/a.jsonl`));
    expect(statSync(`${here}/a.jsonl`).mode & 0o777).toBe(0o600);
    const moved = await openSqlite(`sqlite:${here}/two.db`);
    expect((await moved.channel("coven"))?.participants).toHaveLength(1);
    await moved.close();
  });

  it("say in a sentence why not, and leave every file as it was", async () => {
    await (await laden(`sqlite:${here}/one.db`)).close();
    writeFileSync(`${here}/mine.jsonl`, "Double, double");
    const wrongs: [string, string, string, string][] = [
      ["one", "export", "mine.jsonl", "Exported nothing. .*mine.jsonl: file already exists."],
      ["one", "export", "heath/a.jsonl", "Exported nothing. .*heath/a.jsonl: no such file or directory."],
      ["two", "export", "b.jsonl", "Exported nothing. There is no database .*two.db."],
      ["two", "import", "none.jsonl", "Imported nothing. .*none.jsonl: no such file or directory."],
      ["two", "import", "mine.jsonl", "Imported nothing. The export is cut off"],
      ["one", "import", "mine.jsonl", "Imported nothing. The database is not empty"],
    ];
    for (const [config, deed, file, words] of wrongs)
      await expect(masque(config, deed, `${here}/${file}`)).rejects.toMatchObject({
        ending: "failed",
        message: expect.stringMatching(new RegExp(`^${words}`)),
      });
    expect(readFileSync(`${here}/mine.jsonl`, "utf8")).toBe("Double, double");
    expect(said).toEqual([]);
  });
});
