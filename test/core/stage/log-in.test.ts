import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { NS } from "../../../core/xmpp/ns.ts";
import { xml } from "../../../core/xmpp/xml.ts";
import { condition, Person } from "./person.ts";
import { openEmptyStage, type Theatre } from "./theatre.ts";

let theatre: Theatre;
let url: string;

beforeAll(async () => {
  theatre = await openEmptyStage();
  url = theatre.socket;
});

afterAll(() => theatre.close());

const BIND = "urn:ietf:params:xml:ns:xmpp-bind";

describe("logging in", () => {
  it("takes any name, and gives it an address", async () => {
    const hecate = await Person.logIn(url, "hecate", "garden");
    expect(hecate.jid).toBe("hecate@shakespeare.example/garden");
  });

  it("prepares the name as RFC 7622 has it", async () => {
    expect((await Person.logIn(url, "HECATE", "heath")).jid).toBe("hecate@shakespeare.example/heath");
  });

  it("makes up a name for one who has none", async () => {
    const stranger = await Person.connect(url);
    await stranger.opens();
    expect((await stranger.authenticates("ANONYMOUS", "")).name).toBe("success");
    await stranger.opens();
    const bound = await stranger.asks("set", undefined, xml("bind", { xmlns: BIND }));
    expect(bound.getChild("bind")?.getChildText("jid")).toMatch(/^[0-9a-f-]{36}@shakespeare\.example\/[0-9a-f-]{36}$/);
  });

  it.each([
    ["an address for a name", "PLAIN", "\0hecate@elsewhere.example\0secret", "not-authorized"],
    ["no name", "PLAIN", "\0\0secret", "not-authorized"],
    ["no password", "PLAIN", "\0hecate\0", "not-authorized"],
    ["half a message", "PLAIN", "hecate", "malformed-request"],
    ["somebody else's identity", "PLAIN", "prospero@shakespeare.example\0hecate\0secret", "invalid-authzid"],
    ["a mechanism that was not offered", "SCRAM-SHA-1", "n,,n=hecate,r=1", "invalid-mechanism"],
  ])("refuses %s, and lets one try again", async (_, mechanism, words, failure) => {
    const person = await Person.connect(url);
    await person.opens();
    const refused = await person.authenticates(mechanism, words);
    expect([refused.name, refused.getChildElements()[0]?.name]).toEqual(["failure", failure]);
    expect((await person.authenticates("PLAIN", "\0hecate\0secret")).name).toBe("success");
  });

  it("has the newer of two clients of one address", async () => {
    const older = await Person.logIn(url, "hag66", "cave");
    const newer = await Person.logIn(url, "hag66", "cave");
    await older.when(() => !older.isConnected);
    expect(older.heard.at(-2)?.getChild("conflict")).toBeDefined();
    await newer.settles();
    expect(newer.heard.filter(({ attrs }) => attrs.type === "unavailable")).toEqual([]);
  });
});

describe("the stream", () => {
  it.each([
    ["stanzas before the log-in", "<message xmlns='jabber:client'/>", "not-authorized"],
    ["half an element", "<message xmlns='jabber:client'>", "not-well-formed"],
    ["two elements in a frame", "<a/><b/>", "not-well-formed"],
    ["words after the element", "<a/>hail", "not-well-formed"],
    ["an end without a beginning", "</stream:stream>", "not-well-formed"],
    ["a document type", "<!DOCTYPE x><a/>", "restricted-xml"],
  ])("ends at %s", async (_, frame, fault) => {
    const person = await Person.connect(url);
    await person.opens();
    person.says(frame);
    await person.when(() => !person.isConnected);
    expect(person.heard.map(({ name }) => name).slice(-2)).toEqual(["stream:error", "close"]);
    expect(person.heard.at(-2)?.getChildElements()[0]?.name).toBe(fault);
  });

  it.each([
    ["another's address", "<message xmlns='jabber:client' from='prospero@shakespeare.example'/>", "invalid-from"],
    ["what is no stanza", "<marker xmlns='jabber:client'/>", "unsupported-stanza-type"],
  ])("ends at %s after the log-in", async (_, frame, fault) => {
    const person = await Person.logIn(url, "hecate", "moor");
    person.says(frame);
    await person.when(() => !person.isConnected);
    expect(person.heard.at(-2)?.getChildElements()[0]?.name).toBe(fault);
  });

  it("is not for other domains", async () => {
    const person = await Person.connect(url);
    const error = await person.opens("denmark.example");
    expect(error.getChildElements()[0]?.name).toBe("host-unknown");
  });

  it("ends in good order when the client takes leave", async () => {
    const person = await Person.logIn(url, "hecate", "gate");
    person.says("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
    await person.when(() => !person.isConnected);
    expect(person.heard.at(-1)?.name).toBe("close");
  });
});

describe("the door", () => {
  async function knocks(path: string, protocols: string[], headers: Record<string, string> = {}): Promise<string> {
    const socket = new WebSocket(url.replace("/xmpp-websocket", path), protocols, { headers });
    const [error] = (await once(socket, "error")) as [Error];
    return error.message;
  }

  it("is at one path, for XMPP", async () => {
    expect(await knocks("/", ["xmpp"])).toContain("404");
    expect(await knocks("/xmpp-websocket", ["mqtt"])).toContain("400");
  });

  it("is shut to the pages of others, in whichever way they come", async () => {
    expect(await knocks("/xmpp-websocket", ["xmpp"], { origin: "https://evil.example" })).toContain("403");
    expect(await knocks("/xmpp-websocket", ["xmpp"], { host: "127.0.0.1.evil.example" })).toContain("403");
  });

  it("is open to a client that a page of this machine has loaded", async () => {
    const socket = new WebSocket(url, "xmpp", { headers: { origin: "http://localhost:8000" } });
    await once(socket, "open");
    socket.close();
  });
});

describe("the server", () => {
  it("tells what it is, and what there is besides", async () => {
    const hecate = await Person.logIn(url, "hecate", "hall");
    const info = await hecate.asks("get", "shakespeare.example", xml("query", { xmlns: NS.DISCO_INFO }));
    const features = info
      .getChild("query")
      ?.getChildren("feature")
      .map(({ attrs }) => attrs.var);
    expect(features).toEqual(expect.arrayContaining([NS.PING, "urn:xmpp:mix:pam:0"]));
    const items = await hecate.asks("get", "shakespeare.example", xml("query", { xmlns: NS.DISCO_ITEMS }));
    expect(items.getChild("query")?.children).toEqual([]);
  });

  it("tells each user what it does for his account", async () => {
    const hecate = await Person.logIn(url, "hecate", "hall");
    const info = await hecate.asks("get", undefined, xml("query", { xmlns: NS.DISCO_INFO }));
    const features = info
      .getChild("query")
      ?.getChildren("feature")
      .map(({ attrs }) => attrs.var);
    expect(features).toEqual(expect.arrayContaining(["urn:xmpp:mix:pam:1", "urn:xmpp:mix:pam:2"]));
  });

  it("answers nothing for another's account", async () => {
    const hecate = await Person.logIn(url, "hecate", "hall");
    const refused = await hecate.asks("get", "prospero@shakespeare.example", xml("query", { xmlns: NS.DISCO_INFO }));
    expect(condition(refused)).toBe("service-unavailable");
  });
});
