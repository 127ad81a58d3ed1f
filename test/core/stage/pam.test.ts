import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CORE } from "../../../core/channel/generation.ts";
import { formOf } from "../../../core/xmpp/form.ts";
import { NODE, NS } from "../../../core/xmpp/ns.ts";
import { type Element, xml } from "../../../core/xmpp/xml.ts";
import { condition, PAM, Person } from "./person.ts";
import { CHANNEL, openTheatre, type Theatre } from "./theatre.ts";

const ROSTER = "jabber:iq:roster";
const MIX_ROSTER = "urn:xmpp:mix:roster:0";
const SERVICE = "mix.shakespeare.example";

let theatre: Theatre;
let prospero: Person;
let hecate: Person;

beforeEach(async () => {
  theatre = await openTheatre();
  [prospero, hecate] = await Promise.all([enters("prospero", "cell"), enters("hecate", "garden")]);
  await prospero.creates("coven", SERVICE);
});

afterEach(() => theatre.close());

function enters(name: string, resource: string, isAvailable = true): Promise<Person> {
  return Person.logIn(theatre.socket, name, resource, isAvailable);
}

function readRoster(person: Person, ...more: Element[]): Promise<Element> {
  return person.asks("get", undefined, xml("query", { xmlns: ROSTER }, more));
}

const annotate = () => xml("annotate", { xmlns: MIX_ROSTER });
const itemIn = (stanza: Element) => stanza.getChild("query", ROSTER)?.getChild("item");
const isPush = ({ name, attrs }: Element) => name === "iq" && attrs.type === "set";

