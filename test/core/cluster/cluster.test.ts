import { once } from "node:events";
import { connect } from "node:net";
import { type Element, NODE, NS, xml } from "masque";
import type {} from "masque/plugins/participants"; // knows the question "nick/taken"
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { Member } from "../../../core/cluster/census.ts";
import { type Greeting, proofOf } from "../../../core/cluster/handshake.ts";
import type { Message } from "../../../core/cluster/message.ts";
import { hostAndPort } from "../../../core/cluster/peer.ts";
import { openDoor, Peers } from "../../../core/cluster/peers.ts";
import { openPostgres, openShared } from "../../../core/storage/postgres/open.ts";
import { freePorts } from "../../servers/server.ts";
import { Postgres } from "../storage/postgres.ts";
import { describeWithPostgres } from "../storage/with-postgres.ts";
import { Crew, type Hand, SECRET } from "./crew.ts";

const SERVICE = "mix.shakespeare.example";
const COVEN = `coven@${SERVICE}`;
const DEAF = { hear() {}, gone() {}, look: async () => {}, unreachable() {} };
const PLUGINS = {
  ...{ channels: {}, participants: {}, messages: {}, archive: {}, preferences: {}, presence: {} },
  ...{ "private-messages": {}, vcard: {}, nicknames: {}, visibility: {}, lifetime: {}, limits: {} },
};

