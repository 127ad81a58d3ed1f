import { type Element, NS, xml } from "masque";
import { type Actor, parseStanza, type TestHost, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { ALL } from "../../plugins/coven.ts";
import { SERVICE } from "./replies.ts";

const HARPIER = "Harpier cries: 'tis time, 'tis time.";
const STAMP = "2010-07-10T23:08:25.000Z";

/** A message of a chat with hag67, as one of the two has it. */
function said(from: string, to: string, content = `<body>${HARPIER}</body>`, more = ""): string {
  const message = `<message xmlns='jabber:client' from='${from}' to='${to}' id='0202197' type='chat'>${content}</message>`;
  return `<forwarded xmlns='${NS.FORWARD}'><delay xmlns='${NS.DELAY}' stamp='${STAMP}' from='${from}'/>${message}${more}</forwarded>`;
}
const HAG66 = "hag66@shakespeare.example/UUID-a1j/7533";
const HAG67 = "hag67@shakespeare.example/pda";
const DUNCAN = "duncan@shakespeare.example/castle";

/** hag66 has made a channel out of a chat with hag67; whoever else is named has joined. */
async function adHoc(mode: string, ...others: string[]) {
  const host = testHost([], { plugins: { ...ALL, visibility: { default: mode } } });
  const [hag66, ...more] = ["hag66", ...others].map((name) => host.actor(name)) as [Actor, ...Actor[]];
  const created = await hag66.creates();
  const name = created.getChild("create")!.attrs.channel!;
  for (const actor of [hag66, ...more]) await actor.joins(name);
  return { host, hag66, others: more, channel: `${name}@${SERVICE}` };
}

/** What the channel reflects of this to its sender, as text; or the refusal. */
async function shares(host: TestHost, sender: Actor, channel: string, content: string): Promise<Element> {
  const message = `<message from='${sender.client}' to='${channel}' id='92vax143g' type='groupchat'>${content}</message>`;
  const copies = await host.receive(message);
  return copies.find(({ attrs }) => attrs.to === sender.jid || attrs.to === sender.client)!;
}

const forwardedIn = (stanza: Element) => stanza.getChild("forwarded", NS.FORWARD)?.toString();

describe("history shared with an ad hoc channel (XEP-0407 §Converting a 1:1 Conversation to a Channel)", () => {
  it.each(["jid-hidden", "jid-maybe-visible", "jid-visible"])(
    "tells who said what and when, by no JID, in a channel that is %s",
    { tags: ["0407-7/1"] },
    async (mode) => {
      const { host, hag66, channel } = await adHoc(mode);
      const copy = await shares(host, hag66, channel, said(HAG67, HAG66));
      expect(forwardedIn(copy)).toBe(
        `<forwarded xmlns="${NS.FORWARD}"><delay xmlns="${NS.DELAY}" stamp="${STAMP}"/>` +
          `<message xmlns="${NS.CLIENT}" from="somebody#${channel}" to="${hag66.proxy}" id="0202197" type="chat">` +
          `<body>${HARPIER}</body></message></forwarded>`,
      );
    },
  );

  it("names the one who shares it by his proxy JID where he spoke", async () => {
    const { host, hag66, channel } = await adHoc("jid-hidden");
    const copy = await shares(host, hag66, channel, said("HAG66@Shakespeare.example/x", HAG67));
    const { from, to } = copy.getChild("forwarded")!.getChild("message")!.attrs;
    expect([from, to]).toEqual([hag66.proxy, `somebody#${channel}`]);
  });

  it("calls everybody else the same, whether he is in the channel or not: nobody can be found by guessing", async () => {
    const { host, hag66, channel } = await adHoc("jid-hidden", "hag67");
    const copies = [];
    for (const jid of [HAG67, "duncan@shakespeare.example", "hag67@shakespeare.example"])
      copies.push(forwardedIn(await shares(host, hag66, channel, said(jid, HAG66))));
    expect(new Set(copies).size).toBe(1);
  });

  it("is a message of whoever forwards it, whether he has made the channel or not, and whenever he does", {
    tags: ["0407-7/2"],
  }, async () => {
    const { host, hag66, others, channel } = await adHoc("jid-hidden", "hag67");
    for (const forwarder of [hag66, others[0]!]) {
      const copy = await shares(host, forwarder, channel, said(DUNCAN, HAG66));
      expect(copy.attrs.from).toBe(`${channel}/${forwarder.id}`);
      expect(copy.getChild("mix")?.getChildText("nick")).toBe(forwarder.name);
      expect(copy.getChild("forwarded")?.getChild("message")?.attrs.from).toBe(`somebody#${channel}`);
    }
  });

  it("reaches those who come later, by the archive, as it was told", { tags: ["0407-7/1"] }, async () => {
    const { host, hag66, channel } = await adHoc("jid-hidden");
    const copy = await shares(host, hag66, channel, said(HAG67, HAG66));
    const hecate = host.actor("hecate");
    await hecate.joins(channel.split("@")[0]);
    await hecate.asks("set", channel, xml("query", { xmlns: NS.MAM }));
    const kept = hecate.received().map((each) => each.getChild("result", NS.MAM)?.toString() ?? "");
    expect(kept.join()).toContain(forwardedIn(copy));
  });

  it("holds nothing but words: not what a client has put into them", async () => {
    const { host, hag66, channel } = await adHoc("jid-hidden", "hag67");
    const telltales = [
      `<nick xmlns='http://jabber.org/protocol/nick'>hag67</nick>`,
      `<stanza-id xmlns='${NS.SID}' id='1' by='${HAG67}'/>`,
      `<reference xmlns='urn:xmpp:reference:0' uri='xmpp:hag67%40shakespeare.example'/>`,
      said(HAG67, HAG66),
    ];
    const content = `<subject>Time</subject><body xml:lang='en'>${HARPIER}</body>${telltales.join("")}`;
    const copy = await shares(host, hag66, channel, said(HAG67, HAG66, content, telltales.join("")));
    const children = copy.getChild("forwarded")!.getChild("message")!.getChildElements();
    expect(children.map(({ name, attrs }) => [name, attrs])).toEqual([
      ["subject", {}],
      ["body", { "xml:lang": "en" }],
    ]);
    expect(
      copy
        .getChild("forwarded")!
        .getChildElements()
        .map(({ name }) => name),
    ).toEqual(["delay", "message"]);
  });

  it.each([
    ["the other's address", "Write to HAG67@shakespeare.example"],
    ["one's own", "xmpp:hag66%40shakespeare.example"],
  ])("is refused when its words hold %s, and nothing else is said", async (_, words) => {
    const { host, hag66, channel } = await adHoc("jid-hidden");
    const refused = await shares(host, hag66, channel, said(HAG67, HAG66, `<body>${words}</body>`));
    expect(refused.getChild("error")?.getChild("bad-request")).toBeDefined();
  });

  it("keeps no id that names a client", async () => {
    const { host, hag66, channel } = await adHoc("jid-hidden");
    const copy = await shares(host, hag66, channel, said(HAG67, HAG66).replace("0202197", "pda-1"));
    expect(copy.getChild("forwarded")?.getChild("message")?.attrs.id).toBeUndefined();
  });

  it.each([
    ["no message", `<forwarded xmlns='${NS.FORWARD}'><presence from='${HAG67}'/></forwarded>`],
    ["a message without words", said(HAG67, HAG66, "<composing xmlns='http://jabber.org/protocol/chatstates'/>")],
    ["a carbon (XEP-0280)", `<received xmlns='urn:xmpp:carbons:2'>${said(HAG67, DUNCAN)}</received>`],
    [
      "a page of an archive (XEP-0313)",
      `<a xmlns='urn:x'><result xmlns='${NS.MAM}'>${said(HAG67, DUNCAN)}</result></a>`,
    ],
  ])("is nothing that is told when it is %s", async (_, content) => {
    const { host, hag66, channel } = await adHoc("jid-visible", "hag67");
    const copy = await shares(host, hag66, channel, `<body>Hail</body>${content}`);
    expect(copy.getChildElements().map(({ name }) => name)).toEqual(["body", "mix", "stanza-id"]);
  });

  it("has no delay but one that is a time", async () => {
    const { host, hag66, channel } = await adHoc("jid-hidden");
    const copy = await shares(host, hag66, channel, said(HAG67, HAG66).replace(STAMP, "hag67, yesterday"));
    expect(copy.getChild("forwarded")?.getChild("delay")).toBeUndefined();
  });
});

describe("the one who stands for everybody else in what is forwarded", () => {
  it("is nobody's proxy JID", async () => {
    const { host, hag66, channel } = await adHoc("jid-hidden");
    const whisper = `<message from='${hag66.client}' to='somebody#${channel}' type='chat' id='1'><body>psst</body></message>`;
    const [refused] = await host.receive(parseStanza(whisper));
    expect(refused?.getChild("error")?.getChild("item-not-found")).toBeDefined();
  });
});
