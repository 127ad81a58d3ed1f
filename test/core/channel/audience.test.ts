import type { Participant } from "masque";
import { describe, expect, it } from "vitest";
import { Audience, type Eyes } from "../../../core/channel/audience.ts";

const hag = (n: number, more: Partial<Participant> = {}): Participant => ({
  id: `id${n}`,
  jid: `hag${n}@shakespeare.example`,
  nick: `hag${n}`,
  generation: 1,
  nodes: new Set(),
  delivery: { mode: "bare", full: [] },
  clients: {},
  traits: {},
  ...more,
});
const asParticipants = (): Eyes => "participant";
const addresses = (audience: Audience) =>
  audience.circles.map(({ prefixes }) => prefixes.map((prefix) => prefix.toString()));

describe("an audience", () => {
  it("puts readers who get the same bytes into one circle, whoever they are", () => {
    const audience = new Audience([hag(1), hag(2), hag(3)], asParticipants, "groupchat");
    expect(audience.circles).toHaveLength(1);
    expect(audience.circles[0]?.readers.map(({ id }) => id)).toEqual(["id1", "id2", "id3"]);
  });

  it("has a circle for each generation, each pair of eyes, and for those who need ejabberd's marker", () => {
    const marked = { mode: "bare+marker", full: [] } as const;
    const readers = [hag(1), hag(2, { generation: 0 }), hag(3, { delivery: marked }), hag(4)];
    const eyes = ({ id }: Participant): Eyes => (id === "id4" ? "administrator" : "participant");
    const kinds = new Audience(readers, eyes, "groupchat").circles.map(({ generation, eyes, marked }) => [
      generation,
      eyes,
      marked,
    ]);
    expect(kinds).toEqual([
      [1, "participant", false],
      [0, "participant", false],
      [1, "participant", true],
      [1, "administrator", false],
    ]);
  });

  it("marks groupchat only", () => {
    const readers = [hag(1), hag(2, { delivery: { mode: "bare+marker", full: [] } })];
    expect(new Audience(readers, asParticipants, "event").circles.map(({ marked }) => marked)).toEqual([false]);
  });

  it("addresses groupchat to every full JID where that is needed, and anything else to the bare one", () => {
    const full = ["hag1@shakespeare.example/pda", "hag1@shakespeare.example/o'clock"];
    const readers = [hag(1, { delivery: { mode: "full", full } }), hag(2)];
    expect(addresses(new Audience(readers, asParticipants, "groupchat"))).toEqual([
      [
        "<message to='hag1@shakespeare.example/pda'",
        "<message to='hag1@shakespeare.example/o&apos;clock'",
        "<message to='hag2@shakespeare.example'",
      ],
    ]);
    expect(addresses(new Audience(readers, asParticipants, "event"))).toEqual([
      ["<message to='hag1@shakespeare.example'", "<message to='hag2@shakespeare.example'"],
    ]);
  });

  it("has no address for one of whom none is known, but knows that he was there", () => {
    const audience = new Audience([hag(1, { delivery: { mode: "full", full: [] } })], asParticipants, "groupchat");
    expect(addresses(audience).flat()).toEqual([]);
    expect(audience.eyesOf("id1")).toBe("participant");
    expect(audience.eyesOf("id2")).toBeUndefined();
  });

  it("encodes an address once, however often its reader is told something", () => {
    const reader = hag(1);
    const prefixes = () => new Audience([reader], asParticipants, "groupchat").circles[0]?.prefixes[0];
    expect(prefixes()).toBe(prefixes());
  });

  const all = (audience: Audience) =>
    audience.circles.flatMap(({ readers, length }) => readers.slice(0, length).map(({ id }) => id));

  it("grows without a change to what it was", () => {
    const then = new Audience([hag(1)], asParticipants, "groupchat");
    const now = then.with(hag(2), "participant").with(hag(3), "administrator");
    expect([all(then), all(now)]).toEqual([["id1"], ["id1", "id2", "id3"]]);
    expect([then.eyesOf("id2"), now.eyesOf("id2"), now.eyesOf("id3")]).toEqual([
      undefined,
      "participant",
      "administrator",
    ]);
  });

  it("grows in two ways that know nothing of each other", () => {
    const then = new Audience([hag(1)], asParticipants, "groupchat");
    const [one, other] = [2, 3].map((n) => then.with(hag(n), "participant")) as [Audience, Audience];
    expect([all(one), all(other)]).toEqual([
      ["id1", "id2"],
      ["id1", "id3"],
    ]);
    expect(addresses(other)).toEqual([
      ["<message to='hag1@shakespeare.example'", "<message to='hag3@shakespeare.example'"],
    ]);
  });

  it("loses one, at all his addresses, without a change to what it was", () => {
    const full = ["hag1@shakespeare.example/a", "hag1@shakespeare.example/b"];
    const then = new Audience([hag(1, { delivery: { mode: "full", full } }), hag(2)], asParticipants, "groupchat");
    const now = then.without("id1");
    expect([all(then), all(now)]).toEqual([["id1", "id1", "id2"], ["id2"]]);
    expect(now.eyesOf("id1")).toBeUndefined();
  });

  it("loses one of whom no address is known", () => {
    const then = new Audience([hag(1, { delivery: { mode: "full", full: [] } })], asParticipants, "groupchat");
    expect(then.without("id1").eyesOf("id1")).toBeUndefined();
  });

  it("knows which have only grown since", () => {
    const then = new Audience([hag(1), hag(2)], asParticipants, "groupchat");
    const grown = then.with(hag(3), "participant");
    expect([grown.hasGrownFrom(then), then.hasGrownFrom(then), then.hasGrownFrom(grown)]).toEqual([true, true, false]);
    expect(grown.without("id3").hasGrownFrom(then)).toBe(false);
    expect(new Audience([hag(1), hag(2)], asParticipants, "groupchat").hasGrownFrom(then)).toBe(false);
  });
});
