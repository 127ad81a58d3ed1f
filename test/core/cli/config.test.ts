import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type Config, readConfig, readSocket } from "../../../core/cli/config.ts";
import { ConfigMistakes } from "../../../core/cli/mistakes.ts";
import { duration } from "../../../core/host/options.ts";
import { definePlugin } from "../../../core/host/plugin.ts";

const folder = mkdtempSync(join(tmpdir(), "masque-config-"));
const file = join(folder, "masque.toml");
afterAll(() => rmSync(folder, { recursive: true }));

const catalogue = [
  definePlugin({ name: "participants", summary: "Who is there.", setup() {} }),
  definePlugin({
    name: "visibility",
    summary: "Who may see whom.",
    dependsOn: ["participants"],
    options: z.strictObject({
      default: z.enum(["jid-hidden", "jid-visible"]).default("jid-hidden").describe("The mode of a new channel."),
      patience: duration.prefault("30 s").describe("How long to wait."),
    }),
    setup() {},
  }),
];

const RIGHT = '[component]\ndomain = "mix.shakespeare.example"\nsecret = "toil and trouble"\n';

function read(toml: string, env: Record<string, string> = {}): Promise<Config> {
  writeFileSync(file, toml);
  return readConfig(file, catalogue, env);
}

async function mistakes(toml: string, env: Record<string, string> = {}): Promise<ConfigMistakes> {
  try {
    await read(toml, env);
  } catch (error) {
    if (error instanceof ConfigMistakes) return error;
    throw error;
  }
  throw new Error("nothing was found wrong");
}

/** What is wrong, without the file's name: `LINE:COLUMN: PATH: SENTENCE`. */
async function lines(toml: string, env: Record<string, string> = {}): Promise<string[]> {
  return (await mistakes(toml, env)).lines.map((line) => line.slice(file.length + 1).trim());
}

describe("a configuration file", () => {
  it("needs a domain and a secret, and has defaults for the rest", async () => {
    const config = await read(RIGHT);
    expect(config).toMatchObject({
      component: { domain: "mix.shakespeare.example", host: "127.0.0.1", port: 5347 },
      service: { name: "Masque", operators: [] },
      log: { level: "info" },
    });
    expect(config.component.secret.reveal()).toBe("toil and trouble");
  });

  it("has every plugin on, but for those it switches off", async () => {
    expect(Object.keys((await read(RIGHT)).plugins)).toEqual(["participants", "visibility"]);
    expect(Object.keys((await read(`${RIGHT}[plugins.visibility]\nenabled = false\n`)).plugins)).toEqual([
      "participants",
    ]);
  });

  it("gives plugins their options, without `enabled`", async () => {
    const { plugins } = await read(`${RIGHT}[plugins.visibility]\nenabled = true\ndefault = "jid-visible"\n`);
    expect(plugins.visibility).toEqual({ default: "jid-visible" });
  });

  it("keeps the database where the file says, seen from the file, and the control socket beside it", async () => {
    const config = await read(`${RIGHT}[storage]\nurl = "sqlite:data/coven.db"\n`);
    expect(config.storage.url.reveal()).toBe(`sqlite:${join(folder, "data/coven.db")}`);
    expect(config.control.socket).toBe(join(folder, "data/coven.sock"));
    expect((await read(`${RIGHT}[storage]\nurl = "sqlite::memory:"\n`)).storage.url.reveal()).toBe("sqlite::memory:");
    expect((await read(`${RIGHT}[control]\nsocket = "/run/coven.sock"\n`)).control.socket).toBe("/run/coven.sock");
  });

  it("tells where the service is spoken to even when all else in it is wrong", async () => {
    writeFileSync(file, '[component]\nport = "x"\n[storage]\nurl = "sqlite:coven.db"\n');
    expect(readSocket(file)).toBe(join(folder, "coven.sock"));
  });

  it("shows its secret to nobody who prints it", async () => {
    expect(inspect(await read(RIGHT), { depth: null }) + JSON.stringify(await read(RIGHT))).not.toContain("toil");
  });
});

