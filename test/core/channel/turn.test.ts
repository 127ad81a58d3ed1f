import fc from "fast-check";
import { Channels, type Participant } from "masque";
import { testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { laterId } from "../../../core/channel/turn.ts";

const ID = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

async function coven(...names: string[]) {
  const { host } = await testHost([]).coven("hecate", ...names);
  return { host, channel: (await host.use(Channels).find("coven"))! };
}

function witch(id: string, nick: string): Participant {
  const delivery = { mode: "bare", full: [] } as const;
  return {
    id,
    jid: `${nick}@shakespeare.example`,
    nick,
    generation: 1,
    nodes: new Set(),
    delivery,
    clients: {},
    traits: {},
  };
}

describe("the id of a sheet's item", () => {
  it("is the time, where that is later than the one before", () => {
    const now = Date.parse("2016-05-30T09:00:00.123Z");
    expect(laterId("2016-05-30T09:00:00.122Z", now)).toBe("2016-05-30T09:00:00.123Z");
  });

  it("is the time where there was none before", () => {
    expect(laterId("", 0)).toBe("1970-01-01T00:00:00.000Z");
  });

  it("always sorts after the one before and is never earlier than now, whatever the clock does", () => {
    const time = fc.integer({ min: 0, max: Date.parse("9998-12-31T00:00:00Z") });
    fc.assert(
      fc.property(time, fc.array(time, { maxLength: 20 }), (first, times) => {
        let before = laterId("", first);
        for (const now of times) {
          const id = laterId(before, now);
          expect(id).toMatch(ID);
          expect(id > before).toBe(true);
          expect(Date.parse(id)).toBeGreaterThanOrEqual(now);
          before = id;
        }
      }),
    );
  });
});

describe("a turn", () => {
  it("stores what it writes together with the rest, or nothing of either", async () => {
    const { channel } = await coven();
    const item = { channel: channel.key, node: "urn:x:cauldron", id: "newt", payload: "<eye/>" };
    await channel.update((turn) => turn.write({ put: "item", item }));
    expect(await channel.items("urn:x:cauldron")).toEqual([item]);
    const failing = channel.update((turn) => {
      turn.write({ put: "no item", channel: channel.key, node: "urn:x:cauldron", id: "newt" });
      turn.write({ put: "item", item: { ...item, channel: channel.key + 1 } });
    });
    await expect(failing).rejects.toThrow("This could not be stored");
    expect(await channel.items("urn:x:cauldron")).toEqual([item]);
  });

  it("shows nothing of what it notes until it is over, and then all of it", async () => {
    const { channel } = await coven();
    await channel.update((turn) => {
      turn.put(witch("a1", "hag66"));
      turn.amend({ owners: ["hag66@shakespeare.example"] });
      expect(channel.participant("hag66@shakespeare.example")).toBeUndefined();
      expect(channel.owners.has("hag66@shakespeare.example")).toBe(false);
      expect(turn.state.owners).toEqual(["hag66@shakespeare.example"]);
    });
    expect(channel.participant("hag66@shakespeare.example")?.nick).toBe("hag66");
    expect(channel.owners).toEqual(new Set(["hag66@shakespeare.example"]));
  });

  it("leaves no trace when it throws, at once or later, and the next one has its turn", async () => {
    const { channel, host } = await coven();
    const told: string[] = [];
    const before = channel.toStored();
    const spoilt = (turn: Parameters<Parameters<typeof channel.update>[0]>[0]) => {
      turn.put(witch("a1", "hag66"));
      turn.amend({ owners: [] });
      turn.after(() => void told.push("spoilt"));
      throw new Error("The cauldron fell over.");
    };
    await expect(channel.update(spoilt)).rejects.toThrow("fell over");
    await expect(channel.update(async (turn) => spoilt(turn))).rejects.toThrow("fell over");
    expect(await channel.update(() => "brewed")).toBe("brewed");
    expect(channel.toStored()).toEqual(before);
    expect(channel.size).toBe(1);
    expect(told).toEqual([]);
    expect(host.complaints).toEqual([]);
  });

  it("is told only once it is durable, in the order of the turns", async () => {
    const { channel } = await coven();
    const told: string[] = [];
    const first = channel.update(async (turn) => {
      await new Promise((resolve) => setImmediate(resolve));
      turn.put(witch("a1", "hag66"));
      turn.after(() => void told.push("first"));
    });
    const second = channel.update((turn) => {
      expect(channel.participant("hag66@shakespeare.example")).toBeDefined();
      turn.after(() => void told.push("second, which changes nothing"));
    });
    expect(told).toEqual([]);
    await second;
    await first;
    expect(told).toEqual(["first", "second, which changes nothing"]);
  });

  it("does not lose a change that is asked for from within another", async () => {
    const { channel } = await coven();
    let inner: Promise<void> | undefined;
    await channel.update((turn) => {
      inner = channel.update((turn) => turn.amend({ owners: [...turn.state.owners, "hag66@shakespeare.example"] }));
      turn.amend({ requires: ["visibility"] });
    });
    await inner;
    expect(channel.state.requires).toEqual(["visibility"]);
    expect(channel.owners.has("hag66@shakespeare.example")).toBe(true);
  });

  it("keeps the ID of one who leaves, and forgets his subscriptions and addresses", async () => {
    const { channel, host } = await coven("hag66");
    const hag66 = channel.participant("hag66@shakespeare.example")!;
    await host.actor("hag66").leaves();
    expect(channel.byId(hag66.id)).toBeUndefined();
    expect(channel.byNick("hag66")).toBeUndefined();
    const former = await channel.former(hag66.jid);
    expect(former).toMatchObject({ id: hag66.id, jid: hag66.jid, delivery: { mode: "bare", full: [] } });
    expect(former?.nodes.size).toBe(0);
  });

  it("has the last word of what was noted about one participant: removed after put, or put after removed", async () => {
    const { channel } = await coven("hag66");
    const hag66 = channel.participant("hag66@shakespeare.example")!;
    await channel.update((turn) => {
      turn.put({ ...hag66, nick: "thirdwitch" });
      turn.remove(hag66);
    });
    expect(channel.participant(hag66.jid)).toBeUndefined();
    await channel.update((turn) => {
      turn.remove(hag66);
      turn.put(hag66);
    });
    expect(channel.participant(hag66.jid)).toEqual(hag66);
  });

  it("revises a sheet over what was there, and only that sheet", async () => {
    const { channel, host } = await coven();
    const { config } = channel.state;
    await channel.update((turn) => turn.revise("info", { Name: ["Coven"] }, "hecate@shakespeare.example", 0));
    await channel.update((turn) => turn.revise("info", { Contact: [] }, "hecate@shakespeare.example", 0));
    expect(channel.sheet("info")).toEqual({ Name: ["Coven"], Contact: [] });
    expect(channel.state.config).toEqual(config);
    const now = host.clock.now() + 1000;
    await channel.update((turn) => turn.revise("config", { Brew: ["toil"] }, "prospero@shakespeare.example", now));
    expect(channel.state.config).toMatchObject({ by: "prospero@shakespeare.example", values: { Brew: ["toil"] } });
    expect([...channel.owners]).toEqual(["hecate@shakespeare.example"]);
  });
});
