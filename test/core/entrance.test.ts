import { definePlugin, Entrance, refuse } from "masque";
import { testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { COVEN, outcome, reason } from "./channel/replies.ts";

const warden = (judge: Parameters<Entrance["judge"]>[0], name = "warden") =>
  definePlugin({ name, summary: "Stands at the entrance.", setup: ({ get }) => get(Entrance).judge(judge) });

const knock = (from: string) =>
  `<message from='${from}' to='${COVEN}' type='groupchat' id='k'><body>knock</body></message>`;

describe("a plugin that stands at the entrance", () => {
  it("turns away what it will not have, in its own words", async () => {
    const host = await testHost([
      warden(() => {
        throw refuse("policy-violation", "Who's there?");
      }),
    ]).start();
    const replies = await host.receive(knock("macduff@shakespeare.example/gate"));
    expect(replies.map(outcome)).toEqual(["policy-violation"]);
    expect(reason(replies[0]!)).toBe("Who's there?");
    expect(host.faults()).toEqual([]);
  });

  it("that crashes is counted, and costs the stanza only", async () => {
    const host = await testHost([
      warden((_, { local }) => {
        if (local === "macduff") throw new Error("the porter is asleep");
        return 0;
      }),
    ]).start();
    const replies = await host.receive(knock("macduff@shakespeare.example/gate"));
    expect(replies.map(outcome)).toEqual(["internal-server-error"]);
    expect(host.faults().map(({ plugin, where }) => [plugin, where])).toEqual([["warden", "entrance"]]);
    expect((await host.receive(knock("lennox@shakespeare.example/gate"))).map(outcome)).toEqual(["item-not-found"]);
  });

  it("goes with its plugin", async () => {
    const host = await testHost([
      warden(() => {
        throw refuse("policy-violation");
      }),
    ]).start();
    await host.engine.host.disable("warden");
    expect((await host.receive(knock("macduff@shakespeare.example/gate"))).map(outcome)).toEqual(["item-not-found"]);
  });

  it("is one of several: the longest wait counts", async () => {
    const plugins = [warden(() => 1000), warden(() => 3000, "porter"), warden(() => 0, "owl")];
    const host = await testHost(plugins).start();
    host.push(knock("macduff@shakespeare.example/gate"));
    host.clock.advance(2999);
    await new Promise((resolve) => setImmediate(resolve));
    expect(host.sent()).toEqual([]);
    host.clock.advance(1);
    await host.settled();
    expect(host.sent()).toHaveLength(1);
  });
});
