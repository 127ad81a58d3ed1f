import { CORE, type Element, NODE, NS, xml } from "masque";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { disco, features, listed, outcome, publish, reason } from "../core/channel/replies.ts";
import {
  below,
  byServer,
  fieldsOf,
  forServer,
  items,
  pageOf,
  participantsOf,
  query,
  submit,
  toldOf,
} from "./client.ts";
import { COVEN, type Person, SERVICE } from "./person.ts";
import { Play } from "./play.ts";

/** In the order in which QXmpp's QXmppMixManager asks for them, unless its caller names some. */
const ALL_NODES = [
  NODE.ALLOWED,
  NODE.AVATAR_DATA,
  NODE.AVATAR_METADATA,
  NODE.BANNED,
  NODE.CONFIG,
  NODE.INFO,
  NODE.JIDMAP,
  NODE.MESSAGES,
  NODE.PARTICIPANTS,
  NODE.PRESENCE,
];
/** The fields of XEP-0406 that QXmppMixConfigItem knows: others it drops. */
const KNOWN =
  /^(?:Last Change Made By|Owner|Administrator|End of Life|Nodes Present|.* Subscription|.* Rights|.* Access|Open Presence|Participants Must Provide Presence|User Message Retraction|Participation Addition .*|Private Messages|Mandatory Nicks)$/;

