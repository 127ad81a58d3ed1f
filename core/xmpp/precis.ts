/**
 * Which strings may be names: PRECIS (RFC 8264), its profiles for usernames and opaque strings (RFC 8265) and for
 * nicknames (RFC 8266), on the Unicode data of the Node that runs it.
 *
 * Every function returns the enforced string, or `undefined` when the text is not allowed or is longer than 1023 bytes
 * before or after.
 */
const MAX_BYTES = 1023;

// RFC 8264 §9: exceptions, old Hangul jamo and ignorable code points are in neither class.
const NEVER = "\\u0640\\u07fa\\u302e\\u302f\\u3031-\\u3035\\u303b\\u1100-\\u11ff\\ua960-\\ua97c\\ud7b0-\\ud7fb\\p{DI}";
// Code points that stand only where `inContext` allows it; the digits among them are letters or digits anyway.
const CONTEXTUAL = "\\u200c\\u200d\\xb7\\u0375\\u05f3\\u05f4\\u30fb";
const IDENTIFIER = new RegExp(
  `^(?:[!-~\\u06fd\\u06fe\\u0f0b\\u3007${CONTEXTUAL}]|(?![${NEVER}])[\\p{Ll}\\p{Lu}\\p{Lo}\\p{Lm}\\p{Nd}\\p{Mn}\\p{Mc}])+$`,
  "u",
);
const FREEFORM = new RegExp(`^(?:[${CONTEXTUAL}]|(?![${NEVER}])[\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Zs}])+$`, "u");

const PRINTABLE_ASCII = /^[ -~]+$/;

/** The UsernameCaseMapped profile (RFC 8265 §3.3): compared and kept in lower case. */
export function usernameCaseMapped(text: string): string | undefined {
  if (isTooLong(text)) return undefined;
  if (PRINTABLE_ASCII.test(text)) return text.includes(" ") ? undefined : text.toLowerCase();
  const narrow = text.replace(WIDE_OR_NARROW, (char) => char.normalize("NFKC"));
  if (!IDENTIFIER.test(narrow) || hasCompatibilityForm(narrow)) return undefined;
  const name = narrow.toLowerCase().normalize("NFC");
  return inContext(name) && obeysBidiRule(name) && !isTooLong(name) ? name : undefined;
}

/** The OpaqueString profile (RFC 8265 §4.2): case and compatibility forms are kept. */
export function opaqueString(text: string): string | undefined {
  if (isTooLong(text)) return undefined;
  if (PRINTABLE_ASCII.test(text)) return text;
  if (!FREEFORM.test(text)) return undefined;
  const string = text.replace(/\p{Zs}/gu, " ").normalize("NFC");
  return inContext(string) && !isTooLong(string) ? string : undefined;
}

/**
 * The Nickname profile (RFC 8266 §2.3), as a nickname is shown. Beyond the RFC, emoji variants and emoji joined by
 * ZWJ are let through, but only where they belong: elsewhere both are invisible, and would tell apart two nicknames
 * that look the same.
 */
export function nickEnforced(text: string): string | undefined {
  return untilStable(text, (nick) => tidied(nick)?.normalize("NFKC"));
}

/**
 * The Nickname profile as nicknames are compared (RFC 8266 §2.4): equal results are a conflict. The joiners and
 * variant marks of emoji do not count, because many fonts show nothing of them.
 */
export function nickCompared(text: string): string | undefined {
  // Case comes last: what a final sigma becomes depends on what NFKC makes of the letter before it.
  const shown = nickEnforced(text);
  if (shown === undefined) return undefined;
  return untilStable(shown, (nick) => tidied(nick)?.replace(EMOJI_GLUE, "").toLowerCase().normalize("NFKC"));
}

function tidied(nick: string): string | undefined {
  const plain = nick.replace(EMOJI_GLUE, "");
  if (!FREEFORM.test(plain) || !inContext(plain)) return undefined;
  const tidy = nick
    .replace(TEXT_EMOJI, "$1")
    .replace(/\p{Zs}+/gu, " ")
    .replace(/^ | $/g, "");
  return tidy === "" ? undefined : tidy;
}

