import { setTimeout as pause } from "node:timers/promises";
import { type Element, serialize } from "masque";
import { HandClock } from "masque/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { outcome } from "../core/channel/replies.ts";
import { COVEN, type Person } from "./person.ts";
import { Play, UNLIMITED } from "./play.ts";

const MIB = 1024 * 1024;
const CROWD = 100;
const LINE = "x".repeat(2_000);

describe("a server that pushes and does not read", () => {
  let play: Play;
  let clock: HandClock;
  let hecate: Person;

  beforeEach(async () => {
    clock = new HandClock();
    play = await Play.begin({ clock, plugins: UNLIMITED });
    hecate = play.person("hecate");
    await hecate.creates("coven");
    const listeners = [hecate, ...Array.from({ length: CROWD }, (_, i) => play.person(`hag${i}`))];
    // Without the participants node nobody is told of the others: only messages count here.
    for (const person of listeners) await person.joins({ nodes: ["urn:xmpp:mix:nodes:messages"] });
  });
  afterEach(() => play.end());

  /** What number was said under an id. */
  const numbers = new Map<string | undefined, number>();
  const lines = (count: number, from: number) =>
    Array.from({ length: count }, (_, i) => {
      const line = hecate.words(`${from + i} ${LINE}`);
      numbers.set(line.attrs.id, from + i);
      return line;
    });
  const heard = () => hecate.heard().map((body) => Number.parseInt(body, 10));
  const refused = () => hecate.received().filter(({ attrs }) => attrs.type === "error");
  const sent = ({ attrs }: Element) => numbers.get(attrs.id);
  const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i);

  /** The server stops reading, and what waits for it makes the service stop, too. */
  async function jam(): Promise<void> {
    const tasks = clock.waiting;
    play.server.pauseReading();
    await play.sends(...lines(150, 0));
    while (clock.waiting === tasks) await pause(5);
  }

  /** Until the service has seen that the server takes nothing any more. */
  async function stick(): Promise<void> {
    // The system may have taken something between the first look and the second.
    for (let look = 0; look < 2; look++) {
      await pause(100);
      clock.advance(30_000);
    }
  }

  it("is read no further while what it is owed waits: memory stays bounded, however much it pushes", async () => {
    await jam();
    const before = process.memoryUsage().arrayBuffers;
    const all = 40_000;
    let taken = 0;
    for (let stalled = false; taken < all && !stalled; taken += 100) {
      const written = play.sends(...lines(100, taken));
      stalled = (await Promise.race([written, pause(500, "stalled")])) === "stalled";
      if (stalled) written.catch(() => {});
    }
    // 40,000 lines are 80 MiB in, and would be 8 GiB out.
    expect(taken).toBeLessThan(all);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * MIB);
    expect(play.server.connections).toBe(1);
  });

  it("gets all it was owed, in order, when it reads again; nothing was refused", async () => {
    await jam();
    play.server.resumeReading();
    await play.server.when(() => hecate.reflections().length === 150);
    expect(heard()).toEqual(upTo(150));
    expect(refused()).toEqual([]);
  });

  it("is read again after 30 s, to refuse what is new; when it reads, everything is as it was told", async () => {
    await jam();
    await stick();
    await play.sends(...lines(20, 150));
    await pause(100);
    play.server.resumeReading();
    await play.server.when(() => heard().length + refused().length === 170);

    expect(refused().length).toBeGreaterThanOrEqual(20);
    expect(new Set(refused().map(outcome))).toEqual(new Set(["resource-constraint"]));
    const turnedAway = refused().map(sent);
    expect([...heard(), ...turnedAway]).toEqual(upTo(170));
    expect((await hecate.archive()).map(({ body }) => Number.parseInt(body, 10))).toEqual(heard());

    await hecate.says("Are we clear?");
    await hecate.hears("Are we clear?");
    expect(play.server.connections).toBe(1);
  });
});

describe("a sender who floods the channel", () => {
  let play: Play;

  beforeEach(async () => {
    play = await Play.begin({ plugins: UNLIMITED });
  });
  afterEach(() => play.end());

  it("is heard in the order he spoke, as is everybody else, and all hear the same", async () => {
    const people = ["hecate", "hag66", "crone1"].map((name) => play.person(name)) as [Person, Person, Person];
    const [hecate, hag66, crone1] = people;
    await hecate.creates("coven");
    await hecate.joins();
    await hag66.joins({ generation: 0 });
    await crone1.joins({ from: crone1.client });
    const flood = Array.from({ length: 5_000 }, (_, i) => serialize(hecate.words(`hecate ${i}`))).join("");
    const calm = (async () => {
      for (let i = 0; i < 20; i++)
        await Promise.all([hag66, crone1].map((person) => person.says(`${person.name} ${i}`)));
    })();
    await Promise.all([play.server.write(flood), calm]);
    await play.server.when(() => people.every((person) => person.reflections().length === 5_040));

    const order = hecate.heard();
    const of = (person: Person) => order.filter((body) => body.startsWith(`${person.name} `));
    expect(of(hecate)).toEqual(Array.from({ length: 5_000 }, (_, i) => `hecate ${i}`));
    for (const person of [hag66, crone1]) {
      expect(of(person)).toEqual(Array.from({ length: 20 }, (_, i) => `${person.name} ${i}`));
      expect(person.heard()).toEqual(order);
    }
    expect((await hecate.archive(COVEN)).map(({ body }) => body)).toEqual(order);
  });
});
