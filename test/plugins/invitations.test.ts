import { CORE, definePlugin, type Element, NODE, NS, xml } from "masque";
import { type Actor, emptyStore, type TestHost, type TestOptions, testHost } from "masque/testing";
import { afterEach, describe, expect, it } from "vitest";
import { COVEN, disco, outcome, publishes, reads, SERVICE } from "../core/channel/replies.ts";
import { ALL, setMode } from "./coven.ts";

const BY_PARTICIPANTS = "Participation Addition by Invitation from Participant";
const CAT = "cat@shakespeare.example";
const ABSENT = `haven@${SERVICE}`;

const banned = new Set<string>();
afterEach(() => banned.clear());

/** Lets nobody but witches in by themselves, and nobody who is banned, whoever vouches for him. */
const doorkeeper = definePlugin({
  name: "doorkeeper",
  summary: "Admits witches, and those whom they invite.",
  setup({ guard }) {
    const isWitch = (jid: string) => /^(hecate|hag)/.test(jid);
    guard("channel/admit", ({ jid, invited }) => (!banned.has(jid) && (invited || isWitch(jid)) ? "admit" : "refuse"));
  },
});

/** hecate's coven with hag66, which hides their JIDs; hag66 may invite. Nobody knows of the cat. */
async function coven(options: TestOptions = {}, mode = "jid-hidden") {
  const plugins = { ...ALL, doorkeeper: {}, visibility: { default: mode }, ...options.plugins };
  const { host, hecate, hag66 } = await testHost([doorkeeper], { ...options, plugins }).coven("hecate", "hag66");
  await publishes(hecate, NODE.CONFIG, { [BY_PARTICIPANTS]: "true" });
  return { host, hecate, hag66, cat: host.actor("cat") };
}

function asksToInvite(inviter: Actor, invitee = CAT, channel = COVEN): Promise<Element> {
  return inviter.asks("get", channel, xml("invite", { xmlns: NS.MIX_MISC }, xml("invitee", {}, invitee)));
}

/** The invitation that the channel gives out for somebody, by the texts of its elements. */
async function invites(inviter: Actor, invitee = CAT): Promise<Record<string, string>> {
  const reply = await asksToInvite(inviter, invitee);
  const invitation = reply.getChild("invite", NS.MIX_MISC)?.getChild("invitation");
  if (!invitation) throw new Error(`${inviter.name} was given no invitation: ${reply}`);
  return Object.fromEntries(invitation.getChildElements().map((each) => [each.name, each.getText()]));
}

function written(invitation: Readonly<Record<string, string>>): Element {
  const parts = Object.entries(invitation).map(([name, text]) => xml(name, {}, text));
  return xml("invitation", { xmlns: NS.MIX_MISC }, parts);
}

/** Joins with an invitation, as the XEP has it: by a `<join/>` of misc:0. */
function accepts(
  invitee: Actor,
  invitation: Readonly<Record<string, string>>,
  channel = COVEN,
  xmlns: string = NS.MIX_MISC,
): Promise<Element> {
  const nick = xml("nick", {}, "Graymalkin");
  const join = xml("join", { xmlns }, xml("subscribe", { node: NODE.MESSAGES }), nick, written(invitation));
  return invitee.asks("set", channel, join, invitee.jid);
}

/** Says something to an invitation, to the one it names. */
function answers(host: TestHost, from: string, invitation: Readonly<Record<string, string>>, value: string, to = "") {
  const ack = xml("invitation-ack", { xmlns: NS.MIX_MISC }, xml("value", {}, value), written(invitation));
  const attrs = { from, to: to || invitation.inviter, id: "b6p9llze" };
  return host.receive(xml("message", attrs, xml("body", {}, "Too busy chasing mice."), ack));
}

/** A reply without what differs by whom and when it was asked. */
const bare = (reply: Element | undefined) => {
  const { id: _, ...attrs } = reply?.attrs ?? {};
  return JSON.stringify([attrs, reply?.getChild("error")?.toString()]).replaceAll(ABSENT, COVEN);
};

