import { Channels, type Disclosure, definePlugin, NODE, type Plugin } from "masque";
import { testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { events, reads } from "./replies.ts";

type Word = "visible" | "hidden" | undefined;

/** Votes as it is told to, and counts how often it was asked. */
function voter(name: string, word: (question: Disclosure) => Word) {
  const asked: Disclosure[] = [];
  const plugin: Plugin = definePlugin({
    name,
    summary: "Has a vote.",
    setup: ({ guard }) =>
      guard("jid/disclose", (question) => {
        asked.push(question);
        return word(question);
      }),
  });
  return { plugin, asked };
}

async function coven(...plugins: Plugin[]) {
  const host = testHost(plugins);
  const { hecate, hag66 } = await host.coven("hecate", "hag66");
  const channel = (await host.use(Channels).find("coven"))!;
  const shown = (eyes: "participant" | "administrator" = "participant") => channel.shows(channel.byId(hag66.id)!, eyes);
  return { host, hecate, hag66, channel, shown };
}

describe("whether a participant's JID may be shown", () => {
  it("is yes where nobody has a vote: plain MIX-CORE shows JIDs", async () => {
    const { hecate, hag66, shown } = await coven();
    expect(shown()).toBe(true);
    expect((await reads(hecate, NODE.PARTICIPANTS)).toString()).toContain(`<jid>${hag66.jid}</jid>`);
  });

  it("is yes where everybody is silent", async () => {
    const { shown } = await coven(voter("silent", () => undefined).plugin);
    expect(shown()).toBe(true);
  });

  it.each([
    ["first", ["a-hides", "b-shows", "c-shows"]],
    ["in the middle", ["a-shows", "b-hides", "c-shows"]],
    ["last", ["a-shows", "b-shows", "c-hides"]],
    ["among those who are silent", ["a-silent", "b-hides", "c-silent"]],
  ])("is no as soon as one says hidden, %s", async (_, names) => {
    const words: Record<string, Word> = { hides: "hidden", shows: "visible", silent: undefined };
    const voters = names.map((name) => voter(name, () => words[name.slice(2)]));
    const { hecate, hag66, shown } = await coven(...voters.map(({ plugin }) => plugin));
    expect(shown()).toBe(false);
    expect((await reads(hecate, NODE.PARTICIPANTS)).toString()).not.toContain(hag66.jid);
    for (const { asked } of voters) expect(asked.length).toBeGreaterThan(0);
  });

  it("is no when a voter crashes, and its crash is a fault", async () => {
    const broken = voter("broken", () => {
      throw new Error("Something wicked this way comes.");
    });
    const { hecate, hag66, shown, host } = await coven(voter("shows", () => "visible").plugin, broken.plugin);
    expect(shown()).toBe(false);
    expect((await reads(hecate, NODE.PARTICIPANTS)).toString()).not.toContain(hag66.jid);
    expect(host.faults()[0]).toMatchObject({ plugin: "broken", where: "jid/disclose" });
  });

  it("is no when a voter says what is no word, or is late with it", async () => {
    for (const answer of ["shown", Promise.resolve("visible")] as unknown as Word[]) {
      const { shown, host } = await coven(voter("odd", () => answer).plugin);
      expect(shown()).toBe(false);
      expect(host.faults().length).toBeGreaterThan(0);
    }
  });

  it("is decided for each pair of eyes by itself", async () => {
    const { plugin } = voter("strict", ({ eyes }) => (eyes === "administrator" ? "visible" : "hidden"));
    const { hecate, hag66, shown } = await coven(plugin);
    expect(shown("participant")).toBe(false);
    expect(shown("administrator")).toBe(true);
    expect((await reads(hecate, NODE.PARTICIPANTS)).toString()).toContain(`<jid>${hag66.jid}</jid>`);
    expect((await reads(hag66, NODE.PARTICIPANTS)).toString()).not.toContain(hecate.jid);
  });

  it("is decided for each participant by himself", async () => {
    const { plugin } = voter("partial", ({ participant }) => (participant.nick === "hag66" ? "hidden" : undefined));
    const { hecate, hag66, host } = await coven(plugin);
    const thirdwitch = host.actor("thirdwitch");
    await thirdwitch.joins();
    const seen = (await reads(thirdwitch, NODE.PARTICIPANTS)).toString();
    expect(seen).toContain(hecate.jid);
    expect(seen).not.toContain(hag66.jid);
  });

  it("holds for items, events and reflected messages alike", async () => {
    const { plugin } = voter("strict", () => "hidden");
    const { hecate, hag66, host } = await coven(plugin);
    await host.actor("thirdwitch").joins();
    await hag66.says("I'll do, I'll do, and I'll do");
    expect(hecate.heard()).toEqual(["I'll do, I'll do, and I'll do"]);
    expect(events(hecate, NODE.PARTICIPANTS).length).toBeGreaterThan(0);
    expect(hecate.received().join()).not.toMatch(/(hag66|thirdwitch)@/);
  });
});

describe("what was decided", () => {
  async function counted(word: () => Word = () => "visible") {
    const { plugin, asked } = voter("counter", word);
    const house = await coven(plugin, definePlugin({ name: "idle", summary: "Does nothing.", setup() {} }));
    house.shown();
    asked.length = 0;
    return { ...house, asked };
  }

  it("is not asked again, however often it is needed", async () => {
    const { shown, asked, hag66, hecate } = await counted();
    for (let i = 0; i < 5; i++) {
      shown("participant");
      shown("administrator");
    }
    await hag66.says("Thrice the brinded cat hath mewed.");
    await reads(hag66, NODE.PARTICIPANTS);
    expect(asked.filter(({ participant }) => participant.id === hag66.id)).toEqual([]);
    expect(hecate.heard()).toHaveLength(1);
  });

  it("is asked once for each pair of eyes when it is asked anew", async () => {
    const { shown, asked, hag66, host } = await counted();
    await host.engine.host.reload("counter");
    for (let i = 0; i < 5; i++) {
      shown("administrator");
      shown("participant");
    }
    expect(
      asked
        .filter(({ participant }) => participant.id === hag66.id)
        .map(({ eyes }) => eyes)
        .sort(),
    ).toEqual(["administrator", "participant"]);
  });

  it.each<[string, (house: Awaited<ReturnType<typeof counted>>) => Promise<unknown>]>([
    ["the voter is reloaded", ({ host }) => host.engine.host.reload("counter")],
    ["another plugin stops", ({ host }) => host.engine.host.disable("idle")],
    ["another plugin is reloaded", ({ host }) => host.engine.host.reload("idle")],
    ["the participant changes", ({ hag66 }) => hag66.joins("coven", { nick: "second witch" })],
    ["the channel's state changes", ({ channel }) => channel.update((turn) => turn.amend({ requires: [] }))],
    ["somebody else joins", ({ host }) => host.actor("thirdwitch").joins()],
    ["somebody leaves", ({ hecate }) => hecate.leaves()],
  ])("holds until something changes, and not a moment longer: %s", async (_, happens) => {
    let word: Word = "visible";
    const house = await counted(() => word);
    word = "hidden";
    expect(house.shown()).toBe(true);
    expect(house.asked).toEqual([]);
    await happens(house);
    expect(house.shown()).toBe(false);
    expect(house.asked).not.toEqual([]);
  });

  it("is gone with its voter", async () => {
    const { host, shown } = await counted(() => "hidden");
    expect(shown()).toBe(false);
    await host.engine.host.disable("counter");
    expect(shown()).toBe(true);
  });
});
