import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nickCompared, nickEnforced, opaqueString, usernameCaseMapped } from "../../../core/xmpp/precis.ts";

const PROFILES = { usernameCaseMapped, opaqueString, nickEnforced, nickCompared };

// Letters, marks, digits, joiners and spaces of many scripts, where the rules bite, and anything at all.
const tricky = fc.constantFrom(
  ..."aAlZß·ſΣςσİıͅᾳ\u0301\u0308\u0345\u0327ΐ̈́µKΩⅣﬁ１Ａ\u3000ﾊﾞ・かカ漢אב׳׳عليلآرۆ٠٣۰۳\u064b\u200c\u200dक\u094dक\u0903०ߊ߁ 09#\u00a0\u1680¨´™❤☕👩🚀🏽\ufe0f\u20e3ᄀ가\u034f\u00ad\u2028\u0000\t𐴀𐴰𞤀𝕳Ꭰꭰẞʼnǰΰ",
);
const hostile = fc.oneof(
  fc.array(tricky, { maxLength: 8 }).map((chars) => chars.join("")),
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 6 }).map((units) => String.fromCharCode(...units)),
);

describe.each(Object.entries(PROFILES))("%s", (_, profile) => {
  it("changes nothing the second time, and yields nothing empty or ill-formed", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const once = profile(text);
        if (once === undefined) return;
        expect(profile(once)).toBe(once);
        expect(once).not.toBe("");
        expect(once).not.toMatch(/[\p{Cs}\p{Cc}]/u);
      }),
      { numRuns: 3000 },
    );
  });

  it("takes 1023 bytes and not one more", () => {
    expect(profile("a".repeat(1023))).toBe("a".repeat(1023));
    expect(profile("a".repeat(1024))).toBeUndefined();
    expect(profile("é".repeat(511))).toBe("é".repeat(511));
    expect(profile("é".repeat(512))).toBeUndefined();
  });

  it.each([
    ["nothing", ""],
    ["a control character", "hag\u001b"],
    ["a tab", "hag\t66"],
    ["a lone surrogate", "hag\ud83d"],
    ["an unassigned code point", "hag\u0378"],
    ["a private one", "hag\ue000"],
    ["a soft hyphen", "h\u00adag"],
    ["a zero width space", "h\u200bag"],
    ["a bidi override", "h\u202eag"],
    ["a variant mark after a letter", "hag\ufe0f"],
    ["a joiner between Latin letters", "h\u200dag"],
    ["a conjoining Hangul jamo", "\u1100"],
    ["a tatweel", "ع\u0640لي"],
  ])("refuses %s", (_, text) => {
    expect(profile(text)).toBeUndefined();
  });
});

describe("usernameCaseMapped", () => {
  // RFC 8265 §3.5, tables 1 and 2.
  it.each([
    ["juliet@example.com", "juliet@example.com"],
    ["fussball", "fussball"],
    ["fu\u00dfball", "fu\u00dfball"],
    ["\u03c0", "\u03c0"],
    ["\u03a3", "\u03c3"],
    ["\u03c3", "\u03c3"],
    ["\u03c2", "\u03c2"],
    ["foo bar", undefined],
    ["", undefined],
    ["henry\u2163", undefined],
    ["\u221e", undefined],
  ])("maps %j to %j", (text, name) => {
    expect(usernameCaseMapped(text)).toBe(name);
  });

  it.each([
    ["upper case", "Hecate", "hecate"],
    ["fullwidth letters", "Ｈｅｃａｔｅ", "hecate"],
    ["halfwidth katakana", "ﾊﾞ", "バ"],
    ["letters with separate accents", "E\u0301", "é"],
  ])("maps %s", (_, text, name) => {
    expect(usernameCaseMapped(text)).toBe(name);
  });

  it("refuses what grows too long in lower case", () => {
    expect(usernameCaseMapped("İ".repeat(340))).toHaveLength(680);
    expect(usernameCaseMapped("İ".repeat(511))).toBeUndefined();
  });

  it.each([
    ["an ideographic space", "foo\u3000bar"],
    ["KELVIN SIGN, which would become a k", "\u212a"],
    ["a ligature", "\ufb01"],
    ["an emoji", "👩"],
  ])("refuses %s", (_, text) => {
    expect(usernameCaseMapped(text)).toBeUndefined();
  });

  // RFC 5892 Appendix A.
  it.each([
    ["A.1, after a virama", "क\u094d\u200cष", "क\u200cष"],
    ["A.1, between joining letters", "می\u200cخواهم", "ر\u200cخ"],
    ["A.2", "क\u094d\u200dष", "क\u200dष"],
    ["A.3", "col\u00b7lega", "co\u00b7lega"],
    ["A.4", "\u0375α", "\u0375a"],
    ["A.5", "א\u05f3", "α\u05f3"],
    ["A.6", "א\u05f4ב", "\u05f4ב"],
    ["A.7", "ハ\u30fbグ", "ha\u30fbg"],
    ["A.8 and A.9", "ا\u0663", "ا\u0663\u06f3"],
  ])("takes a code point in its context and refuses it outside (%s)", (_, inside, outside) => {
    expect(usernameCaseMapped(inside)).toBe(inside);
    expect(usernameCaseMapped(outside)).toBeUndefined();
  });

  // RFC 5893 §2.
  it.each([
    ["begins with a digit", "1אב"],
    ["begins with a Latin letter", "aאב"],
    ["ends in a Latin letter", "אבa"],
    ["has a Latin letter inside", "אaב"],
    ["ends in punctuation", "אב!"],
    ["mixes European and Arabic digits", "א1\u0663"],
  ])("refuses a name from right to left that %s", (_, text) => {
    expect(usernameCaseMapped(text)).toBeUndefined();
  });

  it.each(["אב", "אב1", "א-ב", "אבּ", "علي66", "علي\u0663", "𞤀𞤁".toLowerCase()])(
    "takes %j, from right to left",
    (text) => {
      expect(usernameCaseMapped(text)).toBe(text);
    },
  );
});