describe("an invitation (XEP-0407 §Inviting another User to join a Channel that the user does not have Permission to Join)", () => {
  it("names the inviter, the invitee, the channel and a token", async () => {
    const { hag66 } = await coven({}, "jid-visible");
    expect(await invites(hag66)).toEqual({
      inviter: hag66.jid,
      invitee: CAT,
      channel: COVEN,
      token: expect.stringMatching(/^\S{40,}$/),
    });
  });

  it.each(["jid-hidden", "jid-maybe-visible"])(
    "names the inviter by his proxy JID where the channel is %s",
    async (mode) => {
      const { hag66, hecate } = await coven({}, mode);
      expect((await invites(hag66)).inviter).toBe(hag66.proxy);
      expect((await invites(hecate)).inviter).toBe(hecate.proxy);
      expect(JSON.stringify(await invites(hag66))).not.toContain("hag66@");
    },
  );

  it("lets in one who could not join by himself", { tags: ["0369-3/6", "0407-6/4"] }, async () => {
    const { hag66, cat } = await coven();
    expect(outcome(await cat.joins())).toBe("item-not-found");
    const joined = await accepts(cat, await invites(hag66));
    expect(joined.getChild("join", NS.MIX_MISC)?.attrs.id).toMatch(/^[a-z0-9]{16}$/);
    await hag66.says("Welcome, cat.");
    expect(cat.heard()).toEqual(["Welcome, cat."]);
  });

  it.each(CORE)("lets him in by a join of %s, too", async (xmlns) => {
    const { hag66, cat } = await coven();
    expect(outcome(await accepts(cat, await invites(hag66), COVEN, xmlns))).toBe("result");
  });

  it("is given out also for one who is in the channel, and for one who is banned: nothing is told of him", async () => {
    const { hag66 } = await coven();
    banned.add(CAT);
    for (const invitee of [CAT, "hecate@shakespeare.example"])
      expect(Object.keys(await invites(hag66, invitee))).toEqual(["inviter", "invitee", "channel", "token"]);
  });

  it("goes through a restart", async () => {
    const store = await emptyStore();
    const { host, hag66 } = await coven({ store });
    const invitation = await invites(hag66);
    await host.stop();
    const plugins = { ...ALL, doorkeeper: {} };
    const again = await testHost([doorkeeper], { plugins, store }).start();
    expect(outcome(await accepts(again.actor("cat"), invitation))).toBe("result");
    await again.stop();
    await store.close();
  });
});

describe("who may invite (XEP-0406, Participation Addition by Invitation from Participant)", () => {
  it("is whoever is in the channel, once its owner wants that", { tags: ["0406-2.4/23", "0407-6/1"] }, async () => {
    const { hecate, hag66 } = await coven();
    await publishes(hecate, NODE.CONFIG, { [BY_PARTICIPANTS]: "false" });
    expect(outcome(await asksToInvite(hag66))).toBe("forbidden");
    expect(outcome(await asksToInvite(hecate))).toBe("result");
    await publishes(hecate, NODE.CONFIG, { [BY_PARTICIPANTS]: "true" });
    expect(outcome(await asksToInvite(hag66))).toBe("result");
  });

  it("is an administrator in any channel (XEP-0406 §2.1)", { tags: ["0406-2.4/23", "0407-6/1"] }, async () => {
    const { hecate, hag66 } = await coven();
    await publishes(hecate, NODE.CONFIG, { [BY_PARTICIPANTS]: "false", Administrator: hag66.jid });
    expect(outcome(await asksToInvite(hag66))).toBe("result");
  });

  it("is not one who is not in the channel, though he may know of it", { tags: ["0407-6/1"] }, async () => {
    const { host, hecate } = await coven();
    expect(outcome(await asksToInvite(host.actor("hag01")))).toBe("forbidden");
    await hecate.leaves();
    expect(outcome(await asksToInvite(hecate))).toBe("forbidden");
  });

  it.each([
    ["nobody", ""],
    ["a domain", "shakespeare.example"],
    ["no JID", "the cat @ home"],
  ])("must say whom: %s will not do", async (_, invitee) => {
    const { hag66 } = await coven();
    expect(outcome(await asksToInvite(hag66, invitee))).toBe("bad-request");
  });
});

