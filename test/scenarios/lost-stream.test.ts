import { type Element, NODE, serialize } from "masque";
import { HandClock } from "masque/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hostServer } from "../host-server.ts";
import { Person } from "./person.ts";
import { Play, UNLIMITED } from "./play.ts";

const FAREWELL = "</stream:stream>";

const ids = (messages: readonly Element[]) => messages.map(({ attrs }) => attrs.id);

/** What `lifetime` does every minute would be what is due next, and not the service's next attempt to connect. */
const { lifetime: _, ...PLUGINS } = UNLIMITED;

describe("a server that goes away and comes back", () => {
  let play: Play;
  let clock: HandClock;
  let hecate: Person;
  let hag66: Person;

  beforeEach(async () => {
    clock = new HandClock();
    play = await Play.begin({ clock, plugins: PLUGINS });
    [hecate, hag66] = [play.person("hecate"), play.person("hag66")];
    await hecate.creates("coven");
    await hecate.joins();
    await hag66.joins({ generation: 0 });
  });
  afterEach(() => play.end());

  /** Lets the service make its next attempt once it has noticed the loss, and waits until it is there. */
  async function comesBack(): Promise<void> {
    const streams = play.server.handshakes;
    await play.logs("Trying again", streams);
    clock.leap();
    await play.server.component(streams + 1);
  }

  /** What both have heard is what the archive has of it, in its order; the archive has nothing twice. */
  async function agrees(): Promise<void> {
    const archive = (await hecate.archive()).map(({ id }) => id);
    expect(new Set(archive).size).toBe(archive.length);
    for (const person of [hecate, hag66]) {
      const heard = ids(person.reflections());
      expect(archive.filter((id) => heard.includes(id))).toEqual(heard);
    }
  }

  /** Says lines, and closes the stream in the same packet, so that the service has them when it can tell nobody. */
  async function saysAsItEnds(...stanzas: Element[]): Promise<void> {
    await play.server.write(stanzas.map(serialize).join("") + FAREWELL);
  }

  it("gets what was accepted as its stream ended, on the next one: everything, in order, once", async () => {
    const lines = Array.from({ length: 500 }, (_, i) => `${i}`);
    await saysAsItEnds(...lines.map((line, i) => (i % 2 ? hecate : hag66).words(line)));
    await comesBack();
    await play.server.when(() => [hecate, hag66].every((person) => person.reflections().length >= lines.length));
    // What was sent once is not sent again when the stream is lost a second time.
    play.server.drop();
    await comesBack();
    await hag66.says("The last.");
    await hecate.hears("The last.");
    await hag66.hears("The last.");

    for (const person of [hecate, hag66]) {
      expect(person.heard().filter((line) => Number(line) % 2 === 1)).toEqual(lines.filter((_, i) => i % 2 === 1));
      expect(person.heard().filter((line) => Number(line) % 2 === 0)).toEqual(lines.filter((_, i) => i % 2 === 0));
    }
    expect((await hecate.archive()).map(({ id }) => id)).toEqual(ids(hecate.reflections()));
    expect(ids(hag66.reflections())).toEqual(ids(hecate.reflections()));
  });

  it("is not given, for one who left meanwhile, what waited for her; everybody else gets it", async () => {
    const leave = hag66.joining();
    leave.getChild("join")!.name = "leave";
    await saysAsItEnds(hecate.words("Is she gone?"), leave);
    await comesBack();
    await hecate.hears("Is she gone?");
    await hecate.names("alone");
    expect(hag66.heard()).toEqual([]);
    expect((await hecate.reads(NODE.PARTICIPANTS)).map(({ attrs }) => attrs.id)).toEqual([hecate.id]);
  });

  it("takes half a stanza with it: nobody hears that, and the next stream begins afresh", async () => {
    const whole = serialize(hecate.words("A whole one."));
    const half = serialize(hecate.words("A half one."));
    await play.server.write(whole);
    await hag66.hears("A whole one.");
    await play.server.write(half.slice(0, half.indexOf("half") + 2));
    play.server.drop();
    await comesBack();
    await hecate.says("Another.");
    await hag66.hears("Another.");
    expect(hag66.heard()).toEqual(["A whole one.", "Another."]);
    await agrees();
  });

  it("may be cut at any moment, again and again: nobody hears anything twice, and all they hear is kept", async () => {
    for (let round = 0; round < 6; round++) {
      const goal = hecate.received().length + Math.ceil(Math.random() * 400);
      const talking = (async () => {
        for (let i = 0; i < 100 && play.server.connected; i++) {
          const packet = [0, 1, 2, 3, 4].map((n) => hag66.words(`${round}.${i}.${n}`));
          // Cut off in the middle of a packet, too.
          await play.server.write(packet.map(serialize).join("")).catch(() => {});
        }
      })();
      await play.server.when(() => hecate.received().length >= goal);
      play.server.drop();
      await talking;
      await comesBack();
    }
    await hag66.says("The last.");
    await hecate.hears("The last.");
    await hag66.hears("The last.");
    await agrees();
    const said = (await hecate.archive()).map(({ body }) => body);
    for (let round = 0; round < 6; round++) {
      const kept = said.filter((body) => body.startsWith(`${round}.`));
      const expected = Array.from({ length: kept.length }, (_, i) => `${round}.${Math.floor(i / 5)}.${i % 5}`);
      expect(kept).toEqual(expected);
    }
    expect(play.errors).toEqual([]);
  });

  it("finds done what it had asked for as its stream ended, answered once at most", async () => {
    const request = hecate.joining({ nick: "third witch" });
    await saysAsItEnds(request);
    await comesBack();
    const [participant] = (await hecate.reads(NODE.PARTICIPANTS)).filter(({ attrs }) => attrs.id === hecate.id);
    expect(participant?.getChild("participant")?.getChildText("nick")).toBe("third witch");
    expect(hecate.received().filter(({ attrs }) => attrs.id === request.attrs.id).length).toBeLessThan(2);
  });
});

it("a server that is started anew is found again, without anybody's help", async () => {
  const play = await Play.begin();
  const hecate = play.person("hecate");
  await hecate.creates("coven");
  await hecate.joins();
  await hecate.says("Before.");
  await hecate.hears("Before.");
  const { port } = play.server;
  await play.server.close();
  await play.logs("The connection to the server is lost.");
  expect(play.masque.online).toBe(false);

  play.server = await hostServer({ port });
  await play.server.component();
  const again = new Person(play, "hecate");
  await again.says("After.");
  await play.server.until((stanza) => stanza.getChildText("body") === "After.");
  expect((await again.archive()).map(({ body }) => body)).toEqual(["Before.", "After."]);
  await play.end();
});
