import xmpp from "@xmpp/xml";
import fc from "fast-check";
import { SaxesParser } from "saxes";
import { describe, expect, it } from "vitest";
import { clone, type Element, escapeXml, legal, serialize, xml } from "../../../core/xmpp/xml.ts";

const anyText = fc.string({ unit: "binary", maxLength: 40 }).chain((text) =>
  // Code units one by one, so that surrogates stand alone, too.
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 10 }).map((units) => text + String.fromCharCode(...units)),
);

/** What a server's parser makes of the text of one stanza. */
function parsed(text: string): Element {
  const parser = new xmpp.Parser();
  let stanza: Element | undefined;
  parser.on("element", (element: Element) => (stanza = element));
  parser.on("error", (error: Error) => {
    throw error;
  });
  parser.write(`<stream>${text}`);
  if (!stanza) throw new Error(`The parser found no stanza in ${text}`);
  return stanza;
}

describe("xml", () => {
  it("leaves out what is undefined, null or false, and flattens lists", () => {
    const element = xml("message", { to: "coven", id: undefined }, [null, ["a", [xml("b")]], false], undefined, 0);
    expect(element.toString()).toBe('<message to="coven">a<b/>0</message>');
  });

  it("lets children find the namespace of their parent", () => {
    const query = xml("query", { xmlns: "urn:example" }, xml("item"));
    expect(query.getChild("item", "urn:example")?.getNS()).toBe("urn:example");
  });
});

describe("clone", () => {
  it("copies deeply and leaves the original in its tree", () => {
    const body = xml("body", { "xml:lang": "en" }, "Harpier cries: ", xml("b", {}, "'tis time"));
    const message = xml("message", {}, body);
    const copy = clone(body);
    copy.getChild("b")?.append("!");
    expect(copy.toString()).toBe('<body xml:lang="en">Harpier cries: <b>\'tis time!</b></body>');
    expect(message.toString()).toBe('<message><body xml:lang="en">Harpier cries: <b>\'tis time</b></body></message>');
    expect([body.parent, copy.parent]).toEqual([message, null]);
  });
});

describe("legal", () => {
  it("keeps tab, line feed and carriage return, and every other character XML has", () => {
    const text = "\t\n\r \u007f\u0085\ud7ff\ue000\ufffd\u{10000}\u{10ffff}";
    expect(legal(text)).toBe(text);
  });

  it.each([
    ["NUL", "\u0000"],
    ["a control character", "\u001b"],
    ["a noncharacter", "\uffff"],
    ["a lone high surrogate", "\ud83d"],
    ["a lone low surrogate", "\ude00"],
  ])("replaces %s by U+FFFD", (_, char) => {
    expect(legal(`a${char}b${char}`)).toBe("a\ufffdb\ufffd");
  });
});

describe("escapeXml", () => {
  it("is safe in character data and in either kind of quotes", () => {
    expect(escapeXml(`<a b='c' d="e">&amp;`)).toBe("&lt;a b=&apos;c&apos; d=&quot;e&quot;&gt;&amp;amp;");
  });

  it("is undone by a parser, whatever the text", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const stanza = parsed(`<a b='${escapeXml(text)}' c="${escapeXml(text)}">${escapeXml(text)}</a>`);
        expect([stanza.attrs.b, stanza.attrs.c, stanza.getText()]).toEqual([legal(text), legal(text), legal(text)]);
      }),
    );
  });
});

describe("serialize", () => {
  it("writes what a parser reads back, whatever the text", () => {
    fc.assert(
      fc.property(anyText, anyText, (attribute, text) => {
        const stanza = parsed(serialize(xml("a", { b: attribute }, xml("c", {}, text))));
        expect([stanza.attrs.b, stanza.getChildText("c")]).toEqual([legal(attribute), legal(text)]);
      }),
    );
  });

  it.each(["\n", "\t", "\r\n"])(
    "keeps %j in an attribute's value, which a strict parser would take for a blank",
    (space) => {
      const stanza = xml("a", { b: `double${space}toil` }, xml("c", {}, `eye of newt${space}and toe of frog`));
      const parser = new SaxesParser();
      const read: unknown[] = [];
      parser.on("opentag", ({ name, attributes }) => read.push(name, attributes));
      parser.on("text", (text) => read.push(text));
      parser.write(serialize(stanza)).close();
      expect(read).toEqual(["a", { b: `double${space}toil` }, "c", {}, `eye of newt${space}and toe of frog`]);
    },
  );

  it("keeps a character whose halves stand in two texts", () => {
    expect(serialize(xml("a", {}, "\ud83d", "\ude00"))).toBe("<a>\u{1f600}</a>");
  });
});
