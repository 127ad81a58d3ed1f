import { type Element, NODE, NS, serialize, xml } from "masque";
import { parseStanza } from "masque/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { disco, form, listed, outcome } from "../core/channel/replies.ts";
import { COVEN, type Person, SERVICE } from "./person.ts";
import { Play } from "./play.ts";
import { StrictReader } from "./strict-reader.ts";

const MIX = NS.MIX_CORE_1;
const HECATE = "hecate@shakespeare.example/garden";
const HAG66 = "hag66@shakespeare.example/heath";
const STRANGER = "witchfinder@shakespeare.example/moor";

type Row = readonly [what: string, stanza: string, condition: string, type: string];

const iq = (type: string, from: string, to: string, child: string) =>
  `<iq type='${type}' from='${from}' to='${to}' id='1'>${child}</iq>`;
const set = (from: string, to: string, child: string) => iq("set", from, to, child);
const get = (from: string, to: string, child: string) => iq("get", from, to, child);
const pubsub = (child: string) => `<pubsub xmlns='${NS.PUBSUB}'>${child}</pubsub>`;
const publish = (node: string, item: string) => pubsub(`<publish node='${node}'>${item}</publish>`);
const item = (fields: Record<string, string>) => `<item>${form(fields, NS.MIX_ADMIN)}</item>`;
const mam = (child: string, attrs = "") => `<query xmlns='${NS.MAM}' ${attrs}>${child}</query>`;
const page = (child: string) => `<set xmlns='${NS.RSM}'>${child}</set>`;
const message = (type: string, from: string, to: string, child: string) =>
  `<message type='${type}' from='${from}' to='${to}' id='1'>${child}</message>`;
const BODY = "<body>Double, double</body>";
const PING = `<ping xmlns='${NS.PING}'/>`;

