import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { call } from "../../../core/cli/call.ts";
import { VERSION } from "../../../core/version.ts";
import { hostServer } from "../../host-server.ts";
import { Child, install } from "./child.ts";

let home: string;
let command: string;
let folder: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "masque-installed-"));
  command = install(home);
});
afterAll(() => rmSync(home, { recursive: true }));

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "masque-use-")));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

/** A module whose default export is a plugin, and more. */
function source(name: string, more = ""): string {
  return `export default { name: "${name}", summary: "It is ${name}.", setup() {}, ${more} };\n`;
}

function configure(blocks: string, port = 5347, secret = "toil"): void {
  write(
    "masque.toml",
    `[component]\ndomain = "mix.shakespeare.example"\nport = ${port}\nsecret = "${secret}"\n${blocks}`,
  );
}

/** A block that uses something. */
function block(name: string, use: string, more = ""): string {
  return `[plugins.${name}]\nuse = "${use}"\n${more}`;
}

async function masque(...args: string[]): Promise<{ code: number | string; stdout: string; stderr: string }> {
  const child = new Child(command, args, folder);
  const code = await child.end();
  return { code, stdout: child.stdout, stderr: child.stderr };
}

/** What `masque check` finds wrong with these blocks: `PATH: SENTENCE`, each plugin's files below FOLDER. */
async function mistakes(blocks: string): Promise<string[]> {
  configure(blocks);
  const { stderr } = await masque("check");
  return [...stderr.matchAll(/^\.\/masque\.toml:\d+:\d+: (.*)$/gm)].map(([, line]) =>
    line!.replaceAll(folder, "FOLDER"),
  );
}