describeWithPostgres("several processes that serve one domain", () => {
  let server: Postgres;
  let crew: Crew;
  beforeAll(async () => {
    server = await Postgres.start();
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    crew = new Crew(server.url(), { plugins: PLUGINS });
    await crew.join();
    await crew.join();
  });
  afterEach(() => crew.close());

  /** hecate's coven, with hag66 in it. */
  async function coven() {
    const [hecate, hag66] = [crew.actor("hecate"), crew.actor("hag66")];
    await hecate.creates("coven");
    await hecate.joins();
    await hag66.joins();
    return { hecate, hag66 };
  }

  const other = (hand: Hand) => crew.hands.find((each) => each !== hand) as Hand;

  /** What the archive of the coven holds, in its order. */
  async function archived(hand: Hand): Promise<string[]> {
    const found = await hand.store.channel("coven");
    const page = await hand.store.history({ channel: found!.channel.key, node: NODE.MESSAGES, max: 1000 });
    if (page === "no such message") throw new Error(page);
    return page.messages.map(({ payload }) => /<body>(.*)<\/body>/.exec(payload)?.[1] ?? "");
  }

  it("serve a channel by one of them, which is soon the one that its stanzas come to", async () => {
    const { hecate, hag66 } = await coven();
    expect(crew.holders("coven")).toEqual([crew.at(SERVICE)]);
    expect(crew.at(COVEN)).not.toBe(crew.at(SERVICE));
    const words = Array.from({ length: 20 }, (_, i) => `double ${i}`);
    for (const each of words) await hag66.says(each);
    expect(hecate.heard().sort()).toEqual([...words].sort());
    expect(await archived(crew.at(COVEN))).toEqual(words);
    expect(crew.holders("coven")).toEqual([crew.at(COVEN)]);
  });

  it("serve those in it under whatever proxy JID they are written to, and leave the channel where it is", async () => {
    const people = await Promise.all(
      ["hecate", "hag66", "crone1", "peter", "wiccarocks"].map(async (name) => crew.actor(name)),
    );
    await people[0]!.creates("coven");
    for (const each of people) await each.joins();
    for (let i = 0; i < 20; i++) await people[0]!.says(`double ${i}`);
    const holder = crew.holders("coven");
    const elsewhere = people.filter(({ proxy }) => crew.at(proxy) !== holder[0]);
    expect(elsewhere).not.toEqual([]);
    for (const each of elsewhere.filter(({ name }) => name !== "hecate"))
      await crew.receive(
        xml("message", { from: people[0]!.client, to: each.proxy, type: "chat", id: "1" }, xml("body", {}, "By the")),
      );
    for (const each of elsewhere.filter(({ name }) => name !== "hecate"))
      expect(each.received().filter(({ attrs }) => attrs.type === "chat")).toHaveLength(1);
    expect(crew.holders("coven")).toEqual(holder);
  });

  it("give an answer to the one of them that has asked", async () => {
    const { hecate, hag66 } = await coven();
    await hag66.prefers({ vCard: "allow" });
    const card = xml("vCard", { xmlns: "vcard-temp" });
    await crew.receive(xml("iq", { from: hecate.client, to: hag66.proxy, id: "card", type: "get" }, card));
    const asked = hag66.received().find((each) => each.getChild("vCard")) as Element;
    const { id, from, to } = asked.attrs as { id: string; from: string; to: string };
    // Wherever it comes in.
    for (const { host } of crew.hands) {
      host.push(xml("iq", { type: "result", id, from: to, to: from }, xml("vCard", { xmlns: "vcard-temp" })));
      await crew.settled();
    }
    const answers = hecate.received().filter(({ attrs }) => attrs.id === "card");
    expect(answers.map(({ attrs }) => attrs.type)).toEqual(["result"]);
  });

  it("create a channel of one name once, though two are asked for it at once", async () => {
    const create = (name: string) =>
      xml("iq", { type: "set", id: "1", from: `${name}@shakespeare.example/a`, to: SERVICE }, [
        xml("create", { xmlns: NS.MIX_CORE_1, channel: "coven" }),
      ]);
    crew.hands[0]!.host.push(create("hecate"));
    crew.hands[1]!.host.push(create("macbeth"));
    await crew.settled();
    const answers = ["hecate", "macbeth"].map((name) => crew.sentTo(`${name}@shakespeare.example`)[0]?.attrs.type);
    expect(answers.sort()).toEqual(["error", "result"]);
  });

  it("know a nick that was registered with another of them, and a name that is held", async () => {
    const { hecate, hag66 } = await coven();
    for (let i = 0; i < 20; i++) await hag66.says(`double ${i}`);
    expect(crew.holders("coven")).not.toEqual([crew.at(SERVICE)]);
    const register = xml("register", { xmlns: NS.MIX_MISC }, xml("nick", {}, "Paddock"));
    expect((await hecate.asks("set", SERVICE, register)).attrs.type).toBe("result");
    const named = xml("setnick", { xmlns: NS.MIX_CORE_1 }, xml("nick", {}, "paddock"));
    const [holder] = crew.holders("coven") as [Hand];
    const channel = [...holder.host.engine.registry.loaded()].find(({ name }) => name === "coven")!;
    const wish = { channel, nick: "paddock", jid: hag66.jid, id: hag66.id };
    await expect.poll(() => holder.host.engine.host.ask("nick/taken", wish, () => undefined as never)).toBe("taken");
    expect((await hag66.asks("set", COVEN, named)).attrs.type).toBe("error");
    await hecate.asks("set", SERVICE, xml("destroy", { xmlns: NS.MIX_CORE_1, channel: "coven" }));
    expect(crew.holders("coven")).toEqual([]);
    for (const { host } of crew.hands) {
      const create = xml("create", { xmlns: NS.MIX_CORE_1, channel: "coven" });
      host.push(xml("iq", { type: "set", id: `held-${host.sent().length}`, from: hag66.client, to: SERVICE }, create));
      await crew.settled();
    }
    const refused = hag66.received().filter(({ attrs }) => attrs.id?.startsWith("held-"));
    expect(refused.map(({ attrs }) => attrs.type)).toEqual(["error", "error"]);
  });

  it("take one more among them, which has its share of the channels, and lose nothing by it", async () => {
    const { hecate, hag66 } = await coven();
    const words: string[] = [];
    const say = async (count: number) => {
      for (let i = 0; i < count; i++) {
        words.push(`double ${words.length}`);
        await hag66.says(words.at(-1)!);
      }
    };
    await say(20);
    while (crew.hands.length < 5 || crew.at(COVEN) === crew.holders("coven")[0]) await crew.join();
    await say(20);
    expect(crew.holders("coven")).toEqual([crew.at(COVEN)]);
    expect(await archived(crew.at(COVEN))).toEqual(words);
    expect(hecate.heard().sort()).toEqual([...words].sort());
  });

  it("take over from one that is killed, with all that it had archived, and who was in it", async () => {
    const { hecate, hag66 } = await coven();
    for (let i = 0; i < 20; i++) await hag66.says(`double ${i}`);
    await crew.kill(crew.holders("coven")[0]!);
    await hag66.says("toil");
    expect(hecate.heard()).toContain("toil");
    expect(await archived(crew.hands[0]!)).toEqual([...Array.from({ length: 20 }, (_, i) => `double ${i}`), "toil"]);
  });

  it("keep one that was taken for dead from storing and from serving anything", async () => {
    const { hag66 } = await coven();
    for (let i = 0; i < 20; i++) await hag66.says(`double ${i}`);
    const [cut] = crew.holders("coven") as [Hand];
    const channel = [...cut.host.engine.registry.loaded()].find(({ name }) => name === "coven")!;
    await crew.kill(cut);
    await hag66.says("toil");
    const late = channel.post({ sender: hag66.jid, payload: "<body>trouble</body>", id: "1", keep: true });
    await expect(late).rejects.toMatchObject({ condition: "resource-constraint" });
    expect(await archived(crew.hands[0]!)).not.toContain("trouble");
  });

  it("store nothing of a channel that is another's", async () => {
    await coven();
    const [holder] = crew.holders("coven") as [Hand];
    const found = (await holder.store.channel("coven"))!;
    const theft = other(holder).store.put([{ put: "channel", channel: { ...found.channel, state: "{}" } }]);
    await expect(theft).rejects.toThrow("The channel is served by another process now");
    const value = { put: "value", space: "spells", key: "toad", value: "1" } as const;
    await other(holder).store.put([value]);
    expect(await holder.store.values("spells")).toEqual(new Map([["toad", "1"]]));
  });

  it("archive and tell a message once that is handed over again", async () => {
    const { hecate, hag66 } = await coven();
    const [holder] = crew.holders("coven") as [Hand];
    const [port] = await freePorts(1);
    const { store, census } = await openShared(crew.url, `127.0.0.1:${port}`);
    const done: number[] = [];
    const hear = (message: Message) => {
      if (message.kind === "done") done.push(message.no);
    };
    const door = await openDoor(`127.0.0.1:${port}`);
    const peers = new Peers(census.number, SECRET, door, { ...DEAF, hear });
    peers.follow(census.members);
    const words = xml("message", { type: "groupchat", from: hag66.client, to: COVEN }, xml("body", {}, "toil"));
    for (const [no, isAgain] of [
      [1, false],
      [2, true],
    ] as const)
      peers.send(holder.census.number, {
        ...{ kind: "stanza", no, channel: "coven", stanza: words.toString(), hops: 1, isAgain },
        id: "0197f8a0-0000-7000-8000-000000000001",
      });
    await expect.poll(() => done).toEqual([1, 2]);
    expect(hecate.heard()).toEqual(["toil"]);
    expect(await archived(holder)).toEqual(["toil"]);
    expect(hag66.received().filter(({ attrs }) => attrs.type === "error")).toEqual([]);
    await store.close();
    await census.close();
    peers.close();
  });

  it("let nobody hand over anything who does not know the secret", async () => {
    const [holder, another] = crew.hands as [Hand, Hand];
    const { address } = holder.census.members.find(({ number }) => number === holder.census.number) as Member;
    const socket = connect(hostAndPort(address)).setEncoding("utf8");
    let said = "";
    socket.on("data", (text: string) => {
      said += text;
    });
    await once(socket, "data");
    const called = JSON.parse(said) as Greeting;
    const caller = { number: another.census.number, nonce: "toad" };
    const line = (what: unknown) => socket.write(`${JSON.stringify(what)}\n`);
    line({ ...caller, proof: proofOf("boil and bubble", "caller", caller, called) });
    const stanza = "<message to='coven@mix.shakespeare.example' from='hecate@shakespeare.example'/>";
    line({ n: 1, message: { kind: "stanza", no: 1, channel: "coven", stanza, hops: 1, id: "1", isAgain: false } });
    await once(socket, "close");
    expect(JSON.parse(said)).toEqual(called);
  });

  it("refuse to share a database with one that serves it alone, and the other way round", async () => {
    const url = server.url();
    const alone = await openPostgres(url);
    await Promise.all([
      expect(openPostgres(crew.url)).rejects.toThrow("Another Masque is using it"),
      expect(openShared(url, "127.0.0.1:1")).rejects.toThrow("give each a [cluster] in its configuration"),
    ]);
    await alone.close();
  });
});