const ROWS: Readonly<Record<string, readonly Row[]>> = {
  "what is no request": [
    ["an iq without a child", set(HECATE, COVEN, ""), "bad-request", "modify"],
    ["an iq with two children", get(HECATE, SERVICE, PING + PING), "bad-request", "modify"],
    ["an iq without an id", `<iq type='get' from='${HECATE}' to='${SERVICE}'>${PING}</iq>`, "bad-request", "modify"],
    ["an iq without a type", `<iq from='${HECATE}' to='${SERVICE}' id='1'>${PING}</iq>`, "bad-request", "modify"],
    ["an iq of a type there is not", iq("GET", HECATE, SERVICE, PING), "bad-request", "modify"],
    ["a malformed address", get(HECATE, `@${SERVICE}`, PING), "jid-malformed", "modify"],
    ["no address", `<iq type='get' from='${HECATE}' id='1'>${PING}</iq>`, "jid-malformed", "modify"],
    ["another domain", get(HECATE, "elsewhere.example", PING), "item-not-found", "cancel"],
    [
      "a namespace nobody knows",
      get(HECATE, SERVICE, "<q xmlns='urn:xmpp:no-such'/>"),
      "service-unavailable",
      "cancel",
    ],
    ["no namespace", get(HECATE, COVEN, "<query/>"), "service-unavailable", "cancel"],
    ["a name nobody knows", set(HECATE, COVEN, `<jion xmlns='${MIX}'/>`), "service-unavailable", "cancel"],
    ["a get where a set belongs", get(HECATE, COVEN, `<join xmlns='${MIX}'/>`), "service-unavailable", "cancel"],
    ["a join of the service", set(HAG66, SERVICE, `<join xmlns='${MIX}'/>`), "service-unavailable", "cancel"],
    ["a create at a channel", set(HAG66, COVEN, `<create xmlns='${MIX}'/>`), "service-unavailable", "cancel"],
  ],
  channels: [
    ["a name that is taken", set(HAG66, SERVICE, `<create xmlns='${MIX}' channel='coven'/>`), "conflict", "cancel"],
    [
      "the same in other letters",
      set(HAG66, SERVICE, `<create xmlns='${MIX}' channel='COVEN'/>`),
      "conflict",
      "cancel",
    ],
    ["a name with #", set(HAG66, SERVICE, `<create xmlns='${MIX}' channel='a#b'/>`), "not-acceptable", "modify"],
    ["a name with a space", set(HAG66, SERVICE, `<create xmlns='${MIX}' channel='a b'/>`), "not-acceptable", "modify"],
    ["a destroy of nothing", set(HAG66, SERVICE, `<destroy xmlns='${MIX}'/>`), "bad-request", "modify"],
    [
      "a destroy of no channel",
      set(HAG66, SERVICE, `<destroy xmlns='${MIX}' channel='moor'/>`),
      "item-not-found",
      "cancel",
    ],
    [
      "a destroy of another's channel",
      set(HAG66, SERVICE, `<destroy xmlns='${MIX}' channel='coven'/>`),
      "forbidden",
      "auth",
    ],
    ["a channel there is not", get(HAG66, `moor@${SERVICE}`, String(disco("info"))), "item-not-found", "cancel"],
    ["a node of disco there is not", get(HAG66, COVEN, String(disco("info", "x"))), "item-not-found", "cancel"],
    ["MUC's question for occupants", get(HAG66, COVEN, String(disco("items"))), "not-acceptable", "modify"],
  ],
  participants: [
    ["a join without a nick", set(STRANGER, COVEN, `<join xmlns='${MIX}'/>`), "not-acceptable", "modify"],
    ["another's nick", set(STRANGER, COVEN, `<join xmlns='${MIX}'><nick>hecate</nick></join>`), "conflict", "cancel"],
    [
      "its look-alike",
      set(HAG66, COVEN, `<setnick xmlns='${MIX}'><nick>HECATE</nick></setnick>`),
      "conflict",
      "cancel",
    ],
    [
      "a nick of 2000 letters",
      set(HAG66, COVEN, `<setnick xmlns='${MIX}'><nick>${"x".repeat(2000)}</nick></setnick>`),
      "policy-violation",
      "modify",
    ],
    [
      "a node there is not",
      set(STRANGER, COVEN, `<join xmlns='${MIX}'><subscribe node='x'/><nick>w</nick></join>`),
      "item-not-found",
      "cancel",
    ],
    [
      "a node for owners",
      set(STRANGER, COVEN, `<join xmlns='${MIX}'><subscribe node='${NODE.CONFIG}'/><nick>w</nick></join>`),
      "forbidden",
      "auth",
    ],
    ["a leave of a stranger's", set(STRANGER, COVEN, `<leave xmlns='${MIX}'/>`), "forbidden", "auth"],
    ["a nick of a stranger's", set(STRANGER, COVEN, `<setnick xmlns='${MIX}'/>`), "forbidden", "auth"],
    ["a join of no channel", set(STRANGER, `moor@${SERVICE}`, `<join xmlns='${MIX}'/>`), "item-not-found", "cancel"],
    ["a participant there is not", get(HAG66, `nobody#${COVEN}`, PING), "item-not-found", "cancel"],
    ["a participant of no channel", get(HAG66, `nobody#moor@${SERVICE}`, PING), "item-not-found", "cancel"],
    ["a participant's empty ID", get(HAG66, `#${COVEN}`, PING), "item-not-found", "cancel"],
  ],
  nodes: [
    ["a request without a verb", get(HECATE, COVEN, pubsub("")), "bad-request", "modify"],
    ["a verb without a node", get(HECATE, COVEN, pubsub("<items/>")), "bad-request", "modify"],
    ["a node there is not", get(HECATE, COVEN, pubsub("<items node='x'/>")), "item-not-found", "cancel"],
    ["a stranger's look", get(STRANGER, COVEN, pubsub(`<items node='${NODE.PARTICIPANTS}'/>`)), "forbidden", "auth"],
    ["a participant's at config", get(HAG66, COVEN, pubsub(`<items node='${NODE.CONFIG}'/>`)), "forbidden", "auth"],
    ["a form of no owner's", set(HAG66, COVEN, publish(NODE.INFO, item({ Name: "x" }))), "forbidden", "auth"],
    ["no item", set(HECATE, COVEN, publish(NODE.INFO, "")), "bad-request", "modify"],
    ["no form", set(HECATE, COVEN, publish(NODE.INFO, "<item/>")), "bad-request", "modify"],
    ["no owner", set(HECATE, COVEN, publish(NODE.CONFIG, item({ Owner: "" }))), "not-acceptable", "modify"],
    [
      "an owner who is none",
      set(HECATE, COVEN, publish(NODE.CONFIG, item({ Owner: "@" }))),
      "not-acceptable",
      "modify",
    ],
    [
      "a truth that is none",
      set(HECATE, COVEN, publish(NODE.CONFIG, item({ "Mandatory Nicks": "perhaps" }))),
      "not-acceptable",
      "modify",
    ],
    ["a form where none goes", set(HECATE, COVEN, publish(NODE.PARTICIPANTS, item({}))), "not-allowed", "cancel"],
    ["a retract", set(HECATE, COVEN, pubsub(`<retract node='${NODE.INFO}'/>`)), "not-allowed", "cancel"],
    [
      "a page after nothing",
      get(HECATE, COVEN, pubsub(`<items node='${NODE.PARTICIPANTS}'/>${page("<after>x</after>")}`)),
      "item-not-found",
      "cancel",
    ],
    [
      "less than none",
      get(HECATE, COVEN, pubsub(`<items node='${NODE.INFO}' max_items='1.5'/>`)),
      "bad-request",
      "modify",
    ],
  ],
  archives: [
    ["a stranger's look", set(STRANGER, COVEN, mam("")), "forbidden", "auth"],
    ["a node without one", set(HECATE, COVEN, mam("", "node='x'")), "item-not-found", "cancel"],
    ["a page after nothing", set(HECATE, COVEN, mam(page("<after>x</after>"))), "item-not-found", "cancel"],
    ["a page of less than nothing", set(HECATE, COVEN, mam(page("<max>-1</max>"))), "bad-request", "modify"],
    ["a page by number", set(HECATE, COVEN, mam(page("<index>3</index>"))), "feature-not-implemented", "cancel"],
    ["a time that is none", set(HECATE, COVEN, mam(String(form({ start: "noon" }, NS.MAM)))), "bad-request", "modify"],
    ["no address", set(HECATE, COVEN, mam(String(form({ with: "@" }, NS.MAM)))), "jid-malformed", "modify"],
    [
      "a field there is not",
      set(HECATE, COVEN, mam(String(form({ colour: "black" }, NS.MAM)))),
      "feature-not-implemented",
      "cancel",
    ],
    ["the service's", set(HECATE, SERVICE, mam("")), "service-unavailable", "cancel"],
  ],
  messages: [
    ["one from a stranger", message("groupchat", STRANGER, COVEN, BODY), "forbidden", "auth"],
    ["one of type chat", message("chat", HAG66, COVEN, BODY), "bad-request", "modify"],
    ["one without a type", `<message from='${HAG66}' to='${COVEN}'>${BODY}</message>`, "bad-request", "modify"],
    ["one that says nothing", message("groupchat", HAG66, COVEN, ""), "bad-request", "modify"],
    ["one that only forges", message("groupchat", HAG66, COVEN, `<mix xmlns='${MIX}'/>`), "bad-request", "modify"],
    ["one to no channel", message("groupchat", HAG66, `moor@${SERVICE}`, BODY), "item-not-found", "cancel"],
    ["one to the service", message("chat", HAG66, SERVICE, BODY), "service-unavailable", "cancel"],
    ["one to no participant", message("chat", HAG66, `nobody#${COVEN}`, BODY), "item-not-found", "cancel"],
    ["one with a malformed address", message("groupchat", HAG66, `a b@${SERVICE}`, BODY), "jid-malformed", "modify"],
  ],
};