describe("use", () => {
  it("takes a file, seen from the configuration, or a package installed there or above", async () => {
    write("plugins/file.js", source("file"));
    write("plugins/common.cjs", source("common").replace("export default", "module.exports ="));
    write("node_modules/main/package.json", '{ "name": "main", "main": "lib/it.js", "type": "module" }');
    write("node_modules/main/lib/it.js", source("main"));
    write(
      "node_modules/@coven/scoped/package.json",
      '{ "exports": { ".": { "require": "./no.cjs", "import": "./it.mjs" } } }',
    );
    write("node_modules/@coven/scoped/it.mjs", source("scoped"));
    write(
      "node_modules/parts/package.json",
      '{ "exports": { "./one": { "import": { "default": "./one.mjs" } }, "./more/*": "./*.mjs" } }',
    );
    write("node_modules/parts/one.mjs", source("one"));
    write("node_modules/parts/two.mjs", source("two"));
    configure(
      block("file", "./plugins/file.js") +
        block("common", join(folder, "plugins/common.cjs")) +
        block("main", "main") +
        block("scoped", "@coven/scoped") +
        block("one", "parts/one") +
        block("two", "parts/more/two"),
    );
    const { stdout } = await masque("plan");
    expect(stdout.match(/^start {2}(file|common|main|scoped|one|two)$/gm)).toHaveLength(6);
  });

  it("is refused with everything that is wrong with it, and with all else in the file, at once", async () => {
    write("plugins/quiet-hours.js", source("quiet-hours"));
    write("plugins/plain.js", "export const hours = { name: 'plain', summary: 'It is.', setup() {} };\n");
    write("plugins/other.js", "export const hours = 1;\n");
    write("plugins/half.js", "export default { name: 'half', dependsOn: 'messages' };\n");
    write("plugins/number.js", "export default 7;\n");
    write(
      "plugins/crash.js",
      "\nfunction boil() {\n  throw new Error('the fire is out');\n}\nboil();\nexport default {};\n",
    );
    write("plugins/null.js", "throw null;\nexport default {};\n");
    write("plugins/broken.js", "export default {\n  name: 'broken'\n  summary\n};\n");
    write("plugins/needy.js", "import 'newt-eyes';\nexport default {};\n");
    write("plugins/typed.ts", "export default { name: 'typed' as string };\n");
    write("node_modules/empty/package.json", '{ "exports": {} }');
    write("node_modules/spoilt/package.json", "{");
    const found = await mistakes(
      "[plugins.ping]\nuse = './plugins/quiet-hours.js'\n" +
        "[plugins.nothing]\nuse = 7\n" +
        block("missing", "./plugins/quiet-hour.js") +
        block("folder", "./plugins") +
        block("nowhere", "nowhere") +
        block("bare", "plugins/plain.js") +
        block("empty", "empty") +
        block("spoilt", "spoilt") +
        block("quiet", "./plugins/quiet-hours.js") +
        block("plain", "./plugins/plain.js") +
        block("other", "./plugins/other.js") +
        block("half", "./plugins/half.js") +
        block("number", "./plugins/number.js") +
        block("crash", "./plugins/crash.js") +
        block("null", "./plugins/null.js") +
        block("broken", "./plugins/broken.js") +
        block("needy", "./plugins/needy.js") +
        "[log]\nlevel = 'loud'\n",
    );
    expect(found).toEqual([
      'plugins.ping.use: "ping" comes with Masque: remove this line, or give the block the name of the plugin it means.',
      'plugins.nothing.use: expected a file, such as "./plugins/quiet.js", or the name of an npm package.',
      'plugins.missing.use: there is no file FOLDER/plugins/quiet-hour.js; did you mean "quiet-hours.js"?',
      'plugins.folder.use: FOLDER/plugins is a folder: name the file in it, such as "./plugins/index.js".',
      'plugins.nowhere.use: no package "nowhere" is installed in FOLDER or above: run "npm install nowhere" there.',
      'plugins.bare.use: no package "plugins" is installed in FOLDER or above; did you mean "./plugins/plain.js"?',
      'plugins.empty.use: the package in FOLDER/node_modules/empty offers nothing to import as "empty": No "exports" main defined in FOLDER/node_modules/empty/package.json.',
      expect.stringMatching(
        /^plugins\.spoilt\.use: FOLDER\/node_modules\/spoilt\/package\.json cannot be read: .*JSON.*\.$/,
      ),
      'plugins.quiet.use: this is the plugin "quiet-hours": call the block [plugins.quiet-hours], not [plugins.quiet].',
      'plugins.plain.use: it has no default export: write "export default hours".',
      'plugins.other.use: it has no default export: write "export default definePlugin({ … })".',
      'plugins.half.use: its default export is not a plugin: expected "summary" to be a sentence, "dependsOn" to be a list of names, "setup" to be a function.',
      "plugins.number.use: its default export is not a plugin: expected an object made by definePlugin.",
      "plugins.crash.use: it fails to load: Error: the fire is out (crash.js:3:9, crash.js:5:1)",
      'plugins.null.use: it fails to load: null ("node FOLDER/plugins/null.js" shows where)',
      expect.stringMatching(
        /^plugins\.broken\.use: it fails to load: SyntaxError: .+ \("node FOLDER\/plugins\/broken\.js" shows where\)$/,
      ),
      'plugins.needy.use: it imports "newt-eyes", which is not installed: run "npm install newt-eyes" beside FOLDER/plugins/needy.js.',
      'log.level: expected "debug", "info", "warn" or "error", not "loud"',
    ]);
  });

  it("says which Node it takes to load TypeScript, on one that does not", async () => {
    write(
      "plugins/typed.ts",
      "const name: string = 'typed';\nexport default { name, summary: 'It is.', setup() {} };\n",
    );
    const expected = (process.features as { typescript?: unknown }).typescript
      ? []
      : [
          `plugins.typed.use: Node ${process.versions.node} does not load TypeScript: compile it to JavaScript, or use Node 22.18 or later.`,
        ];
    expect(await mistakes(block("typed", "./plugins/typed.ts"))).toEqual(expected);
  });

  it("refuses a circle, a need that nobody meets, and what two want to provide", async () => {
    write("a.js", source("a", 'dependsOn: ["b"]'));
    write("b.js", source("b", 'dependsOn: ["a"]'));
    write("needy.js", source("needy", 'dependsOn: ["mesages"]'));
    write("rival.js", source("rival", 'provides: ["ping"]'));
    const used = ["a", "b", "needy", "rival"].map((name) => block(name, `./${name}.js`)).join("");
    expect(await mistakes(used)).toEqual([
      "plugins.b.use: Plugins depend on one another in a circle: a -> b -> a.",
      'plugins.needy: it depends on "mesages", which no known plugin provides; did you mean "messages"?',
      'plugins.rival: it provides "ping", and so does "ping": only one of the two can be on.',
    ]);
  });

  it("gives a plugin its options as any other", async () => {
    const zod = join(home, "node_modules/zod/index.js");
    const options = 'options: z.strictObject({ from: z.int().max(23).default(22).describe("When.") })';
    write("quiet.mjs", `import { z } from ${JSON.stringify(zod)};\n${source("quiet", options)}`);
    expect(await mistakes(block("quiet", "./quiet.mjs", "from = 24\nform = 1\n"))).toEqual([
      "plugins.quiet.from: expected a whole number of at most 23, not 24",
      'plugins.quiet.form: there is no option "form"; did you mean "from"?',
    ]);
  });

  it("is not asked to load while its block is off, but those who need it know what they wait for", async () => {
    write("crash.js", "throw new Error('the fire is out');\n");
    write("fire.js", source("fire"));
    write("cauldron.js", source("cauldron", 'dependsOn: ["fire"]'));
    configure(
      block("crash", "./crash.js", "enabled = false\n") +
        block("fire", "./fire.js", "enabled = false\n") +
        block("cauldron", "./cauldron.js"),
    );
    expect(await masque("check")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("cauldron will not run: it waits for fire, which is off."),
    });
  });
});

