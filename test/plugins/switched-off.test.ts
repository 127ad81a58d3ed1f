import { type Element, NODE, NS, xml } from "masque";
import { type Actor, parseStanza, type TestHost, testHost } from "masque/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { bundled } from "../../plugins/index.ts";
import { disco, features, listed, outcome, reads, SERVICE, sheet } from "../core/channel/replies.ts";

// Time stands still, and hecate asks more than anybody should.
const ALL = {
  ...Object.fromEntries(bundled.map(({ name }) => [name, {}])),
  limits: { sender_burst: 1_000_000 },
};
/** Those that MIX-ANON is made of: whatever is needed neither to join nor to talk. */
const MISSION = bundled
  .map(({ name }) => name)
  .filter(
    (name) => !["channels", "participants", "messages", "archive", "info", "admin", "ping", "version"].includes(name),
  );
const PAIRS = MISSION.flatMap((one, i) => MISSION.slice(i).map((other) => [one, other] as const));

/** The coven hides JIDs, and so relies on `visibility`; the heath shows them. */
const COVEN = `coven@${SERVICE}`;
const HEATH = `heath@${SERVICE}`;

describe("with these switched off, of what MIX-ANON is made of", () => {
  let host: TestHost;
  let hecate: Actor;
  let hag66: Actor;
  /** What each plugin registered, as the host tells it, while all ran. */
  const holds = new Map<string, readonly string[]>();

  beforeAll(async () => {
    host = await testHost([], { plugins: ALL }).start();
    [hecate, hag66] = [host.actor("hecate"), host.actor("hag66")];
    for (const channel of ["heath", "coven"]) await hecate.creates(channel);
    const visible = xml(
      "x",
      { xmlns: NS.DATA, type: "submit" },
      xml("field", { var: "JID Visibility" }, xml("value", {}, "jid-visible")),
    );
    const publish = xml(
      "pubsub",
      { xmlns: NS.PUBSUB },
      xml("publish", { node: NODE.CONFIG }, xml("item", {}, visible)),
    );
    expect(outcome(await hecate.asks("set", HEATH, publish))).toBe("result");
    for (const actor of [hecate, hag66]) for (const channel of ["coven", "heath"]) await actor.joins(channel);
    for (const [name, { holds: held }] of Object.entries(host.engine.host.status())) holds.set(name, held);
  });

  const held = (kind: string, names: readonly string[]) =>
    names.flatMap((name) =>
      holds
        .get(name)!
        .filter((label) => label.startsWith(`${kind} `))
        .map((label) => label.slice(kind.length + 1)),
    );
  /** What only these plugins bring, and none of those that still run. */
  const only = (kind: string, off: readonly string[]) => {
    const others = held(
      kind,
      bundled.map(({ name }) => name).filter((name) => !off.includes(name)),
    );
    return held(kind, off).filter((each) => !others.includes(each));
  };

  async function sees(channel: string): Promise<{ features: string[]; fields: string[]; nodes: string[] }> {
    const infos = [await hecate.asks("get", SERVICE, disco("info")), await hecate.asks("get", channel, disco("info"))];
    const sheets = [await sheet(hecate, NODE.INFO, channel), await sheet(hecate, NODE.CONFIG, channel)];
    return {
      features: infos.flatMap(features),
      fields: sheets.flatMap(({ values }) => Object.keys(values)),
      nodes: listed(await hecate.asks("get", channel, disco("items", "mix")), "node"),
    };
  }

  /** The questions only these plugins answer, as iqs somebody in the heath may send. */
  function requests(off: readonly string[]): [string, Element][] {
    const stays = new Set(bundled.flatMap(({ name }) => (off.includes(name) ? [] : holds.get(name)!)));
    const labels = new Set(off.flatMap((name) => holds.get(name)!.filter((label) => !stays.has(label))));
    return [...labels].flatMap((label): [string, Element][] => {
      const [, type, addressee, ns, name] =
        /^\S+ iq-(get|set)\/(service|channel|participant)\/(.+):([^:]+)$/.exec(label) ?? [];
      if (!type || !addressee || !name) return [];
      const to = { service: SERVICE, channel: HEATH, participant: `${hag66.id}#${HEATH}` }[addressee]!;
      const child = `<${name} xmlns='${ns}'/>`;
      return [[label, parseStanza(`<iq from='${hecate.client}' to='${to}' id='off' type='${type}'>${child}</iq>`)]];
    });
  }

  it.each(PAIRS)("%s and %s: no trace of them is left, and everything else works", async (...pair) => {
    const off = [...new Set(pair)];
    await host.engine.host.apply(Object.fromEntries(Object.entries(ALL).filter(([name]) => !off.includes(name))));
    // What depends on them waits, and is as good as off.
    const status = host.engine.host.status();
    const gone = bundled.map(({ name }) => name).filter((name) => status[name]!.state !== "on");

    const sight = await sees(HEATH);
    for (const feature of only("feature", gone)) expect(sight.features).not.toContain(feature);
    for (const field of only("field", gone)) expect(sight.fields).not.toContain(field);
    for (const node of only("node", gone)) {
      expect(sight.nodes).not.toContain(node);
      expect(outcome(await reads(hecate, node, HEATH))).toBe("item-not-found");
    }
    for (const [question, stanza] of requests(gone)) {
      const replies = await host.receive(stanza);
      expect(outcome(replies.find(({ attrs }) => attrs.id === "off")!), question).toBe("service-unavailable");
    }

    const words = `Without ${off.join(" and ")}.`;
    await hag66.says(words);
    expect(hecate.heard()).toContain(words);
    const isSuspended = status.visibility!.state !== "on";
    expect(outcome(await hecate.asks("get", COVEN, disco("info")))).toBe(
      isSuspended ? "service-unavailable" : "result",
    );

    await host.engine.host.apply(ALL);
    for (const [name, { holds: now }] of Object.entries(host.engine.host.status())) {
      expect([...now].sort(), name).toEqual([...holds.get(name)!].sort());
    }
    expect(host.faults()).toEqual([]);
  });

  it("there are pairs, and requests, to try at all", () => {
    expect(PAIRS.length).toBeGreaterThanOrEqual(28);
    expect(MISSION.every((name) => holds.get(name)!.length > 0)).toBe(true);
    expect(requests(MISSION).length).toBeGreaterThan(3);
  });
});
