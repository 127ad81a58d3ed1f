import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Channels, definePlugin } from "masque";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addCoreCommands } from "../../../core/cli/core-commands.ts";
import { Reloader } from "../../../core/cli/reload.ts";
import { stageConfig } from "../../../core/cli/stage-config.ts";
import { Masque } from "../../../core/masque.ts";
import { bundled } from "../../../plugins/index.ts";
import { type HostServer, hostServer } from "../../host-server.ts";

const DOMAIN = "mix.shakespeare.example";
const HECATE = "hecate@shakespeare.example";
const quiet = { level: "silent", debug() {}, info() {}, warn() {}, error() {} };

const talker = definePlugin({
  name: "talker",
  summary: "Has something to say of itself.",
  setup: ({ handle }) => handle("service/status", () => "The cauldron boils."),
});
const catalogue = [...bundled, talker];

let folder: string;
let server: HostServer;
let service: Masque;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "masque-status-"));
  server = await hostServer();
  const component = { domain: DOMAIN, host: "127.0.0.1", port: server.port, secret: server.secret };
  const options = { ...component, name: "Coven", operators: [], defaultGeneration: 1 } as const;
  const storage = `sqlite:${join(folder, "masque.db")}`;
  service = new Masque(catalogue, { ...options, storage, plugins: { channels: {}, participants: {} } }, quiet);
  await service.start();
  const config = stageConfig(catalogue, component);
  addCoreCommands(service, DOMAIN, new Reloader(async () => config, config, service, quiet), quiet);
});

afterEach(async () => {
  await service.stop();
  await server.close();
  rmSync(folder, { recursive: true });
});

const status = async () => (await service.commands.obey(["status"])).text;

describe("masque status", () => {
  it("says nothing of a store in good order", async () => {
    expect(await status()).toMatch(/^Masque \S+ at mix\.shakespeare\.example, connected\n\nPLUGIN/);
  });

  it("says how often the store has failed, and why the last time; nobody is to blame but the store", async () => {
    const channels = service.host.core.get(Channels);
    const coven = await channels.create({ name: "coven", by: HECATE, generation: 1, listed: true });
    for (const id of ["a", "b"]) {
      const lost = { channel: coven.key + 7, node: "n", id, payload: "<x/>" };
      const channel = (await channels.find("coven"))!;
      await expect(channel.update((turn) => turn.write({ put: "item", item: lost }))).rejects.toThrow("not be stored");
    }
    const text = await status();
    expect(text).toMatch(
      /\nThe storage has failed 2 times, the last time at \d{4}-\S+Z: Cannot store the item of .+\n\n/,
    );
    expect((await service.commands.obey(["status"])).result).toMatchObject({ storage: { count: 2 } });
    expect(Object.values(service.host.status()).filter(({ faults }) => faults > 0)).toEqual([]);
  });

  it("has a line for what a plugin says of itself, while it runs", async () => {
    expect(await status()).not.toContain("cauldron");
    await service.host.enable("talker");
    expect(await status()).toMatch(/connected\nThe cauldron boils\.\n\nPLUGIN/);
  });
});

describe("masque explain QUESTION", () => {
  const explain = async (question: string) => (await service.commands.obey(["explain", question])).text;

  it.each(["channel/admit", "iq-get/channel/urn:xmpp:mam:2:query"])(
    "tells of %s, a question there is, that nobody answers it now",
    async (question) => {
      const channels = service.host.core.get(Channels);
      await channels.create({ name: "coven", by: HECATE, generation: 1, listed: true });
      await channels.findFor("coven", "hag66@shakespeare.example");
      expect(await explain(question)).toBe("Nobody answers this now.");
    },
  );

  it("tells the same of one that was answered once, by a plugin of another maker, too", async () => {
    const witch = definePlugin({
      name: "witch",
      summary: "Answers a question of its own.",
      setup: ({ handle }) => handle("coven/brews" as "service/status", () => "Eye of newt."),
    });
    await service.reconfigure({ channels: {}, participants: {}, witch: {} }, [...catalogue, witch]);
    expect(await explain("coven/brews")).toContain("witch");
    await service.host.disable("witch");
    expect(await explain("coven/brews")).toMatch(/^Nobody answers this now/);
  });

  it.each([
    ["actor/mai", "actor/may"],
    ["iq-set/channel/urn:xmpp:mix:core:1:joyn", "iq-set/channel/urn:xmpp:mix:core:1:join"],
  ])("takes %s for a slip", async (slip, question) => {
    await expect(explain(slip)).rejects.toThrow(`question "${slip}" yet; did you mean "${question}"?`);
  });

  it("knows nothing of what is no question at all", async () => {
    await expect(explain("double/toil-and-trouble")).rejects.toThrow('question "double/toil-and-trouble" yet.');
  });
});

describe("masque enable and disable", () => {
  const says = async (...words: string[]) => (await service.commands.obey(words)).text;
  const states = () =>
    Object.fromEntries(Object.entries(service.host.status()).map(([name, { state }]) => [name, state]));

  it("switch a plugin on and off, and say what was started and stopped", async () => {
    expect(await says("enable", "ping")).toMatch(/^start {2}ping\n\nA reload, or a restart, does again/);
    expect(states().ping).toBe("on");
    expect(await says("disable", "ping")).toMatch(/^stop {2}ping\n/);
    expect(states().ping).toBe("off");
  });

  it("ask first, where others depend on it, and channels rely on it", async () => {
    await says("enable", "visibility");
    await expect(says("disable", "participants")).rejects.toThrow(
      "With participants stop visibility. Channels that promised what only visibility can keep are suspended. If this is",
    );
    expect(states()).toMatchObject({ participants: "on", visibility: "on" });
    await says("disable", "participants", "--yes");
    expect(states().participants).toBe("off");
  });

  it("know the nearest name of a plugin there is not", async () => {
    await expect(says("disable", "pong")).rejects.toThrow('There is no plugin "pong"; did you mean "ping"?');
  });
});

describe("masque log-level", () => {
  it("changes what is logged", async () => {
    await service.commands.obey(["log-level", "debug"]);
    expect(quiet.level).toBe("debug");
    await expect(service.commands.obey(["log-level", "loud"])).rejects.toThrow('LEVEL: expected "debug", "info"');
  });
});
