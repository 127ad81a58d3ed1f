import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NS } from "../../../core/xmpp/ns.ts";
import { type Child, type Element, xml } from "../../../core/xmpp/xml.ts";
import { condition, Person } from "./person.ts";
import { openEmptyStage, type Theatre } from "./theatre.ts";

const BARE = "hecate@shakespeare.example";

let theatre: Theatre;
let hecate: Person;
let moor: Person;
let hag66: Person;

beforeAll(async () => {
  theatre = await openEmptyStage();
  hecate = await Person.logIn(theatre.socket, "hecate", "garden");
  moor = await Person.logIn(theatre.socket, "hecate", "moor");
  hag66 = await Person.logIn(theatre.socket, "hag66", "heath");
  await Person.logIn(theatre.socket, "prospero", "cell", false);
});

afterAll(() => theatre.close());

/** Sends a message under an id of its own, and returns the id. */
function sends(to: string, type: string | undefined, ...content: Child[]): string {
  const id = `${to} ${type}`;
  hag66.says(xml("message", { xmlns: NS.CLIENT, to, type, id }, xml("body", {}, id), content));
  return id;
}

async function bounced(id: string): Promise<string | undefined> {
  return condition(await hag66.hears(({ attrs }) => attrs.id === id && attrs.type === "error"));
}

const isOf = (id: string) => (stanza: Element) => stanza.attrs.id === id;

// The rules of RFC 6121 §8.5.
describe("a message from one user to another", () => {
  it.each([undefined, "chat", "headline"])("of type %s to the bare JID reaches all available clients", async (type) => {
    const id = sends(BARE, type);
    const [one, two] = await Promise.all([hecate.hears(isOf(id)), moor.hears(isOf(id))]);
    expect([one.attrs.to, two.attrs.to]).toEqual([hecate.jid, moor.jid]);
    expect(one.attrs.from).toBe(hag66.jid);
  });

  it("to a full JID reaches that client alone", async () => {
    const id = sends(`${BARE}/moor`, "chat");
    await moor.hears(isOf(id));
    await hecate.settles();
    expect(hecate.heard.filter(isOf(id))).toEqual([]);
  });

  it("of type chat to a client that has gone goes to the others", async () => {
    const id = sends(`${BARE}/gone`, "chat");
    await Promise.all([hecate.hears(isOf(id)), moor.hears(isOf(id))]);
  });

  it.each([undefined, "groupchat"])("of type %s to a client that has gone comes back", async (type) => {
    expect(await bounced(sends(`${BARE}/gone`, type))).toBe("service-unavailable");
  });

  it("of type groupchat to a bare JID comes back, for it is from no channel he is in", async () => {
    expect(await bounced(sends(BARE, "groupchat"))).toBe("service-unavailable");
  });

  it.each(["prospero", "nobody"])("comes back when %s cannot be reached", async (name) => {
    expect(await bounced(sends(`${name}@shakespeare.example`, "chat"))).toBe("service-unavailable");
  });

  it("comes back from addresses there are not", async () => {
    expect(await bounced(sends("hecate@denmark.example", "chat"))).toBe("remote-server-not-found");
    expect(await bounced(sends("@", "chat"))).toBe("jid-malformed");
    expect(await bounced(sends("shakespeare.example", "chat"))).toBe("service-unavailable");
  });

  it("of type error to a bare JID is for nobody", async () => {
    const id = sends(BARE, "error");
    await hag66.settles();
    await Promise.all([hecate.settles(), moor.settles()]);
    expect([...hecate.heard, ...moor.heard].filter(isOf(id))).toEqual([]);
  });

  it("never comes back when it is an error itself, nor as presence", async () => {
    const heard = hag66.heard.length;
    sends("nobody@shakespeare.example", "error");
    hag66.says(xml("presence", { xmlns: NS.CLIENT, to: "nobody@shakespeare.example" }));
    hag66.says(xml("presence", { xmlns: NS.CLIENT, to: "hecate@denmark.example" }));
    await hag66.settles();
    expect(hag66.heard.slice(heard).filter(({ name }) => name !== "iq")).toEqual([]);
  });
});

describe("an iq", () => {
  it("passes between clients, both ways", async () => {
    const asked = moor
      .hears(({ attrs }) => attrs.from === hag66.jid && attrs.type === "get")
      .then((iq) => {
        moor.says(xml("iq", { xmlns: NS.CLIENT, type: "result", to: iq.attrs.from, id: iq.attrs.id }));
      });
    const reply = await hag66.asks("get", moor.jid, xml("ping", { xmlns: NS.PING }));
    await asked;
    expect(reply.attrs).toMatchObject({ type: "result", from: moor.jid });
  });

  it.each([
    ["a client that has gone", `${BARE}/gone`, "service-unavailable"],
    ["what the server does not know", "shakespeare.example", "service-unavailable"],
    ["a server there is not", "denmark.example", "remote-server-not-found"],
  ])("to %s is refused", async (_, to, refusal) => {
    expect(condition(await hag66.asks("get", to, xml("query", { xmlns: "urn:example:spell" })))).toBe(refusal);
  });

  it("has one child", async () => {
    hag66.says(xml("iq", { xmlns: NS.CLIENT, type: "get", id: "childless" }));
    expect(condition(await hag66.hears(isOf("childless")))).toBe("bad-request");
  });

  it("asks for the session that older clients want", async () => {
    const session = xml("session", { xmlns: "urn:ietf:params:xml:ns:xmpp-session" });
    expect((await hag66.asks("set", undefined, session)).attrs.type).toBe("result");
  });
});

describe("presence", () => {
  it("is shown to the user's own clients, and to one who comes online those of the others", async () => {
    const attic = await Person.logIn(theatre.socket, "hecate", "attic");
    await hecate.hears(({ name, attrs }) => name === "presence" && attrs.from === attic.jid);
    await attic.hears(({ name, attrs }) => name === "presence" && attrs.from === hecate.jid);
    await attic.goes();
    await moor.hears(({ attrs }) => attrs.from === attic.jid && attrs.type === "unavailable");
  });

  it("is not ended by one who never was there", async () => {
    const attic = await Person.logIn(theatre.socket, "hecate", "loft", false);
    await attic.goes();
    await Person.logIn(theatre.socket, "hecate", "tower");
    await moor.hears(({ attrs }) => attrs.from === `${BARE}/tower`);
    expect(moor.heard.filter(({ attrs }) => attrs.from === attic.jid)).toEqual([]);
  });

  it("is not told to people who have not asked for it", async () => {
    const item = xml("item", { jid: BARE, name: "Hecate" });
    await hag66.asks("set", undefined, xml("query", { xmlns: "jabber:iq:roster" }, item));
    await hag66.isAvailable(xml("status", {}, "Brewing"));
    await hag66.settles();
    await hecate.settles();
    expect(hecate.heard.filter((stanza) => stanza.getChildText("status") === "Brewing")).toEqual([]);
  });

  it("that is withdrawn ends what is sent to the bare JID", async () => {
    const attic = await Person.logIn(theatre.socket, "banquo", "attic");
    attic.says(xml("presence", { xmlns: NS.CLIENT, type: "unavailable" }));
    await attic.settles();
    expect(await bounced(sends("banquo@shakespeare.example", "chat"))).toBe("service-unavailable");
  });

  it("can be sent to one person", async () => {
    hag66.says(xml("presence", { xmlns: NS.CLIENT, to: BARE, id: "wave" }));
    await Promise.all([hecate.hears(isOf("wave")), moor.hears(isOf("wave"))]);
  });
});
