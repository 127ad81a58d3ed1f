import { Channels, definePlugin, NODE, NS, xml } from "masque";
import { type Actor, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import {
  COVEN,
  events,
  form,
  item,
  outcome,
  publish,
  publishedId,
  publishes,
  reads,
  reason,
  SERVICE,
  sheet,
} from "../core/channel/replies.ts";

const PLUGINS = { channels: {}, participants: {}, messages: {}, info: {}, admin: {} };
const HECATE = "hecate@shakespeare.example";
const HAG66 = "hag66@shakespeare.example";

const coven = () =>
  testHost([], { plugins: PLUGINS, operators: ["prospero@shakespeare.example"] }).coven("hecate", "hag66");
const config = (actor: Actor) => sheet(actor, NODE.CONFIG);
const configures = (actor: Actor, fields: Record<string, string | string[]>) => publishes(actor, NODE.CONFIG, fields);

describe("the configuration node (XEP-0406 §2.4)", () => {
  it("holds the configuration as a single item, named by a date and time", { tags: ["0406-2/3"] }, async () => {
    const { hecate } = await coven();
    const { id, formType } = await config(hecate);
    expect(id).toBe("2016-05-30T09:00:00.000Z");
    expect(formType).toBe(NS.MIX_ADMIN);
  });

  it("is not changed by one who was its owner when he sent it, and is none when it is his turn", async () => {
    const { hecate, hag66, host } = await coven();
    await configures(hecate, { Owner: [HECATE, HAG66] });
    const channel = (await host.use(Channels).find("coven"))!;
    let go = () => {};
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    const before = channel.update(() => held);
    for (const { jid, client } of [hecate, hag66]) {
      const config = xml("item", {}, form({ Owner: [jid] }, NS.MIX_ADMIN));
      host.push(xml("iq", { type: "set", from: client, to: COVEN, id: `of ${jid}` }, publish(NODE.CONFIG, config)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    go();
    await before;
    await host.settled();
    expect(channel.state.owners).toEqual([HECATE]);
    expect(outcome(hag66.received().find(({ attrs }) => attrs.id === `of ${HAG66}`))).toBe("forbidden");
  });

  it("has the same FORM_TYPE for readers of both generations", async () => {
    const host = testHost([], { plugins: PLUGINS });
    const hecate = host.actor("hecate");
    await hecate.creates("coven", 0);
    expect((await config(hecate)).formType).toBe(NS.MIX_ADMIN);
  });

  it("includes all of the options used by the channel, also those with default values", {
    tags: ["0406-2.4/3", "0406-2.4/7"],
  }, async () => {
    const { hecate } = await coven();
    expect((await config(hecate)).values).toEqual({
      "Last Change Made By": [HECATE],
      Owner: [HECATE],
      Administrator: [],
      "Nodes Present": ["participants", "information"],
      "Messages Node Subscription": ["participants"],
      "Participants Node Subscription": ["participants"],
      "Information Node Subscription": ["participants"],
      "Configuration Node Access": ["owners"],
      "Information Node Update Rights": ["admins"],
      "Mandatory Nicks": ["true"],
    });
  });

  it("is read by owners and operators, and forbidden to everybody else", async () => {
    const { hag66, host } = await coven();
    expect(outcome(await reads(hag66, NODE.CONFIG))).toBe("forbidden");
    expect(outcome(await reads(host.actor("macbeth"), NODE.CONFIG))).toBe("forbidden");
    expect((await config(host.actor("prospero"))).values.Owner).toEqual([HECATE]);
  });
});

describe("modifying channel configuration (XEP-0406 §3.2)", () => {
  it("updates the fields with the values provided, leaving other fields unchanged", {
    tags: ["0369-3/4", "0406-3.2/4"],
  }, async () => {
    const { hecate } = await coven();
    expect(outcome(await configures(hecate, { Owner: [HECATE, HAG66] }))).toBe("result");
    expect(outcome(await configures(hecate, { "Mandatory Nicks": "false" }))).toBe("result");
    expect((await config(hecate)).values).toMatchObject({ Owner: [HECATE, HAG66], "Mandatory Nicks": ["false"] });
  });

  it("returns the id used in the configuration node item, which is the date and time of the modification", async () => {
    const { hecate, host } = await coven();
    host.clock.advance(1_500);
    const id = publishedId(await configures(hecate, { "Mandatory Nicks": "false" }));
    expect(id).toBe("2016-05-30T09:00:01.500Z");
    expect((await config(hecate)).id).toBe(id);
  });

  it("names every item later than the one before, also when the clock stands still or goes back", async () => {
    const { hecate, host } = await coven();
    const ids = [(await config(hecate)).id];
    for (const step of [0, -86_400_000, 0]) {
      host.clock.advance(step);
      ids.push(publishedId(await configures(hecate, { "Mandatory Nicks": "true" }))!);
    }
    expect(ids).toEqual([...new Set(ids)].sort());
  });

  it("sets Last Change Made By to the bare JID of the user making the change", {
    tags: ["0406-2.4/5", "0406-3.2/3"],
  }, async () => {
    const { hecate, host } = await coven();
    await configures(host.actor("prospero"), { "Mandatory Nicks": "false" });
    expect((await config(hecate)).values["Last Change Made By"]).toEqual(["prospero@shakespeare.example"]);
  });

  it("does not let Last Change Made By be set by hand", { tags: ["0406-2.4/5"] }, async () => {
    const { hecate } = await coven();
    await configures(hecate, { "Last Change Made By": "macbeth@shakespeare.example" });
    expect((await config(hecate)).values["Last Change Made By"]).toEqual([HECATE]);
  });

  it("is a matter of the configuration alone: changing the information changes neither item id nor who changed it last", async () => {
    const { hecate, host } = await coven();
    const before = await config(hecate);
    await publishes(host.actor("prospero"), NODE.INFO, { Name: "The Tempest" });
    expect(await config(hecate)).toEqual(before);
  });

  it.each([NS.MIX_ADMIN, NS.MIX_CORE_1])("takes the FORM_TYPE %s", async (formType) => {
    const { hecate } = await coven();
    const x = form({ "Mandatory Nicks": "false" }, formType);
    expect(outcome(await hecate.asks("set", COVEN, publish(NODE.CONFIG, xml("item", {}, x))))).toBe("result");
    expect((await config(hecate)).values["Mandatory Nicks"]).toEqual(["false"]);
  });

  it("takes the item in both shapes, and replaces an id that the client chose", async () => {
    const { hecate } = await coven();
    const x = (value: string) => form({ "Mandatory Nicks": value }, NS.MIX_ADMIN);
    const flat = await hecate.asks("set", COVEN, publish(NODE.CONFIG, xml("item", { id: "mine" }, x("false"))));
    expect(publishedId(flat)).toMatch(/^2016-/);
    expect((await config(hecate)).values["Mandatory Nicks"]).toEqual(["false"]);
    const nested = xml("items", {}, xml("item", { id: "mine" }, x("true")));
    expect(publishedId(await hecate.asks("set", COVEN, publish(NODE.CONFIG, nested)))).toMatch(/^2016-/);
    expect((await config(hecate)).values["Mandatory Nicks"]).toEqual(["true"]);
  });

  it("names several mistakes at once, and applies nothing", { tags: ["0406-3.2/4"] }, async () => {
    const { hecate } = await coven();
    const before = await config(hecate);
    const reply = await configures(hecate, { Owner: ["@shakespeare"], "Mandatory Nicks": "perhaps" });
    expect(outcome(reply)).toBe("not-acceptable");
    expect(reason(reply)).toContain('"Owner" takes JIDs; value 1 is none.');
    const nobody = await configures(hecate, { Owner: [HECATE, "shakespeare.example"] });
    expect(reason(nobody)).toBe('"Owner" takes JIDs of people; "shakespeare.example" is a server\'s.');
    expect(reason(reply)).toContain('"Mandatory Nicks" is true or false, not "perhaps".');
    expect(await config(hecate)).toEqual(before);
    const half = await configures(hecate, { Owner: [HECATE, HAG66], "Mandatory Nicks": "perhaps" });
    expect(outcome(half)).toBe("not-acceptable");
    expect(await config(hecate)).toEqual(before);
  });

  it("is for owners only: forbidden to participants and to those outside", {
    tags: ["0406-2.1/1", "0406-3.2/2"],
  }, async () => {
    const { hecate, hag66, host } = await coven();
    const before = await config(hecate);
    expect(outcome(await configures(hag66, { Owner: HAG66 }))).toBe("forbidden");
    expect(outcome(await configures(host.actor("macbeth"), { Owner: "macbeth@shakespeare.example" }))).toBe(
      "forbidden",
    );
    expect(await config(hecate)).toEqual(before);
  });
});

describe("owners (XEP-0406 §2.1)", () => {
  it("must always be at least one: an empty Owner is not acceptable", { tags: ["0406-2.1/6"] }, async () => {
    const { hecate } = await coven();
    for (const nobody of [[], [""], ["  "]]) {
      const reply = await configures(hecate, { Owner: nobody });
      expect(outcome(reply)).toBe("not-acceptable");
      expect(reason(reply)).toContain("always has an owner");
    }
    expect((await config(hecate)).values.Owner).toEqual([HECATE]);
  });

  it("are kept as real bare JIDs, prepared, each once", { tags: ["0406-2.4/4"] }, async () => {
    const { hecate } = await coven();
    await configures(hecate, { Owner: [`${HECATE}/UUID-7533`, " Hag66@Shakespeare.Example ", HAG66] });
    expect((await config(hecate)).values.Owner).toEqual([HECATE, HAG66]);
  });

  it("may do what they may from the moment they are named, and not from the moment they are not", async () => {
    const { hecate, hag66 } = await coven();
    await configures(hecate, { Owner: HAG66 });
    expect(outcome(await reads(hecate, NODE.CONFIG))).toBe("forbidden");
    expect(outcome(await configures(hecate, { Owner: HECATE }))).toBe("forbidden");
    expect((await config(hag66)).values.Owner).toEqual([HAG66]);
    const destroy = () => xml("destroy", { xmlns: NS.MIX_CORE_1, channel: "coven" });
    expect(outcome(await hecate.asks("set", SERVICE, destroy()))).toBe("forbidden");
    expect(outcome(await hag66.asks("set", SERVICE, destroy()))).toBe("result");
  });

  it("are owners also after the channel was loaded anew", async () => {
    const { hecate, hag66, host } = await coven();
    await configures(hecate, { Owner: [HAG66] });
    const channel = await host.use(Channels).find("coven");
    expect(JSON.parse(channel!.toStored().state)).toMatchObject({ owners: [HAG66] });
    expect((await config(hag66)).values.Owner).toEqual([HAG66]);
  });
});

describe("updates of the configuration", () => {
  const subscribe = (actor: Actor) =>
    actor.asks(
      "set",
      COVEN,
      xml("update-subscription", { xmlns: NS.MIX_CORE_1 }, xml("subscribe", { node: NODE.CONFIG })),
      actor.jid,
    );

  it("are received by an owner who subscribed", { tags: ["0406-2.4/2"] }, async () => {
    const { hecate } = await coven();
    await subscribe(hecate);
    const id = publishedId(await configures(hecate, { "Mandatory Nicks": "false" }))!;
    const told = events(hecate, NODE.CONFIG);
    expect(told).toHaveLength(1);
    expect(told[0]!.getChildren("item").map(item)).toMatchObject([
      { id, formType: NS.MIX_ADMIN, values: { "Mandatory Nicks": ["false"], "Last Change Made By": [HECATE] } },
    ]);
  });

  it("cannot be subscribed to by a participant who may not read it", async () => {
    const { hecate, hag66 } = await coven();
    expect(outcome(await subscribe(hag66))).toBe("forbidden");
    await configures(hecate, { "Mandatory Nicks": "false" });
    expect(events(hag66, NODE.CONFIG)).toEqual([]);
  });

  it("are not received by one who is an owner no longer", { tags: ["0406-2.4/2"] }, async () => {
    const { hecate, hag66 } = await coven();
    await configures(hecate, { Owner: [HECATE, HAG66] });
    await subscribe(hag66);
    await configures(hecate, { Owner: [HECATE] });
    const before = events(hag66, NODE.CONFIG).length;
    await configures(hecate, { "Mandatory Nicks": "false" });
    expect(events(hag66, NODE.CONFIG)).toHaveLength(before);
  });
});

describe("fields of third parties", () => {
  const brew = definePlugin({
    name: "brew",
    summary: "A channel has a brew.",
    dependsOn: ["channels"],
    setup({ get, handle }) {
      const kind = get(Channels).field("Brew", {
        type: "list-single",
        label: "What is brewed",
        initial: "toil",
        choices: { toil: "Toil", trouble: "Trouble" },
        aliases: { turmoil: "toil" },
      });
      handle("message/accept", ({ channel }) => {
        said.push(kind.of(channel));
        return "accept";
      });
    },
  });
  const said: string[] = [];

  it("appear with their plugin, are set in any case and by other spellings, and vanish with it", {
    tags: ["0406-2.4/3"],
  }, async () => {
    const { hecate, host } = await testHost([brew], { plugins: PLUGINS }).coven("hecate");
    expect((await config(hecate)).values).not.toHaveProperty("Brew");
    await host.engine.host.enable("brew");
    expect((await config(hecate)).values.Brew).toEqual(["toil"]);
    await configures(hecate, { Brew: "TROUBLE" });
    expect((await config(hecate)).values.Brew).toEqual(["trouble"]);
    await hecate.says("fire burn");
    await configures(hecate, { Brew: "Turmoil" });
    await hecate.says("and cauldron bubble");
    expect(said).toEqual(["trouble", "toil"]);
    await host.engine.host.disable("brew");
    expect((await config(hecate)).values).not.toHaveProperty("Brew");
  });

  it("refuse a value that is none of theirs, naming them", async () => {
    const { hecate } = await testHost([brew], { plugins: { ...PLUGINS, brew: {} } }).coven("hecate");
    const reply = await configures(hecate, { Brew: "soup" });
    expect(outcome(reply)).toBe("not-acceptable");
    expect(reason(reply)).toBe('"Brew" takes "toil", "trouble", not "soup".');
  });
});

describe("without the plugin admin", () => {
  it("the node is read by owners, who stay owners, and nobody can write to it", async () => {
    const { hecate, host } = await coven();
    await host.engine.host.disable("admin");
    const before = await config(hecate);
    expect(outcome(await configures(hecate, { "Mandatory Nicks": "false" }))).toBe("not-allowed");
    expect(await config(hecate)).toEqual(before);
    expect(outcome(await publishes(hecate, NODE.INFO, { Name: "Witches Coven" }))).toBe("result");
  });
});