/** What is never answered, however wrong it is. */
const PASSED_OVER: readonly (readonly [string, string])[] = [
  ["an error", message("error", STRANGER, COVEN, BODY)],
  ["an error that nobody can be told of", message("error", STRANGER, "@", BODY)],
  ["an iq of type error", iq("error", STRANGER, COVEN, PING)],
  ["a result that nobody waits for", iq("result", STRANGER, COVEN, "")],
  ["a result for nobody", iq("result", STRANGER, "@", "")],
  ["presence for no channel", `<presence from='${STRANGER}' to='moor@${SERVICE}'/>`],
  ["presence for nobody", `<presence from='${STRANGER}' to='@'/>`],
  ["presence of no type there is", `<presence type='x' from='${STRANGER}' to='${COVEN}'/>`],
  ["a stanza of nobody's", get("@", SERVICE, PING)],
  ["a stanza without a sender", `<iq type='get' to='${SERVICE}' id='1'>${PING}</iq>`],
  ["presence nested too deep", `<presence from='${STRANGER}' to='${COVEN}'>${deep("x", 200)}</presence>`],
  ["an error nested too deep", message("error", STRANGER, COVEN, deep("x", 200))],
];

function deep(name: string, levels: number): string {
  return `<${name}>`.repeat(levels) + `</${name}>`.repeat(levels);
}

