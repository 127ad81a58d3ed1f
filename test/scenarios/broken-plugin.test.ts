import { Channels, type Context, definePlugin, iq, NODE, NS, type Plugin, xml } from "masque";
import { afterEach, expect, it } from "vitest";
import { disco, features, listed, outcome } from "../core/channel/replies.ts";
import { COVEN, type Person, SERVICE } from "./person.ts";
import { Play } from "./play.ts";

const CURSED = "urn:xmpp:cursed";
const curse = () => {
  throw new Error("Something wicked this way comes.");
};

let play: Play;
let hecate: Person;
let hag66: Person;

afterEach(async () => {
  // Whatever it did, nothing of it stays.
  await play.masque.host.apply({});
  expect(play.masque.host.snapshot()).toEqual(play.first);
  await play.end();
});

/** A service with this plugin, and a coven with hecate and hag66 in it. */
async function covenWith(cursed: Plugin): Promise<void> {
  play = await Play.begin({ guests: [cursed] });
  [hecate, hag66] = [play.person("hecate"), play.person("hag66")];
  await hecate.creates("coven");
  await hecate.joins();
  await hag66.joins();
}

/** The service is as good as without the broken plugin. */
async function servesOn(): Promise<void> {
  await hag66.says("Double, double");
  await hecate.hears("Double, double");
  expect((await hecate.archive()).map(({ body }) => body)).toEqual(["Double, double"]);
  expect(play.server.connections).toBe(1);
  const { cursed: _, ...others } = play.masque.host.status();
  expect(new Set(Object.values(others).map(({ state, faults }) => `${state} ${faults}`))).toEqual(new Set(["on 0"]));
}

const status = () => play.masque.host.status().cursed!;
const asksCursed = () => hecate.asks("get", SERVICE, xml("query", { xmlns: CURSED }));

it("a plugin that throws while it starts is failed, says why, and leaves nothing of what it had begun", async () => {
  await covenWith(
    definePlugin({
      name: "cursed",
      summary: "Throws in setup.",
      setup({ handle, feature }) {
        feature(CURSED, "both");
        handle(iq.get("service", CURSED, "query"), () => true);
        handle(iq.get("service", NS.PING, "ping"), curse, 100);
        curse();
      },
    }),
  );
  expect(status()).toMatchObject({ state: "failed", reason: "Something wicked this way comes.", holds: [] });
  expect(features(await hecate.asks("get", SERVICE, disco("info")))).not.toContain(CURSED);
  expect(outcome(await asksCursed())).toBe("service-unavailable");
  expect(outcome(await hecate.asks("get", SERVICE, xml("ping", { xmlns: NS.PING })))).toBe("result");
  await servesOn();
});

it.each([
  ["throws", curse],
  ["rejects", async () => curse()],
])("a handler that %s costs its asker an internal-server-error, and nobody else anything", async (_, handler) => {
  await covenWith(
    definePlugin({
      name: "cursed",
      summary: "Crashes when it is asked.",
      setup({ handle }) {
        handle(iq.get("service", CURSED, "query"), handler);
      },
    }),
  );
  expect(outcome(await asksCursed())).toBe("internal-server-error");
  expect(outcome(await asksCursed())).toBe("internal-server-error");
  expect(status()).toMatchObject({ state: "on", degraded: true, faults: 2 });
  expect(play.masque.host.faults()).toMatchObject([
    { plugin: "cursed", where: `iq-get/service/${CURSED}:query` },
    { plugin: "cursed" },
  ]);
  await servesOn();
});

it("a crash where a message is let in keeps it out: its sender is told, nobody hears it", async () => {
  let isCursed = true;
  await covenWith(
    definePlugin({
      name: "cursed",
      summary: "Crashes at messages.",
      setup({ handle }) {
        handle("message/accept", () => (isCursed ? curse() : undefined));
      },
    }),
  );
  await hag66.says("Unheard.");
  const refusal = await play.server.until(({ attrs }) => attrs.to === hag66.client && attrs.type === "error");
  expect(outcome(refusal)).toBe("internal-server-error");
  isCursed = false;
  await servesOn();
  expect(hecate.heard()).toEqual(["Double, double"]);
  expect(status()).toMatchObject({ degraded: true, faults: 1 });
});

