import { CORE, type Element, NODE, NS, xml } from "masque";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { disco, listed, outcome, publish } from "../core/channel/replies.ts";
import {
  below,
  byServer,
  displayed,
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

const NS_VCARD = "vcard-temp";
/** What Martin asks for, unless its caller names some. */
const NODES = [NODE.MESSAGES, NODE.PARTICIPANTS, NODE.INFO, NODE.AVATAR_METADATA];

// One story: each `it` goes on where the one before ended. What Martin sends, and what Siskin makes of it, after their
// sources (MixModule, Channel, MixEventHandler). The scripted server joins for hecate, not for hag66, who does it herself.
describe("Martin and Siskin", () => {
  let play: Play;
  let hecate: Person;
  let hag66: Person;

  beforeAll(async () => {
    play = await Play.begin();
    [hecate, hag66] = [play.person("hecate"), play.person("hag66")];
  });
  afterAll(() => play.end());

  const proxyOf = ({ id }: Person) => `${id}#${COVEN}`;
  const wishes = (nick: string) => [...NODES.map((node) => xml("subscribe", { node })), xml("nick", {}, nick)];
  const sets = (payload: Element) => hecate.asks("set", COVEN, payload);

  /** Which nodes one may publish to: what Siskin offers to change. */
  async function rights(person: Person): Promise<string[]> {
    const ask = xml("pubsub", { xmlns: NS.PUBSUB }, xml("affiliations"));
    const answer = below(await person.asks("get", COVEN, ask), "pubsub", "affiliations", "affiliation");
    const isMine = ({ attrs }: Element) => attrs.affiliation === "owner" || attrs.affiliation === "publisher";
    return answer.filter(isMine).map(({ attrs }) => attrs.node ?? "");
  }

  async function config(): Promise<ReadonlyMap<string, readonly string[]>> {
    const reply = await hecate.asks("get", COVEN, items(NODE.CONFIG, { max_items: "1" }));
    return fieldsOf(below(reply, "pubsub", "items", "item")[0]);
  }

  /** Martin sends what was changed, and nothing else, as of MIX-CORE instead of MIX-ADMIN. */
  function configures(changes: Record<string, string[]>): Promise<Element> {
    return sets(publish(NODE.CONFIG, xml("item", {}, submit(CORE[1], Object.entries(changes)))));
  }

  it("create a channel, and find it by the features of the service", {
    tags: ["martin/find", "martin/create"],
  }, async () => {
    const info = below(await hecate.asks("get", SERVICE, disco("info")), "query");
    expect(info[0]?.getChild("identity")?.attrs).toMatchObject({ category: "conference", type: "mix" });
    const reply = await hecate.asks("set", SERVICE, xml("create", { xmlns: CORE[1], channel: "coven" }));
    expect(reply.getChild("create", CORE[1])?.attrs.channel).toBe("coven");
    expect(listed(await hag66.asks("get", SERVICE, disco("items")))).toEqual([COVEN]);
  });

  it("join by the server, and find their ID in the address of the answer", { tags: ["martin/join"] }, async () => {
    const joined = await byServer(hecate, forServer("client-join", COVEN, ...wishes("third witch")));
    const join = below(joined, "client-join", "join")[0];
    expect(join?.attrs.jid?.split("#")).toEqual([hecate.id, COVEN]);
    expect(join?.getChildText("nick")).toBe("third witch");
    // They say at once that they let the channel see, and that they want to see, presence.
    await play.sends(xml("presence", { from: hecate.jid, to: COVEN, type: "subscribe" }));
    const isAnswer = ({ name, attrs }: Element) => name === "presence" && attrs.type === "subscribed";
    expect((await play.server.until(isAnswer)).attrs).toMatchObject({ from: COVEN, to: hecate.jid });
  });

  it("join by themselves where the server does not, and find their ID there", { tags: ["martin/join"] }, async () => {
    const reply = await hag66.asks("set", COVEN, xml("join", { xmlns: CORE[1] }, wishes("first witch")));
    hag66.id = reply.getChild("join", CORE[1])?.attrs.id ?? "";
    expect(hag66.id).toMatch(/^[a-z0-9]{16}$/);
  });

  it("see the participants, and are told of a nick", { tags: ["martin/participants", "martin/nick"] }, async () => {
    expect(await participantsOf(hag66, COVEN)).toEqual(
      new Map([
        [hecate.id, ["third witch", ""]],
        [hag66.id, ["first witch", ""]],
      ]),
    );
    await hag66.names("second witch");
    expect(toldOf(hecate, NODE.PARTICIPANTS)?.attrs.id).toBe(hag66.id);
  });

  it("hear each message once, from the participant's ID", { tags: ["martin/talk"] }, async () => {
    await hecate.says("Where the place?");
    await hag66.says("Upon the heath.");
    for (const listener of [hecate, hag66]) {
      await listener.hears("Upon the heath.");
      const from = listener.reflections().map(({ attrs }) => attrs.from);
      expect(from).toEqual([`${COVEN}/${hecate.id}`, `${COVEN}/${hag66.id}`]);
    }
  });

  it("read the last hundred messages by the node's name", { tags: ["martin/history"] }, async () => {
    const last = query([xml("max", {}, "100"), xml("before")], NODE.MESSAGES);
    expect(await pageOf(hag66, COVEN, last)).toEqual(["Where the place?", "Upon the heath."]);
  });

  it("see what they may change, by the affiliations of pubsub", {
    tags: ["martin/info", "martin/configure"],
  }, async () => {
    const all = [NODE.INFO, NODE.CONFIG, NODE.AVATAR_METADATA];
    expect(await rights(hecate)).toEqual(expect.arrayContaining(all));
    expect((await rights(hag66)).filter((node) => all.includes(node as typeof NODE.INFO))).toEqual([]);
  });

  it("name the channel by a form that is called a form, or a result", { tags: ["martin/info"] }, async () => {
    for (const type of ["form", "result"]) {
      const named = submit(CORE[1], Object.entries({ Name: [`The ${type}`], Description: [], Contact: [] }), type);
      expect(outcome(await sets(publish(NODE.INFO, xml("item", {}, named))))).toBe("result");
      const [item] = below(await hag66.asks("get", COVEN, items(NODE.INFO)), "pubsub", "items", "item");
      expect(fieldsOf(item).get("Name")).toEqual([`The ${type}`]);
    }
  });

  it("send only what they changed, in their own spelling of the groups", { tags: ["martin/configure"] }, async () => {
    const before = await config();
    const spelled = {
      "Information Node Update Rights": ["onwers"],
      "Administrator Message Retraction Rights": ["onbody"],
      "Banned Node Subscription": ["owner"],
      "Participants Node Subscription": ["admin"],
    };
    expect(outcome(await configures(spelled))).toBe("result");
    const after = await config();
    const expected = ["owners", "nobody", "owners", "admins"];
    expect(Object.keys(spelled).map((name) => after.get(name)?.[0])).toEqual(expected);
    for (const name of ["Owner", "Nodes Present", "Messages Node Subscription"])
      expect(after.get(name)).toEqual(before.get(name));
    expect(outcome(await configures({ "Participants Node Subscription": ["participants"] }))).toBe("result");
  });

  it("want a message taken back by an id of their own, which the channel does not know", {
    tags: ["martin/retract"],
  }, async () => {
    expect(outcome(await configures({ "User Message Retraction": ["true"] }))).toBe("result");
    const says = (id: string, ...content: Element[]) =>
      play.sends(xml("message", { type: "groupchat", from: hag66.client, to: COVEN, id }, ...content));
    await says("O1", xml("body", {}, "I did not mean that."), xml("origin-id", { xmlns: NS.SID, id: "O1" }));
    await hag66.hears("I did not mean that.");
    const retract = xml("retract", { xmlns: "urn:xmpp:message-retract:0" });
    await says("O2", xml("apply-to", { xmlns: "urn:xmpp:fasten:0", id: "O1" }, retract));
    const refusal = await play.server.until(({ attrs }) => attrs.to === hag66.client && attrs.id === "O2");
    expect(outcome(refusal)).toBe("item-not-found");
    const page = query([xml("max", {}, "1"), xml("before")], NODE.MESSAGES);
    expect(await pageOf(hecate, COVEN, page)).toEqual(["I did not mean that."]);
  });

  it("say what was shown by a marker to their own address in the channel", async () => {
    const marker = xml("message", { type: "chat", from: hecate.client, to: proxyOf(hecate), id: "m1" }, displayed("1"));
    await play.sends(marker);
    const told = await play.server.until(
      ({ attrs, ...stanza }) => attrs.to === hecate.jid && attrs.id === "m1" && stanza.name === "message",
    );
    expect(told.attrs.from?.split("/")[0]).toBe(proxyOf(hecate));
    expect(told.getChild("displayed")?.attrs.id).toBe("1");
    expect(hag66.received().filter(({ attrs }) => attrs.id === "m1")).toEqual([]);
  });

  it("ask everybody's vCard by his address in the channel, and get those that are shared", {
    tags: ["martin/vcard"],
  }, async () => {
    const vcard = () => hecate.asks("get", proxyOf(hag66), xml("vCard", { xmlns: NS_VCARD }));
    expect(outcome(await vcard())).toBe("not-allowed");
    const preference = xml("user-preference", { xmlns: NS.MIX_ANON }, submit(NS.MIX_ANON, [["vCard", ["allow"]]]));
    expect(outcome(await hag66.asks("set", COVEN, preference))).toBe("result");
    const asked = vcard();
    const { attrs } = await play.server.until((iq) => iq.attrs.to === hag66.jid && iq.getChild("vCard") !== undefined);
    const card = xml("vCard", { xmlns: NS_VCARD }, xml("NICKNAME", {}, "hag"), xml("JABBERID", {}, hag66.jid));
    await play.sends(xml("iq", { type: "result", from: hag66.jid, to: attrs.from, id: attrs.id }, card));
    const answer = (await asked).getChild("vCard", NS_VCARD);
    expect([answer?.getChildText("NICKNAME"), answer?.getChild("JABBERID")]).toEqual(["hag", undefined]);
  });

  it("make the channel one for invited people only, and let them in", { tags: ["martin/invite"] }, async () => {
    // Whether it is one they see by whether there is a node of the allowed.
    expect(outcome(await hecate.asks("get", COVEN, items(NODE.ALLOWED)))).toBe("item-not-found");
    const create = xml("pubsub", { xmlns: NS.PUBSUB }, xml("create", { node: NODE.ALLOWED }));
    expect(outcome(await sets(create))).toBe("result");
    for (const id of [hecate.jid, hag66.jid, "crone1@shakespeare.example"])
      expect(outcome(await sets(publish(NODE.ALLOWED, xml("item", { id }))))).toBe("result");
    expect(listed(await hecate.asks("get", COVEN, disco("items", "mix")), "node")).toContain(NODE.ALLOWED);
    const joins = (name: string) => byServer(play.person(name), forServer("client-join", COVEN, ...wishes(name)));
    expect(outcome(await joins("crone1"))).toBe("result");
    expect(outcome(await joins("banquo"))).toBe("item-not-found");
  });

  it("show by a marker in the channel what was shown, once it is one for few", { tags: ["martin/talk"] }, async () => {
    const marker = xml("message", { type: "groupchat", from: hag66.client, to: COVEN, id: "m2" }, displayed("2"));
    await play.sends(marker);
    const isMarker = (stanza: Element) =>
      stanza.attrs.to === hecate.jid && stanza.getChild("displayed")?.attrs.id === "2";
    expect((await play.server.until(isMarker)).getChild("mix", CORE[1])?.getChildText("nick")).toBe("second witch");
  });

  it("ban somebody by his JID, and take it back", { tags: ["martin/ban"] }, async () => {
    const id = "crone1@shakespeare.example";
    expect(outcome(await sets(publish(NODE.BANNED, xml("item", { id }))))).toBe("result");
    expect(toldOf(hecate, NODE.PARTICIPANTS)?.attrs.id).toBe(play.person("crone1").id);
    const retract = xml("retract", { node: NODE.BANNED }, xml("item", { id }));
    expect(outcome(await sets(xml("pubsub", { xmlns: NS.PUBSUB }, retract)))).toBe("result");
    expect(below(await hecate.asks("get", COVEN, items(NODE.BANNED)), "pubsub", "items", "item")).toEqual([]);
  });

  it("see nobody's JID in a channel that hides them, and so have none to ban", { tags: ["martin/ban"] }, async () => {
    const jids = [...(await participantsOf(hecate, COVEN)).values()].map(([, jid]) => jid);
    expect(new Set(jids)).toEqual(new Set([""]));
  });

  it("leave, by the server and by themselves", { tags: ["martin/leave"] }, async () => {
    expect(outcome(await hag66.asks("set", COVEN, xml("leave", { xmlns: CORE[1] })))).toBe("result");
    expect(toldOf(hecate, NODE.PARTICIPANTS)?.attrs.id).toBe(hag66.id);
    expect(outcome(await byServer(hecate, forServer("client-leave", COVEN)))).toBe("result");
  });

  it("destroy the channel", { tags: ["martin/destroy"] }, async () => {
    const destroy = xml("destroy", { xmlns: CORE[1], channel: "coven" });
    expect(outcome(await hecate.asks("set", SERVICE, destroy))).toBe("result");
    expect(listed(await hecate.asks("get", SERVICE, disco("items")))).toEqual([]);
  });
});
