import { HandClock } from "masque/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { outcome, reason } from "../core/channel/replies.ts";
import { COVEN, type Person } from "./person.ts";
import { Play } from "./play.ts";

const ALL = 50_000;
const BURST = 1_000;
/** How many more may wait by default: two seconds, at fifty a second. */
const LATE = 100;

describe("somebody who sends fifty thousand messages at once", () => {
  let play: Play;
  let clock: HandClock;
  let macbeth: Person;
  let hecate: Person;
  let hag66: Person;

  beforeEach(async () => {
    clock = new HandClock();
    play = await Play.begin({ clock, isUnwatched: true });
    [macbeth, hecate, hag66] = [play.person("macbeth"), play.person("hecate"), play.person("hag66")];
    await hecate.creates("coven");
    for (const person of [macbeth, hecate, hag66]) await person.joins({ nodes: ["urn:xmpp:mix:nodes:messages"] });
    clock.advance(60_000);
  });
  afterEach(() => play.end());

  const upTo = (count: number) => Array.from({ length: count }, (_, i) => String(i));
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  it("starves nobody: who speaks meanwhile is heard at once, each message is answered, and none is out of order", async () => {
    const lines = upTo(ALL).map((body) => macbeth.words(body));
    const ids = lines.map(({ attrs }) => attrs.id);
    for (let at = 0; at < ALL; at += 10_000) {
      await play.sends(...lines.slice(at, at + 10_000));
      await hecate.says(`hecate after ${at}`);
    }
    await hag66.hears("hecate after 40000");
    const refused = () => macbeth.received().filter(({ attrs }) => attrs.type === "error");
    const said = () => hag66.heard().filter((body) => !body.startsWith("hecate"));

    // By then what he may say at once is said, what is too much is refused, and a little waits still.
    expect(said()).toEqual(upTo(BURST));
    expect(refused().map(({ attrs }) => attrs.id)).toEqual(ids.slice(BURST + LATE));
    expect(new Set(refused().map(outcome))).toEqual(new Set(["resource-constraint"]));
    expect(reason(refused()[0]!)).toBe("You send more than is taken here: try again in 3 seconds.");
    expect(hag66.heard().filter((body) => body.startsWith("hecate"))).toHaveLength(5);

    while (said().length < BURST + LATE) {
      clock.advance(20);
      await turn();
    }
    expect(said()).toEqual(upTo(BURST + LATE));
    expect((await hecate.archive(COVEN)).length).toBe(BURST + LATE + 5);
    expect(play.masque.host.status().limits).toMatchObject({ state: "on", faults: 0 });
  }, 180_000);
});
