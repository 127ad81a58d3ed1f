import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Showing } from "../../../core/channel/showing.ts";
import { call } from "../../../core/cli/call.ts";
import { Control } from "../../../core/cli/control.ts";
import { addCoreCommands } from "../../../core/cli/core-commands.ts";
import { Reloader } from "../../../core/cli/reload.ts";
import { stageConfig } from "../../../core/cli/stage-config.ts";
import { definePlugin } from "../../../core/host/plugin.ts";
import { Masque } from "../../../core/masque.ts";
import { bundled } from "../../../plugins/index.ts";
import { type HostServer, hostServer } from "../../host-server.ts";

const DOMAIN = "mix.shakespeare.example";
const COVEN = `coven@${DOMAIN}`;
const HECATE = "hecate@shakespeare.example";
const NEEDED = { channels: {}, participants: {}, messages: {}, preferences: {}, visibility: {} };
const quiet = { level: "silent", debug() {}, info() {}, warn() {}, error() {} };

const shy = definePlugin({
  name: "shy",
  summary: "Hides all.",
  setup: ({ guard }) => guard("jid/disclose", () => "hidden"),
});
const moody = definePlugin({
  name: "moody",
  summary: "Crashes.",
  setup: ({ guard }) =>
    guard("jid/disclose", () => {
      throw new Error("toil and trouble");
    }),
});
const mute = definePlugin({
  name: "mute",
  summary: "Abstains.",
  setup: ({ guard }) => guard("jid/disclose", () => undefined),
});
const gossip = definePlugin({
  name: "gossip",
  summary: "Talks too much.",
  setup({ guard, handle }) {
    guard("jid/disclose", ({ participant }) => {
      throw new Error(`boil ${participant.jid}`);
    });
    handle("jid/explain", ({ participant }) => `I know ${participant.jid}.`);
  },
});
const catalogue = [...bundled, shy, moody, mute, gossip];

let folder: string;
let server: HostServer;
let service: Masque;
let control: Control;
let asked: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "masque-explain-"));
  server = await hostServer();
  asked = 0;
});

afterEach(async () => {
  await control.close();
  await service.stop();
  await server.close();
  rmSync(folder, { recursive: true });
});

/** A service whose plugins are these, with hecate in a coven that she made. */
async function coven(plugins: Record<string, object> = NEEDED): Promise<void> {
  const component = { domain: DOMAIN, host: "127.0.0.1", port: server.port, secret: server.secret };
  const options = {
    ...component,
    name: "Coven",
    operators: [],
    defaultGeneration: 1,
    storage: "sqlite::memory:",
  } as const;
  service = new Masque(catalogue, { ...options, plugins }, quiet);
  await service.start();
  const config = stageConfig(catalogue, component);
  addCoreCommands(service, DOMAIN, new Reloader(async () => config, config, service, quiet), quiet);
  control = new Control(join(folder, "masque.sock"), service.commands, quiet);
  await control.open();
  await ask(DOMAIN, "<create xmlns='urn:xmpp:mix:core:1' channel='coven'/>");
  await joins();
}

async function joins(form = ""): Promise<string> {
  return ask(COVEN, `<join xmlns='urn:xmpp:mix:core:1'><nick>hecate</nick>${form}</join>`, HECATE);
}

/** Sends an iq of hecate's; the id she has in the coven, if the reply tells it. */
async function ask(to: string, payload: string, from = `${HECATE}/UUID-a1j`): Promise<string> {
  const id = `hecate-${++asked}`;
  await server.write(`<iq type='set' from='${from}' to='${to}' id='${id}'>${payload}</iq>`);
  const reply = await server.until(({ attrs }) => attrs.id === id);
  expect(reply.attrs.type).toBe("result");
  return reply.getChild("join")?.attrs.id ?? "";
}

const prefers = (wish: string) =>
  ask(COVEN, `<user-preference xmlns='urn:xmpp:mix:anon:0'>${form(wish)}</user-preference>`);
const form = (wish: string) =>
  `<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mix:anon:0</value></field>` +
  `<field var='JID Visibility'><value>${wish}</value></field></x>`;

async function explains(...args: string[]): Promise<{ showing: Showing; text: string }> {
  const answer = await call(join(folder, "masque.sock"), ["explain", "jid", ...args]);
  if (!answer?.ok) throw new Error(answer?.error);
  return { showing: answer.result as Showing, text: answer.text };
}