describe("a token", () => {
  /** What the cat is told who joins with this, beside what he would be told of a channel that is not there. */
  async function told(cat: Actor, invitation: Readonly<Record<string, string>>) {
    const absent = await accepts(cat, { ...invitation, channel: ABSENT }, ABSENT);
    return { told: bare(await accepts(cat, invitation)), absent: bare(absent) };
  }

  const FORGERIES: Readonly<Record<string, (invitation: Record<string, string>, hecate: Actor) => object>> = {
    "no token": () => ({ token: "" }),
    "a token that is made up": () => ({ token: "ABCDEF" }),
    "a token with another end": ({ token = "" }) => ({ token: token.replace(/\.\d+\./, (end) => `.9${end.slice(1)}`) }),
    "a token and something more": ({ token }) => ({ token: `${token}=` }),
    "another inviter": (_, hecate) => ({ inviter: hecate.proxy }),
    "the inviter's JID, guessed": () => ({ inviter: "hag66@shakespeare.example" }),
    "another invitee": () => ({ invitee: "dog@shakespeare.example" }),
    "another channel": () => ({ channel: ABSENT }),
    "nothing but a token": () => ({ inviter: "", invitee: "", channel: "" }),
  };

  it.each(Object.keys(FORGERIES))(
    "is worth nothing with %s: the answer is that of a channel that is not there",
    { tags: ["0407-6/2"] },
    async (name) => {
      const { hag66, hecate, cat } = await coven();
      const invitation = await invites(hag66);
      const forged = { ...invitation, ...FORGERIES[name]?.(invitation, hecate) };
      const { told: answer, absent } = await told(cat, forged);
      expect(answer).toBe(absent);
      expect(answer).toContain("item-not-found");
    },
  );

  it("is worth nothing in another's hands", { tags: ["0407-6/2"] }, async () => {
    const { host, hag66 } = await coven();
    const { told: answer, absent } = await told(host.actor("dog"), await invites(hag66));
    expect(answer).toBe(absent);
  });

  it("lets in once", { tags: ["0407-6/2"] }, async () => {
    const { hag66, cat } = await coven();
    const invitation = await invites(hag66);
    await accepts(cat, invitation);
    await cat.leaves("coven");
    const { told: answer, absent } = await told(cat, invitation);
    expect(answer).toBe(absent);
    expect(outcome(await accepts(cat, await invites(hag66)))).toBe("result");
  });

  it("is used up for good, whatever others are used after it", async () => {
    const { hag66, cat } = await coven();
    const [first, second] = [await invites(hag66), await invites(hag66)];
    for (const invitation of [first, second]) {
      expect(outcome(await accepts(cat, invitation))).toBe("result");
      await cat.leaves("coven");
    }
    for (const invitation of [first, second]) expect(outcome(await accepts(cat, invitation))).toBe("item-not-found");
  });

  it("is not used up by a join that comes to nothing", async () => {
    const { hag66, cat } = await coven();
    const invitation = await invites(hag66);
    const join = xml("join", { xmlns: NS.MIX_CORE_1 }, xml("nick", {}, "hag66"), written(invitation));
    expect(outcome(await cat.asks("set", COVEN, join, cat.jid))).toBe("conflict");
    expect(outcome(await accepts(cat, invitation))).toBe("result");
  });

  it("may be sent again with a join by one who is in already", async () => {
    const { hag66, cat } = await coven();
    const invitation = await invites(hag66);
    const [first, again] = [await accepts(cat, invitation), await accepts(cat, invitation)];
    expect(again.getChild("join")?.attrs.id).toBe(first.getChild("join")?.attrs.id);
  });

  it("is not used up by one who could join without it", async () => {
    const { host, hag66 } = await coven();
    const hag01 = host.actor("hag01");
    const invitation = await invites(hag66, hag01.jid);
    for (const _ of [1, 2]) {
      expect(outcome(await accepts(hag01, invitation))).toBe("result");
      await hag01.leaves("coven");
    }
  });

  it("is good for as long as the operator says, and no longer", { tags: ["0407-6/3"] }, async () => {
    const { host, hag66, cat } = await coven({ plugins: { invitations: { valid_for: "1 h" } } });
    const [early, late] = [await invites(hag66), await invites(hag66)];
    host.clock.advance(3_600_000);
    expect(outcome(await accepts(cat, early))).toBe("result");
    await cat.leaves("coven");
    host.clock.advance(1);
    const { told: answer, absent } = await told(cat, late);
    expect(answer).toBe(absent);
  });

  it("is void once the one who invited has left", async () => {
    const { hag66, cat } = await coven();
    const invitation = await invites(hag66);
    await hag66.leaves();
    const { told: answer, absent } = await told(cat, invitation);
    expect(answer).toBe(absent);
  });

  it("is void once he may invite no more", { tags: ["0407-6/4"] }, async () => {
    const { hecate, hag66, cat } = await coven();
    const invitation = await invites(hag66);
    await publishes(hecate, NODE.CONFIG, { [BY_PARTICIPANTS]: "false" });
    const { told: answer, absent } = await told(cat, invitation);
    expect(answer).toBe(absent);
  });

  it("is void in a channel made anew under the old name", async () => {
    const { hecate, hag66, cat } = await coven();
    const invitation = await invites(hag66);
    await hecate.asks("set", SERVICE, xml("destroy", { xmlns: NS.MIX_CORE_1, channel: "coven" }));
    await hecate.creates("coven");
    for (const hag of [hecate, hag66]) await hag.joins();
    await publishes(hecate, NODE.CONFIG, { [BY_PARTICIPANTS]: "true" });
    const { told: answer, absent } = await told(cat, invitation);
    expect(answer).toBe(absent);
  });

  it("is beaten by a ban", { tags: ["0407-6/4"] }, async () => {
    const { hag66, cat } = await coven();
    const invitation = await invites(hag66);
    banned.add(CAT);
    const { told: answer, absent } = await told(cat, invitation);
    expect(answer).toBe(absent);
  });

  it("is good no more once the channel hides its people: whether the JID it gives is still in it is nobody's to learn", async () => {
    const { hecate, hag66, cat } = await coven({}, "jid-visible");
    const invitation = await invites(hag66);
    await setMode(hecate, "jid-hidden");
    expect(outcome(await accepts(cat, invitation))).toBe("item-not-found");
  });

  it("opens the channel to a join, and to nothing else", async () => {
    const { hag66, cat } = await coven();
    const invitation = written(await invites(hag66));
    expect(outcome(await cat.asks("get", COVEN, xml("query", { xmlns: NS.DISCO_INFO }, invitation)))).toBe(
      "item-not-found",
    );
    expect(outcome(await cat.asks("get", COVEN, disco("info")))).toBe("item-not-found");
  });
});