describe("joining by the server", () => {
  it("puts the user into the channel under his bare JID, and tells his client what the channel said", async () => {
    const result = await hecate.joins(CHANNEL, "midnight");
    expect(result.attrs).toMatchObject({ type: "result", from: "hecate@shakespeare.example" });
    const join = result.getChild("client-join", PAM)?.getChild("join", CORE[1]);
    expect(join?.getChildText("nick")).toBe("midnight");
    expect(join?.getChildren("subscribe").map(({ attrs }) => attrs.node)).toEqual([NODE.MESSAGES, NODE.PARTICIPANTS]);

    await prospero.joins(CHANNEL, "prospero");
    const items = xml("items", { node: NODE.JIDMAP });
    const list = await prospero.asks("get", CHANNEL, xml("pubsub", { xmlns: NS.PUBSUB }, items));
    expect(list.toString()).toContain("<jid>hecate@shakespeare.example</jid>");
  });

  it.each([
    ["urn:xmpp:mix:pam:0", CORE[0]],
    ["urn:xmpp:mix:pam:1", CORE[1]],
    ["urn:xmpp:mix:pam:2", CORE[1]],
  ])("is done in %s, too", async (pam, core) => {
    const result = await hecate.joins(CHANNEL, "midnight", pam, core);
    const join = result.getChild("client-join", pam)?.getChild("join", core);
    expect(join?.attrs.jid).toMatch(/^[a-z0-9]{16}#coven@mix\.shakespeare\.example$/);
  });

  it("hands on a refusal of the channel's, in the channel's words", async () => {
    await prospero.joins(CHANNEL, "midnight");
    const refused = await hecate.joins(CHANNEL, "midnight");
    expect(condition(refused)).toBe("conflict");
    expect(refused.toString()).toContain("This nick, or one that looks the same, is taken");
    expect((await readRoster(hecate)).getChild("query")?.children).toEqual([]);
  });

  it("is refused where there is no channel, and no such domain", async () => {
    expect(condition(await hecate.joins(`heath@${SERVICE}`, "midnight"))).toBe("item-not-found");
    expect(condition(await hecate.joins("coven@denmark.example", "midnight"))).toBe("remote-server-not-found");
    expect(condition(await hecate.joins(SERVICE, "midnight"))).toBe("bad-request");
    const empty = xml("client-join", { xmlns: PAM, channel: CHANNEL });
    expect(condition(await hecate.asks("set", undefined, empty))).toBe("bad-request");
  });

  it("is nobody else's business", async () => {
    const join = xml("client-join", { xmlns: PAM, channel: CHANNEL }, xml("join", { xmlns: CORE[1] }));
    expect(condition(await hecate.asks("set", "prospero@shakespeare.example", join))).toBe("service-unavailable");
  });
});

describe("the roster", () => {
  it("has the channel once it is joined, marked as one for clients that ask for it", async () => {
    const result = await hecate.joins(CHANNEL, "midnight");
    const id = result.getChild("client-join")?.getChild("join")?.attrs.id;
    const item = itemIn(await readRoster(hecate, annotate()));
    expect(item?.attrs).toEqual({ jid: CHANNEL, subscription: "from" });
    expect(item?.getChild("channel", MIX_ROSTER)?.attrs["participant-id"]).toBe(id);
    expect(itemIn(await readRoster(hecate))?.children).toEqual([]);
  });

  it("reads the participant's ID out of the proxy JID of MIX's first generation", async () => {
    const result = await hecate.joins(CHANNEL, "midnight", "urn:xmpp:mix:pam:0", CORE[0]);
    const jid = result.getChild("client-join")?.getChild("join")?.attrs.jid;
    const channel = itemIn(await readRoster(hecate, annotate()))?.getChild("channel", MIX_ROSTER);
    expect(`${channel?.attrs["participant-id"]}#${CHANNEL}`).toBe(jid);
  });

  it("is pushed to every client that asked for it, as that one asked", async () => {
    const [moor, heath] = await Promise.all([enters("hecate", "moor"), enters("hecate", "heath")]);
    await readRoster(hecate, annotate());
    await readRoster(moor);
    await hecate.joins(CHANNEL, "midnight");
    expect(itemIn(await hecate.hears(isPush))?.getChild("channel", MIX_ROSTER)).toBeDefined();
    expect(itemIn(await moor.hears(isPush))?.children).toEqual([]);
    await heath.settles();
    expect(heath.heard.filter(isPush)).toEqual([]);
  });

  it("shares presence with the channel, unless its user prefers not to", async () => {
    const form = formOf("submit", NS.MIX_ANON, [{ var: "Presence", values: ["not share"] }]);
    await hecate.joins(CHANNEL, "midnight", PAM, CORE[1], form);
    expect(itemIn(await readRoster(hecate))?.attrs.subscription).toBe("none");
  });

  it("loses the channel when it is left", async () => {
    await readRoster(hecate);
    await hecate.joins(CHANNEL, "midnight");
    const left = await hecate.leaves(CHANNEL);
    expect(left.getChild("client-leave", PAM)?.getChild("leave", CORE[1])).toBeDefined();
    await hecate.hears((stanza) => isPush(stanza) && itemIn(stanza)?.attrs.subscription === "remove");
    expect(itemIn(await readRoster(hecate))).toBeUndefined();
  });

  it("keeps the channel when leaving is refused", async () => {
    await hecate.joins(CHANNEL, "midnight");
    expect(condition(await hecate.leaves(`heath@${SERVICE}`))).toBe("item-not-found");
    expect(itemIn(await readRoster(hecate))?.attrs.jid).toBe(CHANNEL);
  });

  it("takes people, and lets them go, but a channel goes only by leaving it", async () => {
    const put = (attrs: Record<string, string>, ...more: Element[]) =>
      hecate.asks("set", undefined, xml("query", { xmlns: ROSTER }, xml("item", attrs, more)));
    await put({ jid: "hag66@shakespeare.example", name: "Third Witch" }, xml("group", {}, "coven"));
    const item = itemIn(await readRoster(hecate));
    expect(item?.attrs).toEqual({ jid: "hag66@shakespeare.example", name: "Third Witch", subscription: "none" });
    expect(item?.getChildText("group")).toBe("coven");
    await put({ jid: "hag66@shakespeare.example", subscription: "remove" });
    expect(itemIn(await readRoster(hecate))).toBeUndefined();
    expect(condition(await put({ jid: "hag66@shakespeare.example", subscription: "remove" }))).toBe("item-not-found");
    await hecate.joins(CHANNEL, "midnight");
    expect(condition(await put({ jid: CHANNEL, subscription: "remove" }))).toBe("not-allowed");
  });
});

describe("what a channel sends", () => {
  it("reaches every available client of a user once, and no other", async () => {
    const moor = await enters("hecate", "moor");
    const silent = await enters("hecate", "attic", false);
    await hecate.joins(CHANNEL, "midnight");
    await prospero.joins(CHANNEL, "prospero");
    prospero.speaks(CHANNEL, "Our revels now are ended.");
    prospero.speaks(CHANNEL, "Be not afeard.");
    await Promise.all([hecate, moor, prospero].map((person) => person.hearsWords("Be not afeard.")));
    for (const { words, jid, heard } of [hecate, moor, prospero]) {
      expect(words).toEqual(["Our revels now are ended.", "Be not afeard."]);
      expect(heard.filter(({ name, attrs }) => name === "message" && attrs.to !== jid)).toEqual([]);
    }
    await silent.settles();
    expect(silent.words).toEqual([]);
  });

  it("brings news of who joins to all of a user's clients", async () => {
    const moor = await enters("hecate", "moor");
    await hecate.joins(CHANNEL, "midnight");
    await prospero.joins(CHANNEL, "the duke");
    const isNews = (stanza: Element) =>
      stanza.getChild("event") !== undefined && stanza.toString().includes("the duke");
    await Promise.all([hecate.hears(isNews), moor.hears(isNews)]);
  });

  it("is dropped while a user is away, and waits for him in the channel's archive", async () => {
    await hecate.joins(CHANNEL, "midnight");
    await prospero.joins(CHANNEL, "prospero");
    await hecate.goes();
    prospero.speaks(CHANNEL, "Come unto these yellow sands");
    await prospero.hearsWords("Come unto these yellow sands");

    const back = await enters("hecate", "garden");
    prospero.speaks(CHANNEL, "And then take hands");
    await back.hearsWords("And then take hands");
    expect(back.words).toEqual(["And then take hands"]);
    const fin = await back.asks("set", CHANNEL, xml("query", { xmlns: NS.MAM }));
    expect(fin.getChild("fin")?.attrs.complete).toBe("true");
    const archived = back.heard.flatMap(
      (stanza) =>
        stanza.getChild("result", NS.MAM)?.getChild("forwarded")?.getChild("message")?.getChildText("body") ?? [],
    );
    expect(archived).toEqual(["Come unto these yellow sands", "And then take hands"]);
  });
});
