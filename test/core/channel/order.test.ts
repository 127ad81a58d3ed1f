import fc from "fast-check";
import { Channels, type Draft, definePlugin, NODE, NS, refuse } from "masque";
import { type Actor, emptyStore, type TestHost, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { HeldStore } from "./held-store.ts";
import { COVEN, outcome } from "./replies.ts";

const PLUGINS = { channels: {}, participants: {}, messages: {}, archive: {}, info: {}, admin: {} };

const hiding = definePlugin({
  name: "hiding",
  summary: "Hides everybody's JID.",
  setup({ guard }) {
    guard("jid/disclose", () => "hidden");
  },
});
/** What an option of the visibility plugin will do: administrators are shown what participants are not. */
const masks = definePlugin({
  name: "masks",
  summary: "Shows JIDs to administrators only.",
  setup({ guard }) {
    guard("jid/disclose", ({ eyes }) => (eyes === "administrator" ? "visible" : "hidden"));
  },
});

/** hecate, who owns the coven, hag66 and macbeth in it, on a store that can be held up. */
async function coven(enabled = {}) {
  const store = new HeldStore(await emptyStore());
  const host = testHost([hiding, masks], { store, plugins: { ...PLUGINS, ...enabled } });
  return { store, ...(await host.coven("hecate", "hag66", "macbeth")) };
}

const says = (who: Actor, words: string) =>
  `<message from='${who.client}' to='${COVEN}' type='groupchat' id='1'><body>${words}</body></message>`;
const types = (who: Actor) =>
  `<message from='${who.client}' to='${COVEN}' type='groupchat' id='1'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>`;
const requests = (who: Actor, child: string) => `<iq type='set' from='${who.jid}' to='${COVEN}' id='1'>${child}</iq>`;
const leave = `<leave xmlns='${NS.MIX_CORE_1}'/>`;
const join = (nick: string) =>
  `<join xmlns='${NS.MIX_CORE_1}'><subscribe node='${NODE.MESSAGES}'/><nick>${nick}</nick></join>`;
const publishes = (node: string, field: string, ...values: string[]) =>
  `<pubsub xmlns='${NS.PUBSUB}'><publish node='${node}'><item><x xmlns='${NS.DATA}' type='submit'>
    <field var='${field}'>${values.map((value) => `<value>${value}</value>`).join("")}</field></x></item></publish></pubsub>`;
const owners = (...jids: string[]) => publishes(NODE.CONFIG, "Owner", ...jids);

/** Holds up the disk while these stanzas come in, does what `meanwhile` says, and lets the disk go on. */
async function whileHeld(
  { host, store }: { host: TestHost; store: HeldStore },
  stanzas: readonly string[],
  meanwhile: () => unknown = () => {},
): Promise<void> {
  store.hold();
  for (const stanza of stanzas) {
    host.push(stanza);
    await store.turns();
  }
  await meanwhile();
  store.release();
  await host.settled();
}

/** The JIDs in the `<mix/>` of what somebody heard, "" for a message without one. */
const shownTo = (actor: Actor) =>
  actor
    .received()
    .flatMap((stanza) => (stanza.getChild("mix") ? (stanza.getChild("mix")?.getChildText("jid") ?? "") : []));

/** The bodies in the archive, in its order. */
async function archived(host: TestHost, reader: Actor): Promise<(string | null | undefined)[]> {
  const sent = await host.receive(
    `<iq type='set' from='${reader.client}' to='${COVEN}' id='mam'><query xmlns='${NS.MAM}'>
      <set xmlns='${NS.RSM}'><max>250</max></set></query></iq>`,
  );
  return sent.flatMap((stanza) => {
    const forwarded = stanza.getChild("result", NS.MAM)?.getChild("forwarded", NS.FORWARD);
    return forwarded ? [forwarded.getChild("message", NS.CLIENT)?.getChildText("body")] : [];
  });
}

describe("what a crash could take out of the archive", () => {
  it("is not reflected: nobody hears of a message before it is durable", { tags: ["0369-4.7.1/2"] }, async () => {
    const people = await coven();
    await whileHeld(people, [says(people.hag66, "When shall we three meet again?")], () => {
      expect(people.hecate.heard()).toEqual([]);
      expect(people.hag66.heard()).toEqual([]);
    });
    expect(people.hecate.heard()).toEqual(["When shall we three meet again?"]);
  });

  it("is not told: nobody hears of a join, and it is not answered, before it is durable", {
    tags: ["0369-7.1.2/3"],
  }, async () => {
    const people = await coven();
    const banquo = people.host.actor("banquo");
    const told = people.hecate.received().length;
    await whileHeld(people, [requests(banquo, join("banquo"))], () => {
      expect(people.hecate.received()).toHaveLength(told);
      expect(banquo.received()).toEqual([]);
    });
    expect(outcome(banquo.received()[0])).toBe("result");
    expect(people.hecate.received()).toHaveLength(told + 1);
  });

  it("does not hold up another sender's message before its turn, nor let it overtake", async () => {
    const people = await coven();
    const { hecate, hag66, macbeth } = people;
    await whileHeld(people, [says(hag66, "one"), says(macbeth, "two"), types(hag66), says(hecate, "three")]);
    const typing = macbeth.received().findIndex((stanza) => stanza.getChild("composing"));
    expect(macbeth.heard()).toEqual(["one", "two", "three"]);
    expect(
      macbeth
        .received()
        .slice(typing - 2)
        .flatMap((stanza) => stanza.getChildText("body") ?? "typing"),
    ).toEqual(["one", "two", "typing", "three"]);
  });
});

describe("a message that cannot be stored", () => {
  it("comes back to its sender as an error, is reflected to nobody and not in the archive", async () => {
    const { store, host, hecate, hag66 } = await coven();
    store.fail(1);
    const sent = await host.receive(says(hag66, "lost"));
    expect(sent.map((stanza) => [stanza.attrs.to, outcome(stanza)])).toEqual([[hag66.client, "internal-server-error"]]);
    expect(await archived(host, hecate)).toEqual([]);
    expect(host.complaints).toHaveLength(1);
  });

  it("leaves the channel as it was: the next one is told and kept", async () => {
    const { store, host, hecate, hag66 } = await coven();
    store.fail(1);
    await host.receive(says(hag66, "lost"));
    await host.receive(says(hag66, "found"));
    expect(hecate.heard()).toEqual(["found"]);
    expect(await archived(host, hecate)).toEqual(["found"]);
  });

  it("takes with it a nick that could not be stored: what is stored holds", async () => {
    const { store, host, hecate, hag66 } = await coven();
    store.fail(1);
    const told = hecate.received().length;
    const setnick = `<setnick xmlns='${NS.MIX_CORE_1}'><nick>thirdwitch</nick></setnick>`;
    expect((await host.receive(requests(hag66, setnick))).map(outcome)).toEqual(["internal-server-error"]);
    expect(hecate.received()).toHaveLength(told);
    await host.receive(says(hag66, "still hag66"));
    expect(hecate.received().at(-1)?.getChild("mix")?.getChildText("nick")).toBe("hag66");
  });
});

describe("what is queued behind a change that cannot be stored", () => {
  const setnick = (nick: string) => `<setnick xmlns='${NS.MIX_CORE_1}'><nick>${nick}</nick></setnick>`;

  it("is refused with it, and told to nobody: it was built on what never came to be", async () => {
    const people = await coven();
    const { store, hecate, hag66, macbeth } = people;
    const told = macbeth.received().length;
    store.fail(1);
    await whileHeld(people, [requests(hag66, setnick("thirdwitch")), says(hecate, "lost"), requests(hecate, leave)]);
    expect([hag66, hecate].map((who) => outcome(who.received().at(-1)))).toEqual([
      "internal-server-error",
      "resource-constraint",
    ]);
    expect(macbeth.received()).toHaveLength(told);
    expect(await archived(people.host, macbeth)).toEqual([]);
  });

  it("takes nothing of it into the store: owners who could not be stored do not come in with another's change", async () => {
    const people = await coven();
    const { store, host, hecate, hag66 } = people;
    const info = publishes(NODE.INFO, "Name", "Dunsinane");
    store.fail(1);
    await whileHeld(people, [requests(hecate, owners(hag66.jid)), requests(hag66, info)]);
    const channel = (await host.use(Channels).find("coven"))!;
    expect([[...channel.owners], channel.sheet("info").Name]).toEqual([[hecate.jid], undefined]);
  });

  it("does not hold what was there before it: that is told and kept", async () => {
    const people = await coven();
    const { store, host, hecate, hag66, macbeth } = people;
    store.hold();
    host.push(says(hag66, "before"));
    await store.turns();
    store.fail(1);
    host.push(says(macbeth, "lost"));
    host.push(says(hecate, "lost, too"));
    await store.turns();
    store.release();
    await host.settled();
    await host.receive(says(hecate, "after"));
    expect(hag66.heard()).toEqual(["before", "after"]);
    expect(await archived(host, hag66)).toEqual(["before", "after"]);
  });
});

describe("the stricter of what was allowed then and what is allowed now", () => {
  it("gives no copy to one who leaves while a message is on its way", async () => {
    const people = await coven();
    await whileHeld(people, [says(people.hag66, "psst"), requests(people.macbeth, leave)]);
    expect([people.hecate.heard(), people.macbeth.heard()]).toEqual([["psst"], []]);
  });

  it("gives no copy to one who joins while a message is on its way, though the archive will", async () => {
    const people = await coven();
    const banquo = people.host.actor("banquo");
    await whileHeld(people, [
      says(people.hag66, "before"),
      requests(banquo, join("banquo")),
      says(people.hag66, "after"),
    ]);
    expect(banquo.heard()).toEqual(["after"]);
    expect(await archived(people.host, banquo)).toEqual(["before", "after"]);
  });

  it("gives no copy to one who unsubscribes while a message is on its way", async () => {
    const people = await coven();
    const update = `<update-subscription xmlns='${NS.MIX_CORE_1}'><unsubscribe node='${NODE.MESSAGES}'/></update-subscription>`;
    await whileHeld(people, [says(people.hag66, "psst"), requests(people.macbeth, update)]);
    expect(people.macbeth.heard()).toEqual([]);
  });

  it("shows no JID that is hidden while the message is on its way, not to its sender either", async () => {
    const people = await coven();
    await whileHeld(people, [says(people.hag66, "psst")], () => people.host.engine.host.enable("hiding"));
    expect([shownTo(people.hecate), shownTo(people.hag66)]).toEqual([[""], [""]]);
  });

  it("shows no JID that was hidden when the message took its place, though it may be shown now", async () => {
    const people = await coven({ hiding: {} });
    await whileHeld(people, [says(people.hag66, "psst")], () => people.host.engine.host.disable("hiding"));
    expect([people.hecate.heard(), shownTo(people.hecate)]).toEqual([["psst"], [""]]);
  });

  it("shows a JID that only administrators may see to none who becomes one while the message is on its way", async () => {
    const people = await coven({ masks: {} });
    const { hecate, hag66, macbeth } = people;
    await whileHeld(people, [says(hag66, "psst"), requests(hecate, owners(hecate.jid, macbeth.jid))]);
    expect([shownTo(hecate), shownTo(macbeth)]).toEqual([[hag66.jid], [""]]);
    await people.host.receive(says(hag66, "again"));
    expect(shownTo(macbeth)).toEqual(["", hag66.jid]);
  });

  it("shows it to none who is one no more", async () => {
    const people = await coven({ masks: {} });
    const { hecate, hag66, macbeth } = people;
    await whileHeld(people, [says(hag66, "psst"), requests(hecate, owners(macbeth.jid))]);
    expect(shownTo(hecate)).toEqual([""]);
  });

  it("takes no message of one who has left before its place in the order", async () => {
    const people = await coven();
    const { hecate, hag66 } = people;
    await whileHeld(people, [requests(hag66, leave), says(hag66, "too late")]);
    expect(hecate.heard()).toEqual([]);
    expect(hag66.received().slice(-2).map(outcome)).toEqual(["result", "forbidden"]);
    expect(await archived(people.host, hecate)).toEqual([]);
  });

  it("takes no message of one who was removed while plugins were asked about it", async () => {
    const slow = definePlugin({
      name: "slow",
      summary: "Thinks about every message until its sender is gone.",
      setup({ handle }) {
        handle("message/accept", async ({ channel, sender }) => {
          await channel.update((turn) => turn.remove(sender));
          return undefined;
        });
      },
    });
    const { host, hecate, hag66 } = await testHost([slow]).coven("hecate", "hag66");
    expect((await host.receive(says(hag66, "too late"))).map(outcome)).toEqual(["forbidden"]);
    expect(hecate.heard()).toEqual([]);
  });

  it("takes the message of one whose server's join was right in front of it", async () => {
    const { host, hecate } = await coven();
    const banquo = host.actor("banquo");
    host.push(requests(banquo, join("banquo")));
    host.push(says(banquo, "So foul and fair a day"));
    await host.settled();
    expect(hecate.heard()).toEqual(["So foul and fair a day"]);
  });
});

describe("the order of a channel", () => {
  it("is the archive's order for everyone, however the disk stutters", async () => {
    const act = fc.record({
      who: fc.constantFrom("hecate", "hag66", "macbeth"),
      what: fc.constantFrom("says", "says", "types", "renames"),
      disk: fc.constantFrom("goes on", "goes on", "hold", "release", "turns"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 2, maxLength: 25 }), async (acts) => {
        const { store, host, ...people } = await coven();
        const readers = [people.hecate, people.hag66, people.macbeth];
        const before = readers.map((reader) => reader.received().length);
        for (const [i, { who, what, disk }] of acts.entries()) {
          const actor = host.actor(who);
          if (what === "says") host.push(says(actor, String(i)));
          else if (what === "types") host.push(types(actor));
          else host.push(requests(actor, `<setnick xmlns='${NS.MIX_CORE_1}'><nick>${who} ${i}</nick></setnick>`));
          if (disk === "hold") {
            store.release();
            store.hold();
          } else if (disk === "release") store.release();
          else if (disk === "turns") await store.turns();
        }
        store.release();
        await host.settled();
        // Replies aside, everybody was told the same in the same order: what was said, typed, and who is now called what.
        const told = readers.map((reader, i) =>
          reader
            .received()
            .slice(before[i])
            .filter(({ name }) => name === "message")
            .map((stanza) => stanza.children.join("")),
        );
        expect(told[1]).toEqual(told[0]);
        expect(told[2]).toEqual(told[0]);
        const heard = people.hecate.heard();
        expect(await archived(host, people.hecate)).toEqual(heard);
        expect([...heard].sort()).toEqual(acts.flatMap(({ what }, i) => (what === "says" ? [String(i)] : [])).sort());
        expect((await host.use(Channels).find("coven"))?.idle).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it("is for each sender the order in which he spoke", async () => {
    const { host, hecate, hag66, macbeth } = await coven();
    for (let i = 0; i < 100; i++) host.push(says(i % 3 ? hag66 : macbeth, String(i)));
    await host.settled();
    const numbers = hecate.heard().map(Number);
    for (const isHers of [true, false]) {
      const own = numbers.filter((i) => i % 3 > 0 === isHers);
      expect(own).toEqual([...own].sort((a, b) => a - b));
    }
    expect(numbers).toHaveLength(100);
  });
});

describe("a message that is settled at its place in the order", () => {
  const CHARM = "Thrice the brinded cat hath mew'd.";

  /** The coven, with what is said in it by what finds out what that is. */
  async function settled() {
    const people = await coven();
    const channel = (await people.host.use(Channels).find("coven"))!;
    const post = (payload: Draft["payload"]) => channel.post({ sender: undefined, payload, id: "1", keep: true });
    return { ...people, channel, post };
  }

  it("finds durable all that came before it, and nothing that came after", async () => {
    const { host, store, channel, post, hag66, macbeth } = await settled();
    const found: unknown[] = [];
    store.hold();
    host.push(says(hag66, "before"));
    await store.turns();
    const posted = post(async () => {
      const page = await channel.history({ node: NODE.MESSAGES, max: 10 });
      found.push(page === "no such message" ? page : page.messages.map(({ payload }) => payload));
      return { payload: `<body>${CHARM}</body>`, writings: [] };
    });
    host.push(says(macbeth, "after"));
    await store.turns();
    expect(found).toEqual([]);
    store.release();
    await posted;
    await host.settled();
    expect(found).toEqual([["<body>before</body>"]]);
    expect(await archived(host, macbeth)).toEqual(["before", CHARM, "after"]);
  });

  it("is told and stored under the id and the time it was settled with", async () => {
    const { channel, post, hecate } = await settled();
    const marks: unknown[] = [];
    await post(async (mark) => {
      marks.push(mark);
      return { payload: `<body>${CHARM}</body>`, writings: [] };
    });
    const page = await channel.history({ node: NODE.MESSAGES, max: 10 });
    const kept = page === "no such message" ? [] : page.messages.map(({ id, at }) => ({ id, at }));
    expect(kept).toEqual(marks);
    expect(hecate.received().at(-1)?.attrs.id).toBe(kept[0]?.id);
  });

  it("is not said when that is refused, nor when there is nothing to be said; and nobody waits for it", async () => {
    const { host, post, hecate, hag66 } = await settled();
    await expect(
      post(async () => {
        throw refuse("not-allowed", "The cat is asleep.");
      }),
    ).rejects.toMatchObject({ condition: "not-allowed" });
    await expect(post(async () => undefined)).resolves.toBeUndefined();
    await host.receive(says(hag66, "Harpier cries"));
    expect(hecate.heard()).toEqual(["Harpier cries"]);
    expect(await archived(host, hecate)).toEqual(["Harpier cries"]);
  });

  it("is stored in one transaction with what goes with it, or neither is", async () => {
    const { host, channel, post, hecate } = await settled();
    const nobody = {
      channel: channel.key,
      node: NODE.MESSAGES,
      at: 0,
      sender: "",
      nick: "",
      shown: false,
      payload: "",
    };
    const revision = { put: "revision", message: { ...nobody, id: "nothing" } } as const;
    const posted = post(async () => ({ payload: `<body>${CHARM}</body>`, writings: [revision] }));
    await expect(posted).rejects.toMatchObject({ condition: "internal-server-error" });
    expect(hecate.heard()).toEqual([]);
    expect(await archived(host, hecate)).toEqual([]);
  });

  it.each([0, 1] as const)(
    "may be the channel's own: it has a nick and no secret in generation %i",
    async (generation) => {
      const { host, post, macbeth } = await settled();
      await macbeth.joins("coven", { generation });
      await post(`<body>${CHARM}</body>`);
      const told = macbeth.received().at(-1)!;
      expect(told.attrs.from).toBe(COVEN);
      expect(String(told.getChild("mix"))).toBe(
        `<mix xmlns="urn:xmpp:mix:core:${generation}"><nick>coven</nick><jid>${COVEN}</jid></mix>`,
      );
      await archived(host, macbeth);
      const result = macbeth.received().findLast((stanza) => stanza.getChild("result", NS.MAM))!;
      const forwarded = result.getChild("result")!.getChild("forwarded", NS.FORWARD)!.getChild("message", NS.CLIENT)!;
      expect(String(forwarded)).toBe(String(told).replace(/ to="[^"]*"/, ' xmlns="jabber:client"'));
    },
  );
});
