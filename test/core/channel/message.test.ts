import fc from "fast-check";
import { escapeXml, isWorthKeeping, NS, payloadOf, reflection } from "masque";
import { parseStanza } from "masque/testing";
import { describe, expect, it } from "vitest";

const COVEN = "coven@mix.shakespeare.example";
const message = (content: string, attributes = "") =>
  parseStanza(`<message type='groupchat' ${attributes}>${content}</message>`);

/** A reflection as a stanza, so that it can be read. */
const reflected = (...given: Parameters<typeof reflection>) => parseStanza(`<message${reflection(...given)}</message>`);

describe("a reflected message", () => {
  const said = { id: "77E07BB0", sender: "123456", nick: "thirdwitch", payload: "<body>!</body>" };

  it.each([
    [0, "hag66@shakespeare.example", "<nick>thirdwitch</nick><jid>hag66@shakespeare.example</jid>"],
    [0, undefined, `<nick>thirdwitch</nick><proxy-jid>123456#${COVEN}</proxy-jid>`],
    [1, "hag66@shakespeare.example", "<nick>thirdwitch</nick><jid>hag66@shakespeare.example</jid>"],
    [1, undefined, "<nick>thirdwitch</nick>"],
  ] as const)("of generation %i, with %s as JID to show, says who spoke", (generation, jid, mix) => {
    const stanza = reflected({ ...said, jid }, COVEN, generation);
    expect(stanza.getChild("mix")?.children.join("")).toBe(mix);
  });

  it.each([
    [0, "hag66@shakespeare.example", "<jid>hag66@shakespeare.example</jid>"],
    [0, undefined, `<nick>123456</nick><proxy-jid>123456#${COVEN}</proxy-jid>`],
    [1, "hag66@shakespeare.example", "<jid>hag66@shakespeare.example</jid>"],
    [1, undefined, "<nick>123456</nick>"],
  ] as const)("of one without a nick, generation %i, %s, has a nick where it has no JID", (generation, jid, mix) => {
    const stanza = reflected({ ...said, nick: "", jid }, COVEN, generation);
    expect(stanza.getChild("mix")?.children.join("")).toBe(mix);
  });

  it("reads as what was said, whatever characters nick, JID and channel are made of", () => {
    const legible = fc.string({ unit: fc.constantFrom("<", ">", "&", "'", '"', "]", "é", "🐸", "n") });
    fc.assert(
      fc.property(legible, legible, legible, fc.constantFrom(0, 1), (nick, jid, channel, generation) => {
        const stanza = reflected({ ...said, nick: `n${nick}`, jid: `j${jid}` }, `c${channel}`, generation as 0 | 1);
        expect(stanza.getChild("mix")?.getChildText("nick")).toBe(`n${nick}`);
        expect(stanza.getChild("mix")?.getChildText("jid")).toBe(`j${jid}`);
        expect(stanza.getChild("stanza-id")?.attrs.by).toBe(`c${channel}`);
      }),
    );
  });
});

describe("the payload of a message", () => {
  it("is its children, without the text between them", () => {
    expect(payloadOf(message("\n  <body>one</body> two <thread>three</thread>\n"))).toBe(
      "<body>one</body><thread>three</thread>",
    );
  });

  it("means the same outside the message: prefixes and the language come with it", () => {
    const content = "<s:eye s:of='newt'><s:toe/></s:eye><body>!</body><subject>?</subject><thread>1</thread>";
    const payload = payloadOf(message(content, "xmlns:s='urn:x:spells' xml:lang='de'"));
    expect(payload).toBe(
      '<s:eye s:of="newt" xmlns:s="urn:x:spells"><s:toe/></s:eye><body xml:lang="de">!</body>' +
        '<subject xml:lang="de">?</subject><thread>1</thread>',
    );
  });

  it("leaves out what uses a prefix that was never declared: it would end the stream", () => {
    expect(payloadOf(message("<body>!</body><spell:eye/>"))).toBe("<body>!</body>");
    expect(payloadOf(message("<body>!</body><eye xmlns='urn:x:spells' spell:of='newt'/>"))).toBe("<body>!</body>");
    expect(payloadOf(message("<body>!</body><eye xmlns='urn:x:spells'><spell:of/></eye>"))).toBe("<body>!</body>");
  });

  it("leaves what only looks like a prefix as it is", () => {
    const child = '<eye xmlns="urn:x:spells" of="newt:toe">a:b &lt;c:d&gt; /e:f</eye>';
    expect(payloadOf(message(child))).toBe(child);
  });

  it("is nothing when nothing of it may be passed on", () => {
    expect(payloadOf(message("<mix xmlns='urn:xmpp:mix:core:1'/> words "))).toBe("");
    expect(payloadOf(message(""))).toBe("");
  });

  it("takes out of the children of a message only, not out of what they hold", () => {
    const child = '<forwarded xmlns="urn:x:letters"><stanza-id xmlns="urn:xmpp:sid:0" id="1" by="a@b"/></forwarded>';
    expect(payloadOf(message(child))).toBe(child);
  });

  it("is read back as it was, whatever text a body holds", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const payload = payloadOf(message(`<body>${escapeXml(text)}</body>`));
        expect(message(payload).getChildText("body") ?? "").toBe(text);
      }),
    );
  });
});

describe("a message is worth keeping", () => {
  const hint = (name: string) => `<${name} xmlns='${NS.HINTS}'/>`;
  const state = "<composing xmlns='http://jabber.org/protocol/chatstates'/>";

  it.each([
    ["with a body", "<body>!</body>", true],
    ["with a payload", "<encrypted xmlns='urn:x:spells'/>", true],
    ["with a chat state and a body", `${state}<body>!</body>`, true],
    ["with a chat state alone", state, false],
    ["with an origin-id alone", `<origin-id xmlns='${NS.SID}' id='1'/>`, false],
    ["with a hint alone that says nothing of it", hint("no-copy"), false],
    ["with <no-store/>", `<body>!</body>${hint("no-store")}`, false],
    ["with <no-permanent-store/>", `<body>!</body>${hint("no-permanent-store")}`, false],
    ["with <store/>", `${state}${hint("store")}`, true],
    ["with <store/> and <no-store/>", `<body>!</body>${hint("store")}${hint("no-store")}`, false],
    ["with nothing but what is removed from it", "<x xmlns='jabber:x:signed'>owGb</x>", false],
    ["with nothing", "", false],
  ])("%s: %s, %s", (_, content, isKept) => {
    expect(isWorthKeeping(message(content))).toBe(isKept);
  });
});
