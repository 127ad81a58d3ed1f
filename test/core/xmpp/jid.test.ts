import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bare, channelName, parseJid } from "../../../core/xmpp/jid.ts";

const part = (alphabet: string, maxLength: number) => fc.string({ unit: fc.constantFrom(...alphabet), maxLength });

// Addresses by their delimiters, right and wrong, plain and international.
const likely = fc
  .tuple(
    part("hag66ÉßאΣ.#\u0301 \"'<&:Ⅳ", 5),
    part("abZ9-.ü１xn[:]אK。☕", 8),
    part("pdaP ♚ⅣÅ/@\u0000\ud800", 5),
    fc.constantFrom("@", "@", "", "@@"),
    fc.constantFrom("/", "/", ""),
  )
  .map(([local, domain, resource, at, slash]) => local + at + domain + slash + resource);
const hostile = fc.oneof(likely, fc.string({ unit: "binary", maxLength: 20 }), part("@/.x[]:-ü\ud83d", 12));

describe("parseJid", () => {
  // RFC 7622 §3.5, table 1.
  it.each([
    ["juliet@example.com", "juliet", "example.com", ""],
    ["juliet@example.com/foo", "juliet", "example.com", "foo"],
    ["juliet@example.com/foo bar", "juliet", "example.com", "foo bar"],
    ["juliet@example.com/foo@bar", "juliet", "example.com", "foo@bar"],
    ["foo\\20bar@example.com", "foo\\20bar", "example.com", ""],
    ["fussball@example.com", "fussball", "example.com", ""],
    ["fu\u00dfball@example.com", "fu\u00dfball", "example.com", ""],
    ["\u03c0@example.com", "\u03c0", "example.com", ""],
    ["\u03a3@example.com/foo", "\u03c3", "example.com", "foo"],
    ["\u03c3@example.com/foo", "\u03c3", "example.com", "foo"],
    ["\u03c2@example.com/foo", "\u03c2", "example.com", "foo"],
    ["king@example.com/\u265a", "king", "example.com", "\u265a"],
    ["example.com", "", "example.com", ""],
    ["example.com/foobar", "", "example.com", "foobar"],
    ["a.example.com/b@example.net", "", "a.example.com", "b@example.net"],
  ])("reads %j", (text, local, domain, resource) => {
    const base = local ? `${local}@${domain}` : domain;
    const full = resource ? `${base}/${resource}` : base;
    expect(parseJid(text)).toEqual({ local, domain, resource, bare: base, full });
  });

  // RFC 7622 §3.5, table 2, without its row 18, which erratum 4560 took back.
  it.each([
    '"juliet"@example.com',
    "foo bar@example.com",
    "@example.com/",
    "henry\u2163@example.com",
    "\u265a@example.com",
    "juliet@",
    "/foobar",
  ])("refuses %j", (text) => {
    expect(parseJid(text)).toBeUndefined();
  });

  it.each([..."\"&':<>@ ＂＆＇／：＜＞＠\u3000"])("refuses %j in a localpart, wide or not", (char) => {
    expect(parseJid(`hag${char}66@shakespeare.example`)).toBeUndefined();
  });

  it.each([
    ["", undefined],
    ["hag66@shakespeare.example/", undefined],
    ["hag66@shakespeare.example/\u0000", undefined],
    ["hag66@shakespeare.example/pda\n", undefined],
    ["hag66@shakespeare.example/\ud83d", undefined],
    ["\udc00@shakespeare.example", undefined],
    ["hag66@shakespeare.example\n", undefined],
    ["hag66@@shakespeare.example", undefined],
  ])("refuses %j", (text, jid) => {
    expect(parseJid(text)).toBe(jid);
  });

  it("has no answer for an attribute that is not there", () => {
    expect(parseJid(undefined)).toBeUndefined();
  });

  it.each([
    ["Shakespeare.EXAMPLE", "shakespeare.example"],
    ["shakespeare.example.", "shakespeare.example"],
    ["localhost", "localhost"],
    ["192.0.2.7", "192.0.2.7"],
    ["[2001:DB8:0::1]", "[2001:db8::1]"],
    ["B\u00dcCHER.example", "b\u00fccher.example"],
    ["xn--bcher-kva.example", "b\u00fccher.example"],
    ["XN--BCHER-KVA.example", "b\u00fccher.example"],
    ["stra\u00dfe.example", "stra\u00dfe.example"],
    ["\u05d0\u05d1.example", "\u05d0\u05d1.example"],
    ["1", "1"],
    ["0x7f.1", "0x7f.1"],
  ])("prepares the domain %j as %j", (text, domain) => {
    expect(parseJid(`hag66@${text}/pda`)?.full).toBe(`hag66@${domain}/pda`);
  });

  it.each([
    "-a.example",
    "a-.example",
    "a..example",
    ".example",
    "a.example..",
    "a_b.example",
    "a b.example",
    "a:5222",
    "a%2e.example",
    "a?b",
    "a#b",
    "a\\b",
    "[::1",
    "[::1]x",
    "[fe80::1%25eth0]",
    "[127.0.0.1]",
    "[]",
    "\u2615.example",
    "\u00fc_x.example",
    "-\u00fc.example",
    "xn--.example",
    "xn--a.example",
    "xn--a-.example",
    "xn--53h.example",
    "a\u05d0.example",
  ])("refuses the domain %j", (domain) => {
    expect(parseJid(domain)).toBeUndefined();
    expect(parseJid(`hag66@${domain}/pda`)).toBeUndefined();
  });

  it("takes what the limits allow and not one byte more", () => {
    const label = "a".repeat(63);
    const domain = `${label}.${label}.${label}.${label}`;
    const longest = `${"h".repeat(1023)}@${domain}/${"r".repeat(1023)}`;
    expect(parseJid(longest)?.full).toBe(longest);
    expect(parseJid(`h${longest}`)).toBeUndefined();
    expect(parseJid(`${longest}r`)).toBeUndefined();
    expect(parseJid(`${label}a`)).toBeUndefined();
    expect(parseJid(`${domain}.a`)).toBeUndefined();
  });

  it("measures an international label as the DNS does", () => {
    const label = Array.from({ length: 20 }, (_, i) => String.fromCodePoint(0x4e00 + 1000 * i)).join("");
    expect(parseJid(`${label.slice(0, 12)}.example`)?.local).toBe("");
    expect(parseJid(`${label}.example`)).toBeUndefined();
  });

  it("never throws, and prepares for good", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const jid = parseJid(text);
        if (!jid) return;
        expect(parseJid(jid.full)).toEqual(jid);
        expect(parseJid(jid.bare)).toEqual({ ...jid, resource: "", full: jid.bare });
        expect(bare(jid.full)).toBe(jid.bare);
      }),
      { numRuns: 5000 },
    );
  });

  it("takes one way or the other to the same answer", () => {
    // A final dot keeps an address off the fast way.
    const local = part("hag66.#-", 6).filter((text) => text !== "");
    const domain = part("ab9-.", 6);
    const resource = part("pda/@ é", 4).filter((text) => text !== "");
    fc.assert(
      fc.property(local, domain, resource, (local, domain, resource) => {
        fc.pre(!domain.endsWith("."));
        expect(parseJid(`${local}@${domain}/${resource}`)).toEqual(parseJid(`${local}@${domain}./${resource}`));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("bare", () => {
  it("cuts at the first slash", () => {
    expect(bare("hag66@shakespeare.example/a/b")).toBe("hag66@shakespeare.example");
    expect(bare("hag66@shakespeare.example")).toBe("hag66@shakespeare.example");
  });
});

describe("channelName", () => {
  it.each([
    ["Coven", "coven"],
    ["mädchen", "mädchen"],
    ["co#ven", undefined],
    ["co＃ven", undefined],
    ["co@ven", undefined],
    ["the coven", undefined],
    ["", undefined],
  ])("makes %j %j", (text, name) => {
    expect(channelName(text)).toBe(name);
  });
});
