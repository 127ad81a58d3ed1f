import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDriver } from "../../core/storage/driver.ts";
import { Chance } from "./chance.ts";
import type { Told } from "./hearing.ts";
import { Inner } from "./inner.ts";
import { type Evidence, judge, type Kept, type Problem, type Utterance } from "./oracle.ts";
import { Season } from "./season.ts";

const HECATE = "hecate@shakespeare.example";

describe("the oracle of the faults", () => {
  const told = (id: string, words = `words of ${id}`): Told => ({ id, nick: "hecate", words });
  const kept = (id: string, words?: string): Kept => ({ ...told(id, words), isTombstone: false });
  const said = (words: string, stream = 1): Utterance => ({ words, stream, isRefused: false });

  function wrongs(evidence: Partial<Evidence>): Problem["wrong"][] {
    const nothing = { kept: [], heard: new Map(), said: new Map(), whispers: [], stream: 1 };
    return judge({ ...nothing, ...evidence }).map(({ wrong }) => wrong);
  }
  const heardAt = (...messages: Told[]) => new Map([[HECATE, messages]]);
  const saidBy = (...utterances: Utterance[]) => new Map([["hecate", utterances]]);

  it("finds nothing wrong with a conversation that is kept as it was heard", () => {
    const all = ["1", "2", "3"];
    const evidence = {
      kept: all.map((id) => kept(id)),
      heard: heardAt(told("1"), told("3")),
      said: saidBy(...all.map((id) => said(`words of ${id}`))),
    };
    expect(wrongs(evidence)).toEqual([]);
  });

  it("misses what somebody heard and the archive has not, or has otherwise", () => {
    expect(wrongs({ kept: [kept("1")], heard: heardAt(told("1"), told("2")) })).toEqual(["lost"]);
    expect(wrongs({ kept: [kept("1", "other words")], heard: heardAt(told("1")) })).toEqual(["lost"]);
  });

  it("notes what one is told twice, and what is kept twice", () => {
    expect(wrongs({ kept: [kept("1")], heard: heardAt(told("1"), told("1")) })).toEqual(["twice"]);
    expect(wrongs({ kept: [kept("1", "a"), kept("2", "a")] })).toEqual(["twice"]);
    const whisper = { from: "123456#coven@mix/token", to: HECATE, words: "psst" };
    expect(wrongs({ whispers: [whisper, whisper] })).toEqual(["twice"]);
  });

  it("notes another order than the archive's, or the speaker's", () => {
    expect(wrongs({ kept: [kept("1"), kept("2")], heard: heardAt(told("2"), told("1")) })).toEqual(["out of order"]);
    const evidence = { kept: [kept("1", "b"), kept("2", "a")], said: saidBy(said("a"), said("b")) };
    expect(wrongs(evidence)).toEqual(["out of order"]);
  });

  it("allows that the last be gone of what was said as a stream ended, and nothing else", () => {
    const words = ["a", "b", "c"].map((each) => said(each));
    expect(wrongs({ kept: [kept("1", "a")], said: saidBy(...words), stream: 2 })).toEqual([]);
    expect(wrongs({ kept: [kept("1", "a"), kept("3", "c")], said: saidBy(...words), stream: 2 })).toEqual(["lost"]);
    expect(wrongs({ kept: [kept("1", "a"), kept("2", "b")], said: saidBy(...words), stream: 1 })).toEqual(["lost"]);
  });

  it("notes what was refused and kept", () => {
    const refused = { ...said("a"), isRefused: true };
    expect(wrongs({ said: saidBy(refused) })).toEqual([]);
    expect(wrongs({ kept: [kept("1", "a")], said: saidBy(refused) })).toEqual(["otherwise wrong"]);
  });

  it("notes half a retraction", () => {
    const tombstone = { ...kept("1", ""), isTombstone: true };
    const words = { said: saidBy(said("a")), heard: heardAt(told("1", "a")) };
    expect(wrongs({ ...words, kept: [tombstone, kept("2", "retract 1")] })).toEqual([]);
    expect(wrongs({ ...words, kept: [tombstone] })).toEqual(["otherwise wrong"]);
    expect(wrongs({ ...words, kept: [kept("1", "a"), kept("2", "retract 1")] })).toEqual(["otherwise wrong"]);
  });

  it("notes that a client is known by another token than before", () => {
    const whispers = ["token", "another"].map((token, i) => ({
      from: `123456#coven@mix/${token}`,
      to: HECATE,
      words: `${i}`,
    }));
    expect(wrongs({ whispers })).toEqual(["otherwise wrong"]);
  });
});

describe("a season in which nothing is wrong, until", () => {
  let house: Inner;
  let season: Season<Inner>;
  const quiet = { name: "nothing", strike: async () => season.company.hears(30) };

  beforeEach(async () => {
    house = await Inner.open();
    season = await Season.begin(house, new Chance(1606));
    expect(await season.suffers(quiet)).toEqual([]);
  });
  afterEach(() => house.close());

  const wrongs = async () => (await season.suffers(quiet)).map(({ wrong }) => wrong);

  it("a message that somebody heard is taken from the database", async () => {
    const db = openDriver(house.database);
    db.exec("delete from messages where place = (select max(place) - 1 from messages)");
    db.close();
    expect(await wrongs()).toContain("lost");
  });

  it("the service tells somebody a message a second time", async () => {
    const again = house.server.stanzas.findLast(({ attrs }) => attrs.type === "groupchat" && attrs.to === HECATE);
    season.company.hearing.take(again!);
    expect(await wrongs()).toContain("twice");
  });

  it("the service tells somebody two messages the wrong way round", async () => {
    const heard = season.company.hearing.at(HECATE);
    heard.push(...heard.splice(-2).reverse());
    expect(await wrongs()).toEqual(["out of order"]);
  });
});