describe("opaqueString", () => {
  it("judges length and context after normalisation", () => {
    expect(opaqueString("\u0958".repeat(341))).toBeUndefined(); // each becomes two
    expect(opaqueString("क\u0301\u094d\u200cष")).toBeUndefined(); // the virama moves away from the joiner
  });

  // RFC 8265 §4.3, tables 3 and 4.
  it.each([
    ["correct horse battery staple", "correct horse battery staple"],
    ["Correct Horse Battery Staple", "Correct Horse Battery Staple"],
    ["\u03c0\u00df\u00e5", "\u03c0\u00df\u00e5"],
    ["Jack of \u2666s", "Jack of \u2666s"],
    ["foo\u1680bar", "foo bar"],
    ["", undefined],
    ["my cat is a \u0009by", undefined],
  ])("maps %j to %j", (text, string) => {
    expect(opaqueString(text)).toBe(string);
  });

  it("keeps case, spaces at either end and compatibility forms", () => {
    expect(opaqueString(" Gajim Ⅳ ")).toBe(" Gajim Ⅳ ");
  });
});

describe("nicknames", () => {
  // RFC 8266 §3, tables 1 and 2.
  it.each([
    ["Foo", "Foo", "foo"],
    ["foo", "foo", "foo"],
    ["Foo Bar", "Foo Bar", "foo bar"],
    ["foo bar", "foo bar", "foo bar"],
    ["\u03a3", "\u03a3", "\u03c3"],
    ["\u03c3", "\u03c3", "\u03c3"],
    ["\u03c2", "\u03c2", "\u03c2"],
    ["\u265a", "\u265a", "\u265a"],
    ["Richard \u2163", "Richard IV", "richard iv"],
  ])("shows %j as %j and compares it as %j", (text, shown, compared) => {
    expect(nickEnforced(text)).toBe(shown);
    expect(nickCompared(text)).toBe(compared);
  });

  it("trim spaces, and make one of many", () => {
    expect(nickEnforced(" thirdwitch\u3000 \u00a0of Forres ")).toBe("thirdwitch of Forres");
    expect(nickEnforced(" \u3000")).toBeUndefined();
  });

  it("apply their rules again to what the rules brought forth", () => {
    // DIAERESIS becomes a space and a mark, and the space is then trimmed.
    expect(nickEnforced("\u00a8a")).toBe("\u0308a");
  });

  it.each(["❤️", "👩‍🚀", "👩🏽‍🚀", "🏳️‍🌈", "👁️‍🗨️", "1️⃣", "👨‍👩‍👧 hag"])("let the emoji %s through", (nick) => {
    expect(nickEnforced(nick)).toBe(nick);
  });

  it("take an emoji that is text to Unicode as that text", () => {
    expect(nickEnforced("Hag™️‼️")).toBe("HagTM!!");
  });

  it("conflict when only invisible parts of emoji tell them apart", () => {
    expect(nickCompared("Hecate ☎️")).toBe(nickCompared("hecate ☎"));
    expect(nickCompared("👩‍🚀")).toBe(nickCompared("👩🚀"));
  });

  it.each([
    ["a joiner at the end", "👩‍"],
    ["a joiner at the start", "‍🚀"],
    ["two joiners in a row", "👩‍‍🚀"],
    ["two variant marks in a row", "❤️️"],
    ["a variant mark after a digit", "1️"],
  ])("refuse %s, which nobody can see", (_, nick) => {
    expect(nickEnforced(nick)).toBeUndefined();
    expect(nickCompared(nick)).toBeUndefined();
  });

  it("compare alike whether the shown form is compared or what was typed", () => {
    expect(nickCompared("™Σ")).toBe(nickCompared("TMΣ"));
    fc.assert(
      fc.property(hostile, (text) => {
        const shown = nickEnforced(text);
        if (shown !== undefined) expect(nickCompared(shown)).toBe(nickCompared(text));
      }),
      { numRuns: 3000 },
    );
  });
});
