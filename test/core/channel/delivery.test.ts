import fc from "fast-check";
import { Channels, type Element, learnFromJoin, NODE, NS, parseJid } from "masque";
import { type Actor, emptyStore, type TestHost, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { type Delivery, heardFrom, lost } from "../../../core/channel/delivery.ts";
import { COVEN } from "./replies.ts";

const jid = (text: string) => parseJid(text)!;
const BARE = jid("hag66@shakespeare.example");
const PDA = jid("hag66@shakespeare.example/pda");
const LAPTOP = jid("hag66@shakespeare.example/laptop");

/** hecate, whose server speaks MIX-PAM, and hag66, who joins as told. */
async function coven(hagJoinsBy: "server" | "client", options: Parameters<typeof testHost>[1] = {}) {
  const host = testHost([], options);
  const [hecate, hag66] = [host.actor("hecate"), host.actor("hag66")];
  await hecate.creates("coven");
  await hecate.joins();
  await hag66.joins("coven", { by: hagJoinsBy });
  return { host, hecate, hag66 };
}

/** Where copies of what hecate says go to for hag66. */
async function addresses(host: TestHost): Promise<(string | undefined)[]> {
  const before = host.sentTo(BARE.bare).length;
  await host.actor("hecate").says("When shall we three meet again?");
  return host
    .sentTo(BARE.bare)
    .slice(before)
    .map(({ attrs }) => attrs.to);
}

/** The last copy or pubsub event that somebody was sent comes back. */
function bounces(actor: Actor, condition = "service-unavailable", what: "copy" | "event" = "copy"): string {
  const isIt = ({ name, attrs: { type } }: Element) =>
    name === "message" && (type === "groupchat") === (what === "copy");
  const { from, to, id } = actor.received().findLast(isIt)!.attrs;
  return `<message from='${to}' to='${from}' id='${id}' type='error'>
    <error type='cancel'><${condition} xmlns='${NS.STANZAS}'/></error></message>`;
}

const presence = (from: string, type = "") => `<presence from='${from}' to='${COVEN}' ${type && `type='${type}'`}/>`;

describe("what a join tells of where groupchat goes", () => {
  it("is the bare JID for one whose server joins for him", () => {
    expect(learnFromJoin(undefined, BARE, "1", 0)).toEqual({ mode: "bare", full: [] });
  });

  it("is the bare JID and ejabberd's marker for one whose server signs its iq ids rr-", () => {
    expect(learnFromJoin(undefined, BARE, "rr-1", 0)).toEqual({ mode: "bare+marker", full: [], since: 0 });
  });

  it("is his full JID for one whose client joins by itself, whatever its iq id", () => {
    expect(learnFromJoin(undefined, PDA, "rr-1", 0)).toEqual({ mode: "full", full: [PDA.full] });
  });

  it("is one more full JID for one who joins again with another client", () => {
    const before = learnFromJoin(undefined, PDA, "1", 0);
    expect(learnFromJoin(before, LAPTOP, "2", 0)).toEqual({ mode: "full", full: [PDA.full, LAPTOP.full] });
  });

  it("is forgotten when he joins again by his server", () => {
    expect(learnFromJoin(learnFromJoin(undefined, PDA, "1", 0), BARE, "2", 0)).toEqual({ mode: "bare", full: [] });
  });
});

describe("what is known of where groupchat goes", () => {
  const step = fc.tuple(
    fc.constantFrom(heardFrom, lost, (before: Delivery, from: typeof BARE) => learnFromJoin(before, from, "1", 0)),
    fc.oneof(
      fc.constant(BARE),
      fc.integer({ min: 0, max: 60 }).map((i) => jid(`${BARE.bare}/${i}`)),
    ),
  );

  it("is at most 32 full JIDs, each once, and none unless they are used", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        let delivery = learnFromJoin(undefined, BARE, "1", 0);
        for (const [learn, from] of steps) delivery = learn(delivery, from, 0);
        expect(delivery.full.length).toBeLessThanOrEqual(delivery.mode === "full" ? 32 : 0);
        expect(new Set(delivery.full).size).toBe(delivery.full.length);
      }),
    );
  });

  it("forgets the client that was heard of first when there are too many", () => {
    let delivery = learnFromJoin(undefined, jid(`${BARE.bare}/0`), "1", 0);
    for (let i = 1; i <= 32; i++) delivery = heardFrom(delivery, jid(`${BARE.bare}/${i}`));
    expect(delivery.full).not.toContain(`${BARE.bare}/0`);
    expect(delivery.full).toHaveLength(32);
  });

  it("stays the same object when nothing is learnt, so that nothing need be stored", () => {
    const full = learnFromJoin(undefined, PDA, "1", 0);
    const bare = learnFromJoin(undefined, BARE, "1", 0);
    expect(heardFrom(full, PDA)).toBe(full);
    expect(lost(full, LAPTOP, 0)).toBe(full);
    expect(lost(full, BARE, 0)).toBe(full);
    expect(heardFrom(bare, PDA)).toBe(bare);
    expect(lost(bare, PDA, 0)).toBe(bare);
  });
});

