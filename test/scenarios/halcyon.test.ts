import { CORE, type Element, NODE, NS, xml } from "masque";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { outcome, publish } from "../core/channel/replies.ts";
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

const NODES = [NODE.MESSAGES, NODE.PRESENCE, NODE.PARTICIPANTS, NODE.INFO, NODE.AVATAR_METADATA];
const CRONE = "crone1@shakespeare.example";

// One story: each `it` goes on where the one before ended. What Halcyon sends, and what it cannot do without, after its
// source (MIXModule): it joins by MIX-PAM only, which the scripted server speaks here.
describe("Halcyon", () => {
  let play: Play;
  let hecate: Person;
  let hag66: Person;

  beforeAll(async () => {
    play = await Play.begin();
    [hecate, hag66] = [play.person("hecate"), play.person("hag66")];
  });
  afterAll(() => play.end());

  const sets = (payload: Element) => hecate.asks("set", COVEN, payload);

  function joins(person: Person, nick: string, ...more: Element[]): Promise<Element> {
    const nodes = NODES.map((node) => xml("subscribe", { node }));
    return byServer(person, forServer("client-join", COVEN, xml("nick", {}, nick), ...nodes, ...more));
  }

  it("creates a channel, with a name and without", { tags: ["halcyon/create"] }, async () => {
    for (const channel of ["coven", undefined]) {
      const reply = await hecate.asks("set", SERVICE, xml("create", { xmlns: CORE[1], channel }));
      expect(reply.getChild("create", CORE[1])?.attrs.channel).toMatch(channel ?? /^[^@#]+$/);
    }
  });

  it("joins, and finds its ID in the address without which it would break", { tags: ["halcyon/join"] }, async () => {
    const join = below(await joins(hecate, "third witch"), "client-join", "join")[0];
    expect(join?.attrs.jid?.split("#")).toEqual([hecate.id, COVEN]);
    expect(join?.getChildren("subscribe").map(({ attrs }) => attrs.node)).toEqual(NODES);
    for (const type of ["subscribed", "subscribe"])
      await play.sends(xml("presence", { from: hecate.jid, to: COVEN, type }));
    await play.server.until(({ attrs }) => attrs.to === hecate.jid && attrs.type === "subscribed");
  });

  it("hears messages, with a nick in each, without which it would break", { tags: ["halcyon/talk"] }, async () => {
    await joins(hag66, "first witch");
    for (const speaker of [hecate, hag66]) await speaker.says(`Thus speaks ${speaker === hecate ? "one" : "two"}.`);
    await hecate.hears("Thus speaks two.");
    const nicks = hecate.reflections().map((message) => message.getChild("mix", CORE[1])?.getChildText("nick"));
    expect(nicks).toEqual(["third witch", "first witch"]);
  });

  it("reads the archive by the node's name", { tags: ["halcyon/history"] }, async () => {
    const last = query([xml("max", {}, "10"), xml("before")], NODE.MESSAGES);
    expect(await pageOf(hag66, COVEN, last)).toEqual(["Thus speaks one.", "Thus speaks two."]);
  });

  it("sees the participants, each with an element of its own", { tags: ["halcyon/participants"] }, async () => {
    expect([...(await participantsOf(hecate, COVEN)).values()]).toEqual([
      ["third witch", ""],
      ["first witch", ""],
    ]);
  });

  it("sees who is online, by the presence node that it asks for", { tags: ["halcyon/presence"] }, async () => {
    await play.sends(xml("presence", { from: hag66.client, to: COVEN }, xml("show", {}, "away")));
    const isHers = (stanza: Element) => stanza.attrs.to === hecate.jid && stanza.getChildText("show") === "away";
    const seen = await play.server.until(isHers);
    expect(seen.attrs.from).toMatch(`${hag66.id}#${COVEN}/`);
    expect(seen.getChild("mix", NS.MIX_PRESENCE)?.getChildText("nick")).toBe("first witch");
  });

  it("reads one item of the information, which must be of MIX-CORE, and publishes", {
    tags: ["halcyon/info"],
  }, async () => {
    const named = submit(CORE[1], Object.entries({ Name: ["The Coven"], Description: ["Witches"], Contact: [] }));
    expect(outcome(await sets(publish(NODE.INFO, xml("item", {}, named))))).toBe("result");
    const found = below(
      await hag66.asks("get", COVEN, items(NODE.INFO, { max_items: "1" })),
      "pubsub",
      "items",
      "item",
    );
    expect(found).toHaveLength(1);
    const fields = fieldsOf(found[0]);
    expect([fields.get("FORM_TYPE"), fields.get("Name")]).toEqual([[CORE[1]], ["The Coven"]]);
    expect(fieldsOf(toldOf(hag66, NODE.INFO)).get("Description")).toEqual(["Witches"]);
  });

  it("invites by itself, without the channel, by an element of MIX-CORE in the join", {
    tags: ["halcyon/invite"],
  }, async () => {
    const parts = Object.entries({ inviter: hecate.jid, invitee: CRONE, channel: COVEN });
    const invitation = xml("invitation", {}, ...parts.map(([name, text]) => xml(name, {}, text)));
    expect(outcome(await joins(play.person("crone1"), "second witch", invitation))).toBe("result");
  });

  it("bans by JID, and takes it back", { tags: ["halcyon/ban"] }, async () => {
    // It makes the node first, which is there.
    const create = (node: string) => sets(xml("pubsub", { xmlns: NS.PUBSUB }, xml("create", { node })));
    expect(outcome(await create(NODE.BANNED))).toBe("conflict");
    expect(outcome(await sets(publish(NODE.BANNED, xml("item", { id: CRONE }))))).toBe("result");
    expect(toldOf(hecate, NODE.PARTICIPANTS)?.attrs.id).toBe(play.person("crone1").id);
    const retract = xml("retract", { node: NODE.BANNED }, xml("item", { id: CRONE }));
    expect(outcome(await sets(xml("pubsub", { xmlns: NS.PUBSUB }, retract)))).toBe("result");
    expect(outcome(await joins(play.person("crone1"), "second witch"))).toBe("result");
  });

  it("leaves", { tags: ["halcyon/leave"] }, async () => {
    expect(outcome(await byServer(hag66, forServer("client-leave", COVEN)))).toBe("result");
    expect(toldOf(hecate, NODE.PARTICIPANTS)?.attrs.id).toBe(hag66.id);
  });
});
