import { setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import { type Element, NS, parseJid, serialize, xml } from "masque";
import { parseStanza } from "masque/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isCondition } from "../../core/xmpp/refuse.ts";
import { anyStanza, type Known } from "./any-stanza.ts";
import { COVEN, type Person, SERVICE } from "./person.ts";
import { Play, UNLIMITED } from "./play.ts";
import { StrictReader } from "./strict-reader.ts";

const STANZAS = 10_000;
const IN_ONE_PACKET = 10;
const PATIENCE = 20_000;

/** What a reply must be addressed by: its kind, its recipient, its sender, its id. */
const replyKey = ({ name, attrs: { to, from, id } }: Element) => JSON.stringify([name, to, from, id]);
const owedKey = ({ name, attrs: { to, from, id } }: Element) => JSON.stringify([name, from, to, id]);

describe("whatever a server hands over", () => {
  let play: Play;
  let reader: StrictReader;
  let known: Known;
  let packets = 0;
  /** How many errors the messages sent so far may still be answered with. */
  const messages = new Map<string, number>();
  /** How many errors written from one participant to another may still be passed on. */
  let bounces = 0;

  beforeAll(async () => {
    play = await Play.begin({ isUnwatched: true, plugins: UNLIMITED });
    reader = new StrictReader();
    const [hecate, hag66, macbeth] = ["hecate", "hag66", "macbeth"].map((name) => play.person(name)) as Person[];
    // macbeth, who says nothing random, keeps the coven; hecate may lose the heath and make it anew.
    await macbeth!.creates("coven");
    await hecate!.creates("heath");
    await hecate!.joins();
    await hag66!.joins({ generation: 0, from: hag66!.client });
    known = {
      senders: [
        ...[hecate!.client, hecate!.jid, hag66!.client, hag66!.jid, "witchfinder@shakespeare.example/broom"],
        ...["shakespeare.example", `HECATE@Shakespeare.example/'"&<>`, "hag66@shakespeare.example/\u{1f9d9}"],
      ],
      addresses: [
        ...[SERVICE, SERVICE, COVEN, COVEN, COVEN, `heath@${SERVICE}`, `${COVEN}/${hecate!.id}`, `Coven@${SERVICE}`],
        ...[`${hecate!.id}#${COVEN}`, `${hag66!.id}#${COVEN}/x`, `nobody#${COVEN}`, `nobody#nowhere@${SERVICE}`],
      ],
    };
  });
  afterAll(async () => {
    await play.end();
  });

  /** Sends a packet, with a ping of each sender behind it whose answer comes last, and returns all that comes back. */
  async function exchange(packet: readonly Element[], text: string): Promise<Element[]> {
    const { server } = play;
    const start = server.stanzas.length;
    const senders = new Set(packet.flatMap(({ attrs }) => parseJid(attrs.from)?.bare ?? []));
    const pings = [...senders].map((from, i) =>
      xml("iq", { type: "get", from, to: SERVICE, id: `ping-${packets}.${i}` }, xml("ping", { xmlns: NS.PING })),
    );
    packets++;
    await server.write(text + pings.map(serialize).join(""));
    const waiting = new Set(pings.map(({ attrs }) => attrs.id));
    let looked = start;
    const answered = server.when(() => {
      for (; looked < server.stanzas.length; looked++) waiting.delete(server.stanzas[looked]!.attrs.id);
      return waiting.size === 0 || !server.connected;
    });
    await Promise.race([answered, pause(PATIENCE, undefined, { ref: false })]);
    if (!server.connected) throw new Error("The stream is lost.");
    if (waiting.size > 0) throw new Error(`Nothing has come back for ${PATIENCE / 1000} s.`);
    const isPing = new Set(pings.map(({ attrs }) => attrs.id));
    return server.stanzas.slice(start).filter(({ attrs }) => !isPing.has(attrs.id));
  }

  /** Every request is answered once, nothing else is, and what may be refused is refused at most once. */
  function judge(packet: readonly Element[], back: readonly Element[]): void {
    const owed = new Map<string, number>();
    for (const stanza of packet) {
      const { name, attrs } = stanza;
      if (name === "message" && attrs.type === "error" && attrs.to?.includes("#")) bounces++;
      if (!parseJid(attrs.from) || attrs.type === "error") continue;
      // A presence, too, may be refused for its size.
      if (name === "message" || name === "presence")
        messages.set(owedKey(stanza), (messages.get(owedKey(stanza)) ?? 0) + 1);
      else if (attrs.type !== "result") owed.set(owedKey(stanza), (owed.get(owedKey(stanza)) ?? 0) + 1);
    }
    for (const reply of back) {
      if (reply.attrs.type === "error") expect(mistakesOf(reply), String(reply)).toEqual([]);
      else if (reply.name !== "iq" || reply.attrs.type !== "result") continue;
      const account = reply.name === "iq" ? owed : messages;
      const left = account.get(replyKey(reply)) ?? 0;
      if (left === 0 && reply.name === "message" && reply.attrs.from?.includes("#") && bounces-- > 0) continue;
      expect(left, `nobody was owed ${reply}`).toBeGreaterThan(0);
      if (left === 1) account.delete(replyKey(reply));
      else account.set(replyKey(reply), left - 1);
    }
    expect([...owed.keys()], "still unanswered").toEqual([]);
  }

  it(`is answered as it should be: about ${STANZAS} random stanzas, and never a word that is not well-formed`, async () => {
    const packet = fc.array(anyStanza(known), { minLength: 1, maxLength: 2 * IN_ONE_PACKET, size: "max" });
    const isTaken = fc.asyncProperty(packet, async (texts) => {
      await play.server.component(play.server.connections);
      play.errors.length = 0;
      const stanzas = texts.map(parseStanza);
      const back = await exchange(stanzas, texts.join(""));
      expect(reader.read(play.server.news())).toBe("");
      judge(stanzas, back);
      expect(play.errors).toEqual([]);
    });
    // A search for the shortest counterexample ends in time to be told.
    await fc.assert(isTaken, { numRuns: STANZAS / IN_ONE_PACKET, interruptAfterTimeLimit: 50_000 });
  });

  it("leaves the service as able as before", async () => {
    const [macbeth, banquo] = [play.person("macbeth"), play.person("banquo")];
    await macbeth.joins({ nick: "Thane of Cawdor" });
    await banquo.joins({ nick: "Banquo" });
    await macbeth.says("So foul and fair a day I have not seen.");
    await banquo.hears("So foul and fair a day I have not seen.");
    expect((await banquo.archive()).at(-1)?.body).toBe("So foul and fair a day I have not seen.");
    const states = Object.values(play.masque.host.status()).map(({ state, faults }) => `${state} ${faults}`);
    expect(new Set(states)).toEqual(new Set(["on 0"]));
    expect(play.server.connections).toBe(1);
  });
});

/** What is wrong with an error (RFC 6120 §8.3.2). */
function mistakesOf(reply: Element): string[] {
  const error = reply.getChildElements().at(-1);
  if (!error?.is("error", NS.COMPONENT)) return ["its last child is no <error/>"];
  const [condition, ...more] = error.getChildElements();
  const name = condition?.is(condition.name, NS.STANZAS) ? condition.name : "none";
  const text = more.filter((child) => child.is("text", NS.STANZAS));
  return [
    ...(["auth", "cancel", "continue", "modify", "wait"].includes(error.attrs.type ?? "") ? [] : ["it has no type"]),
    ...(isCondition(name) ? [] : ["it has no condition"]),
    ...(name === "internal-server-error" ? ["something has crashed"] : []),
    ...(text.length === 1 && text[0]?.getText() ? [] : ["it does not say why"]),
  ];
}
