import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { HandClock } from "../../../core/testing/index.ts";
import { Requests } from "../../../core/xmpp/requests.ts";
import { type Element, xml } from "../../../core/xmpp/xml.ts";

const ask = () =>
  xml(
    "iq",
    { type: "get", from: "mix.shakespeare.example", to: "hecate@shakespeare.example" },
    xml("ping", { xmlns: "urn:xmpp:ping" }),
  );

function wired({ up = true } = {}) {
  const sent: Element[] = [];
  const clock = new HandClock();
  const requests = new Requests((stanza) => {
    sent.push(stanza);
    return up;
  }, clock);
  const stop = new AbortController();
  return { sent, clock, requests, stop, request: () => requests.request(ask(), 30_000, stop.signal) };
}

function reply(to: Element | undefined, type: "result" | "error", ...children: Element[]): Element {
  return xml("iq", { type, id: to?.attrs.id, from: to?.attrs.to, to: to?.attrs.from }, children);
}

describe("a request", () => {
  it("is answered by the result that comes from whom was asked", async () => {
    const { requests, request, sent } = wired();
    const asked = request();
    requests.settle(reply(sent[0], "result"), "hecate@shakespeare.example");
    expect((await asked).attrs.type).toBe("result");
    expect(requests.size).toBe(0);
  });

  it("goes out under an id that nobody can guess", () => {
    const { request, sent } = wired();
    void request().catch(() => {});
    void request().catch(() => {});
    expect(sent[0]?.attrs.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(sent[0]?.attrs.id).not.toBe(sent[1]?.attrs.id);
  });

  it("ignores a reply with the right id from anybody else", async () => {
    const { requests, request, sent, clock } = wired();
    const asked = request();
    requests.settle(reply(sent[0], "result"), "hag66@shakespeare.example");
    expect(requests.size).toBe(1);
    clock.advance(30_000);
    await expect(asked).rejects.toMatchObject({ condition: "remote-server-timeout" });
  });

  it("ignores a reply to another address than the one that asked", async () => {
    const { requests, request, sent } = wired();
    const asked = request();
    const astray = reply(sent[0], "result", xml("astray"));
    astray.attrs.to = "coven@mix.shakespeare.example";
    requests.settle(astray, "hecate@shakespeare.example");
    requests.settle(reply(sent[0], "result"), "hecate@shakespeare.example");
    expect((await asked).getChild("astray")).toBeUndefined();
  });

  it("takes only the first of two replies", async () => {
    const { requests, request, sent } = wired();
    const asked = request();
    requests.settle(reply(sent[0], "result", xml("first")), "hecate@shakespeare.example");
    requests.settle(reply(sent[0], "result", xml("second")), "hecate@shakespeare.example");
    expect((await asked).getChild("first")).toBeDefined();
  });

  it("throws the error it is answered with", async () => {
    const { requests, request, sent } = wired();
    const asked = request();
    const condition = xml("item-not-found", { xmlns: "urn:ietf:params:xml:ns:xmpp-stanzas" });
    requests.settle(reply(sent[0], "error", xml("error", { type: "cancel" }, condition)), "hecate@shakespeare.example");
    await expect(asked).rejects.toMatchObject({ condition: "item-not-found" });
  });

  it("throws undefined-condition for an error in words that RFC 6120 does not know", async () => {
    const { requests, request, sent } = wired();
    const asked = request();
    const condition = xml("constructor", { xmlns: "urn:ietf:params:xml:ns:xmpp-stanzas" });
    requests.settle(reply(sent[0], "error", xml("error", {}, condition)), "hecate@shakespeare.example");
    await expect(asked).rejects.toMatchObject({ condition: "undefined-condition" });
  });

  it("fails at once while the stream is down", async () => {
    const { request, requests } = wired({ up: false });
    await expect(request()).rejects.toMatchObject({ condition: "recipient-unavailable" });
    expect(requests.size).toBe(0);
  });

  it("fails when the stream goes down before the reply has come", async () => {
    const { request, requests } = wired();
    const asked = request();
    requests.disconnected();
    await expect(asked).rejects.toMatchObject({ condition: "recipient-unavailable" });
  });

  it("costs no more for each of ten thousand that wait, and all of them end with the plugin that asked", async () => {
    const { requests, request, stop } = wired();
    const all = Array.from({ length: 10_000 }, request);
    expect(requests.size).toBe(10_000);
    // Each that is over would be looked for among them.
    expect(getEventListeners(stop.signal, "abort")).toHaveLength(1);
    stop.abort();
    for (const { status } of await Promise.allSettled(all)) expect(status).toBe("rejected");
    expect(requests.size).toBe(0);
  });

  it("is rejected with an AbortError when the plugin that asked stops", async () => {
    const { request, requests, stop, clock } = wired();
    const asked = request();
    stop.abort();
    await expect(asked).rejects.toMatchObject({ name: "AbortError" });
    expect(requests.size).toBe(0);
    expect(clock.waiting).toBe(0);
  });
});
