import { NODE } from "masque";
import { type Actor, type TestHost, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { UNLIMITED } from "./play.ts";

const NODES = [NODE.MESSAGES, NODE.PARTICIPANTS, NODE.PRESENCE];
const PLUGINS = { channels: {}, participants: {}, messages: {}, presence: {}, ...UNLIMITED };

const message = ({ client }: Actor, channel: string, body: string) =>
  `<message type='groupchat' id='m' from='${client}' to='${channel}@mix.shakespeare.example'><body>${body}</body></message>`;

/** So many people of one channel, created by the first of them. */
async function crowd(host: TestHost, channel: string, size: number, nodes: readonly string[]): Promise<Actor[]> {
  const actors = Array.from({ length: size }, (_, i) => host.actor(`${channel}${i}`));
  await actors[0]?.creates(channel);
  for (const actor of actors) await actor.joins(channel, { nodes });
  return actors;
}

const appears = (actor: Actor) => `<presence from='${actor.client}' to='coven@mix.shakespeare.example'/>`;

const presences = (actor: Actor) =>
  actor.received().filter(({ name, attrs }) => name === "presence" && attrs.type === undefined);

describe("a large channel", () => {
  it("that is flooded lets a small one speak before it has come to its end, and is told everything in order", async () => {
    const host = testHost([], { plugins: PLUGINS });
    const coven = await crowd(host, "coven", 50, [NODE.MESSAGES]);
    const heath = await crowd(host, "heath", 3, [NODE.MESSAGES]);
    const flood = Array.from({ length: 20 }, (_, i) => `${i} ${"Double, double. ".repeat(300)}`);
    for (const body of flood) host.push(message(coven[1] as Actor, "coven", body));
    host.push(message(heath[1] as Actor, "heath", "A drum, a drum!"));
    await host.settled();

    const said = host.sent().flatMap((text) => /<body>(\d+|A drum)/.exec(text)?.[1] ?? []);
    expect(said.lastIndexOf("A drum")).toBeLessThan(said.length / 2);
    for (const each of coven) expect(each.heard()).toEqual(flood);
    for (const each of heath) expect(each.heard()).toEqual(["A drum, a drum!"]);
  });

  it("tells those who come at once, by and by, who is there, and everybody of each of them, once", async () => {
    const host = testHost([], { plugins: PLUGINS });
    const coven = await crowd(host, "coven", 10, NODES);
    for (const each of coven) await host.receive(appears(each));
    const before = coven.map((each) => each.received().length);
    host.isCongested = true;
    const guests = Array.from({ length: 10 }, (_, i) => host.actor(`guest${i}`));
    for (const guest of guests) await guest.joins("coven", { nodes: NODES });
    expect(guests.flatMap(presences)).toEqual([]);
    host.isCongested = false;
    host.engine.fanOut.proceed();
    await host.settled();

    for (const guest of guests) expect(new Set(presences(guest).map(({ attrs }) => attrs.from)).size).toBe(10);
    for (const guest of guests) expect(presences(guest)).toHaveLength(10);
    // Of each guest the participants node has one item, also for those who were there.
    expect(coven.map((each, i) => each.received().length - (before[i] as number))).toEqual(coven.map(() => 10));
  });

  it("tells one who has left meanwhile nothing more", async () => {
    const host = testHost([], { plugins: PLUGINS });
    const [hecate] = (await crowd(host, "coven", 3, NODES)) as [Actor];
    await host.receive(appears(hecate));
    host.isCongested = true;
    const macbeth = host.actor("macbeth");
    await macbeth.joins("coven", { nodes: NODES });
    await macbeth.leaves();
    host.isCongested = false;
    host.engine.fanOut.proceed();
    await host.settled();
    expect(presences(macbeth)).toEqual([]);
  });
});
