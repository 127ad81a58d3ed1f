import { type Element, findForm, formOf, NS, readForm, xml } from "masque";
import { type Actor, type TestOptions, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { COVEN, disco, features, listed, outcome, reason, SERVICE } from "../core/channel/replies.ts";

const PROSPERO = "prospero@shakespeare.example";
const PLUGINS = {
  ...{ channels: {}, participants: {}, messages: {}, info: {}, admin: {}, preferences: {}, visibility: {}, access: {} },
  commands: {},
};

/** A coven that hides JIDs, with an operator who is not in it. */
async function coven(options: TestOptions = {}) {
  const host = testHost([], { plugins: PLUGINS, operators: [PROSPERO], ...options });
  const people = await host.coven("hecate", "hag66");
  return { ...people, prospero: host.actor("prospero"), macbeth: host.actor("macbeth") };
}

type Fields = Readonly<Record<string, string | readonly string[]>>;

/** Uses a command, with what is filled in; returns the reply's command, or fails. */
async function uses(actor: Actor, to: string, node: string, fields?: Fields, attrs: Record<string, string> = {}) {
  const reply = await actor.asks("set", to, xml("command", { xmlns: NS.COMMANDS, node, ...attrs }, submit(fields)));
  const command = reply.getChild("command", NS.COMMANDS);
  if (!command || reply.attrs.type === "error") throw new Error(`${outcome(reply)}: ${reason(reply)}`);
  return command;
}

function submit(fields: Fields | undefined): Element | undefined {
  if (!fields) return undefined;
  const filled = Object.entries(fields).map(([name, values]) => ({ var: name, values: [values].flat() }));
  return formOf("submit", NS.COMMANDS, filled);
}

const formIn = (command: Element) => readForm(findForm(command)!).values;
const note = (command: Element) => command.getChildText("note") ?? "";

describe("what commands there are (XEP-0050 §2)", () => {
  it("is told by disco, to operators: those of every plugin that runs", async () => {
    const { prospero } = await coven();
    const names = listed(await prospero.asks("get", SERVICE, disco("items", NS.COMMANDS)), "node");
    expect(names).toEqual([...names].sort());
    expect(names).toEqual(expect.arrayContaining(["channels", "channel create", "participants", "ban"]));
    expect(names).not.toContain("archive");
  });

  it("is nothing, to anybody else", async () => {
    const { hecate } = await coven();
    expect(listed(await hecate.asks("get", SERVICE, disco("items", NS.COMMANDS)), "node")).toEqual([]);
    await expect(uses(hecate, SERVICE, "channels")).rejects.toThrow("item-not-found: There is no command of that name");
  });

  it("is told of a channel: what one can do there", async () => {
    const { hecate, macbeth } = await coven();
    const there = async (actor: Actor) => listed(await actor.asks("get", COVEN, disco("items", NS.COMMANDS)), "node");
    expect(await there(hecate)).toEqual(["preferences", "leave"]);
    expect(await there(macbeth)).toEqual(["join"]);
  });

  it("is told of each command: that it is one, and takes a form", async () => {
    const { prospero, hecate } = await coven();
    const reply = await prospero.asks("get", SERVICE, disco("info", "channel create"));
    expect(features(reply)).toEqual([NS.COMMANDS, NS.DATA]);
    expect(reply.getChild("query")?.getChild("identity")?.attrs).toMatchObject({
      category: "automation",
      type: "command-node",
    });
    expect(outcome(await hecate.asks("get", SERVICE, disco("info", "channel create")))).toBe("item-not-found");
    const list = await hecate.asks("get", COVEN, disco("info", NS.COMMANDS));
    expect(list.getChild("query")?.getChild("identity")?.attrs.type).toBe("command-list");
  });

  it("is advertised by the service and its channels (XEP-0050 §2.1)", async () => {
    const { hecate } = await coven();
    for (const to of [SERVICE, COVEN])
      expect(features(await hecate.asks("get", to, disco("info")))).toContain(NS.COMMANDS);
  });
});

describe("an operator's command (XEP-0050 §2.4)", () => {
  it("asks for what it takes, each with a label and a description", async () => {
    const { prospero } = await coven();
    const command = await uses(prospero, SERVICE, "channel create");
    expect(command.attrs).toMatchObject({ node: "channel create", status: "executing" });
    expect(command.getChild("actions")?.getChild("complete")).toBeDefined();
    const fields = findForm(command)!.getChildren("field");
    expect(fields.map(({ attrs }) => [attrs.var, attrs.type])).toEqual([
      ["FORM_TYPE", "hidden"],
      ["channel", "text-single"],
      ["owner", "text-single"],
      ["listed", "boolean"],
    ]);
    expect(fields[2]?.getChildText("desc")).toBe("The JID of its owner");
    expect(fields.map((field) => field.getChild("required") !== undefined)).toEqual([false, true, true, false]);
  });

  it("is done, and says what came of it", async () => {
    const { prospero, host } = await coven();
    const { attrs } = await uses(prospero, SERVICE, "channel create");
    const filled = { channel: "heath", owner: "macbeth@shakespeare.example", listed: "0" };
    const done = await uses(prospero, SERVICE, "channel create", filled, { sessionid: attrs.sessionid! });
    expect(done.attrs).toMatchObject({ status: "completed", sessionid: attrs.sessionid });
    expect(note(done)).toBe(`heath@${SERVICE} is created.`);
    expect((await host.command("channels")).text).toContain("not listed");
  });

  it("answers with a table where there are many things of one kind (XEP-0004 §3.4)", async () => {
    const { prospero } = await coven();
    const form = findForm(await uses(prospero, SERVICE, "participants", { channel: "coven" }))!;
    const columns = form.getChild("reported")?.getChildren("field");
    expect(columns?.map(({ attrs }) => attrs.var)).toEqual(["id", "nick", "jid", "role", "speaks"]);
    const jids = form.getChildren("item").map((item) => item.getChildren("field")[2]?.getChildText("value"));
    expect(jids).toEqual(["(hidden)", "(hidden)"]);
  });

  it("answers with text where there is more than a line of it", async () => {
    const { prospero } = await coven();
    const lines = formIn(await uses(prospero, SERVICE, "channel show", { channel: "coven" })).get("result");
    expect(lines).toEqual(expect.arrayContaining([expect.stringMatching(/^participants +2$/)]));
  });

  it("shows hidden JIDs for a reason only, and that is logged", async () => {
    const { prospero, hag66, host } = await coven();
    const told = await uses(prospero, SERVICE, "participants", { channel: "coven", reason: "Abuse report 7" });
    expect(told.toString()).toContain(hag66.jid);
    expect(host.complaints).toContain("An operator was shown hidden JIDs.");
  });

  it("asks again, in words, when what was filled in is wrong", async () => {
    const { prospero } = await coven();
    const again = await uses(prospero, SERVICE, "channels", { most: "many", after: "c" });
    expect(again.attrs.status).toBe("executing");
    expect(again.getChild("note")?.attrs.type).toBe("error");
    expect(note(again)).toContain('expected a whole number from 1 to 10000, not "many"');
    expect(formIn(again).get("after")).toEqual(["c"]);
  });

  it("says why it failed", async () => {
    const { prospero } = await coven();
    const failed = await uses(prospero, SERVICE, "channel show", { channel: "heath" });
    expect(failed.attrs.status).toBe("completed");
    expect(note(failed)).toBe('There is no channel "heath".');
  });

  it("asks to be confirmed where it cannot be undone, and carries what was filled in", async () => {
    const { prospero, host } = await coven();
    const asked = await uses(prospero, SERVICE, "channel destroy", { channel: "coven" });
    expect(asked.attrs.status).toBe("executing");
    expect(findForm(asked)?.getChildText("instructions")).toContain("its 2 participants would be in it no more");
    const carried = Object.fromEntries(formIn(asked)) as Fields;
    expect(carried).toEqual({ channel: ["coven"], confirmed: ["false"] });
    expect((await uses(prospero, SERVICE, "channel destroy", carried)).attrs.status).toBe("executing");
    expect(note(await uses(prospero, SERVICE, "channel destroy", { ...carried, confirmed: "1" }))).toBe(
      "coven is destroyed.",
    );
    expect((await host.command("channels")).text).toBe("There are no channels.");
  });

  it("can be thought better of", async () => {
    const { prospero } = await coven();
    const canceled = await uses(prospero, SERVICE, "channel destroy", undefined, { action: "cancel" });
    expect(canceled.attrs.status).toBe("canceled");
  });

  it.each([
    ["malformed-action", { action: "excute" }],
    ["bad-action", { action: "prev" }],
  ])("is refused with %s (§4.4)", async (condition, attrs) => {
    const { prospero } = await coven();
    const command = xml("command", { xmlns: NS.COMMANDS, node: "channels", ...attrs });
    const reply = await prospero.asks("set", SERVICE, command);
    expect(outcome(reply)).toBe("bad-request");
    expect(reply.getChild("error")?.getChild(condition, NS.COMMANDS)).toBeDefined();
  });
});

describe("the command to join, for clients that do not know MIX", () => {
  it("asks for a nick and for one's preferences, before anything is known of one", async () => {
    const { macbeth } = await coven();
    const command = await uses(macbeth, COVEN, "join");
    expect([...formIn(command).keys()]).toEqual(["nick", "JID Visibility"]);
    expect(formIn(command).get("JID Visibility")).toEqual(["default"]);
  });

  it("joins, with what was chosen", async () => {
    const { macbeth, hecate, host } = await coven();
    const joined = await uses(macbeth, COVEN, "join", { nick: "thane", "JID Visibility": "never" });
    expect(note(joined)).toBe("You are in it as thane.");
    await hecate.says("double, double");
    expect(macbeth.heard()).toEqual(["double, double"]);
    expect((await host.command("preferences", "coven", "thane")).text).toContain("never");
    expect(hecate.received().join()).not.toContain(macbeth.jid);
  });

  it("is refused where joining is", async () => {
    const { hecate, macbeth } = await coven();
    expect(note(await uses(macbeth, COVEN, "join", { nick: "hecate" }))).not.toBe("");
    expect(macbeth.received().length).toBeGreaterThan(0);
    await hecate.says("double, double");
    expect(macbeth.heard()).toEqual([]);
  });

  it("is not there for those who must not know of the channel", async () => {
    const { host, macbeth } = await coven();
    await host.command("ban", "coven", macbeth.jid);
    await expect(uses(macbeth, COVEN, "join")).rejects.toThrow("item-not-found");
    expect(outcome(await macbeth.asks("get", COVEN, disco("items", NS.COMMANDS)))).toBe("item-not-found");
  });
});

describe("the command of one's preferences", () => {
  it("shows what one has chosen, with what there is to choose, and keeps the choice", async () => {
    const { hag66, host } = await coven();
    const command = await uses(hag66, COVEN, "preferences");
    expect(formIn(command).get("JID Visibility")).toEqual(["default"]);
    expect(findForm(command)?.toString()).toContain("<option");
    expect(note(await uses(hag66, COVEN, "preferences", { "JID Visibility": "never" }))).toBe(
      "It is as you have chosen.",
    );
    expect((await host.command("preferences", "coven", "hag66")).text).toContain("never");
  });

  it("says what cannot be chosen", async () => {
    const { hag66 } = await coven();
    const refused = await uses(hag66, COVEN, "preferences", { "JID Visibility": "always" });
    expect(refused.getChild("note")?.attrs.type).toBe("error");
    expect(note(refused)).toContain("yours is always to be shown: they do not go together.");
  });

  it("is not there without the plugin of preferences", async () => {
    const { hag66, host } = await coven();
    await host.engine.host.disable("preferences");
    expect(listed(await hag66.asks("get", COVEN, disco("items", NS.COMMANDS)), "node")).toEqual(["leave"]);
    await expect(uses(hag66, COVEN, "preferences")).rejects.toThrow("item-not-found");
  });
});

describe("the command to leave", () => {
  it("leaves", async () => {
    const { hag66, hecate, host } = await coven();
    expect(note(await uses(hag66, COVEN, "leave"))).toBe("You have left it.");
    expect((await host.command("participants", "coven")).text).not.toContain("hag66");
    await hecate.says("double, double");
    expect(hag66.heard()).toEqual([]);
  });
});