describe("delivery to one whose server speaks MIX-PAM", () => {
  it("goes to his bare JID, whichever of his clients speaks", async () => {
    const { host, hag66 } = await coven("server");
    await hag66.says("In thunder, lightning, or in rain?");
    await host.receive(presence(PDA.full));
    await host.receive(presence(PDA.full, "unavailable"));
    expect(await addresses(host)).toEqual([BARE.bare]);
  });

  it.each([0, 1] as const)("carries ejabberd's marker to ejabberd's, in generation %i", async (generation) => {
    const { host, hecate } = await coven("server");
    await host.receive(`<iq type='set' from='${BARE.bare}' to='${COVEN}' id='rr-1'><join xmlns='urn:xmpp:mix:core:${generation}'>
      <subscribe node='${NODE.MESSAGES}'/><subscribe node='${NODE.PARTICIPANTS}'/></join></iq>`);
    await host.actor("hag66").says("In thunder, lightning, or in rain?");
    await host.actor("macbeth").joins();
    const marked = (actor: Actor) =>
      actor.received().map((stanza) => [stanza.attrs.type, stanza.toString().includes('<mix xmlns=""/>')]);
    expect(marked(host.actor("hag66")).slice(-2)).toEqual([
      ["groupchat", true],
      ["headline", false],
    ]);
    expect(marked(hecate).filter(([, isMarked]) => isMarked)).toEqual([]);
  });
});

describe("delivery to one whose server does not", () => {
  it("goes to the client that joined, its own copies, too", { tags: ["0369-7.1.6/5"] }, async () => {
    const { host, hag66 } = await coven("client");
    expect(await addresses(host)).toEqual([hag66.client]);
    await hag66.says("In thunder, lightning, or in rain?");
    expect(hag66.received().at(-1)?.attrs.to).toBe(hag66.client);
  });

  it.each([
    ["presence", presence(PDA.full)],
    ["a message", `<message from='${PDA.full}' to='${COVEN}' type='groupchat'><body>!</body></message>`],
    ["an iq", `<iq from='${PDA.full}' to='${COVEN}' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>`],
  ])("goes to each client that was heard of by %s", async (_, stanza) => {
    const { host, hag66 } = await coven("client");
    await host.receive(stanza);
    expect(await addresses(host)).toEqual([hag66.client, PDA.full]);
  });

  it("goes no more to a client that went offline", async () => {
    const { host, hag66 } = await coven("client");
    await host.receive(presence(PDA.full));
    await host.receive(presence(hag66.client, "unavailable"));
    expect(await addresses(host)).toEqual([PDA.full]);
  });

  it("goes no more to a client whose copy came back, until it is heard of again", async () => {
    const { host, hag66 } = await coven("client");
    await addresses(host);
    await host.receive(bounces(hag66));
    expect(await addresses(host)).toEqual([]);
    await host.receive(presence(hag66.client));
    expect(await addresses(host)).toEqual([hag66.client]);
  });

  it("goes to the bare JID once that speaks", async () => {
    const { host } = await coven("client");
    await host.receive(`<iq from='${BARE.bare}' to='${COVEN}' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>`);
    expect(await addresses(host)).toEqual([BARE.bare]);
  });

  it("is not changed by presence from the bare JID, where any server speaks for its users", async () => {
    const { host, hag66 } = await coven("client");
    for (const type of ["subscribe", "subscribed", "unavailable"]) await host.receive(presence(BARE.bare, type));
    expect(await addresses(host)).toEqual([hag66.client]);
  });

  it("brings pubsub events to the bare JID, once", async () => {
    const { host, hag66 } = await coven("client");
    await host.receive(presence(PDA.full));
    const before = hag66.received().length;
    await host.actor("macbeth").joins();
    expect(
      hag66
        .received()
        .slice(before)
        .map(({ attrs }) => attrs.to),
    ).toEqual([BARE.bare]);
  });

  it("is learnt anew by one who left", async () => {
    const { host, hag66 } = await coven("client");
    await hag66.leaves();
    await hag66.joins();
    expect(await addresses(host)).toEqual([BARE.bare]);
  });
});