// One story: each `it` goes on where the one before ended. What QXmpp 1.10 sends, and what Kaidan makes of it, after their
// sources (QXmppMixManager, MixController): both join by MIX-PAM only, which the scripted server speaks here.
describe("QXmpp and Kaidan", () => {
  let play: Play;
  let hecate: Person;
  let hag66: Person;

  beforeAll(async () => {
    play = await Play.begin();
    [hecate, hag66] = [play.person("hecate"), play.person("hag66")];
  });
  afterAll(() => play.end());

  function joining(nick: string, channel = COVEN, ...more: Element[]): Element {
    const nodes = ALL_NODES.map((node) => xml("subscribe", { node }));
    return forServer("client-join", channel, ...nodes, ...(nick ? [xml("nick", {}, nick)] : []), ...more);
  }

  /** As QXmppMixIq reads the answer to it. */
  async function joins(person: Person, nick: string, ...more: Element[]) {
    const join = below(await byServer(person, joining(nick, COVEN, ...more)), "client-join", "join")[0];
    return {
      id: join?.attrs.id,
      channel: join?.attrs.jid?.split("#").at(-1),
      nick: join?.getChildText("nick"),
      nodes: join?.getChildren("subscribe").map(({ attrs }) => attrs.node) ?? [],
    };
  }

  async function form(node: string): Promise<{ id: string; fields: ReadonlyMap<string, readonly string[]> }> {
    // QXmpp takes the first item without looking whether there is one.
    const [item] = below(await hecate.asks("get", COVEN, items(node)), "pubsub", "items", "item");
    return { id: item?.attrs.id ?? "", fields: fieldsOf(item) };
  }

  /** QXmpp publishes what it has read, changed, under the id it has read. */
  async function publishes(node: string, formType: string, changes: Record<string, string[]>): Promise<Element> {
    const { id, fields } = await form(node);
    const known = [...fields].filter(([name, values]) => (node === NODE.INFO || KNOWN.test(name)) && values.length > 0);
    const changed = new Map([...known, ...Object.entries(changes)]);
    changed.delete("FORM_TYPE");
    return hecate.asks("set", COVEN, publish(node, xml("item", { id }, submit(formType, changed))));
  }

  it("find the service, what it offers, and its channels", { tags: ["qxmpp/find"] }, async () => {
    const info = await hecate.asks("get", SERVICE, disco("info"));
    expect(below(info, "query", "identity").map(({ attrs }) => [attrs.category, attrs.type])).toEqual([
      ["conference", "mix"],
    ]);
    const expected = [CORE[1], `${CORE[1]}#searchable`, `${CORE[1]}#create-channel`];
    expect(features(info)).toEqual(expect.arrayContaining(expected));
    expect(listed(await hecate.asks("get", SERVICE, disco("items")))).toEqual([]);
  });

  it("create a channel, and a private one without a name", { tags: ["qxmpp/create"] }, async () => {
    const creates = async (channel?: string) =>
      (await hecate.asks("set", SERVICE, xml("create", { xmlns: CORE[1], channel }))).getChild("create", CORE[1]);
    expect((await creates("coven"))?.attrs.channel).toBe("coven");
    expect((await creates())?.attrs.channel).toMatch(/^[^@]+$/);
    // A public one is one that the service lists.
    expect(listed(await hag66.asks("get", SERVICE, disco("items")))).toEqual([COVEN]);
  });

  it("join, asking for all ten nodes, and are told their ID and which they got", { tags: ["qxmpp/join"] }, async () => {
    const joined = await joins(hecate, "third witch");
    expect(joined).toMatchObject({ id: hecate.id, channel: COVEN, nick: "third witch" });
    expect(joined.nodes).toEqual(expect.arrayContaining([NODE.MESSAGES, NODE.PARTICIPANTS, NODE.INFO, NODE.CONFIG]));
    expect((await joins(hag66, "first witch")).nodes).not.toContain(NODE.JIDMAP);
  });

  it("are told, in words that Kaidan shows, that one cannot join without a nick", {
    tags: ["qxmpp/join"],
  }, async () => {
    const refusal = await byServer(play.person("crone1"), joining(""));
    expect(refusal.getChild("error")?.attrs.type).toBe("modify");
    expect(reason(refusal)).toContain("nick");
  });

  it("are told that there is no such channel, as Kaidan says it", { tags: ["qxmpp/join"] }, async () => {
    const refusal = await byServer(hag66, joining("first witch", `heath@${SERVICE}`));
    expect([refusal.getChild("error")?.attrs.type, outcome(refusal)]).toEqual(["cancel", "item-not-found"]);
  });

  it("hear what is said, with a nick in every message and the ID in its address", {
    tags: ["qxmpp/talk"],
  }, async () => {
    await hag66.says("Where hast thou been, sister?");
    const told = await hecate.hears("Where hast thou been, sister?");
    expect(told.getChild("mix", CORE[1])?.getChildText("nick")).toBe("first witch");
    expect(told.attrs.from).toBe(`${COVEN}/${hag66.id}`);
    expect(told.getChild("stanza-id", NS.SID)?.attrs.by).toBe(COVEN);
  });

  it("read the archive without naming a node: the last page, and what came after", {
    tags: ["qxmpp/history"],
  }, async () => {
    for (const body of ["Killing swine.", "Sister, where thou?"]) await hag66.says(body);
    const last = await hecate.hears("Sister, where thou?");
    const latest = await pageOf(hecate, COVEN, query([xml("max", {}, "2"), xml("before")]));
    expect(latest).toEqual(["Killing swine.", "Sister, where thou?"]);
    await hag66.says("A sailor's wife had chestnuts in her lap.");
    await hecate.hears("A sailor's wife had chestnuts in her lap.");
    const after = xml("after", {}, last.getChild("stanza-id", NS.SID)?.attrs.id ?? "");
    expect(await pageOf(hecate, COVEN, query([after]))).toEqual(["A sailor's wife had chestnuts in her lap."]);
  });

  it("change the nick, and are told what it became", { tags: ["qxmpp/nick"] }, async () => {
    const reply = await hag66.asks("set", COVEN, xml("setnick", { xmlns: CORE[1] }, xml("nick", {}, "second witch")));
    expect(reply.getChild("setnick", CORE[1])?.getChildText("nick")).toBe("second witch");
  });

  it("see the participants, without JIDs where these are hidden", { tags: ["qxmpp/participants"] }, async () => {
    const participants = await participantsOf(hecate, COVEN);
    expect(participants).toEqual(
      new Map([
        [hecate.id, ["third witch", ""]],
        [hag66.id, ["second witch", ""]],
      ]),
    );
  });

  it("rename the channel, under the id of the item they have read", { tags: ["qxmpp/info"] }, async () => {
    const before = await form(NODE.INFO);
    expect(outcome(await publishes(NODE.INFO, CORE[1], { Name: ["The Coven"] }))).toBe("result");
    const after = await form(NODE.INFO);
    expect([after.fields.get("FORM_TYPE"), after.fields.get("Name")]).toEqual([[CORE[1]], ["The Coven"]]);
    expect(after.id > before.id).toBe(true);
    expect(fieldsOf(toldOf(hag66, NODE.INFO)).get("Name")).toEqual(["The Coven"]);
  });

  it("publish the whole configuration that they have read, with what is new in it", {
    tags: ["qxmpp/configure"],
  }, async () => {
    const { fields } = await form(NODE.CONFIG);
    const nodes = fields.get("Nodes Present") ?? [];
    const changes = { "Nodes Present": [...nodes, "allowed"], "Private Messages": ["false"] };
    expect(outcome(await publishes(NODE.CONFIG, NS.MIX_ADMIN, changes))).toBe("result");
    const changed = (await form(NODE.CONFIG)).fields;
    expect(changed.get("FORM_TYPE")).toEqual([NS.MIX_ADMIN]);
    expect(changed.get("Nodes Present")).toContain("allowed");
    expect(changed.get("Private Messages")).toEqual(["false"]);
    for (const name of ["Owner", "Messages Node Subscription"]) expect(changed.get(name)).toEqual(fields.get(name));
  });

  it("let somebody in by the node of the allowed, and tell him", { tags: ["qxmpp/invite"] }, async () => {
    expect(listed(await hecate.asks("get", COVEN, disco("items", "mix")), "node")).toContain(NODE.ALLOWED);
    const allow = publish(NODE.ALLOWED, xml("item", { id: "crone1@shakespeare.example" }));
    expect(outcome(await byServer(play.person("crone1"), joining("fourth witch")))).toBe("item-not-found");
    expect(outcome(await hecate.asks("set", COVEN, allow))).toBe("result");
    expect((await joins(play.person("crone1"), "fourth witch")).nick).toBe("fourth witch");
  });

  it("have the channel invite somebody, who joins by that invitation", { tags: ["qxmpp/invite"] }, async () => {
    const invite = xml("invite", { xmlns: NS.MIX_MISC }, xml("invitee", {}, "banquo@shakespeare.example"));
    const answer = await hecate.asks("get", COVEN, invite);
    const [invitation] = below(answer, "invite", "invitation");
    expect(invitation?.getChildText("channel")).toBe(COVEN);
    const joined = await joins(play.person("banquo"), "a ghost", invitation as Element);
    expect(joined.nick).toBe("a ghost");
  });

  it("ban somebody by his JID, see who is banned, and take it back", { tags: ["qxmpp/ban"] }, async () => {
    const jid = "banquo@shakespeare.example";
    expect((await form(NODE.CONFIG)).fields.get("Nodes Present")).toContain("banned");
    expect(outcome(await hecate.asks("set", COVEN, publish(NODE.BANNED, xml("item", { id: jid }))))).toBe("result");
    expect(toldOf(hecate, NODE.PARTICIPANTS)?.attrs.id).toBe(play.person("banquo").id);
    const banned = async () => below(await hecate.asks("get", COVEN, items(NODE.BANNED)), "pubsub", "items", "item");
    expect((await banned()).map(({ attrs }) => attrs.id)).toEqual([jid]);
    const purge = xml("pubsub", { xmlns: NS.PUBSUB_OWNER }, xml("purge", { node: NODE.BANNED }));
    expect(outcome(await hecate.asks("set", COVEN, purge))).toBe("result");
    expect(await banned()).toEqual([]);
  });

  it("leave, and are told so", { tags: ["qxmpp/leave"] }, async () => {
    const left = await byServer(hag66, forServer("client-leave", COVEN));
    expect(below(left, "client-leave", "leave")[0]?.getNS()).toBe(CORE[1]);
    expect(toldOf(hecate, NODE.PARTICIPANTS)?.attrs.id).toBe(hag66.id);
  });

  it("destroy the channel, and are told when they then leave it that it is gone", {
    tags: ["qxmpp/destroy"],
  }, async () => {
    const destroy = xml("destroy", { xmlns: CORE[1], channel: "coven" });
    expect(outcome(await hag66.asks("set", SERVICE, destroy))).not.toBe("result");
    expect(outcome(await hecate.asks("set", SERVICE, destroy))).toBe("result");
    expect(outcome(await byServer(hecate, forServer("client-leave", COVEN)))).toBe("item-not-found");
  });
});
