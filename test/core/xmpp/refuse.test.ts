import { describe, expect, it } from "vitest";
import { NS } from "../../../core/xmpp/ns.ts";
import {
  type Condition,
  errorElement,
  errorReply,
  isStanzaError,
  refuse,
  StanzaError,
} from "../../../core/xmpp/refuse.ts";
import { xml } from "../../../core/xmpp/xml.ts";

// RFC 6120 §8.3.3.1 to §8.3.3.22; where a section names two types, both are here.
const TYPES: Record<Condition, string> = {
  "bad-request": "modify",
  conflict: "cancel",
  "feature-not-implemented": "cancel modify",
  forbidden: "auth",
  gone: "cancel",
  "internal-server-error": "cancel",
  "item-not-found": "cancel",
  "jid-malformed": "modify",
  "not-acceptable": "modify",
  "not-allowed": "cancel",
  "not-authorized": "auth",
  "policy-violation": "modify wait",
  "recipient-unavailable": "wait",
  redirect: "modify",
  "registration-required": "auth",
  "remote-server-not-found": "cancel",
  "remote-server-timeout": "wait",
  "resource-constraint": "wait",
  "service-unavailable": "cancel",
  "subscription-required": "auth",
  "undefined-condition": "auth cancel modify wait",
  "unexpected-request": "wait modify",
};

describe("refuse", () => {
  it.each(Object.entries(TYPES) as [Condition, string][])(
    "gives %s a type of RFC 6120 (%s)",
    { tags: ["0369-5/1"] },
    (condition, types) => {
      expect(types.split(" ")).toContain(refuse(condition).type);
    },
  );

  it.each(Object.keys(TYPES) as Condition[])("says %s in a sentence that names nobody", (condition) => {
    expect(refuse(condition).text).toMatch(/^[A-Z][^@]+\.$/);
  });

  it("says the words of its caller instead of its own", () => {
    const error = refuse("forbidden", "Only owners may destroy this channel.");
    expect(error.text).toBe("Only owners may destroy this channel.");
    expect(error.message).toBe("forbidden: Only owners may destroy this channel.");
  });
});

describe("isStanzaError", () => {
  it("knows a refusal made by another copy of this module", () => {
    const foreign = Object.assign(new Error("forbidden"), { [Symbol.for("masque:StanzaError")]: true });
    expect(foreign).not.toBeInstanceOf(StanzaError);
    expect(isStanzaError(foreign)).toBe(true);
    expect(isStanzaError(refuse("conflict"))).toBe(true);
  });

  it.each([[new TypeError("boom")], ["forbidden"], [null], [undefined]])("is not taken in by %s", (thrown) => {
    expect(isStanzaError(thrown)).toBe(false);
  });
});

describe("errorElement", () => {
  it("has condition, text and application-specific detail, and names no `by`", () => {
    const detail = xml("unsupported", { xmlns: NS.PUBSUB_ERRORS, feature: "retrieve-affiliations" });
    const error = errorElement(refuse("feature-not-implemented", "No affiliations & the like here.", detail));
    expect(error.toString()).toBe(
      '<error type="cancel"><feature-not-implemented xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>' +
        '<text xmlns="urn:ietf:params:xml:ns:xmpp-stanzas" xml:lang="en">No affiliations &amp; the like here.</text>' +
        '<unsupported xmlns="http://jabber.org/protocol/pubsub#errors" feature="retrieve-affiliations"/></error>',
    );
  });
});

describe("errorReply", () => {
  const destroy = () =>
    xml(
      "iq",
      { type: "set", id: "1", from: "hag66@shakespeare.example/pda", to: "mix.shakespeare.example" },
      xml("destroy", { xmlns: NS.MIX_CORE_1, channel: "coven" }, "now"),
    );

  it("goes back to the sender with his id and his payload", () => {
    const reply = errorReply(destroy(), refuse("forbidden"));
    expect(reply.name).toBe("iq");
    expect(reply.attrs).toEqual({
      type: "error",
      id: "1",
      from: "mix.shakespeare.example",
      to: "hag66@shakespeare.example/pda",
    });
    expect(reply.getChild("destroy", NS.MIX_CORE_1)?.toString()).toContain('channel="coven">now</destroy>');
    expect(reply.children.at(-1)).toBe(reply.getChild("error"));
  });

  it("leaves the payload out on request", () => {
    const reply = errorReply(destroy(), refuse("forbidden"), { echo: false });
    expect(reply.getChildElements().map((child) => child.name)).toEqual(["error"]);
  });

  it("leaves the refused stanza as it was", () => {
    const stanza = destroy();
    errorReply(stanza, refuse("forbidden"));
    expect(stanza.toString()).toBe(destroy().toString());
    expect(stanza.getChild("destroy")?.parent).toBe(stanza);
  });

  it("has no id where the refused stanza had none", () => {
    expect(errorReply(xml("message", { from: "a", to: "b" }), refuse("conflict")).attrs).not.toHaveProperty("id");
  });
});
