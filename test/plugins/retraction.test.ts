import { Channels, definePlugin, type Element, type Generation, NODE, NS, serialize, xml } from "masque";
import { type Actor, emptyStore, parseStanza, type TestHost, type TestOptions, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { HeldStore } from "../core/channel/held-store.ts";
import { COVEN, disco, features, outcome, publishes, reason } from "../core/channel/replies.ts";
import { ALL, setMode, veiled } from "./coven.ts";

const RETRACT = "urn:xmpp:message-retract:1";
const MODERATE = "urn:xmpp:message-moderate:1";
const WORDS = "A Message I did not mean to send";
const RUDE = "DM me for free magic potions!";

interface Options extends TestOptions {
  readonly mode?: "jid-hidden" | "jid-maybe-visible" | "jid-visible";
  readonly generation?: Generation;
  readonly config?: Readonly<Record<string, string>>;
  readonly retraction?: object;
}

/** hecate's coven, in which hag66 and crone1 may take back what they say. */
async function coven({ mode = "jid-hidden", generation = 1, config, retraction = {}, ...options }: Options = {}) {
  const host = veiled({ default: mode }, { ...options, plugins: { ...options.plugins, retraction } });
  const [hecate, hag66, crone1] = [host.actor("hecate"), host.actor("hag66"), host.actor("crone1")];
  await hecate.creates("coven");
  for (const actor of [hecate, hag66, crone1])
    await actor.joins("coven", { generation, nodes: [NODE.MESSAGES, NODE.CONFIG] });
  await publishes(hecate, NODE.CONFIG, { "User Message Retraction": "true", ...config });
  return { host, hecate, hag66, crone1 };
}

/** Says something in the coven; returns the id that the channel gave it. */
async function said(actor: Actor, body = WORDS): Promise<string> {
  await actor.says(body);
  return actor.received().findLast((stanza) => stanza.getChildText("body") === body)!.attrs.id!;
}

/** Sends the coven a message of this content; returns what came of it. */
function sends(host: TestHost, actor: Actor, content: string): Promise<Element[]> {
  return host.receive(
    `<message from='${actor.client}' to='${COVEN}' id='92vax143g' type='groupchat'>${content}</message>`,
  );
}

const SPELLINGS: Readonly<Record<string, (id: string) => string>> = {
  "XEP-0407": (id) => `<retract id='${id}' xmlns='${NS.MIX_MISC}'/>`,
  "XEP-0424": (id) =>
    `<retract id="${id}" xmlns='${RETRACT}'/><fallback xmlns="urn:xmpp:fallback:0" for='${RETRACT}'/>` +
    `<body>/me retracted a previous message, but it's unsupported by your client.</body><store xmlns="${NS.HINTS}"/>`,
  "XEP-0424 0.3": (id) =>
    `<apply-to id="${id}" xmlns="urn:xmpp:fasten:0"><retract xmlns='urn:xmpp:message-retract:0'/></apply-to>`,
};
const retract = (id: string) => SPELLINGS["XEP-0407"]!(id);

function moderate(actor: Actor, id: string, why?: string): Promise<Element> {
  const content = [xml("retract", { xmlns: RETRACT }), why && xml("reason", {}, why)];
  return actor.asks("set", COVEN, xml("moderate", { xmlns: MODERATE, id }, content));
}

/** What the archive gives this reader: the messages that are forwarded, by id. */
async function archive(host: TestHost, reader: Actor): Promise<Map<string, Element>> {
  const query = `<iq type='set' from='${reader.client}' to='${COVEN}' id='mam'><query xmlns='${NS.MAM}'/></iq>`;
  const sent = await host.receive(query);
  const results = sent.flatMap((stanza) => stanza.getChild("result", NS.MAM) ?? []);
  return new Map(
    results.map((result) => [
      result.attrs.id!,
      result.getChild("forwarded", NS.FORWARD)!.getChild("message", NS.CLIENT)!,
    ]),
  );
}

const refusals = (sent: readonly Element[]) => sent.filter(({ attrs }) => attrs.type === "error").map(outcome);

/** What the channel has sent that retracts anything, for this reader. */
const copyFor = (actor: Actor, sent: readonly Element[]) =>
  sent.find((stanza) => stanza.attrs.to === actor.jid && stanza.getChild("retract"))!;

describe("retracting one's own message (XEP-0407 §5, XEP-0424 §3)", () => {
  it.each(Object.keys(SPELLINGS))(
    "is told to everybody in both spellings, asked for in that of %s",
    { tags: ["0369-3/6", "0407-4/1", "0407-4/6"] },
    async (spelling) => {
      const { host, hecate, hag66 } = await coven();
      const id = await said(hag66);
      const sent = await sends(host, hag66, SPELLINGS[spelling]!(id));
      const copy = copyFor(hecate, sent);
      expect(copy.getChildren("retract").map(String)).toEqual([
        `<retract xmlns="${NS.MIX_MISC}" id="${id}"/>`,
        `<retract xmlns="${RETRACT}" id="${id}"/>`,
      ]);
      expect(copy.attrs.from).toBe(`${COVEN}/${hag66.id}`);
      expect(copy.getChild("apply-to")).toBeUndefined();
      expect(copyFor(hag66, sent).attrs.id).toBe(copy.attrs.id);
    },
  );

  it("passes on the body for clients that know no retractions (XEP-0428)", { tags: ["0407-4/3"] }, async () => {
    const { host, hecate, hag66 } = await coven();
    const copy = copyFor(hecate, await sends(host, hag66, SPELLINGS["XEP-0424"]!(await said(hag66))));
    expect(copy.getChildText("body")).toContain("retracted a previous message");
    expect(copy.getChild("fallback", "urn:xmpp:fallback:0")?.attrs.for).toBe(RETRACT);
  });

  it.each([0, 1] as const)(
    "leaves a tombstone in both spellings for generation %i",
    { tags: ["0407-4/7", "0407-4/8"] },
    async (generation) => {
      const { host, hecate, hag66 } = await coven({ generation });
      const id = await said(hag66);
      host.clock.advance(92_000);
      const copy = copyFor(hecate, await sends(host, hag66, retract(id)));
      const tombstone = (await archive(host, hecate)).get(id)!;
      const by = generation === 0 ? hag66.proxy : `${COVEN}/${hag66.id}`;
      expect(tombstone.getChildren("retracted").map(String)).toEqual([
        `<retracted xmlns="${NS.MIX_MISC}" by="${by}" time="2016-05-30T09:01:32.000Z"/>`,
        `<retracted xmlns="${RETRACT}" id="${copy.attrs.id}" stamp="2016-05-30T09:01:32.000Z"/>`,
      ]);
      expect(tombstone.getChild("mix")?.getChildText("nick")).toBe("hag66");
      expect(tombstone.getChild("body")).toBeUndefined();
    },
  );

  it("leaves nothing of the words in any file, nor to one who joins later", { tags: ["0407-4/7"] }, async () => {
    const store = await emptyStore();
    const { host, hag66 } = await coven({ store });
    const id = await said(hag66);
    await said(hag66, "toil and trouble");
    await sends(host, hag66, retract(id));
    const late = host.actor("banquo");
    await late.joins();
    const history = [...(await archive(host, late)).values()].join();
    expect(history).toContain("toil and trouble");
    expect(history).toContain("<retracted");
    expect(history).not.toContain(WORDS);
    const { channel } = (await store.channel("coven"))!;
    const kept = await store.history({ channel: channel.key, node: NODE.MESSAGES, max: 100 });
    expect(JSON.stringify(kept)).not.toContain(WORDS);
    await store.close();
  });

  it("is kept in the archive itself, whatever its hints say, and changes no place in it", async () => {
    const { host, hecate, hag66 } = await coven();
    const [first, second] = [await said(hag66), await said(hecate, "toil")];
    const sent = await sends(host, hag66, `${retract(first)}<no-store xmlns='${NS.HINTS}'/>`);
    const ids = [...(await archive(host, hecate)).keys()];
    expect(ids).toEqual([first, second, copyFor(hecate, sent).attrs.id]);
  });

  it("is still one's right after one has left and come back", async () => {
    const { host, hecate, hag66 } = await coven();
    const id = await said(hag66);
    await hag66.leaves();
    await hag66.joins();
    await sends(host, hag66, retract(id));
    expect((await archive(host, hecate)).get(id)!.getChild("body")).toBeUndefined();
  });

  it("comes, in generation 0, back to its sender with the submission-id", async () => {
    const { host, hag66 } = await coven({ generation: 0 });
    const copy = copyFor(hag66, await sends(host, hag66, retract(await said(hag66))));
    expect(copy.getChild("mix")?.getChildText("submission-id")).toBe("92vax143g");
  });

  it("reaches also those whom a filter keeps from messages like it", { tags: ["0407-4/6"] }, async () => {
    const choosy = definePlugin({
      name: "choosy",
      summary: "Lets nobody hear what is not about toads.",
      dependsOn: ["messages"],
      setup({ handle }) {
        handle(
          "message/deliver",
          ({ body }) =>
            () =>
              body.includes("toad") ? "deliver" : "drop",
        );
      },
    });
    const host = testHost([choosy], { plugins: { ...ALL, choosy: {} } });
    const { hecate, hag66 } = await host.coven("hecate", "hag66");
    await publishes(hecate, NODE.CONFIG, { "User Message Retraction": "true" });
    const id = await said(hag66, "toad, that under cold stone");
    expect(copyFor(hecate, await sends(host, hag66, SPELLINGS["XEP-0424"]!(id)))).toBeDefined();
  });

  it("once more is passed on, and leaves the tombstone as it is", async () => {
    const { host, hecate, hag66 } = await coven();
    const id = await said(hag66);
    await sends(host, hag66, retract(id));
    const before = String((await archive(host, hecate)).get(id));
    host.clock.advance(1000);
    expect(copyFor(hecate, await sends(host, hag66, retract(id)))).toBeDefined();
    expect(String((await archive(host, hecate)).get(id))).toBe(before);
  });

  it("has its turn before its message is forgotten for its age, once it has been looked up", async () => {
    const store = new HeldStore(await emptyStore());
    const { host, hecate, hag66 } = await coven({ store });
    const id = await said(hag66);
    const channels = host.use(Channels);
    const kept = (await channels.archives(0, 10)).find(({ node }) => node === NODE.MESSAGES);
    const { history } = store;
    let forgotten: Promise<void> | undefined;
    store.history = async (query) => {
      const page = await history(query);
      if (query.ids) forgotten = channels.expire(kept!, { keep: 0 });
      await store.turns();
      return page;
    };
    const sent = await sends(host, hag66, retract(id));
    await forgotten;
    expect(copyFor(hecate, sent)).toBeDefined();
    expect(refusals(sent)).toEqual([]);
    expect([...(await archive(host, hecate)).keys()]).toEqual([]);
    expect(host.complaints).toEqual([]);
  });

  it("at one moment with an administrator's leaves one tombstone, of whoever was first", async () => {
    const { host, hecate, hag66 } = await coven();
    const id = await said(hag66);
    const iq = xml("iq", { type: "set", from: hecate.client, to: COVEN, id: "1" });
    iq.append(xml("moderate", { xmlns: MODERATE, id }, xml("retract", { xmlns: RETRACT })));
    host.push(`<message from='${hag66.client}' to='${COVEN}' type='groupchat'>${retract(id)}</message>`);
    const sent = await host.receive(iq);
    expect(outcome(sent.find(({ attrs }) => attrs.id === "1"))).toBe("result");
    const history = await archive(host, hecate);
    const first = [...history].find(([, message]) => message.getChild("retract"))![0];
    expect(history.get(id)!.getChild("retracted", RETRACT)?.attrs.id).toBe(first);
    expect(history.get(id)!.getChildren("retracted")).toHaveLength(2);
  });
});

describe("when the disk fails", () => {
  it("there is neither a retraction nor a tombstone, and its sender is told", async () => {
    const store = new HeldStore(await emptyStore());
    const { host, hecate, hag66 } = await coven({ store });
    const id = await said(hag66);
    store.fail(1);
    expect((await sends(host, hag66, retract(id))).map(outcome)).toEqual(["internal-server-error"]);
    const history = await archive(host, hecate);
    expect([...history.keys()]).toEqual([id]);
    expect(history.get(id)!.getChildText("body")).toBe(WORDS);
    await sends(host, hag66, retract(id));
    expect([...(await archive(host, hecate)).values()].join()).not.toContain(WORDS);
    await store.close();
  });
});

describe("what is refused", () => {
  it("is, unless an owner has allowed it, any retraction by participants (XEP-0406)", {
    tags: ["0406-2.4/21"],
  }, async () => {
    const { host, hag66 } = await coven({ config: { "User Message Retraction": "false" } });
    const id = await said(hag66);
    expect(refusals(await sends(host, hag66, retract(id)))).toEqual(["not-allowed"]);
    expect((await archive(host, hag66)).get(id)!.getChildText("body")).toBe(WORDS);
  });

  it("is to retract what somebody else has said", { tags: ["0406-2.4/21"] }, async () => {
    const { host, hag66, crone1 } = await coven();
    const id = await said(hag66);
    const sent = await sends(host, crone1, retract(id));
    expect(sent.map(outcome)).toEqual(["forbidden"]);
    expect((await archive(host, hag66)).get(id)!.getChildText("body")).toBe(WORDS);
  });

  it("is a message that the archive does not hold: of another channel, or of one that was destroyed", {
    tags: ["0407-4/4"],
  }, async () => {
    const { host, hecate, hag66 } = await coven();
    const id = await said(hag66);
    const nobody = "0191d5a8-0000-7000-8000-000000000000";
    expect((await sends(host, hag66, retract(nobody))).map(outcome)).toEqual(["item-not-found"]);
    await hecate.asks("set", "mix.shakespeare.example", xml("destroy", { xmlns: NS.MIX_CORE_1, channel: "coven" }));
    await hecate.creates("coven");
    for (const actor of [hecate, hag66]) await actor.joins();
    await publishes(hecate, NODE.CONFIG, { "User Message Retraction": "true" });
    expect((await sends(host, hag66, retract(id))).map(outcome)).toEqual(["item-not-found"]);
  });

  it("is to retract a retraction", async () => {
    const { host, hecate, hag66 } = await coven();
    const id = await said(hag66);
    for (const spelling of ["XEP-0407", "XEP-0424"]) {
      const retraction = copyFor(hag66, await sends(host, hag66, SPELLINGS[spelling]!(id))).attrs.id!;
      expect((await sends(host, hag66, retract(retraction))).map(outcome)).toEqual(["not-allowed"]);
    }
    const moderated = await said(hag66, RUDE);
    await moderate(hecate, moderated);
    const notice = hecate.received().findLast((stanza) => stanza.getChild("retract"))!.attrs.id!;
    expect(outcome(await moderate(hecate, notice))).toBe("not-allowed");
  });

  it.each([
    ["names no message", `<retract xmlns='${NS.MIX_MISC}'/>`],
    ["names several", `<retract xmlns='${NS.MIX_MISC}' id='1'/><retract xmlns='${RETRACT}' id='2'/>`],
    ["has a body though it is XEP-0407's", `<retract xmlns='${NS.MIX_MISC}' id='1'/><body>Hail!</body>`],
  ])("is one that %s", { tags: ["0407-4/3", "0407-4/4"] }, async (_, content) => {
    const { host, hag66 } = await coven();
    expect((await sends(host, hag66, content)).map(outcome)).toEqual(["bad-request"]);
  });

  it.each([
    `<retracted xmlns='${NS.MIX_MISC}' by='x' time='2016-05-30T09:00:00Z'/>`,
    `<retracted xmlns='${RETRACT}' id='1'/><body>Hail!</body>`,
    `<moderated xmlns='${MODERATE}' by='${COVEN}'/>`,
    "<apply-to xmlns='urn:xmpp:fasten:0' id='1'><moderated xmlns='urn:xmpp:message-moderate:0'/></apply-to>",
  ])("is what only the channel may say: %s", async (content) => {
    const { host, hag66 } = await coven();
    expect((await sends(host, hag66, content)).map(outcome)).toEqual(["bad-request"]);
  });

  it("is, among what a retraction may say, by whose right it is done", async () => {
    const { host, hecate, hag66 } = await coven();
    const id = await said(hag66);
    const content = `<retract xmlns='${RETRACT}' id='${id}'><moderated xmlns='${MODERATE}' by='${COVEN}'/></retract>`;
    expect(String(copyFor(hecate, await sends(host, hag66, content)))).not.toContain("moderated");
  });

  it("is one that comes too late, by the operator's option", { tags: ["0407-4/2"] }, async () => {
    const { host, hecate, hag66 } = await coven({ retraction: { within: "15 min" } });
    const id = await said(hag66);
    host.clock.advance(15 * 60_000);
    const later = await said(hag66, RUDE);
    await sends(host, hag66, retract(id));
    host.clock.advance(15 * 60_000 + 1);
    const sent = await sends(host, hag66, retract(later));
    expect(sent.map(outcome)).toEqual(["not-allowed"]);
    expect(reason(sent[0]!)).toContain("too long ago");
    expect((await archive(host, hecate)).get(id)!.getChild("body")).toBeUndefined();
    expect(outcome(await moderate(hecate, later))).toBe("result");
  });
});

describe("an administrator's retraction (XEP-0407 §5, XEP-0425)", () => {
  it("is told to everybody by the channel itself", { tags: ["0407-4/1", "0407-4/5"] }, async () => {
    const { host, hecate, hag66 } = await coven();
    const id = await said(hag66, RUDE);
    expect(String(await moderate(hecate, id, "Not in this cauldron"))).toMatch(/^<iq [^>]*type="result"[^>]*\/>$/);
    const copy = copyFor(hag66, host.sentTo(hag66.jid));
    expect(copy.attrs.from).toBe(COVEN);
    expect(copy.getChildren("retract").map(String)).toEqual([
      `<retract xmlns="${NS.MIX_MISC}" id="${id}"/>`,
      `<retract xmlns="${RETRACT}" id="${id}"><moderated xmlns="${MODERATE}" by="${COVEN}"/>` +
        "<reason>Not in this cauldron</reason></retract>",
    ]);
    expect(String(copy.getChild("mix"))).toBe(
      `<mix xmlns="${NS.MIX_CORE_1}"><nick>coven</nick><jid>${COVEN}</jid></mix>`,
    );
  });

  it("leaves a tombstone that says when and why, and to those who manage the channel who", async () => {
    const { host, hecate, hag66 } = await coven();
    const id = await said(hag66, RUDE);
    await moderate(hecate, id, "Not in this <cauldron>");
    const history = await archive(host, hecate);
    const [notice] = [...history].find(([, message]) => message.getChild("retract"))!;
    const by = `by="${COVEN}/${hecate.id}"`;
    expect(history.get(id)!.getChildren("retracted").map(String)).toEqual([
      `<retracted xmlns="${NS.MIX_MISC}" ${by} time="2016-05-30T09:00:00.000Z"/>`,
      `<retracted xmlns="${RETRACT}" id="${notice}" stamp="2016-05-30T09:00:00.000Z">` +
        `<moderated xmlns="${MODERATE}" ${by}/><reason>Not in this &lt;cauldron&gt;</reason></retracted>`,
    ]);
    expect(String(history.get(id))).not.toContain(RUDE);
    expect(history.get(id)!.attrs.from).toBe(`${COVEN}/${hag66.id}`);
    expect(history.get(notice)!.attrs.from).toBe(COVEN);
  });

  it("is accepted in the older spelling", async () => {
    const { host, hecate, hag66 } = await coven();
    const id = await said(hag66, RUDE);
    const moderation = `<apply-to id='${id}' xmlns='urn:xmpp:fasten:0'><moderate xmlns='urn:xmpp:message-moderate:0'>
      <retract xmlns='urn:xmpp:message-retract:0'/><reason>No</reason></moderate></apply-to>`;
    expect(outcome(await hecate.asks("set", COVEN, parseStanza(moderation)))).toBe("result");
    expect(String((await archive(host, hag66)).get(id))).not.toContain(RUDE);
  });

  it.each(Object.keys(SPELLINGS))(
    "is, as a message in the spelling of %s, told by the channel, too",
    async (spelling) => {
      const { host, hecate, hag66 } = await coven();
      const id = await said(hag66, RUDE);
      const copy = copyFor(hag66, await sends(host, hecate, SPELLINGS[spelling]!(id)));
      expect(copy.attrs.from).toBe(COVEN);
      expect(copy.getChild("retract", RETRACT)?.getChild("moderated", MODERATE)?.attrs.by).toBe(COVEN);
      expect(copy.getChild("body")).toBeUndefined();
      expect((await archive(host, hag66)).get(id)!.getChild("retracted", RETRACT)?.getChild("moderated")).toBeDefined();
    },
  );

  it.each([0, 1] as const)(
    "tells no participant, of generation %i, by which ID there is an administrator",
    async (generation) => {
      const { host, hecate, hag66 } = await coven({ generation });
      await moderate(hecate, await said(hag66, RUDE));
      await sends(host, hecate, retract(await said(hag66, RUDE)));
      for (const told of [String(hag66.received()), String([...(await archive(host, hag66)).values()])]) {
        expect(told).toContain("<moderated");
        expect(told).not.toContain(hecate.id);
      }
    },
  );

  it("tells it no more once JIDs are hidden", async () => {
    const { host, hecate, hag66, crone1 } = await coven({ mode: "jid-visible" });
    await moderate(hecate, await said(hag66, RUDE));
    await sends(host, hecate, retract(await said(hag66, RUDE)));
    expect(String([...(await archive(host, crone1)).values()])).toContain(
      `<moderated xmlns="${MODERATE}" by="${hecate.jid}"`,
    );
    await setMode(hecate, "jid-hidden");
    expect(String([...(await archive(host, crone1)).values()])).not.toContain(hecate.id);
  });

  it("of what he said himself is passed on as anybody's", async () => {
    const { host, hecate, hag66 } = await coven();
    const copy = copyFor(hag66, await sends(host, hecate, retract(await said(hecate))));
    expect(copy.attrs.from).toBe(`${COVEN}/${hecate.id}`);
    expect(String(copy)).not.toContain("moderated");
  });

  it("may be made by an owner who is not in the channel, in the channel's name", async () => {
    const { host, hecate, hag66 } = await coven();
    const id = await said(hag66, RUDE);
    await hecate.leaves();
    expect(outcome(await moderate(hecate, id))).toBe("result");
    const tombstone = (await archive(host, hag66)).get(id)!;
    expect(tombstone.getChild("retracted", NS.MIX_MISC)?.attrs.by).toBe(COVEN);
  });

  it("once more is granted, and nobody is told anything", async () => {
    const { host, hecate, hag66 } = await coven();
    const id = await said(hag66, RUDE);
    await moderate(hecate, id, "first");
    const before = host.sent().length;
    expect(outcome(await moderate(hecate, id, "second"))).toBe("result");
    expect(host.sent()).toHaveLength(before + 1);
    expect(String((await archive(host, hag66)).get(id))).not.toContain("second");
  });

  it("takes away what else somebody has said in a retraction, which stays one", async () => {
    const { host, hecate, hag66 } = await coven();
    const id = await said(hag66);
    const content = `<retract xmlns='${RETRACT}' id='${id}'/><body>${RUDE}</body>`;
    const retraction = copyFor(hag66, await sends(host, hag66, content)).attrs.id!;
    expect(outcome(await moderate(hecate, retraction))).toBe("result");
    const left = (await archive(host, hag66)).get(retraction)!;
    expect(left.getChildren("retract").map(({ attrs }) => attrs.id)).toEqual([id, id]);
    expect(String(left)).not.toContain(RUDE);
  });

  it.each([
    ["nobody", "the owner", "hecate", "forbidden"],
    ["owners", "the owner", "hecate", "result"],
    ["owners", "an administrator", "hag66", "forbidden"],
    ["admins", "the owner", "hecate", "result"],
    ["admins", "an administrator", "hag66", "result"],
    ["admins", "a participant", "crone1", "forbidden"],
  ])(
    "with the right given to %s is, by %s (%s): %s",
    { tags: ["0406-2.4/22", "0407-4/5"] },
    async (group, _, name, expected) => {
      const rights = { "Administrator Message Retraction Rights": group, Administrator: "hag66@shakespeare.example" };
      const { host, crone1 } = await coven({ config: rights });
      const id = await said(crone1, RUDE);
      expect(outcome(await moderate(host.actor(name), id))).toBe(expected);
      expect(String((await archive(host, crone1)).get(id)).includes(RUDE)).toBe(expected !== "result");
    },
  );

  it.each([
    ["another id", "item-not-found", () => moderateWith("0191d5a8-0000-7000-8000-000000000000")],
    ["no id", "bad-request", () => moderateWith(undefined)],
    [
      "another remedy",
      "feature-not-implemented",
      (id: string) => xml("moderate", { xmlns: MODERATE, id }, xml("burn")),
    ],
    [
      "no moderation at all",
      "service-unavailable",
      (id: string) => xml("apply-to", { xmlns: "urn:xmpp:fasten:0", id }),
    ],
  ])("with %s is answered with %s", async (_, expected, request) => {
    const { hecate, hag66 } = await coven();
    const id = await said(hag66, RUDE);
    expect(outcome(await hecate.asks("set", COVEN, request(id)))).toBe(expected);
  });
});

const moderateWith = (id: string | undefined) =>
  xml("moderate", { xmlns: MODERATE, id }, xml("retract", { xmlns: RETRACT }));

describe("whose JID a tombstone and a retraction tell (semantics of XEP-0404 §2.2)", () => {
  /** All that this reader's archive calls those who retracted. */
  const named = async (host: TestHost, reader: Actor) =>
    [...(await archive(host, reader)).values()].flatMap((message) =>
      [...message.getChildren("retracted"), ...message.getChildren("retract")].flatMap((each) =>
        [each.attrs.by, each.getChild("moderated")?.attrs.by].filter((by) => by !== undefined),
      ),
    );

  it("is the retractor's where JIDs are shown", { tags: ["0407-4/8"] }, async () => {
    const { host, hecate, hag66, crone1 } = await coven({ mode: "jid-visible" });
    await sends(host, hag66, retract(await said(hag66)));
    await moderate(hecate, await said(hag66, RUDE));
    expect(await named(host, crone1)).toEqual([hag66.jid, hecate.jid, hecate.jid, hecate.jid]);
  });

  it("is, once they are hidden, nobody's: and of what was said hidden never anybody's", {
    tags: ["0407-4/8"],
  }, async () => {
    const { host, hecate, hag66, crone1 } = await coven({ mode: "jid-visible" });
    await sends(host, hag66, retract(await said(hag66)));
    await setMode(hecate, "jid-hidden");
    expect(await named(host, crone1)).toEqual([`${COVEN}/${hag66.id}`]);
    const id = await said(hag66);
    await setMode(hecate, "jid-visible");
    await sends(host, hag66, retract(id));
    expect(await named(host, crone1)).toEqual([hag66.jid, `${COVEN}/${hag66.id}`]);
  });

  it("is, of one who has left, not told any more", async () => {
    const { host, hag66, crone1 } = await coven({ mode: "jid-visible" });
    await sends(host, hag66, retract(await said(hag66)));
    await hag66.leaves();
    expect(await named(host, crone1)).toEqual([`${COVEN}/${hag66.id}`]);
  });

  it("is not in the store", async () => {
    const store = await emptyStore();
    const { host, hecate, hag66 } = await coven({ mode: "jid-visible", store });
    await sends(host, hag66, retract(await said(hag66)));
    await moderate(hecate, await said(hag66, RUDE), "Not in this cauldron");
    const { channel } = (await store.channel("coven"))!;
    const kept = JSON.stringify(await store.history({ channel: channel.key, node: NODE.MESSAGES, max: 100 }));
    expect(kept).toContain("moderated");
    for (const { jid } of [hecate, hag66]) expect(kept).not.toContain(jid);
    await store.close();
  });

  it("is asked anew when a retraction has waited for the stream", async () => {
    const { host, hecate, hag66, crone1 } = await coven({ mode: "jid-visible" });
    const id = await said(hag66, RUDE);
    host.stream("down");
    host.push(
      serialize(xml("message", { type: "groupchat", from: hecate.client, to: COVEN }, parseStanza(retract(id)))),
    );
    await host.settled();
    await setModeUnheard(host, hecate, "jid-hidden");
    host.stream("up");
    await host.settled();
    expect(copyFor(crone1, host.sentTo(crone1.jid)).getChild("retract", RETRACT)?.getChild("moderated")?.attrs.by).toBe(
      COVEN,
    );
  });

  it("cannot be forged by a mention in somebody's words", async () => {
    const { host, hecate, hag66 } = await coven({ mode: "jid-visible" });
    await hag66.says(`\u0001+${hecate.id}\u0001`);
    expect(hecate.heard()).toEqual([`\ufffd+${hecate.id}\ufffd`]);
    expect(String([...(await archive(host, hecate)).values()])).not.toContain(hecate.jid);
  });
});

/** Sets the mode while the answer cannot be sent. */
async function setModeUnheard(host: TestHost, owner: Actor, mode: string): Promise<void> {
  await publishes(owner, NODE.CONFIG, { "JID Visibility": mode }).catch(() => undefined);
  await host.settled();
}

describe("a channel that has it", () => {
  it("says so (XEP-0424 §2 and §4, XEP-0425 §2)", async () => {
    const { hag66 } = await coven();
    const told = features(await hag66.asks("get", COVEN, disco("info")));
    expect(told).toEqual(expect.arrayContaining([RETRACT, `${RETRACT}#tombstone`, MODERATE]));
  });

  it("reads its tombstones, without words or JIDs, also while the plugin is off", async () => {
    const { host, hecate, hag66 } = await coven();
    const id = await said(hag66, RUDE);
    await moderate(hecate, id);
    const before = String((await archive(host, hag66)).get(id));
    const { retraction: _, ...others } = ALL;
    await host.engine.host.apply(others);
    expect(String((await archive(host, hag66)).get(id))).toBe(before);
    expect(before).toContain(`by="${COVEN}"`);
  });

  it("takes nothing that was said while the plugin was off for its own words", async () => {
    const { host, hecate, hag66 } = await coven();
    const { retraction: _, ...others } = ALL;
    await host.engine.host.apply(others);
    const forged = `<retracted xmlns='${NS.MIX_MISC}' by='x'/><body>${RUDE}</body>`;
    const id = (await sends(host, hag66, forged)).find(({ attrs }) => attrs.to === hag66.jid)!.attrs.id!;
    await host.engine.host.apply(ALL);
    expect(outcome(await moderate(hecate, id))).toBe("result");
    expect(String((await archive(host, hag66)).get(id))).not.toContain(RUDE);
  });
});
