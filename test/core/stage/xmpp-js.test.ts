import { once } from "node:events";
import { type Client, client } from "@xmpp/client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket } from "ws";
import { CORE } from "../../../core/channel/generation.ts";
import { NODE, NS } from "../../../core/xmpp/ns.ts";
import { type Element, xml } from "../../../core/xmpp/xml.ts";
import { CHANNEL, openTheatre, type Theatre } from "./theatre.ts";

const PAM = "urn:xmpp:mix:pam:2";
const SERVICE = "mix.shakespeare.example";

let theatre: Theatre;
let hecate: Client;
let hag66: Client;

/** Somebody at a real client, which knows of the stage what any client knows of a server. */
async function logIn(username: string): Promise<Client> {
  const person = client({
    service: theatre.socket,
    domain: "shakespeare.example",
    resource: "garden",
    credentials: (authenticate) => authenticate({ username, password: "double, double" }, "PLAIN"),
  });
  person.on("error", () => {}); // what comes of it, the test sees
  await person.start();
  await person.send(xml("presence"));
  return person;
}

async function asks(person: Client, type: string, to: string | undefined, payload: Element): Promise<Element> {
  const reply = await person.iqCaller.request(xml("iq", { type, to }, payload));
  return reply.getChildElements()[0] as Element;
}

/** The next message with these words. */
async function hears(person: Client, body: string): Promise<Element> {
  for (;;) {
    const [stanza] = (await once(person, "stanza")) as [Element];
    if (stanza.name === "message" && stanza.getChildText("body") === body) return stanza;
  }
}

const subscriptions = () => [NODE.MESSAGES, NODE.PARTICIPANTS].map((node) => xml("subscribe", { node }));

function joins(person: Client, nick: string): Promise<Element> {
  const join = xml("join", { xmlns: CORE[1] }, subscriptions(), xml("nick", {}, nick));
  return asks(person, "set", undefined, xml("client-join", { xmlns: PAM, channel: CHANNEL }, join));
}

beforeAll(async () => {
  // Node 20 has no WebSocket of its own, which the client's browser version wants.
  globalThis.WebSocket ??= WebSocket as unknown as typeof globalThis.WebSocket;
  theatre = await openTheatre();
  [hecate, hag66] = await Promise.all([logIn("hecate"), logIn("hag66")]);
});

afterAll(async () => {
  await Promise.all([hecate?.stop(), hag66?.stop()]);
  await theatre.close();
});

// One story, told by @xmpp/client over WebSocket: each `it` goes on where the one before ended.
it("finds the channels' service at its server", async () => {
  const items = await asks(hecate, "get", "shakespeare.example", xml("query", { xmlns: NS.DISCO_ITEMS }));
  expect(items.getChildren("item").map(({ attrs }) => attrs.jid)).toEqual([SERVICE]);
});

it("creates a channel, which others find", async () => {
  await asks(hecate, "set", SERVICE, xml("create", { xmlns: CORE[1], channel: "coven" }));
  const items = await asks(hag66, "get", SERVICE, xml("query", { xmlns: NS.DISCO_ITEMS }));
  expect(items.getChildren("item").map(({ attrs }) => attrs.jid)).toEqual([CHANNEL]);
});

it("has its server join", async () => {
  const [one, other] = [await joins(hecate, "midnight"), await joins(hag66, "third witch")];
  expect(one.getChild("join", CORE[1])?.attrs.id).toMatch(/^[a-z0-9]{16}$/);
  expect(other.getChild("join", CORE[1])?.getChildText("nick")).toBe("third witch");
});

it("is heard by everybody, itself included", async () => {
  const heard = Promise.all([hecate, hag66].map((person) => hears(person, "When shall we meet?")));
  const attrs = { to: CHANNEL, type: "groupchat", id: "1" };
  await hecate.send(xml("message", attrs, xml("body", {}, "When shall we meet?")));
  for (const message of await heard) expect(message.getChild("mix", CORE[1])?.getChildText("nick")).toBe("midnight");
});

it("sees who is there under a new nick", async () => {
  await asks(hag66, "set", CHANNEL, xml("setnick", { xmlns: CORE[1] }, xml("nick", {}, "second witch")));
  const items = xml("items", { node: NODE.PARTICIPANTS });
  const list = await asks(hecate, "get", CHANNEL, xml("pubsub", { xmlns: NS.PUBSUB }, items));
  const nicks = list
    .getChild("items")
    ?.getChildren("item")
    .map((item) => item.getChild("participant")?.getChildText("nick"));
  expect(nicks?.sort()).toEqual(["midnight", "second witch"]);
});

it("reads the channel's archive", async () => {
  const results: Element[] = [];
  hag66.on("stanza", (stanza: Element) => void (stanza.getChild("result", NS.MAM) && results.push(stanza)));
  const fin = await asks(hag66, "set", CHANNEL, xml("query", { xmlns: NS.MAM }));
  expect(fin.attrs.complete).toBe("true");
  expect(
    results.map((each) => each.getChild("result")?.getChild("forwarded")?.getChild("message")?.getChildText("body")),
  ).toEqual(["When shall we meet?"]);
});

it("has its server leave, and is told no more", async () => {
  const leave = xml("leave", { xmlns: CORE[1] });
  await asks(hag66, "set", undefined, xml("client-leave", { xmlns: PAM, channel: CHANNEL }, leave));
  const roster = await asks(hag66, "get", undefined, xml("query", { xmlns: "jabber:iq:roster" }));
  expect(roster.children).toEqual([]);
});

it("is refused by name when it is wrong", async () => {
  const wrong = asks(hag66, "set", CHANNEL, xml("setnick", { xmlns: CORE[1] }, xml("nick", {}, "hag66")));
  await expect(wrong).rejects.toMatchObject({ condition: "forbidden" });
});