describe("what is said to an invitation (XEP-0407, <invitation-ack/>)", () => {
  const acks = (actor: Actor) => actor.received().filter((each) => each.getChild("invitation-ack", NS.MIX_MISC));

  it("reaches the one who invited, who is known by nothing but his proxy JID", { tags: ["0407-6/6"] }, async () => {
    const { host, hag66, cat } = await coven();
    const invitation = await invites(hag66);
    expect(await answers(host, cat.client, invitation, "Declined")).toHaveLength(1);
    const [ack, ...more] = acks(hag66);
    expect(more).toEqual([]);
    expect(ack?.attrs).toEqual({ from: COVEN, to: hag66.jid, id: expect.stringMatching(/^[a-z0-9]{16}$/) });
    expect(ack?.getChildText("body")).toBe("Too busy chasing mice.");
    const said = ack?.getChild("invitation-ack", NS.MIX_MISC);
    expect(said?.getChildText("value")).toBe("Declined");
    expect(said?.getChild("invitation")?.toString()).toBe(written(invitation).toString());
  });

  it("comes from the channel also once he has joined: who he is in there is not told", async () => {
    const { host, hag66, cat } = await coven();
    const invitation = await invites(hag66);
    const id = (await accepts(cat, invitation)).getChild("join")?.attrs.id as string;
    const [ack] = await answers(host, cat.client, invitation, "Joined");
    expect(ack?.attrs.from).toBe(COVEN);
    expect(ack?.toString()).not.toContain(id);
    expect(ack?.toString()).not.toContain(cat.client);
  });

  it("may go to the channel as well", async () => {
    const { host, hag66, cat } = await coven();
    const [ack] = await answers(host, cat.client, await invites(hag66), "Acknowledged", COVEN);
    expect(ack?.attrs.to).toBe(hag66.jid);
  });

  it("tells no more of him than his bare JID, whatever he writes into the invitation", async () => {
    const { host, hag66, cat } = await coven();
    const invitation = await invites(hag66);
    const [ack] = await answers(host, cat.client, { ...invitation, invitee: cat.client }, "Acknowledged");
    expect(ack?.getChild("invitation-ack")?.getChild("invitation")?.getChildText("invitee")).toBe(CAT);
  });

  it("is said once in each way", { tags: ["0407-6/6"] }, async () => {
    const { host, hag66, cat } = await coven();
    const invitation = await invites(hag66);
    for (const value of ["Acknowledged", "Declined"]) await answers(host, cat.client, invitation, value);
    expect(outcome((await answers(host, cat.client, invitation, "Declined"))[0])).toBe("conflict");
    expect(acks(hag66)).toHaveLength(2);
  });

  it("may be said also when the one who invited may do so no more", async () => {
    const { host, hecate, hag66, cat } = await coven();
    const invitation = await invites(hag66);
    await publishes(hecate, NODE.CONFIG, { [BY_PARTICIPANTS]: "false" });
    await answers(host, cat.client, invitation, "Declined");
    expect(acks(hag66)).toHaveLength(1);
  });

  it("is one of three words", async () => {
    const { host, hag66, cat } = await coven();
    expect(outcome((await answers(host, cat.client, await invites(hag66), "Perhaps"))[0])).toBe("bad-request");
  });

  it("by one who was not invited, is answered as if there were nobody", async () => {
    const { host, hag66 } = await coven();
    const invitation = await invites(hag66);
    const [refused, ...more] = await answers(host, "dog@shakespeare.example/pda", invitation, "Declined");
    const [absent] = await answers(
      host,
      "dog@shakespeare.example/pda",
      invitation,
      "Declined",
      hag66.proxy.replace("coven", "haven"),
    );
    expect([outcome(refused), more]).toEqual(["item-not-found", []]);
    expect(refused?.getChild("error")?.toString()).toBe(absent?.getChild("error")?.toString());
    expect(acks(hag66)).toEqual([]);
  });

  it("by one who is in the channel, is answered in the same way", async () => {
    const { host, hecate, hag66 } = await coven();
    const [refused] = await answers(host, hecate.client, await invites(hag66), "Joined");
    expect(outcome(refused)).toBe("item-not-found");
  });

  it("is forgotten when the invitation is", async () => {
    const store = await emptyStore();
    const { host, hag66, cat } = await coven({ store, plugins: { invitations: { valid_for: "1 h" } } });
    await answers(host, cat.client, await invites(hag66), "Declined");
    expect((await store.values("invitations/answered")).size).toBe(1);
    host.clock.advance(2 * 86_400_000);
    await host.settled();
    expect((await store.values("invitations/answered")).size).toBe(0);
    await host.stop();
    await store.close();
  });
});

