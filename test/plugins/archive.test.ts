import { Channels, definePlugin, type Element, type Generation, NODE, NS, xml } from "masque";
import { type Actor, type TestHost, type TestOptions, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { COVEN, disco, features, outcome, SERVICE } from "../core/channel/replies.ts";

const PLUGINS = { channels: {}, participants: {}, messages: {}, archive: {} };
const CHARM = ["Round about", "the cauldron go", "in the poison'd", "entrails throw", "Toad, that under"];

const hiding = definePlugin({
  name: "hiding",
  summary: "Hides everybody's JID.",
  setup({ guard }) {
    guard("jid/disclose", () => "hidden");
  },
});

/** hecate, who owns the coven, and hag66 in it. */
async function coven(generation: Generation = 1, options: TestOptions = {}) {
  const host = testHost([hiding], { plugins: PLUGINS, ...options });
  const [hecate, hag66] = [host.actor("hecate"), host.actor("hag66")];
  await hecate.creates("coven");
  for (const actor of [hecate, hag66]) await actor.joins("coven", { generation });
  return { host, hecate, hag66 };
}

/** A coven in which hag66 and hecate have said the lines of the charm by turns, a second between them. */
async function charmed(generation: Generation = 1, options: TestOptions = {}) {
  const people = await coven(generation, options);
  for (const [i, line] of CHARM.entries()) {
    await (i % 2 === 0 ? people.hag66 : people.hecate).says(line);
    people.host.clock.advance(1000);
  }
  const { results } = await history(people.host, people.hecate);
  return { ...people, ids: results.map((result) => result.attrs.id!) };
}

interface Query {
  readonly fields?: Readonly<Record<string, readonly string[]>>;
  /** The content of the `<set/>` of XEP-0059. */
  readonly set?: string;
  readonly attrs?: Record<string, string>;
  readonly flipped?: boolean;
}

interface Answer {
  /** The `<result/>`s, in the order they came. */
  readonly results: Element[];
  /** Everything that was sent, the reply last. */
  readonly sent: Element[];
  readonly reply: Element;
  readonly fin: Element | undefined;
}

async function history(host: TestHost, reader: Actor, query: Query = {}, to = COVEN): Promise<Answer> {
  const { fields, set, attrs, flipped } = query;
  const form = Object.entries({ FORM_TYPE: [NS.MAM], ...fields }).map(([name, values]) =>
    xml(
      "field",
      { var: name },
      values.map((value) => xml("value", {}, value)),
    ),
  );
  const content = [fields && xml("x", { xmlns: NS.DATA, type: "submit" }, form), flipped && xml("flip-page")];
  const text = xml("query", { xmlns: NS.MAM, ...attrs }, content).toString();
  const page = set === undefined ? "" : `<set xmlns='${NS.RSM}'>${set}</set>`;
  await host.start();
  const sent = await host.receive(
    `<iq type='set' from='${reader.client}' to='${to}' id='mam'>${
      text.endsWith("/>") ? text.replace("/>", `>${page}</query>`) : text.replace("</query>", `${page}</query>`)
    }</iq>`,
  );
  const reply = sent.at(-1)!;
  const results = sent.flatMap((stanza) => stanza.getChild("result", NS.MAM) ?? []);
  return { results, sent, reply, fin: reply.getChild("fin", NS.MAM) };
}

/** The message that a result forwards. */
function forwarded(result: Element): Element {
  return result.getChild("forwarded", NS.FORWARD)!.getChild("message", NS.CLIENT)!;
}

const bodies = ({ results }: Answer) => results.map((result) => forwarded(result).getChildText("body"));

/** What the reply's `<set/>` says. */
function page({ fin }: Answer): Record<string, string | null | undefined> {
  const set = fin!.getChild("set", NS.RSM)!;
  const text = (name: string) => set.getChildText(name) ?? undefined;
  return {
    first: text("first"),
    index: set.getChild("first")?.attrs.index,
    last: text("last"),
    count: text("count"),
    complete: fin!.attrs.complete,
  };
}

describe("what is archived (XEP-0369 §7.2, XEP-0313 §5.1.1)", () => {
  it.each([0, 1] as const)(
    "is the reflected message of generation %i without a `to`",
    { tags: ["0369-4.7.1/2", "0369-7.1.6/7", "0369-7.2.1/1"] },
    async (generation) => {
      const { host, hecate, hag66 } = await coven(generation);
      await hag66.says("Harpier cries: 'tis time, 'tis time.", xml("origin-id", { xmlns: NS.SID, id: "de305d54" }));
      const reflected = hecate.received().at(-1)!.toString();
      for (const reader of [hecate, hag66]) {
        const { results } = await history(host, reader);
        expect(results.map(forwarded).map(String)).toEqual([
          reflected.replace(' to="hecate@shakespeare.example"', ' xmlns="jabber:client"'),
        ]);
      }
    },
  );

  it("has the id under which it was reflected", { tags: ["0369-7.1.6/6"] }, async () => {
    const { host, hecate, hag66 } = await coven();
    await hag66.says("Harpier cries");
    const { id } = hecate.received().at(-1)!.attrs;
    const { results } = await history(host, hecate);
    expect(results.map(({ attrs }) => attrs.id)).toEqual([id]);
  });

  it("is each message once, however many are told of it", async () => {
    const { host, hecate } = await coven();
    for (let i = 0; i < 5; i++) await host.actor(`hag${i}`).joins();
    await hecate.says("double, double");
    expect(bodies(await history(host, hecate))).toEqual(["double, double"]);
  });

  it.each([
    ["a <no-store/>", "<body>!</body><no-store xmlns='urn:xmpp:hints'/>"],
    ["a <no-permanent-store/>", "<body>!</body><no-permanent-store xmlns='urn:xmpp:hints'/>"],
    ["nothing but a chat state", "<composing xmlns='http://jabber.org/protocol/chatstates'/>"],
    [
      "a chat state and an origin-id",
      "<active xmlns='http://jabber.org/protocol/chatstates'/><origin-id xmlns='urn:xmpp:sid:0' id='1'/>",
    ],
  ])("is not a message with %s: it is reflected all the same", { tags: ["0369-4.7.1/2"] }, async (_, content) => {
    const { host, hecate, hag66 } = await coven();
    const sent = await host.receive(
      `<message from='${hag66.client}' to='${COVEN}' type='groupchat'>${content}</message>`,
    );
    expect(sent.map(({ attrs }) => attrs.to)).toEqual([hecate.jid, hag66.jid]);
    expect((await history(host, hecate)).results).toEqual([]);
  });

  it.each([
    ["a payload but no body", "<received xmlns='urn:xmpp:chat-markers:0' id='1'/>"],
    ["a <store/>", "<composing xmlns='http://jabber.org/protocol/chatstates'/><store xmlns='urn:xmpp:hints'/>"],
    ["a subject", "<subject>Macbeth</subject>"],
    ["a <no-store/> of somebody else's", "<body>!</body><no-store xmlns='urn:x:spells'/>"],
  ])("is a message with %s", async (_, content) => {
    const { host, hecate, hag66 } = await coven();
    await host.receive(`<message from='${hag66.client}' to='${COVEN}' type='groupchat'>${content}</message>`);
    expect((await history(host, hecate)).results).toHaveLength(1);
  });

  it("is no message that was refused", async () => {
    const { host, hecate } = await coven();
    await host.receive(
      `<message from='macbeth@shakespeare.example/1' to='${COVEN}' type='groupchat'><body>!</body></message>`,
    );
    await host.receive(`<message from='${hecate.client}' to='${COVEN}' type='chat'><body>!</body></message>`);
    expect((await history(host, hecate)).results).toEqual([]);
  });

  it("is nothing that only looks like what the channel adds", async () => {
    const { host, hecate, hag66 } = await coven();
    await host.receive(`<message from='${hag66.client}' to='${COVEN}' type='groupchat'><body>!</body>
      <mix xmlns='${NS.MIX_CORE_1}'><nick>hecate</nick></mix><stanza-id xmlns='${NS.SID}' id='1' by='${COVEN}'/>
      <delay xmlns='${NS.DELAY}' from='${hag66.client}' stamp='2002-09-10T23:08:25Z'/></message>`);
    const { results } = await history(host, hecate);
    expect(results.map(forwarded).flatMap((message) => message.getChildElements().map(({ name }) => name))).toEqual([
      "body",
      "mix",
      "stanza-id",
    ]);
  });

  it("is not what is said while the plugin is off", async () => {
    const { host, hecate } = await coven();
    await host.engine.host.disable("archive");
    await hecate.says("unwritten");
    await host.engine.host.enable("archive");
    await hecate.says("written");
    expect(hecate.heard()).toEqual(["unwritten", "written"]);
    expect(bodies(await history(host, hecate))).toEqual(["written"]);
  });
});

describe("a result (XEP-0313 §4.2)", () => {
  it("comes from the bare JID of the channel to the client that asked, with the archive's id and the queryid", async () => {
    const { host, hecate, hag66 } = await coven();
    await hag66.says("Harpier cries");
    const { sent } = await history(host, hecate, { attrs: { queryid: "f27" } });
    const [message] = sent;
    expect(message?.attrs).toEqual({ to: hecate.client, from: COVEN });
    expect(message?.getChildElements().map(({ name, attrs }) => [name, attrs.xmlns, attrs.queryid])).toEqual([
      ["result", "urn:xmpp:mam:2", "f27"],
    ]);
  });

  it("has no queryid where the query has none", async () => {
    const { host, hecate } = await charmed();
    const { results } = await history(host, hecate);
    expect(results.map(({ attrs }) => Object.keys(attrs))).toEqual(CHARM.map(() => ["xmlns", "id"]));
  });

  it("says with a <delay/> when the channel received the message, in UTC", async () => {
    const { host, hecate } = await charmed();
    const { results } = await history(host, hecate);
    const stamps = results.map(
      (result) => result.getChild("forwarded", NS.FORWARD)?.getChild("delay", NS.DELAY)?.attrs,
    );
    expect(stamps.slice(0, 2)).toEqual([
      { xmlns: "urn:xmpp:delay", stamp: "2016-05-30T09:00:00.000Z" },
      { xmlns: "urn:xmpp:delay", stamp: "2016-05-30T09:00:01.000Z" },
    ]);
  });

  it("comes before the iq result, so that the client knows when the results are complete", async () => {
    const { host, hecate } = await charmed();
    const { sent } = await history(host, hecate);
    expect(sent.map(({ name }) => name)).toEqual([...CHARM.map(() => "message"), "iq"]);
    expect(sent.at(-1)?.attrs).toMatchObject({ type: "result", from: COVEN, to: hecate.client, id: "mam" });
  });

  it("speaks the generation of its reader", async () => {
    const { host, hecate } = await charmed();
    const macbeth = host.actor("macbeth");
    await macbeth.joins("coven", { generation: 0 });
    const namespaces = async (reader: Actor) =>
      (await history(host, reader)).results.map((result) => forwarded(result).getChild("mix")?.attrs.xmlns);
    expect(await namespaces(hecate)).toEqual(CHARM.map(() => NS.MIX_CORE_1));
    expect(await namespaces(macbeth)).toEqual(CHARM.map(() => NS.MIX_CORE_0));
  });

  it("shows the nick as it was", async () => {
    const { host, hecate, hag66 } = await charmed();
    await hag66.asks("set", COVEN, xml("setnick", { xmlns: NS.MIX_CORE_1 }, xml("nick", {}, "thirdwitch")));
    const [first] = (await history(host, hecate)).results;
    expect(forwarded(first!).getChild("mix")?.getChildText("nick")).toBe("hag66");
  });
});

describe("whose JID a result shows", () => {
  /** The JIDs in the results for hecate, "" for a message without one. */
  async function shown(host: TestHost): Promise<string[]> {
    const { results } = await history(host, host.actor("hecate"));
    return results.map((result) => forwarded(result).getChild("mix")?.getChildText("jid") ?? "");
  }

  it("is none that was archived: the archive holds no JID, not even one that is shown", {
    tags: ["0404-2.3/7", "0369-7.1.6/7"],
  }, async () => {
    const { host, hag66 } = await coven();
    await hag66.says("in the open");
    const channel = (await host.use(Channels).find("coven"))!;
    const page = await channel.history({ node: NODE.MESSAGES, max: 10 });
    expect(page).toMatchObject({ messages: [{ sender: hag66.id, payload: expect.stringContaining("in the open") }] });
    expect(JSON.stringify(page)).not.toMatch(/hag66@|UUID-hag66/);
  });

  it("is that of one whose JID was shown when he said it, and may be shown now", { tags: ["0404-2.3/7"] }, async () => {
    const { host, hag66 } = await coven();
    await hag66.says("in the open");
    expect(await shown(host)).toEqual([hag66.jid]);
  });

  it("is not that of one whose JID was hidden when he said it", { tags: ["0404-2.3/7"] }, async () => {
    const { host, hag66 } = await coven();
    await host.engine.host.enable("hiding");
    await hag66.says("in the dark");
    await host.engine.host.disable("hiding");
    await hag66.says("in the open");
    expect(await shown(host)).toEqual(["", hag66.jid]);
  });

  it("is not that of one whose JID is hidden now", { tags: ["0404-2.3/7"] }, async () => {
    const { host, hag66 } = await coven();
    await hag66.says("in the open");
    await host.engine.host.enable("hiding");
    expect(await shown(host)).toEqual([""]);
    await host.engine.host.disable("hiding");
    expect(await shown(host)).toEqual([hag66.jid]);
  });

  it("is not that of one who has left, until he is back", async () => {
    const { host, hag66 } = await coven();
    await hag66.says("exeunt");
    await hag66.leaves();
    expect(await shown(host)).toEqual([""]);
    await hag66.joins();
    expect(await shown(host)).toEqual([hag66.jid]);
  });

  it("leaves in generation 0 the proxy JID where it is not shown", async () => {
    const { host, hecate, hag66 } = await coven(0);
    await host.engine.host.enable("hiding");
    await hag66.says("in the dark");
    const [result] = (await history(host, hecate)).results;
    expect(String(forwarded(result!).getChild("mix"))).toBe(
      `<mix xmlns="urn:xmpp:mix:core:0"><nick>hag66</nick><proxy-jid>${hag66.proxy}</proxy-jid></mix>`,
    );
  });
});

describe("who may read the archive", () => {
  it("is no one who is not in the channel: forbidden, and not a message", async () => {
    const { host } = await charmed();
    const { sent } = await history(host, host.actor("macbeth"));
    expect(sent.map(outcome)).toEqual(["forbidden"]);
    const metadata = xml("metadata", { xmlns: NS.MAM });
    expect(outcome(await host.actor("macbeth").asks("get", COVEN, metadata))).toBe("forbidden");
  });

  it("is no one who has left", async () => {
    const { host, hag66 } = await charmed();
    await hag66.leaves();
    expect((await history(host, hag66)).sent.map(outcome)).toEqual(["forbidden"]);
  });

  it("is one who joined after it was said, and is subscribed to nothing", async () => {
    const { host } = await charmed();
    await host.actor("macbeth").joins("coven", { nodes: [] });
    expect(bodies(await history(host, host.actor("macbeth")))).toEqual(CHARM);
  });

  it("is the owner, in the channel or not", async () => {
    const { host, hecate } = await charmed();
    await hecate.leaves();
    expect(bodies(await history(host, hecate))).toEqual(CHARM);
  });

  it("is nobody of a channel that does not exist", async () => {
    const { host, hecate } = await charmed();
    expect((await history(host, hecate, {}, `heath@${SERVICE}`)).sent.map(outcome)).toEqual(["item-not-found"]);
  });
});

describe("filtering (XEP-0313 §4.1)", () => {
  it("matches all messages when nothing is asked for, in chronological order", {
    tags: ["0369-4.7.2/2", "0369-7.2.2/1"],
  }, async () => {
    const { host, hecate } = await charmed();
    const answer = await history(host, hecate);
    expect(bodies(answer)).toEqual(CHARM);
    expect(page(answer)).toMatchObject({ count: "5", complete: "true" });
  });

  it("is successful when no message matches", async () => {
    const { host, hecate } = await charmed();
    const answer = await history(host, hecate, { fields: { start: ["2020-01-01T00:00:00Z"] } });
    expect(answer.reply.attrs.type).toBe("result");
    expect(page(answer)).toEqual({ first: undefined, index: undefined, last: undefined, count: "0", complete: "true" });
  });

  it("by start returns messages of that time or later", async () => {
    const { host, hecate } = await charmed();
    expect(bodies(await history(host, hecate, { fields: { start: ["2016-05-30T09:00:02Z"] } }))).toEqual(
      CHARM.slice(2),
    );
  });

  it("by end returns messages of that time or earlier", async () => {
    const { host, hecate } = await charmed();
    expect(bodies(await history(host, hecate, { fields: { end: ["2016-05-30T09:00:02Z"] } }))).toEqual(
      CHARM.slice(0, 3),
    );
  });

  it("by start and end returns what lies between, in whatever time zone they are", {
    tags: ["0369-7.1.5/3"],
  }, async () => {
    const { host, hecate } = await charmed();
    const fields = { start: ["2016-05-30T11:00:01+02:00"], end: ["2016-05-30T05:00:03.0-04:00"] };
    expect(bodies(await history(host, hecate, { fields }))).toEqual(CHARM.slice(1, 4));
  });

  it.each([
    ["start", "yesterday"],
    ["end", "2016-02-30T09:00:00Z"],
    ["start", "2016-05-30 09:00:00"],
  ])("by a %s that is no time is a bad request: %s", async (name, value) => {
    const { host, hecate } = await charmed();
    expect((await history(host, hecate, { fields: { [name]: [value] } })).sent.map(outcome)).toEqual(["bad-request"]);
  });

  it("by ids returns these messages, in the archive's order", async () => {
    const { host, hecate, ids } = await charmed();
    const answer = await history(host, hecate, { fields: { ids: [ids[3]!, ids[1]!] } });
    expect(bodies(answer)).toEqual([CHARM[1], CHARM[3]]);
    expect(page(answer)).toMatchObject({ count: "2", complete: "true" });
  });

  it("by after-id and before-id returns what lies between, without them", { tags: ["0369-7.1.5/1"] }, async () => {
    const { host, hecate, ids } = await charmed();
    const fields = { "after-id": [ids[0]!], "before-id": [ids[4]!] };
    const answer = await history(host, hecate, { fields });
    expect(bodies(answer)).toEqual(CHARM.slice(1, 4));
    expect(page(answer)).toMatchObject({ first: ids[1], index: "0", last: ids[3], count: "3" });
  });

  it.each(["before-id", "after-id", "ids"])(
    "by an id in %s that is not in the archive is item-not-found",
    async (name) => {
      const { host, hecate, ids } = await charmed();
      const values = name === "ids" ? [ids[0]!, "28482-98726-73623"] : ["28482-98726-73623"];
      expect((await history(host, hecate, { fields: { [name]: values } })).sent.map(outcome)).toEqual([
        "item-not-found",
      ]);
    },
  );

  it("by an id of another channel's archive is item-not-found", async () => {
    const { host, hecate, ids } = await charmed();
    await hecate.creates("heath");
    await hecate.joins("heath");
    const answer = await history(host, hecate, { fields: { ids: [ids[0]!] } }, `heath@${SERVICE}`);
    expect(answer.sent.map(outcome)).toEqual(["item-not-found"]);
  });

  it.each(["include-groupchat", "{urn:x:spells}eye-of", "toString", "__proto__"])(
    "by a field that is not recognised is feature-not-implemented: %s",
    async (name) => {
      const { host, hecate } = await charmed();
      const form = `<x xmlns='${NS.DATA}' type='submit'><field var='${name}'><value>newt</value></field></x>`;
      const sent = await host.receive(
        `<iq type='set' from='${hecate.client}' to='${COVEN}' id='1'><query xmlns='${NS.MAM}'>${form}</query></iq>`,
      );
      expect(sent.map(outcome)).toEqual(["feature-not-implemented"]);
    },
  );

  it("takes an empty field as left out", async () => {
    const { host, hecate } = await charmed();
    expect(bodies(await history(host, hecate, { fields: { start: [""], with: [], ids: [] } }))).toEqual(CHARM);
  });
});

describe("filtering by JID (XEP-0313 §4.1.1)", () => {
  it("returns the messages of the participant, by proxy JID or by channel and ID", async () => {
    const { host, hecate, hag66 } = await charmed();
    for (const jid of [hag66.proxy, `${COVEN}/${hag66.id}`]) {
      const answer = await history(host, hecate, { fields: { with: [jid] } });
      expect(bodies(answer)).toEqual([CHARM[0], CHARM[2], CHARM[4]]);
      expect(page(answer)).toMatchObject({ count: "3" });
    }
  });

  it("returns the messages of one who has left", async () => {
    const { host, hecate, hag66 } = await charmed();
    const { proxy } = hag66;
    await hag66.leaves();
    expect(bodies(await history(host, hecate, { fields: { with: [proxy] } }))).toEqual([CHARM[0], CHARM[2], CHARM[4]]);
  });

  it("returns everybody's for the JID of the channel", async () => {
    const { host, hecate } = await charmed();
    expect(bodies(await history(host, hecate, { fields: { with: [COVEN] } }))).toEqual(CHARM);
  });

  it("matches nobody by an ID that is nobody's, and by an ID in another channel", async () => {
    const { host, hecate, hag66 } = await charmed();
    for (const jid of [`nobody#${COVEN}`, `#${COVEN}`, `${hag66.id}#heath@${SERVICE}`, `heath@${SERVICE}/${hag66.id}`])
      expect(bodies(await history(host, hecate, { fields: { with: [jid] } }))).toEqual([]);
  });

  const NOBODY = "birnam@shakespeare.example";

  it("returns, by a real JID that is shown, the messages at which it was shown", async () => {
    const { host, hecate, hag66 } = await coven();
    await hag66.says("in the open");
    await host.engine.host.enable("hiding");
    await hag66.says("in the dark");
    await host.engine.host.disable("hiding");
    await hecate.says("of somebody else");
    const answer = await history(host, hecate, { fields: { with: [hag66.jid] } });
    expect(bodies(answer)).toEqual(["in the open"]);
    expect(page(answer)).toMatchObject({ count: "1", complete: "true" });
  });

  it("never tells whether a real JID that is hidden is a participant's, or was", async () => {
    const { host, hecate, hag66 } = await charmed();
    const same = async (jid: string) => {
      const [ofHim, ofNobody] = [
        await history(host, hecate, { fields: { with: [jid] } }),
        await history(host, hecate, { fields: { with: [NOBODY] } }),
      ];
      expect(ofHim.sent.map(String)).toEqual(ofNobody.sent.map(String));
      expect(page(ofHim)).toMatchObject({ count: "0", complete: "true" });
    };
    await same(`${hag66.jid}/pda`);
    await host.engine.host.enable("hiding");
    await same(hag66.jid);
    await host.engine.host.disable("hiding");
    await hag66.leaves();
    await same(hag66.jid);
  });

  it("looks for a real JID that is hidden as it looks for one that is nobody's", async () => {
    const { host, hecate, hag66 } = await charmed();
    await host.engine.host.enable("hiding");
    const channel = (await host.use(Channels).find("coven"))!;
    const queries: object[] = [];
    const look = channel.history.bind(channel);
    channel.history = (query) => {
      queries.push(query);
      return look(query);
    };
    for (const jid of [hag66.jid, NOBODY]) await history(host, hecate, { fields: { with: [jid] } });
    expect(queries).toHaveLength(2);
    expect(queries[0]).toEqual(queries[1]);
  });

  it("refuses what is no JID as malformed", async () => {
    const { host, hecate } = await charmed();
    const answer = await history(host, hecate, { fields: { with: ["hag66@@shakespeare.example"] } });
    expect(answer.sent.map(outcome)).toEqual(["jid-malformed"]);
  });
});

describe("paging (XEP-0059)", () => {
  it("gives pages forwards, each with its place, until they are complete", async () => {
    const { host, hecate, ids } = await charmed();
    const first = await history(host, hecate, { set: "<max>2</max>" });
    expect(bodies(first)).toEqual(CHARM.slice(0, 2));
    expect(page(first)).toEqual({ first: ids[0], index: "0", last: ids[1], count: "5", complete: undefined });
    const second = await history(host, hecate, { set: `<max>2</max><after>${ids[1]}</after>` });
    expect(bodies(second)).toEqual(CHARM.slice(2, 4));
    expect(page(second)).toEqual({ first: ids[2], index: "2", last: ids[3], count: "5", complete: undefined });
    const third = await history(host, hecate, { set: `<max>2</max><after>${ids[3]}</after>` });
    expect(bodies(third)).toEqual(CHARM.slice(4));
    expect(page(third)).toEqual({ first: ids[4], index: "4", last: ids[4], count: "5", complete: "true" });
  });

  it("gives pages backwards from the last, each in chronological order", { tags: ["0369-7.1.5/2"] }, async () => {
    const { host, hecate, ids } = await charmed();
    const last = await history(host, hecate, { set: "<max>2</max><before/>" });
    expect(bodies(last)).toEqual(CHARM.slice(3));
    expect(page(last)).toEqual({ first: ids[3], index: "3", last: ids[4], count: "5", complete: undefined });
    const before = await history(host, hecate, { set: `<max>4</max><before>${ids[3]}</before>` });
    expect(bodies(before)).toEqual(CHARM.slice(0, 3));
    expect(page(before)).toEqual({ first: ids[0], index: "0", last: ids[2], count: "5", complete: "true" });
  });

  it("gives a page within what was filtered", async () => {
    const { host, hecate, hag66 } = await charmed();
    const answer = await history(host, hecate, { fields: { with: [hag66.proxy] }, set: "<max>2</max>" });
    expect(bodies(answer)).toEqual([CHARM[0], CHARM[2]]);
    expect(page(answer)).toMatchObject({ index: "0", count: "3", complete: undefined });
  });

  it("gives the count alone for a page of none", async () => {
    const { host, hecate } = await charmed();
    const answer = await history(host, hecate, { set: "<max>0</max>" });
    expect(page(answer)).toEqual({
      first: undefined,
      index: undefined,
      last: undefined,
      count: "5",
      complete: undefined,
    });
    expect(answer.results).toEqual([]);
  });

  it("gives as many as the operator's option says, however many are asked for", async () => {
    const plugins = { ...PLUGINS, archive: { page: 2, largest_page: 3 } };
    const { host, hecate } = await charmed(1, { plugins });
    expect(bodies(await history(host, hecate))).toEqual(CHARM.slice(0, 2));
    const answer = await history(host, hecate, { set: "<max>1000</max>" });
    expect(bodies(answer)).toEqual(CHARM.slice(0, 3));
    expect(page(answer)).toMatchObject({ count: "5", complete: undefined });
  });

  it.each(["after", "before"])("from an id in <%s/> that is not in the archive is item-not-found", async (bound) => {
    const { host, hecate } = await charmed();
    const answer = await history(host, hecate, { set: `<${bound}>28482-98726-73623</${bound}>` });
    expect(answer.sent.map(outcome)).toEqual(["item-not-found"]);
  });

  it("by a size that is no number is a bad request, and by index is not implemented", async () => {
    const { host, hecate } = await charmed();
    expect((await history(host, hecate, { set: "<max>many</max>" })).sent.map(outcome)).toEqual(["bad-request"]);
    const byIndex = await history(host, hecate, { set: "<max>2</max><index>1</index>" });
    expect(byIndex.sent.map(outcome)).toEqual(["feature-not-implemented"]);
  });

  it("flipped sends the same page newest first, and describes it as ever", { tags: ["0369-7.2.2/1"] }, async () => {
    const { host, hecate, ids } = await charmed();
    const set = `<max>2</max><before>${ids[4]}</before>`;
    const plain = await history(host, hecate, { set });
    const flipped = await history(host, hecate, { set, flipped: true });
    expect(bodies(flipped)).toEqual([CHARM[3], CHARM[2]]);
    expect(page(flipped)).toEqual(page(plain));
  });
});

describe("what else an archive tells", () => {
  const metadataOf = async (reader: Actor) =>
    (await reader.asks("get", COVEN, xml("metadata", { xmlns: NS.MAM }))).getChildElements().map(String);

  it("is its first and last message, as metadata", { tags: ["0369-7.2.2/1"] }, async () => {
    const { hecate, ids } = await charmed();
    expect(await metadataOf(hecate)).toEqual([
      `<metadata xmlns="urn:xmpp:mam:2"><start id="${ids[0]}" timestamp="2016-05-30T09:00:00.000Z"/>` +
        `<end id="${ids[4]}" timestamp="2016-05-30T09:00:04.000Z"/></metadata>`,
    ]);
  });

  it("is an empty <metadata/> while it is empty", async () => {
    const { hecate } = await coven();
    expect(await metadataOf(hecate)).toEqual(['<metadata xmlns="urn:xmpp:mam:2"/>']);
  });

  it("is the form of its queries, with all fields of XEP-0313, `ids` open to any value", async () => {
    const { hecate } = await coven();
    const reply = await hecate.asks("get", COVEN, xml("query", { xmlns: NS.MAM }));
    const form = reply.getChild("query", NS.MAM)!.getChild("x", NS.DATA)!;
    expect(form.attrs.type).toBe("form");
    expect(form.getChildren("field").map(({ attrs }) => [attrs.var, attrs.type])).toEqual([
      ["FORM_TYPE", "hidden"],
      ["with", "jid-single"],
      ["start", "text-single"],
      ["end", "text-single"],
      ["before-id", "text-single"],
      ["after-id", "text-single"],
      ["ids", "list-multi"],
    ]);
    expect(String(form.getChildren("field").at(-1)?.getChildElements())).toBe(
      '<validate xmlns="http://jabber.org/protocol/xdata-validate" datatype="xs:string"><open/></validate>',
    );
  });

  it("is that it is there: channels have the features of XEP-0313, and the service has not", {
    tags: ["0369-6.3/2"],
  }, async () => {
    const { host, hecate } = await coven();
    const archive = ["urn:xmpp:mam:2", "urn:xmpp:mam:2#extended"];
    expect(features(await hecate.asks("get", COVEN, disco("info")))).toEqual(expect.arrayContaining(archive));
    const service = features(await hecate.asks("get", SERVICE, disco("info")));
    expect(service.filter((feature) => archive.includes(feature))).toEqual([]);
    await host.engine.host.disable("archive");
    const without = features(await hecate.asks("get", COVEN, disco("info")));
    expect(without.filter((feature) => archive.includes(feature))).toEqual([]);
    expect((await history(host, hecate)).sent.map(outcome)).toEqual(["service-unavailable"]);
  });

  it("is the same when the messages node is named", async () => {
    const { host, hecate } = await charmed();
    expect(bodies(await history(host, hecate, { attrs: { node: NODE.MESSAGES } }))).toEqual(CHARM);
  });

  it.each([NODE.PARTICIPANTS, NODE.PRESENCE, "urn:x:cauldron"])(
    "is item-not-found of node %s, which has none",
    async (node) => {
      const { host, hecate } = await charmed();
      expect((await history(host, hecate, { attrs: { node } })).sent.map(outcome)).toEqual(["item-not-found"]);
    },
  );
});
