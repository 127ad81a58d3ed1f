import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Excess, StreamParser } from "../../../core/xmpp/parser.ts";
import { StreamFault } from "../../../core/xmpp/stream-fault.ts";
import { type Element, escapeXml } from "../../../core/xmpp/xml.ts";

const HEADER =
  "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' id='1'>";

function parse(chunks: readonly string[], maxStanza = 10_000) {
  const stanzas: Element[] = [];
  const tooDeep: Element[] = [];
  const tooLarge: string[] = [];
  let ended = false;
  const parser = new StreamParser(maxStanza);
  parser.on("element", (stanza: Element) => stanzas.push(stanza));
  parser.on("left-out", (stanza: Element | undefined, excess: Excess) => {
    if (excess === "nested too deep") tooDeep.push(stanza!);
    else tooLarge.push(String(stanza));
  });
  parser.on("end", () => {
    ended = true;
  });
  for (const chunk of chunks) parser.write(chunk);
  return { stanzas, tooDeep, tooLarge, ended, texts: stanzas.map(String) };
}

function faultOf(chunks: readonly string[], maxStanza?: number): StreamFault {
  try {
    parse(chunks, maxStanza);
  } catch (error) {
    if (error instanceof StreamFault) return error;
    throw error;
  }
  throw new Error("There was no fault.");
}

const nested = (depth: number) => `${"<a>".repeat(depth)}${"</a>".repeat(depth)}`;