describe("a refusal", () => {
  let play: Play;
  let reader: StrictReader;

  beforeAll(async () => {
    play = await Play.begin();
    reader = new StrictReader();
    const [hecate, hag66] = [play.person("hecate"), play.person("hag66")] as [Person, Person];
    await hecate.creates("coven");
    await hecate.joins();
    await hag66.joins();
  });
  afterAll(async () => {
    expect(play.errors).toEqual([]);
    await play.end();
  });

  /** Everything that comes back for a stanza, before the answer to a ping behind it. */
  async function answers(stanza: string): Promise<Element[]> {
    const from = parseStanza(stanza).attrs.from;
    const id = `behind-${play.server.stanzas.length}`;
    const start = play.server.stanzas.length;
    const asker = from === undefined || from === "@" ? STRANGER : from;
    await play.server.write(
      stanza + serialize(xml("iq", { type: "get", from: asker, to: SERVICE, id }, parseStanza(PING))),
    );
    await play.server.until(({ attrs }) => attrs.id === id);
    return play.server.stanzas.slice(start).filter(({ attrs }) => attrs.id !== id);
  }

  for (const [about, rows] of Object.entries(ROWS)) {
    describe(`about ${about}`, () => {
      const cases = rows.map(([what, stanza, condition, type]) => ({ what, stanza, condition, type }));
      it.each(cases)(
        "for $what is $condition",
        { tags: ["0369-5/1", "0369-5/2"] },
        async ({ stanza, condition, type }) => {
          const sent = parseStanza(stanza);
          const [refusal, ...more] = await answers(stanza);
          expect(more).toEqual([]);
          expect(outcome(refusal)).toBe(condition);
          const { name, attrs } = refusal!;
          expect([name, attrs.to, attrs.from, attrs.id]).toEqual([
            sent.name,
            sent.attrs.from,
            sent.attrs.to,
            sent.attrs.id,
          ]);
          const error = refusal!.getChild("error")!;
          expect(error.attrs.type).toBe(type);
          expect(error.getChildText("text", NS.STANZAS)).toMatch(/ .*\.$/);
        },
      );
    });
  }

  it.each(PASSED_OVER)("is not made for %s", async (_, stanza) => {
    expect(await answers(stanza)).toEqual([]);
  });

  it("hands back the request, unless ejabberd's PAM has made it, whom that would break", async () => {
    const [echoed] = await answers(get(HAG66, `moor@${SERVICE}`, "<query xmlns='urn:xmpp:no-such' node='x'/>"));
    expect(echoed?.getChild("query", "urn:xmpp:no-such")?.attrs.node).toBe("x");
    const [bare] = await answers(
      get(HAG66, `moor@${SERVICE}`, "<query xmlns='urn:xmpp:no-such'/>").replace("'1'", "'rr-1'"),
    );
    expect(bare?.getChildElements().map(({ name }) => name)).toEqual(["error"]);
  });

  it("hands back what was written with prefixes so that it still means the same", async () => {
    const prefixed = `<iq xmlns:p='urn:xmpp:no-such' type='get' from='${HAG66}' to='${SERVICE}' id='1'><p:query p:x='y'/></iq>`;
    const [refusal] = await answers(prefixed);
    expect(outcome(refusal)).toBe("service-unavailable");
    expect(refusal?.getChildElements()[0]?.getNS()).toBe("urn:xmpp:no-such");
    expect(reader.read(play.server.news())).toBe("");
  });

  it("for a stanza nested too deep is policy-violation, and tells it from none of its content", async () => {
    const [refusal] = await answers(get(HAG66, SERVICE, deep("x", 200)));
    expect(outcome(refusal)).toBe("policy-violation");
    expect(refusal?.getChildElements()).toHaveLength(1);
  });

  it("changes nothing: everybody and everything is as before", async () => {
    const hecate = play.person("hecate");
    expect(await hecate.reads(NODE.PARTICIPANTS)).toHaveLength(2);
    expect(listed(await hecate.asks("get", SERVICE, disco("items")))).toEqual([COVEN]);
    expect(await hecate.archive()).toEqual([]);
    expect(hecate.reflections()).toEqual([]);
  });
});