describe("an invitation, where `access` says who may join", () => {
  const list = (actor: Actor, verb: string, node: string, ...ids: string[]) =>
    actor.asks(
      "set",
      COVEN,
      xml(
        "pubsub",
        { xmlns: NS.PUBSUB },
        xml(
          verb,
          { node },
          ids.map((id) => xml("item", { id })),
        ),
      ),
    );

  /** hecate's coven with hag66, who may invite; nobody is allowed by name. */
  async function closed() {
    const { host, hecate, hag66 } = await testHost([], { plugins: ALL }).coven("hecate", "hag66");
    await publishes(hecate, NODE.CONFIG, { [BY_PARTICIPANTS]: "true" });
    expect(outcome(await list(hecate, "create", NODE.ALLOWED))).toBe("result");
    return { host, hecate, hag66, cat: host.actor("cat") };
  }

  it("lets in one who is not allowed, and allows him by name from then on", { tags: ["0407-6/5"] }, async () => {
    const { hecate, hag66, cat } = await closed();
    expect(outcome(await cat.joins())).toBe("item-not-found");
    expect(outcome(await accepts(cat, await invites(hag66)))).toBe("result");
    const allowed = await reads(hecate, NODE.ALLOWED);
    expect(allowed.toString()).toContain(`<item id="${CAT}"/>`);
    await cat.leaves("coven");
    expect(outcome(await cat.joins())).toBe("result");
  });

  it("is void for one who was banned", async () => {
    const { hecate, hag66, cat } = await closed();
    const invitation = await invites(hag66);
    expect(outcome(await list(hecate, "publish", NODE.BANNED, CAT))).toBe("result");
    expect(outcome(await accepts(cat, invitation))).toBe("item-not-found");
  });

  it("is void when the one who gave it is banned", async () => {
    const { hecate, hag66, cat } = await closed();
    const invitation = await invites(hag66);
    expect(outcome(await list(hecate, "publish", NODE.BANNED, hag66.id))).toBe("result");
    expect(outcome(await accepts(cat, invitation))).toBe("item-not-found");
  });

  it("is answered by one who may not know of the channel", async () => {
    const { host, hag66, cat } = await closed();
    const [ack] = await answers(host, cat.client, await invites(hag66), "Declined");
    expect(ack?.attrs.to).toBe(hag66.jid);
  });
});

describe("invitations, switched off", () => {
  it("let nobody in, are nowhere to be seen, and are as good as before once they are on again", async () => {
    const { host, hecate, hag66, cat } = await coven();
    const invitation = await invites(hag66);
    await host.engine.host.disable("invitations");
    expect(outcome(await asksToInvite(hecate))).toBe("service-unavailable");
    expect(outcome(await accepts(cat, invitation))).toBe("item-not-found");
    expect(outcome((await answers(host, cat.client, invitation, "Declined"))[0])).toBe("item-not-found");
    await host.engine.host.enable("invitations");
    expect(outcome(await accepts(cat, invitation))).toBe("result");
  });
});