describe("the stream parser", () => {
  it("hands out stanzas that inherit the namespace of their stream", () => {
    const [message] = parse([HEADER, "<message><body>Hail</body></message>"]).stanzas;
    expect(message!.getNS()).toBe("jabber:component:accept");
    expect(message!.getChildText("body")).toBe("Hail");
  });

  it("keeps no white space that is sent between stanzas", () => {
    const [message] = parse([HEADER, " ", "\n\n", "<message/>", " "]).stanzas;
    expect(message!.parent!.children).toEqual([]);
  });

  it("reads the same however the bytes are cut", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 30 }).map(escapeXml);
    const stanza = fc.tuple(text, text).map(([id, body]) => `<message id="${id}"><body>${body}</body><x/></message>`);
    const stream = fc.array(stanza, { maxLength: 5 }).map((stanzas) => `${HEADER}${stanzas.join(" ")}</stream:stream>`);
    fc.assert(
      fc.property(stream, fc.array(fc.nat(2_000)), (whole, cuts) => {
        const edges = [0, ...cuts.filter((cut) => cut < whole.length).sort((a, b) => a - b), whole.length];
        const chunks = edges.slice(1).map((edge, i) => whole.slice(edges[i], edge));
        expect(parse(chunks)).toEqual(parse([whole]));
        expect(parse(chunks).ended).toBe(true);
      }),
    );
  });

  it.each([
    ["in one piece", ["<message><body>a <![CDATA[<b> & <!-- c -->]]> d</body></message>"]],
    ["in several", ["<message><body>a <![CDATA[<b>", " & <!-- c -->", "]]", "> d</body></message>"]],
  ])("reads a CDATA section %s as text", (_how, chunks) => {
    expect(parse([HEADER, ...chunks]).stanzas[0]!.getChildText("body")).toBe("a <b> & <!-- c --> d");
  });

  it.each([
    ["a comment", "<message><!-- by the pricking of my thumbs --></message>"],
    ["a processing instruction", "<?wicked this way?>"],
    ["a second XML declaration", "<?xml version='1.0'?>"],
    ["a document type", "<!DOCTYPE brew [<!ENTITY a 'b'>]>"],
  ])("refuses %s, as XMPP does", (_what, text) => {
    expect(faultOf([HEADER, text]).complaint).toBe("restricted-xml");
  });

  it("does not expand an entity", () => {
    expect(() => parse([HEADER, "<message><body>&brew;</body></message>"])).toThrow("Illegal XML entity &brew;");
  });

  it.each([
    ["a wrong end tag", "<message></presence>"],
    ["an end tag too many", "<message/></message>"],
    ["text between stanzas", "toil<message/>"],
  ])("refuses %s", (_what, text) => {
    expect(faultOf([HEADER, text]).complaint).toBe("not-well-formed");
  });

  it.each(["HTTP/1.1 400 Bad Request\r\n\r\n<html>", "<html>", "<stream xmlns='jabber:client'>"])(
    "says that %j is no XMPP",
    (text) => {
      expect(faultOf([text]).message).toContain("does not speak XMPP");
    },
  );

  it("ignores what follows the end of the stream, in the same chunk or later", () => {
    const { ended, stanzas } = parse([HEADER, "</stream:stream><message/></a>trouble<!-- -->", "<message/><!-- -->"]);
    expect(ended).toBe(true);
    expect(stanzas).toEqual([]);
  });

  const HEAD = '<message from="macbeth@shakespeare.example" id="1">';
  const LARGE = [
    ["many children", `${HEAD}${"<a b='>'/>".repeat(1_500)}</message>`],
    ["one text", `${HEAD}<body>${"it's > ".repeat(1_500)}</body></message>`],
    ["one attribute", `${HEAD}<a b="${"/'>".repeat(3_000)}"/></message>`],
    ["one CDATA section", `${HEAD}<![CDATA[${"]]</message>]>".repeat(800)}]]></message>`],
    ["many elements in one another", `${HEAD}${nested(1_500)}</message>`],
  ];
  const cut = (text: string, size: number) => text.match(new RegExp(`[^]{1,${size}}`, "g")) as string[];

  it.each(LARGE)("leaves out a stanza that is too large, of %s, wherever it is cut, and nothing but it", (_, long) => {
    for (const size of [1, 2, 3, 100, 1_000]) {
      const { stanzas, tooLarge } = parse([HEADER, ...cut(`<a/>${long}<b/> <c/>${long}<d/>`, size)], 4_000);
      expect(stanzas.map(({ name }) => name)).toEqual(["a", "b", "c", "d"]);
      expect(tooLarge).toEqual([`${HEAD.slice(0, -1)}/>`, `${HEAD.slice(0, -1)}/>`]);
    }
  });

  it("leaves out a stanza of which not even the first tag can be read", () => {
    const long = `<iq id='${"/>".repeat(5_000)}' type="get"><a></a></iq>`;
    const { texts, tooLarge } = parse([HEADER, ...cut(`${long}<a/>${long}<b/>`, 99)], 4_000);
    expect(texts).toEqual(["<a/>", "<b/>"]);
    expect(tooLarge).toEqual(["undefined", "undefined"]);
  });

  it("keeps nothing of it, however large it is", () => {
    const chunk = "double ".repeat(10_000);
    const parser = new StreamParser(4_000);
    parser.write(`${HEADER}<message><body>`);
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 5_000; i++) parser.write(chunk);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 * 2 ** 20);
  });

  it.each(["<?wicked this way?>", "<!-- by the pricking of my thumbs -->", "<!DOCTYPE brew>"])(
    "refuses %j also in what it leaves out",
    (text) => {
      expect(faultOf([HEADER, "<message>", "<a/>".repeat(2_000), text], 4_000).complaint).toBe("restricted-xml");
    },
  );

  it("takes any number of short stanzas, and of spaces between them", () => {
    const { stanzas, tooLarge } = parse(
      [HEADER, ...Array<string>(9_000).fill(" "), ...Array<string>(1_000).fill("<message/>")],
      4_000,
    );
    expect(stanzas).toHaveLength(1_000);
    expect(tooLarge).toEqual([]);
  });

  it("waits no longer than that for a stream to be opened", () => {
    expect(faultOf(["<stream:stream id='", "x".repeat(5_000)], 4_000).complaint).toBe("policy-violation");
  });

  it("sorts out a stanza nested too deep without ending the stream", () => {
    const { stanzas, tooDeep } = parse([
      HEADER,
      `<iq id='1'>${nested(126)}</iq><iq id='2'>${nested(127)}text</iq><iq id='3'>${"<a>toil".repeat(1_000)}${"</a>".repeat(1_000)}</iq><iq id='4'/>`,
    ]);
    expect(stanzas.map((stanza) => stanza.attrs.id)).toEqual(["1", "4"]);
    expect(tooDeep.map((stanza) => stanza.attrs.id)).toEqual(["2", "3"]);
    expect(String(tooDeep[1]).match(/toil/g)).toHaveLength(126);
  });

  it("takes a long text in time that grows with its length", () => {
    // ltx by itself looks for the end of such a text from each of its characters, and takes minutes.
    const chunk = "a".repeat(2 ** 20);
    const { stanzas } = parse(
      [HEADER, "<message><body>", ...Array<string>(8).fill(chunk), "</body></message>"],
      2 ** 24,
    );
    expect(stanzas[0]!.getChildText("body")).toHaveLength(2 ** 23);
  });

  it("throws nothing but faults and ltx's complaints, whatever it is given", () => {
    const bit = fc.constantFrom(
      ..."<>/&;='\"!?-[] a",
      "<a",
      "</a>",
      "<![CDATA[",
      "]]>",
      "&amp;",
      "&#0;",
      "<!--",
      "é",
      "\0",
    );
    fc.assert(
      fc.property(fc.array(fc.array(bit).map((bits) => bits.join(""))), fc.boolean(), (chunks, opened) => {
        try {
          parse(opened ? [HEADER, ...chunks] : chunks);
        } catch (error) {
          if (!(error instanceof StreamFault))
            expect((error as Error).message).toMatch(/^Illegal XML (entity|character)/);
        }
      }),
      { numRuns: 5_000 },
    );
  });
});