describe("a bounce", () => {
  it.each([0, 1] as const)(
    "of a copy to the bare JID tells that the server needs full JIDs, generation %i",
    async (generation) => {
      const { host, hag66 } = await coven("server");
      await hag66.joins("coven", { generation });
      await addresses(host);
      expect(await host.receive(bounces(hag66))).toEqual([]);
      expect(await addresses(host)).toEqual([]);
      await host.receive(presence(PDA.full));
      expect(await addresses(host)).toEqual([PDA.full]);
    },
  );

  it("from ejabberd's PAM that has only just been told of the join tells nothing; a minute later it tells", async () => {
    const { host, hag66 } = await coven("server");
    await host.receive(`<iq type='set' from='${BARE.bare}' to='${COVEN}' id='rr-1'><join xmlns='${NS.MIX_CORE_1}'>
      <subscribe node='${NODE.MESSAGES}'/></join></iq>`);
    await addresses(host);
    host.clock.advance(59_999);
    await host.receive(bounces(hag66));
    expect(await addresses(host)).toEqual([BARE.bare]);
    host.clock.advance(1);
    await host.receive(bounces(hag66));
    expect(await addresses(host)).toEqual([]);
  });

  it("never removes a participant", async () => {
    const { host, hag66 } = await coven("server");
    for (const condition of ["service-unavailable", "item-not-found", "gone", "remote-server-not-found"]) {
      await addresses(host);
      await host.receive(bounces(hag66, condition));
      const coven = await host.use(Channels).find("coven");
      expect(coven?.participant(hag66.jid)?.nodes).toContain(NODE.MESSAGES);
      await hag66.joins();
    }
  });

  it.each(["remote-server-not-found", "remote-server-timeout", "recipient-unavailable", "resource-constraint"])(
    "that says %s tells nothing of where to go",
    async (condition) => {
      const { host, hag66 } = await coven("server");
      await addresses(host);
      await host.receive(bounces(hag66, condition));
      expect(await addresses(host)).toEqual([BARE.bare]);
    },
  );

  it("of a pubsub event, which an offline user's server may send back, tells nothing of groupchat", async () => {
    const { host, hag66 } = await coven("server");
    await host.actor("macbeth").joins();
    await host.receive(bounces(hag66, "service-unavailable", "event"));
    expect(await addresses(host)).toEqual([BARE.bare]);
  });

  it("of what another participant wrote to him tells nothing of groupchat", async () => {
    const { host, hecate, hag66 } = await coven("server");
    await host.receive(`<message from='${BARE.bare}' to='${hecate.proxy}' type='error' id='01a208c5-b627-7e00-b65b-429f415b1906'>
      <error type='cancel'><service-unavailable xmlns='${NS.STANZAS}'/></error></message>`);
    expect(await addresses(host)).toEqual([hag66.jid]);
  });

  it("from somebody else changes nothing, and is answered with nothing", async () => {
    const { host, hag66 } = await coven("server");
    await addresses(host);
    const forged = bounces(hag66).replace(BARE.bare, "macbeth@shakespeare.example");
    expect(await host.receive(forged)).toEqual([]);
    expect(await addresses(host)).toEqual([BARE.bare]);
  });
});

describe("after a restart", () => {
  it("delivery goes where it went, though nobody has been heard of since", async () => {
    const store = await emptyStore();
    const first = await coven("client", { store });
    await first.host.receive(presence(PDA.full));
    await first.host.actor("banquo").joins();
    await first.host.receive(bounces(first.host.actor("banquo"), "service-unavailable", "event"));
    await first.host.receive(`<iq type='set' from='fleance@shakespeare.example' to='${COVEN}' id='rr-1'>
      <join xmlns='${NS.MIX_CORE_1}'><subscribe node='${NODE.MESSAGES}'/><nick>fleance</nick></join></iq>`);
    await addresses(first.host);
    const before = first.host.sent().slice(-5);
    await first.host.stop();

    const second = testHost([], { store });
    await second.actor("hecate").says("When shall we three meet again?");
    const withoutIds = (texts: string[]) => texts.map((text) => text.replaceAll(/id="[-0-9a-f]{36}"/g, "")).sort();
    expect(withoutIds(second.sent())).toEqual(withoutIds(before));
    expect(before.map((text) => /to="([^"]+)"/.exec(text)?.[1]).sort()).toEqual(
      [
        "banquo@shakespeare.example",
        "fleance@shakespeare.example",
        first.hag66.client,
        PDA.full,
        "hecate@shakespeare.example",
      ].sort(),
    );
    await store.close();
  });
});