// A variant mark after an emoji or inside a keycap; a ZWJ between two emoji.
const EMOJI_GLUE =
  /(?<=\p{ExtPict})\ufe0f|(?<=[0-9#*])\ufe0f(?=\u20e3)|(?<=\p{ExtPict}[\ufe0f\p{EMod}]?)\u200d(?=\p{ExtPict})/gu;
// Emoji that NFKC turns into text, such as TRADE MARK SIGN: the variant mark would be left behind.
const TEXT_EMOJI = /([\u203c\u2049\u2122\u2139\u24c2\u3297\u3299\u{1f201}\u{1f202}\u{1f21a}-\u{1f251}])\ufe0f/gu;

// RFC 8264 §7: NFKC may bring forth what an earlier rule would have changed, so the rules run again, at most thrice.
function untilStable(text: string, step: (text: string) => string | undefined): string | undefined {
  let before = text;
  for (let round = 0; round <= 3; round++) {
    if (isTooLong(before)) return undefined;
    const after = step(before);
    if (after === undefined || after === before) return after;
    before = after;
  }
  return undefined;
}

function isTooLong(text: string): boolean {
  return text.length > MAX_BYTES || (text.length * 3 > MAX_BYTES && Buffer.byteLength(text) > MAX_BYTES);
}

// RFC 8265 §3.3.1: code points whose decomposition is <wide> or <narrow>.
const WIDE_OR_NARROW = /[\u3000\uff01-\uffee]/g;

// RFC 8264 §9.17, code point by code point: a decomposed letter is fine, a ligature or KELVIN SIGN is not.
function hasCompatibilityForm(text: string): boolean {
  for (const char of text) if (char.normalize("NFKC") !== char) return true;
  return false;
}

const VIRAMA =
  "\\u094d\\u09cd\\u0a4d\\u0acd\\u0b4d\\u0bcd\\u0c4d\\u0ccd\\u0d3b\\u0d3c\\u0d4d\\u0dca\\u0e3a\\u0eba\\u0f84\\u1039" +
  "\\u103a\\u1714\\u1715\\u1734\\u17d2\\u1a60\\u1b44\\u1baa\\u1bab\\u1bf2\\u1bf3\\u2d7f\\ua806\\ua82c\\ua8c4\\ua953" +
  "\\ua9c0\\uaaf6\\uabed";
// Node does not tell Joining_Type: these are the letters of the Arabic block that join forwards, and those that join
// backwards. Other joining scripts, and the viramas of historic ones, must do without ZWNJ.
const JOINS_NEXT =
  "\\u0620\\u0626\\u0628\\u062a-\\u062e\\u0633-\\u063f\\u0641-\\u0647\\u0649\\u064a\\u066e\\u066f\\u0678-\\u0687" +
  "\\u069a-\\u06bf\\u06c1\\u06c2\\u06cc\\u06ce\\u06d0\\u06d1\\u06fa-\\u06fc\\u06ff";
const JOINS_PREVIOUS =
  "\\u0620\\u0622-\\u063f\\u0641-\\u064a\\u066e-\\u0673\\u0675-\\u06d3\\u06d5\\u06ee\\u06ef\\u06fa-\\u06fc\\u06ff";

// RFC 5892 Appendix A: what each contextual code point needs beside it.
const OUT_OF_CONTEXT = new RegExp(
  [
    `(?<![${VIRAMA}])(?<![${JOINS_NEXT}]\\p{Mn}*(?=\\u200c\\p{Mn}*[${JOINS_PREVIOUS}]))\\u200c`,
    `(?<![${VIRAMA}])\\u200d`,
    "(?<!l)\\xb7|\\xb7(?!l)",
    "\\u0375(?!\\p{sc=Greek})",
    "(?<!\\p{sc=Hebrew})[\\u05f3\\u05f4]",
    "^[^\\p{sc=Hira}\\p{sc=Kana}\\p{sc=Han}]*\\u30fb[^\\p{sc=Hira}\\p{sc=Kana}\\p{sc=Han}]*$",
    "[\\u0660-\\u0669].*[\\u06f0-\\u06f9]|[\\u06f0-\\u06f9].*[\\u0660-\\u0669]",
  ].join("|"),
  "u",
);

function inContext(text: string): boolean {
  return !OUT_OF_CONTEXT.test(text);
}

// Node does not tell Bidi_Class: these are the blocks Unicode keeps for scripts that run from right to left.
const RTL_BLOCKS = "\\u0590-\\u08ff\\ufb1d-\\ufdff\\ufe70-\\ufeff\\u{10800}-\\u{10fff}\\u{1e800}-\\u{1efff}";
const RTL = `(?=[\\p{L}\\p{N}\\u05f3\\u05f4])[${RTL_BLOCKS}]`;
const LTR = new RegExp(`(?![${RTL_BLOCKS}0-9])[\\p{L}\\p{Mc}\\p{Nd}]`, "u");
const EUROPEAN = "0-9\\u06f0-\\u06f9";
const ARABIC = "\\u0660-\\u0669\\u{10d30}-\\u{10d39}";
const HAS_RTL = new RegExp(`(?![${EUROPEAN}])${RTL}`, "u");
const RTL_ENDS = new RegExp(`^(?![${EUROPEAN}${ARABIC}])${RTL}(?:.*(?:${RTL}|[0-9]))?\\p{Mn}*$`, "u");
const MIXED_DIGITS = new RegExp(`[${EUROPEAN}].*[${ARABIC}]|[${ARABIC}].*[${EUROPEAN}]`, "u");

// RFC 5893 §2, for text with anything that runs from right to left: it begins with such a letter (1), has nothing that
// runs the other way (2), ends in a letter or digit (3), and does not mix European and Arabic digits (4).
function obeysBidiRule(text: string): boolean {
  if (!HAS_RTL.test(text)) return true;
  return RTL_ENDS.test(text) && !LTR.test(text) && !MIXED_DIGITS.test(text);
}