describe("a secret", () => {
  it("may come from a file", async () => {
    writeFileSync(join(folder, "secret"), "toil and trouble\n");
    const config = await read('component = { domain = "mix.shakespeare.example", secret_file = "secret" }');
    expect(config.component.secret.reveal()).toBe("toil and trouble");
  });

  it("comes from the environment first of all", async () => {
    const env = { MASQUE_SECRET: "something wicked" };
    expect((await read(RIGHT, env)).component.secret.reveal()).toBe("something wicked");
    expect((await read('component.domain = "mix.shakespeare.example"', env)).component.secret.reveal()).toBe(
      "something wicked",
    );
  });

  it("is missed when there is none", async () => {
    expect(await lines('[component]\ndomain = "mix.shakespeare.example"')).toEqual([
      "1:1: component.secret: expected the secret shared with the server: give secret or secret_file, or set MASQUE_SECRET.",
    ]);
  });

  it("is refused in two places at once", async () => {
    writeFileSync(join(folder, "secret"), "toil and trouble\n");
    expect(await lines(`${RIGHT}secret_file = "secret"`)).toEqual([
      '4:1: component.secret_file: there is "secret" as well: keep one of the two.',
    ]);
  });

  it("is refused from a file that cannot be read, or is empty", async () => {
    writeFileSync(join(folder, "empty"), "\n");
    const domain = '[component]\ndomain = "mix.shakespeare.example"\n';
    expect(await lines(`${domain}secret_file = "nowhere"`)).toEqual([
      "3:1: component.secret_file: the file cannot be read: no such file or directory.",
    ]);
    expect(await lines(`${domain}secret_file = "empty"`)).toEqual([
      "3:1: component.secret_file: the file is empty; expected the secret in it.",
    ]);
  });

  it("for PostgreSQL may stand in a file, and then is part of the URL, and shown to nobody", async () => {
    writeFileSync(join(folder, "password"), "fire & burn\n");
    const storage = `[storage]\npassword_file = "password"\nurl = `;
    const { storage: found } = await read(`${RIGHT}${storage}"postgres://masque@db/masque"\n`);
    expect(found.url.reveal()).toBe("postgres://masque@db/masque?password=fire%20%26%20burn");
    expect(inspect(found) + JSON.stringify(found)).not.toContain("fire");
    expect(await lines(`${RIGHT}${storage}"sqlite:x.db"\n`)).toEqual([
      "5:1: storage.password_file: only PostgreSQL asks for a password: leave it out, or give a postgres:// URL.",
    ]);
  });

  it("is not repeated in what is said about the file", async () => {
    const unquoted = await mistakes('[component]\ndomain = "mix.shakespeare.example"\nsecret = toil\n');
    const number = await mistakes('component = { domain = "mix.shakespeare.example", secret = 1605 }');
    expect(unquoted.message).toContain("3 | secret = …");
    expect(unquoted.message).not.toContain("toil");
    expect(number.message).toContain("component.secret: expected text that is not empty");
    expect(number.message).not.toContain("1605");
  });
});