it("a crash in a vote counts as the strictest word: no JID is shown until it is off", async () => {
  await covenWith(
    definePlugin({
      name: "cursed",
      summary: "Crashes when it votes.",
      setup({ guard }) {
        guard("jid/disclose", curse);
      },
    }),
  );
  const items = async () => (await hag66.reads(NODE.PARTICIPANTS)).map(String).join("");
  expect(await items()).not.toContain(hecate.jid);
  expect(status().faults).toBeGreaterThan(0);
  await servesOn();
  expect(String(await hag66.hears("Double, double"))).not.toContain(hecate.jid);
});

it.each([
  ["throws", curse],
  ["rejects", async () => curse()],
])("a listener that %s keeps nobody from joining, and no other listener from hearing of it", async (_, listener) => {
  const heard: string[] = [];
  await covenWith(
    definePlugin({
      name: "cursed",
      summary: "Crashes when somebody joins.",
      setup({ on }) {
        on("participant/joined", listener);
        on("participant/joined", ({ participant }) => void heard.push(participant.nick));
      },
    }),
  );
  expect(heard).toEqual(["hecate", "hag66"]);
  expect(status()).toMatchObject({ state: "on", degraded: true, faults: 2 });
  await servesOn();
});

it("a filter that crashes is counted, and its word about that reader is not taken for a yes", async () => {
  await covenWith(
    definePlugin({
      name: "cursed",
      summary: "Crashes at hecate's copies.",
      dependsOn: ["messages"],
      setup({ handle }) {
        handle("message/deliver", () => (reader) => (reader.nick === "hecate" ? curse() : "deliver"));
      },
    }),
  );
  await hecate.says("Only hag66 hears this.");
  await hag66.hears("Only hag66 hears this.");
  await hecate.names("hecate");
  expect(hecate.heard()).toEqual([]);
  expect(status()).toMatchObject({ state: "on", degraded: true, faults: 1 });
  expect((await hecate.archive()).map(({ body }) => body)).toEqual(["Only hag66 hears this."]);
});

it("a plugin that registers something after it was stopped is told so, and nothing is registered", async () => {
  let late!: Context;
  let channels!: Channels;
  await covenWith(
    definePlugin({
      name: "cursed",
      summary: "Keeps its context.",
      setup(ctx) {
        late = ctx as Context;
        channels = ctx.get(Channels);
        ctx.handle(iq.get("service", CURSED, "query"), () => true);
      },
    }),
  );
  expect(outcome(await asksCursed())).toBe("result");
  await play.masque.host.disable("cursed");
  expect(() => late.handle(iq.get("service", CURSED, "query"), () => true)).toThrow('The plugin "cursed" has ended');
  expect(() => late.feature(CURSED, "service")).toThrow('The plugin "cursed" has ended');
  expect(() => late.on("participant/joined", () => {})).toThrow('The plugin "cursed" has ended');
  expect(() => late.guard("jid/disclose", () => "visible")).toThrow('The plugin "cursed" has ended');
  const field = { type: "boolean", label: "Cursed", initial: true } as const;
  // Twice: the first time has left nothing that the second could find in its way.
  for (let i = 0; i < 2; i++) {
    expect(() => channels.field("Cursed", field)).toThrow("has ended");
    expect(() => channels.node({ name: CURSED, read: "anyone", subscribe: "anyone" })).toThrow("has ended");
  }
  expect(listed(await hecate.asks("get", COVEN, disco("items", "mix")), "node")).not.toContain(CURSED);
  expect(() => late.every(1000, () => {})).toThrow('The plugin "cursed" has ended');
  expect(outcome(await asksCursed())).toBe("service-unavailable");
  expect(features(await hecate.asks("get", SERVICE, disco("info")))).not.toContain(CURSED);
  expect(status()).toMatchObject({ state: "off", faults: 0 });
  await servesOn();
});

it("a plugin that failed is tried again at a reload, and then is none the worse for it", async () => {
  let isCursed = true;
  await covenWith(
    definePlugin({
      name: "cursed",
      summary: "Fails the first time.",
      setup({ handle }) {
        if (isCursed) curse();
        handle(iq.get("service", CURSED, "query"), () => true);
      },
    }),
  );
  expect(status().state).toBe("failed");
  isCursed = false;
  await play.masque.host.reload("cursed");
  expect(status()).toMatchObject({ state: "on", degraded: false });
  expect(outcome(await asksCursed())).toBe("result");
  await servesOn();
});