describe("masque explain jid CHANNEL PARTICIPANT", () => {
  it("says who hides a JID, and what the plugin goes by", async () => {
    await coven();
    const id = await joins();
    const { showing, text } = await explains("coven", "hecate");
    const why = 'The channel is jid-hidden, and the participant\'s preference "JID Visibility" is "default".';
    const and = 'Administrators: the option administrators_see_jids is "jidmap".';
    const votes = [{ plugin: "visibility", word: "hidden" }];
    expect(showing).toEqual({
      channel: "coven",
      id,
      nick: "hecate",
      missing: [],
      to: {
        participant: { shown: false, votes, reasons: [why] },
        administrator: { shown: false, votes, reasons: [and] },
      },
    });
    expect(text.split("\n")).toEqual([
      `To participants of coven, the JID of "hecate" (${id}) is hidden, by visibility.`,
      "To its administrators, it is hidden, by visibility.",
      "",
      "PLUGIN      TO PARTICIPANTS  TO ADMINISTRATORS",
      "visibility  hidden           hidden",
      "",
      why,
      and,
    ]);
  });

  it("says that a JID is shown, by the wish of whose it is", async () => {
    await coven({ ...NEEDED, visibility: { default: "jid-maybe-visible" } });
    await prefers("always");
    const { showing, text } = await explains("coven", "hecate");
    expect(showing.to.participant).toMatchObject({ shown: true, votes: [{ plugin: "visibility", word: "visible" }] });
    expect(text).toMatch(/^To participants .* is shown: no plugin hides it\.$/m);
    expect(text).toContain(
      'The channel is jid-maybe-visible, and the participant\'s preference "JID Visibility" is "always".',
    );
  });

  it("tells apart what administrators see", async () => {
    await coven({ ...NEEDED, visibility: { administrators_see_jids: "everywhere" } });
    const { showing, text } = await explains("coven", "hecate");
    expect([showing.to.participant.shown, showing.to.administrator.shown]).toEqual([false, true]);
    expect(text).toMatch(/^visibility +hidden +visible$/m);
  });

  it("hears every plugin: those that hide, that abstain, and that crash", async () => {
    await coven({ ...NEEDED, visibility: { default: "jid-visible" }, shy: {}, moody: {}, mute: {} });
    const { showing, text } = await explains("coven", "hecate");
    expect(showing.to.participant.shown).toBe(false);
    expect(showing.to.participant.votes).toEqual(
      expect.arrayContaining([
        { plugin: "visibility", word: "visible" },
        { plugin: "shy", word: "hidden" },
        { plugin: "moody", fault: "toil and trouble" },
        { plugin: "mute" },
      ]),
    );
    expect(text).toMatch(/hidden, by (shy, moody|moody, shy)\.$/m);
    expect(text).toMatch(/^moody +hidden: toil and trouble +hidden: toil and trouble$/m);
    expect(text).toMatch(/^mute +nothing +nothing$/m);
  });

  it("says that a channel is suspended, and for want of which plugin", async () => {
    await coven();
    await service.host.disable("visibility");
    const { showing, text } = await explains("coven", "hecate");
    expect(showing.missing).toEqual(["visibility"]);
    expect(showing.to).toEqual({
      participant: { shown: false, votes: [], reasons: [] },
      administrator: { shown: false, votes: [], reasons: [] },
    });
    expect(text).toMatch(/^To participants .* is hidden: the channel is suspended, for it needs visibility\.$/m);
  });

  it("says that nobody has a say in a channel of MIX-CORE alone", async () => {
    await coven({ channels: {}, participants: {}, messages: {} });
    const { text } = await explains("coven", "hecate");
    expect(text).toMatch(/is shown: no plugin has a say\.\nTo its administrators, it is shown: no plugin has a say\.$/);
  });

  it("finds a participant by ID, proxy JID, JID and nick, and a channel by name and JID", async () => {
    await coven();
    const id = await joins();
    for (const who of [id, `${id}#${COVEN}`, HECATE, `${HECATE}/UUID-a1j`, "hecate", "Hecate"]) {
      expect((await explains("coven", who)).showing.id).toBe(id);
    }
    expect((await explains(COVEN, id)).showing.id).toBe(id);
  });

  it("takes an ID for its owner's, though another took it for his nick", async () => {
    await coven();
    const id = await joins();
    const impostor = `<join xmlns='urn:xmpp:mix:core:1'><nick>${id}</nick></join>`;
    await ask(COVEN, impostor, "hag66@shakespeare.example");
    expect((await explains("coven", id)).showing.nick).toBe("hecate");
  });

  it("names neither JID nor resource, whatever it was asked by and whoever talks", async () => {
    await coven({ ...NEEDED, visibility: { default: "jid-visible" }, gossip: {} });
    for (const who of ["hecate", HECATE]) {
      const { showing, text } = await explains("coven", who);
      expect(text).toContain("I know (the JID).");
      expect(JSON.stringify(showing) + text).not.toMatch(/hecate@|UUID-a1j/);
    }
  });

  it("says what it did not find, and how it is asked", async () => {
    await coven();
    await expect(explains("cove", "hecate")).rejects.toThrow('There is no channel "cove".');
    await expect(explains("co#ven", "hecate")).rejects.toThrow('There is no channel "co#ven".');
    await expect(explains("coven", "hecat")).rejects.toThrow(
      'Nobody in coven is called "hecat"; did you mean "hecate"?',
    );
    await expect(explains("coven")).rejects.toThrow("Write: masque explain jid CHANNEL PARTICIPANT");
    const answer = await call(join(folder, "masque.sock"), ["explain", "jid/disclose"]);
    expect(answer).toMatchObject({ ok: true, text: expect.stringContaining("visibility") });
  });
});
