import { type Element, NODE } from "masque";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { outcome } from "../core/channel/replies.ts";
import { COVEN, type Person } from "./person.ts";
import { Play } from "./play.ts";

// A user's server joins from his bare JID while his client already speaks from its full one: to the service these are
// two addresses, and still what was sent first must be done first.
describe("a user whose server joins and whose client speaks right behind it", () => {
  let play: Play;
  let hecate: Person;

  beforeEach(async () => {
    play = await Play.begin();
    hecate = play.person("hecate");
    await hecate.creates("coven");
    await hecate.joins();
  });
  afterEach(() => play.end());

  const hags = (count: number) => Array.from({ length: count }, (_, i) => play.person(`hag${i}`));
  /** The errors that anybody was sent. */
  const refusals = () => play.server.stanzas.filter(({ attrs }) => attrs.type === "error").map(outcome);

  it("is never refused as one who has not joined, in whichever packet the two come", async () => {
    const crowd = hags(50);
    await play.sends(...crowd.flatMap((hag) => [hag.joining(), hag.words(`Here is ${hag.name}.`)]));
    for (const hag of crowd) await hecate.hears(`Here is ${hag.name}.`);
    expect(refusals()).toEqual([]);
  });

  it("is heard also when his client speaks before it has seen anything come back, many times over", async () => {
    const crowd = hags(30);
    const packets = crowd.map((hag) => [
      hag.joining({ signed: "rr-" }),
      ...[1, 2, 3].map((n) => hag.words(`${hag.name}: ${n}`)),
    ]);
    await Promise.all(packets.map((packet) => play.sends(...packet)));
    for (const hag of crowd) await hecate.hears(`${hag.name}: 3`);
    for (const hag of crowd)
      expect(hecate.heard().filter((body) => body.startsWith(`${hag.name}:`))).toEqual(
        [1, 2, 3].map((n) => `${hag.name}: ${n}`),
      );
    expect(refusals()).toEqual([]);
  });

  it("is told of herself before her own words come back to her", async () => {
    const hag66 = play.person("hag66");
    await play.sends(hag66.joining(), hag66.words("Double, double"));
    await hag66.hears("Double, double");
    // The join's result may come between the two, or before.
    const told = hag66.received().flatMap(({ children }) => children as Element[]);
    const kinds = told.map(({ name }) => name).filter((name) => name === "event" || name === "body");
    expect(kinds).toEqual(["event", "body"]);
  });

  it("is heard to the end: a leave does not overtake what was said before it", async () => {
    const crowd = hags(30);
    const leave = (hag: Person): Element => {
      const request = hag.joining();
      request.getChild("join")!.name = "leave";
      return request;
    };
    await play.sends(...crowd.flatMap((hag) => [hag.joining(), hag.words(`${hag.name} was here.`), leave(hag)]));
    for (const hag of crowd) await hecate.hears(`${hag.name} was here.`);
    await hecate.names("alone");
    expect(await hecate.reads(NODE.PARTICIPANTS)).toHaveLength(1);
    expect(refusals()).toEqual([]);
  });

  it("is refused once he has left, whatever his client still says", async () => {
    const hag66 = play.person("hag66");
    await hag66.joins();
    await hag66.leaves();
    await play.sends(hag66.words("toil and trouble"));
    const refusal = await play.server.until(({ attrs }) => attrs.to === hag66.client && attrs.type === "error");
    expect(outcome(refusal)).toBe("forbidden");
    expect(refusal.attrs.from).toBe(COVEN);
    expect(hecate.heard()).toEqual([]);
  });
});