describe("a plugin's package", () => {
  function needs(range: string): Promise<string[]> {
    write("node_modules/quiet/package.json", JSON.stringify({ main: "it.mjs", peerDependencies: { masque: range } }));
    write("node_modules/quiet/it.mjs", source("quiet"));
    return mistakes(block("quiet", "quiet"));
  }

  it("may name the versions of Masque it is made for", async () => {
    expect(await needs(`^${VERSION}`)).toEqual([]);
  });

  it.each([
    [">=99", `and this is masque ${VERSION}: bring Masque up to date.`],
    ["<0.0.1", `and this is masque ${VERSION}: look for a newer release of it.`],
    ["newest", `expected a range of versions, such as "^${VERSION}".`],
  ])("is not used when it is made for masque %s", async (range, sentence) => {
    const [line] = await needs(range);
    const says = "FOLDER/node_modules/quiet/package.json says";
    expect(line).toBe(
      `plugins.quiet.use: it is made for masque ${range}, as ${says}${sentence.startsWith("and") ? ", " : "; "}${sentence}`,
    );
  });
});

describe("a reload", () => {
  it("brings in a new plugin, gives a file that was put right its chance, and keeps what is loaded", async () => {
    const server = await hostServer();
    const using = (blocks: string) => configure(blocks, server.port, server.secret);
    const ask = async (command: string) => {
      const answer = await call(join(folder, "var/masque.sock"), [command]);
      return { text: "", ...answer };
    };
    using("");
    const service = new Child(command, ["start"], folder);
    try {
      await service.says("Connected to the server.");
      write("quiet.mjs", "throw new Error('not yet');\n");
      using(block("quiet", "./quiet.mjs"));
      expect(await ask("reload")).toMatchObject({
        ending: "config",
        error: expect.stringContaining("not yet (quiet.mjs:1:7)"),
      });

      write("quiet.mjs", source("quiet"));
      expect(await ask("plan")).toMatchObject({ text: "start  quiet" });
      expect((await ask("status")).text).not.toContain("quiet");
      expect(await ask("reload")).toMatchObject({ text: "start  quiet" });
      expect((await ask("status")).text).toMatch(/^quiet +on$/m);

      write("louder.mjs", source("quiet", 'dependsOn: ["nobody"]'));
      using(block("quiet", "./louder.mjs"));
      const kept = "Nothing to stop, nothing to start.\nplugins.quiet.use changed: that counts from the next start on.";
      expect(await ask("reload")).toMatchObject({ text: kept });

      using("");
      expect((await ask("reload")).text).toBe("stop  quiet");
      expect((await ask("status")).text).toMatch(/^quiet +off$/m);
    } finally {
      service.signal("SIGTERM");
      await service.end();
      await server.close();
    }
  });
});
