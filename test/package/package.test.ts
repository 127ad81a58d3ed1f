import { cpSync, mkdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { VERSION } from "../../core/version.ts";
import { Child } from "../core/cli/child.ts";
import { hostServer } from "../host-server.ts";
import { EXAMPLES, Home } from "./home.ts";

// Each runs programs, and some of them several.
vi.setConfig({ testTimeout: 60_000 });

const home = new Home();
let packed: readonly string[];
beforeAll(() => {
  packed = home.install();
}, 120_000);
afterAll(() => home.remove());

/** The file of the installed command. */
const command = () => home.path("node_modules/masque/dist/core/cli/masque.js");

describe("the packed tarball", () => {
  it("holds what was built, and no sources or tests", () => {
    expect(packed).toContain("dist/core/cli/masque.js");
    expect(packed).toContain("config/masque.example.toml");
    expect(packed.filter((path) => /\.test\.|^(test|docs)\/|\.map$|(?<!\.d)\.ts$/.test(path))).toEqual([]);
  });

  it("brings the command", () => {
    expect(home.run("npx", "masque", "version")).toBe(`${VERSION}\n`);
  });

  it("runs on the stage where there is no configuration", async () => {
    mkdirSync(home.path("nothing"));
    const service = new Child(command(), ["start"], home.path("nothing"), { MASQUE_STAGE_PORT: "0" });
    try {
      await service.says("The stage is open at ");
      const url = /http:\S+/.exec(service.stdout)?.[0] ?? "";
      expect(await (await fetch(url)).text()).toContain("<title>");
    } finally {
      service.signal("SIGTERM");
      expect(await service.end()).toBe(0);
    }
  });

  it("has three doors", () => {
    home.write(
      "doors.js",
      `import { definePlugin } from "masque";
      import { testHost } from "masque/testing";
      import participants from "masque/plugins/participants";
      const { hecate, host } = await testHost().coven("hecate");
      await hecate.says("fire burn");
      console.log(typeof definePlugin, participants.name, hecate.heard());
      await host.stop();`,
    );
    expect(home.run(process.execPath, "doors.js")).toBe("function participants [ 'fire burn' ]\n");
    expect(() => home.run(process.execPath, "-e", 'import("masque/core/engine.ts")')).toThrow(
      'not defined by "exports"',
    );
  });

  it.each(["true", "false"])("is typed for those who install nothing else, with skipLibCheck %s", (skipped) => {
    home.write(
      "typed.ts",
      `import { definePlugin } from "masque";
      import type {} from "masque/plugins/participants";
      import { HandClock, testHost } from "masque/testing";
      const clock: HandClock = testHost().clock;
      export default definePlugin({
        name: "typed",
        summary: "Knows what it is asked.",
        setup({ handle, on }) {
          handle("participant/join", ({ jid }) => (jid.endsWith(".example") ? "welcome" : undefined));
          on("participant/joined", ({ participant }) => void (participant.nick satisfies string));
          // @ts-expect-error there is no such question
          handle("participant/jion", () => "welcome");
        },
      });`,
    );
    home.tsc("--noEmit", "--module", "nodenext", "--strict", "--skipLibCheck", skipped, "typed.ts");
  });
});

describe("a plugin built against a second copy", () => {
  beforeAll(() => {
    // With all that it has of its own: an npm that finds two ranges apart installs just this.
    mkdirSync(home.path("second"));
    cpSync(home.path("node_modules"), home.path("second/node_modules"), {
      recursive: true,
      filter: (path) => !/\/(\.bin|@libsql|libsql|typescript|vitest|masque-plugin-[^/]+)$/.test(path),
    });
    home.write(
      "second/plugin.js",
      `import { Channels, definePlugin, duration, iq, NS, refuse, secret, xml, z } from "masque";
      class Cauldron {
        constructor(channels) { this.channels = channels; }
        list() { return this.channels.nodes(); }
      }
      Channels(Cauldron, undefined, 0);
      export default definePlugin({
        name: "second",
        summary: "Comes with a Masque of its own.",
        dependsOn: ["messages"],
        options: z.strictObject({
          patience: duration.prefault("30 s").describe("How long."),
          word: secret.prefault("newt").describe("A secret."),
        }),
        setup({ get, handle, make, options }) {
          const loud = get(Channels).field("Loud", { type: "boolean", label: "Loud", initial: false });
          handle("message/accept", ({ channel, body }) => {
            if (body === options.word.reveal() && !loud.of(channel)) throw refuse("policy-violation", "Not so loud.");
          });
          handle(iq.get("service", NS.PING, "ping"), () =>
            xml("pong", { patience: String(options.patience) }, xml("nodes", {}, String(make(Cauldron).list().length > 0))));
        },
      });`,
    );
  });

  it("refuses, answers, reads options and gets services as any other", () => {
    home.write(
      "second.js",
      `import { Channels } from "masque";
      import { testHost } from "masque/testing";
      import second from "./second/plugin.js";
      import { Channels as other } from "./second/node_modules/masque/dist/core/index.js";
      const { hecate, host } = await testHost([second]).coven("hecate");
      await hecate.says("newt");
      const reply = await hecate.asks("get", "mix.shakespeare.example", (await import("masque")).xml("ping", { xmlns: "urn:xmpp:ping" }));
      const word = (text) => ({ ...Object.fromEntries(["channels", "participants", "messages"].map((n) => [n, {}])), second: { word: text } });
      await host.engine.host.apply(word("newt"));
      console.log(JSON.stringify({
        copies: Channels !== other,
        refused: hecate.received().at(-2).getChild("error").getChildText("text"),
        pong: reply.getChild("pong").attrs.patience + " " + reply.getChild("pong").getChildText("nodes"),
        same: host.engine.host.plan(word("newt")).start,
        changed: host.engine.host.plan(word("toe of frog")).start,
        faults: host.faults().map(({ error }) => String(error)),
      }));
      await host.stop();`,
    );
    expect(JSON.parse(home.run(process.execPath, "second.js"))).toEqual({
      copies: true,
      refused: "Not so loud.",
      pong: "30000 true",
      same: [],
      changed: ["second"],
      faults: [],
    });
  });
});

describe("the examples of plugins", () => {
  it.each(EXAMPLES)("%s builds and passes its own tests, by the package alone", (name) => {
    home.tsc("-p", name);
    const said = home.run(process.execPath, "node_modules/vitest/vitest.mjs", "run", "--root", name);
    expect(said).toMatch(/Tests .*passed/);
  });

  it("one is on by its block, shows in the status, and leaves no trace once it is switched off", async () => {
    const server = await hostServer();
    const configure = (enabled: boolean) =>
      home.write(
        "masque.toml",
        `[component]\ndomain = "mix.shakespeare.example"\nport = ${server.port}\nsecret = "${server.secret}"\n` +
          `[plugins.quiet-hours]\nuse = "masque-plugin-quiet-hours"\nfrom = 23\nenabled = ${enabled}\n`,
      );
    configure(true);
    const masque = (...args: string[]) => home.run("node_modules/.bin/masque", ...args);
    const service = new Child(command(), ["start"], home.folder);
    try {
      await service.says("Connected to the server.");
      expect(masque("status")).toMatch(/^quiet-hours +on$/m);
      expect(masque("explain", "message/deliver")).toMatch(/^quiet-hours +0$/m);

      configure(false);
      expect(masque("reload")).toBe("stop  quiet-hours\n");
      expect(masque("status")).toMatch(/^quiet-hours +off$/m);
      expect(masque("explain", "message/deliver")).toMatch(/^Nobody answers this now\.$/m);
    } finally {
      service.signal("SIGTERM");
      await service.end();
      await server.close();
    }
  });
});
