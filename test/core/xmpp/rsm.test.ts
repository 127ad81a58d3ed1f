import { describe, expect, it } from "vitest";
import { NS } from "../../../core/xmpp/ns.ts";
import { isStanzaError } from "../../../core/xmpp/refuse.ts";
import { readSet, setOf } from "../../../core/xmpp/rsm.ts";
import { type Element, xml } from "../../../core/xmpp/xml.ts";

const query = (...children: Element[]) => xml("query", { xmlns: NS.MAM }, xml("set", { xmlns: NS.RSM }, children));

describe("readSet", () => {
  it("reads every part of a request", () => {
    const set = query(xml("max", {}, 10), xml("after", {}, "a1"), xml("before", {}, "b1"), xml("index", {}, 371));
    expect(readSet(set)).toEqual({ max: 10, after: "a1", before: "b1", index: 371 });
  });

  it("tells no set from an empty one", () => {
    expect(readSet(xml("query", { xmlns: NS.MAM }))).toBeUndefined();
    expect(readSet(query())).toEqual({});
  });

  it("takes an empty <before/> for the last page, and an empty <after/> for the first", () => {
    expect(readSet(query(xml("before")))).toEqual({ before: "" });
    expect(readSet(query(xml("after")))).toEqual({});
  });

  it("takes a max of 0 for a question about the count", () => {
    expect(readSet(query(xml("max", {}, " 0 ")))).toEqual({ max: 0 });
  });

  it.each(["", "-1", "1.5", "ten", "0x10", "1e3", "99999999999999999999"])("refuses %j as max and index", (text) => {
    for (const name of ["max", "index"]) {
      expect(() => readSet(query(xml(name, {}, text)))).toThrow(
        expect.toSatisfy((error) => isStanzaError(error) && error.condition === "bad-request"),
      );
    }
  });
});

describe("setOf", () => {
  it("describes a page", () => {
    expect(setOf({ first: "a1", last: "a9", index: 0, count: 800 }).toString()).toBe(
      '<set xmlns="http://jabber.org/protocol/rsm"><first index="0">a1</first><last>a9</last><count>800</count></set>',
    );
  });

  it("describes an empty page by its count alone", () => {
    expect(setOf({ count: 0 }).toString()).toBe('<set xmlns="http://jabber.org/protocol/rsm"><count>0</count></set>');
  });
});
