import { type Element, NODE, NS, xml } from "masque";
import { parseStanza } from "masque/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bundled } from "../../plugins/index.ts";
import { disco, item, listed, outcome } from "../core/channel/replies.ts";
import { COVEN, type Person, SERVICE } from "./person.ts";
import { Play } from "./play.ts";

const NAMES = bundled.map(({ name }) => name);
const ALL = Object.fromEntries(NAMES.map((name) => [name, {}]));

/** What somebody can see of the service and of a channel: features, fields and nodes. */
interface Sight {
  readonly features: readonly string[];
  readonly fields: readonly string[];
  readonly nodes: readonly string[];
}

describe("the bundled plugins", () => {
  let play: Play;
  let hecate: Person;
  let hag66: Person;

  beforeAll(async () => {
    play = await Play.begin();
    [hecate, hag66] = [play.person("hecate"), play.person("hag66")];
    await hecate.creates("coven");
    await hecate.joins();
    await hag66.joins();
  });
  beforeEach(async () => {
    await play.masque.host.apply(ALL);
  });
  afterAll(() => play.end());

  const holds = (name: string) => play.masque.host.status()[name]!.holds;
  /** What stands behind "feature", "field" or "node" among what a plugin holds. */
  const held = (kind: string, name: string) =>
    holds(name).flatMap((label) => (label.startsWith(`${kind} `) ? [label.slice(kind.length + 1)] : []));
  const running = () => NAMES.filter((name) => play.masque.host.status()[name]!.state === "on");

  async function sees(): Promise<Sight> {
    const infos = [await hecate.asks("get", SERVICE, disco("info")), await hecate.asks("get", COVEN, disco("info"))];
    const features = infos.flatMap((reply) => reply.getChild("query")?.getChildren("feature") ?? []);
    const items = await hecate.asks("get", COVEN, disco("items", "mix"));
    const forms = [...(await hecate.reads(NODE.INFO)), ...(await hecate.reads(NODE.CONFIG))].map(item);
    return {
      features: features.map(({ attrs }) => attrs.var ?? ""),
      fields: forms.flatMap(({ values }) => Object.keys(values)),
      nodes: outcome(items) === "result" ? listed(items, "node") : [],
    };
  }

  /** The questions that a plugin answers and nobody else does, as stanzas somebody may send. */
  function questionsOf(name: string): [string, Element][] {
    return holds(name).flatMap((label): [string, Element][] => {
      const [, kind, type, addressee, ns, element] =
        /^\S+ (iq|message|presence)(?:-(get|set))?\/(service|channel|participant)(?:\/(.+):([^:]+))?$/.exec(label) ??
        [];
      if (!kind || !addressee || others(name, label)) return [];
      const to = { service: SERVICE, channel: COVEN, participant: `${hag66.id}#${COVEN}` }[addressee];
      const child = element ? `<${element} xmlns='${ns}'/>` : "<body>Double, double</body>";
      const attrs = `from='${hecate.client}' to='${to}' id='${hecate.nextId()}' type='${type ?? "groupchat"}'`;
      return kind === "presence" ? [] : [[label, parseStanza(`<${kind} ${attrs}>${child}</${kind}>`)]];
    });
  }

  const others = (name: string, label: string) =>
    running().some((other) => other !== name && holds(other).includes(label));

  async function answer(stanza: Element): Promise<Element> {
    await play.sends(stanza);
    return play.server.until(({ attrs }) => attrs.id === stanza.attrs.id && attrs.to === stanza.attrs.from);
  }

  it("all run, and the channel shows what they bring", async () => {
    expect(running()).toEqual(NAMES);
    const sight = await sees();
    for (const name of NAMES) {
      expect(sight.features).toEqual(expect.arrayContaining(held("feature", name)));
      expect(sight.fields).toEqual(expect.arrayContaining(held("field", name)));
    }
    expect(sight.nodes).toEqual(expect.arrayContaining([NODE.MESSAGES, NODE.PARTICIPANTS]));
    expect(NAMES.flatMap((name) => questionsOf(name)).length).toBeGreaterThan(10);
  });

  describe.each(NAMES)("%s", (name) => {
    it("leaves nothing behind after three reloads", async () => {
      const { host } = play.masque;
      const before = host.snapshot();
      for (let i = 0; i < 3; i++) await host.reload(name);
      expect(host.snapshot()).toEqual(before);
      await host.apply({});
      expect(host.snapshot()).toEqual(play.first);
    });

    it("leaves no feature, field or node when it is off, and its namespaces are nobody's", async () => {
      const { host } = play.masque;
      const questions = questionsOf(name);
      const only = (kind: string) => held(kind, name).filter((what) => !others(name, `${kind} ${what}`));
      const brought = { features: only("feature"), fields: only("field"), nodes: only("node") };
      await host.disable(name);
      const sight = await sees();
      for (const kind of ["features", "fields", "nodes"] as const) {
        for (const each of brought[kind]) expect(sight[kind]).not.toContain(each);
      }
      for (const node of brought.nodes) {
        const reads = xml("pubsub", { xmlns: NS.PUBSUB }, xml("items", { node }));
        expect(outcome(await hecate.asks("get", COVEN, reads))).toBe("item-not-found");
      }
      for (const [question, stanza] of questions)
        expect(outcome(await answer(stanza)), question).toBe("service-unavailable");
      expect(host.status()[name]).toMatchObject({ state: "off", holds: [] });
    });
  });

  it("are none the worse for all this: who was in the channel still is, and talks", async () => {
    await hag66.says("When the hurlyburly's done.");
    await hecate.hears("When the hurlyburly's done.");
    expect(await hecate.reads(NODE.PARTICIPANTS)).toHaveLength(2);
    expect(play.masque.host.faults()).toEqual([]);
  });
});