describe("what is wrong with a configuration file", () => {
  const five = `[component]
domain = "mix.shakespeare.example"
secret = "toil and trouble"
prot = 5347
port = 99999

[service]
operators = [
  "prospero@shakespeare.example",
  "prospero@shakespeare.example/cell",
]

[plugins.visibilty]
enabled = false

[plugins.visibility]
default = "hidden"
`;

  it("is said all at once, each with its line, what was expected, and the nearest right name", async () => {
    expect(await lines(five)).toEqual([
      '4:1: component.prot: there is no option "prot"; did you mean "port"?',
      "5:1: component.port: expected a whole number from 1 to 65535, not 99999",
      '10:3: service.operators.1: expected an address without a resource, such as "prospero@shakespeare.example", not "prospero@shakespeare.example/cell"',
      '13:1: plugins.visibilty: there is no plugin "visibilty"; did you mean "visibility"?',
      '17:1: plugins.visibility.default: expected "jid-hidden" or "jid-visible", not "hidden"',
    ]);
  });

  it("is shown in its line, with a mark under it", async () => {
    expect((await mistakes(five)).message).toContain("\n  5 | port = 99999\n    | ^^^^^^^^^^^^\n");
    expect((await mistakes(five)).message).toContain(
      '\n  10 |   "prospero@shakespeare.example/cell",\n     |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^',
    );
  });

  it("has the parser's place when the file is not TOML", async () => {
    const { message } = await mistakes('[component]\ndomain = "mix\nport = 1\n');
    expect(message).toMatch(/masque\.toml:2:14: .+\n {2}2 \| domain = "mix\n {4}\| {14}\^$/);
  });

  it("has no place when the section is missing altogether", async () => {
    expect(await lines("", { MASQUE_SECRET: "toil" })).toEqual([
      'component.domain: expected a domain, such as "mix.shakespeare.example", but it is missing',
    ]);
  });

  it.each([
    ["[componnet]\n", 'componnet: there is no section "componnet"; did you mean [component]?'],
    ["[visibility]\n", 'visibility: there is no section "visibility"; did you mean [plugins.visibility]?'],
    [
      "[x]\nport = 5347\n",
      'x: there is no section "x"; there are [component], [service], [storage], [cluster], [log], [control], [plugins.NAME].',
    ],
    ["[plugins]\nvisibility = false\n", "plugins.visibility: expected a table, as in [plugins.visibility]."],
    ["[plugins.visibility]\nenabled = 1\n", "plugins.visibility.enabled: expected true or false, not 1."],
    [
      "[plugins.visibility]\nenabled = false\ndefalt = 1\n",
      'plugins.visibility.defalt: there is no option "defalt"; did you mean "default"?',
    ],
    [
      "[plugins.visibility]\npatience = 30\n",
      'plugins.visibility.patience: expected a length of time with its unit (ms, s, min, h or d), such as "30 s", not 30',
    ],
    ["[storage]\nurl = 'postgres:masque'\n", "storage.url: expected postgres://USER@HOST/DATABASE"],
    [
      "[storage]\nurl = 'mysql://db'\n",
      'storage.url: expected sqlite:FILE, such as "sqlite:./var/masque.db", sqlite::memory: or postgres://USER@HOST/DATABASE',
    ],
    ["[log]\nlevel = 'loud'\n", 'log.level: expected "debug", "info", "warn" or "error", not "loud"'],
    ["[[service]]\n", "service: expected a table, not a list"],
  ])("is said in a sentence: %j", async (toml, sentence) => {
    expect((await lines(RIGHT + toml)).map((line) => line.replace(/^\d+:\d+: /, ""))).toEqual([sentence]);
  });

  it.each(["prospero@shakespeare.example", "mix.shakespeare.example/cell", "not a domain", ""])(
    "includes a domain that is none: %j",
    async (domain) => {
      const [line] = await lines(RIGHT.replace("mix.shakespeare.example", domain));
      expect(line).toBe(`2:1: component.domain: expected a domain, such as "mix.shakespeare.example", not "${domain}"`);
    },
  );

  it("includes a password in a URL, which is not repeated", async () => {
    expect((await mistakes(`${RIGHT}[storage]\nurl = "mysql://romeo:juliet@db/masque"`)).message).not.toContain(
      "juliet",
    );
  });

  it("includes that the file is not there", async () => {
    await expect(readConfig(join(folder, "nowhere.toml"), catalogue, {})).rejects.toThrow(
      /nowhere\.toml: the file cannot be read: no such file or directory\.$/,
    );
  });
});
