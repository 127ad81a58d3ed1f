import { beforeAll, expect, it } from "vitest";
import { NODE, NS } from "../../core/xmpp/ns.ts";
import { Ejabberd } from "./ejabberd.ts";
import { PamProsody, Prosody } from "./prosody.ts";
import { SERVICE } from "./server.ts";
import type { Slixmpp, Told } from "./slixmpp.ts";
import type { Tap } from "./tap.ts";
import { onRealServers } from "./world.ts";

const CHANNEL = `coven@${SERVICE}`;
const WHERE = { hecate: "UUID-h3c/1606", hag66: "UUID-a1j/7533", crone1: "UUID-c8y/1573" } as const;
const NICKS = { hecate: "third witch", hag66: "first witch", crone1: "second witch" } as const;
type Name = keyof typeof WHERE;
const NAMES = Object.keys(WHERE) as Name[];

interface Listed {
  readonly id: string;
  readonly nick: string;
  readonly jid: string;
}

// One story, told by slixmpp's own XEP-0404, as it comes: each `it` goes on where the one before ended. Prosody's users
// join straight from their clients, the others' by their server.
for (const make of [Prosody, PamProsody, Ejabberd]) {
  onRealServers(make, `slixmpp in a hidden channel behind ${make.title}`, (world) => {
    const people = {} as Record<Name, Slixmpp>;
    const taps = {} as Record<Name, Tap>;

    beforeAll(async () => {
      for (const name of NAMES) {
        taps[name] = await world().tap();
        people[name] = await world().slixmpp(name, WHERE[name], taps[name]);
      }
    });

    const join = (name: Name) => people[name].does(make === Prosody ? "join" : "client_join", CHANNEL, NICKS[name]);
    const choose = (name: Name, wish: string) => people[name].does("choose", CHANNEL, { "JID Visibility": wish });
    const become = (mode: string) => people.hecate.does("configure", CHANNEL, { "JID Visibility": mode });
    const listed = (name: Name) => people[name].does<Listed[]>("participants", CHANNEL);
    const jidOf = (name: Name) => `${name}@shakespeare.example`;

    async function wishOf(name: Name): Promise<unknown> {
      const preferences = await people[name].does<Record<string, { value: string }>>("preferences", CHANNEL);
      return preferences["JID Visibility"]?.value;
    }

    async function speak(speaker: Name, body: string, listeners: readonly Name[] = NAMES): Promise<void> {
      await people[speaker].does("speak", CHANNEL, body);
      await Promise.all(listeners.map((name) => people[name].hears(body)));
    }

    /** The JIDs shown, by nick. */
    async function shownTo(name: Name): Promise<Record<string, string>> {
      return Object.fromEntries((await listed(name)).map(({ nick, jid }) => [nick, jid]));
    }

    /** All that is on its way has come. */
    const calm = () => Promise.all(NAMES.map((name) => people[name].does("ping", SERVICE)));

    /** How much everybody has been sent. */
    async function now(): Promise<Record<Name, number>> {
      await calm();
      return Object.fromEntries(NAMES.map((name) => [name, taps[name].text.length])) as Record<Name, number>;
    }

    /** No byte that reached `to` since then has anything of the `hidden` in it, not even a localpart. */
    async function knowNothing(to: readonly Name[], hidden: readonly Name[], since?: Record<Name, number>) {
      await calm();
      for (const name of to) {
        const text = taps[name].text.slice(since?.[name] ?? 0);
        expect(text).toContain(CHANNEL);
        for (const other of hidden.filter((other) => other !== name))
          for (const secret of [other, WHERE[other]]) expect(text).not.toContain(secret);
      }
    }

    it("finds that the channel hides JIDs", async () => {
      await people.hecate.does("create", SERVICE, "coven");
      for (const name of NAMES) await join(name);
      const { features } = await people.hag66.does<{ features: string[] }>("describe", CHANNEL);
      expect(features).toContain(NS.MIX_ANON);
      expect(await people.hag66.does("info", CHANNEL)).toMatchObject({ "JID Visibility": "jid-hidden" });
    });

    it("sees participants by nick and ID, and nobody's JID", {
      tags: ["slixmpp-prosody/participants", "slixmpp-ejabberd/participants"],
    }, async () => {
      for (const name of NAMES)
        expect(await shownTo(name)).toEqual({ "first witch": "", "second witch": "", "third witch": "" });
    });

    it("hears them, and reads the same in the archive, and sees nobody's JID", async () => {
      await speak("hag66", "When shall we three meet again?");
      await speak("crone1", "When the hurlyburly's done.");
      await speak("hecate", "And I, the mistress of your charms?");
      const ids = new Map((await listed("hag66")).map(({ id, nick }) => [nick, id]));
      for (const name of NAMES) {
        const archive = await people[name].does<Told[]>("archive", CHANNEL, 10);
        for (const told of [people[name].heard, archive]) {
          expect(told.map(({ nick }) => nick)).toEqual(["first witch", "second witch", "third witch"]);
          for (const { from, nick, jid } of told) expect([from, jid]).toEqual([`${CHANNEL}/${ids.get(nick)}`, ""]);
        }
      }
    });

    it("gets its preferences, with what may be chosen", async () => {
      expect(await people.hag66.does("preferences", CHANNEL)).toMatchObject({
        "JID Visibility": { value: "default", options: ["default", "never", "always", "prefer", "prefer not"] },
      });
    });

    it("sets preferences, which are its own", {
      tags: ["slixmpp-alone/preferences", "slixmpp-prosody/preferences", "slixmpp-ejabberd/preferences"],
    }, async () => {
      expect(await choose("hag66", "never")).toMatchObject({ "JID Visibility": "never" });
      expect(await wishOf("hag66")).toBe("never");
      expect(await wishOf("crone1")).toBe("default");
    });

    it("is told all of them by its set_preferences, whose empty form changes none", {
      tags: ["slixmpp-alone/preferences", "slixmpp-prosody/preferences", "slixmpp-ejabberd/preferences"],
    }, async () => {
      const all = await people.hag66.does("set_preferences", CHANNEL, { "JID Visibility": "prefer not" });
      expect(all).toMatchObject({ "JID Visibility": "never" });
      expect(await wishOf("hag66")).toBe("never");
    });

    it("is refused a wish that cannot be heeded here, or that does not exist, and keeps its own", async () => {
      for (const wish of ["always", "sometimes"]) {
        const refusal = await people.hag66.isRefused("choose", CHANNEL, { "JID Visibility": wish });
        expect(refusal).toMatchObject({ condition: "not-acceptable" });
      }
      expect(await wishOf("hag66")).toBe("never");
    });

    it("cannot read the JID map, and neither sees nor gets a subscription to it", async () => {
      expect(await people.hag66.isRefused("jidmap", CHANNEL)).toMatchObject({ condition: "forbidden" });
      expect(await people.hag66.does("nodes", CHANNEL)).not.toContain(NODE.JIDMAP);
      const refusal = await people.hag66.isRefused("subscribe", CHANNEL, [NODE.JIDMAP], []);
      expect(refusal).toMatchObject({ condition: "forbidden" });
    });

    it("was sent no byte that tells anything of anybody's JID or resource", async () => {
      await knowNothing(NAMES, NAMES);
    });

    it("reads the JID map, being an owner's", async () => {
      const map = await people.hecate.does<Record<string, string>>("jidmap", CHANNEL);
      const nicks = new Map((await listed("hecate")).map(({ id, nick }) => [id, nick]));
      const byNick = Object.fromEntries(Object.entries(map).map(([id, jid]) => [nicks.get(id), jid]));
      expect(byNick).toEqual(Object.fromEntries(NAMES.map((name) => [NICKS[name], jidOf(name)])));
    });

    it("is told that its helper, which asks for a channel's items without a node, asks the wrong question", async () => {
      for (const name of ["hecate", "hag66"] as const)
        expect(await people[name].isRefused("jidmap_by_disco", CHANNEL)).toMatchObject({ condition: "not-acceptable" });
    });

    it("sees the JIDs of those who want it, and no others, once the channel leaves it to them", async () => {
      const then = await now();
      await become("jid-maybe-visible");
      await people.hag66.notices('"jid-maybe-visible"');
      await choose("hecate", "always");
      await Promise.all(NAMES.map((name) => people[name].notices('"nick": "third witch", "jid": "hecate@')));
      await speak("hecate", "Why, how now, witches?");
      await speak("hag66", "Nothing.");
      expect(people.crone1.heard.slice(-2).map(({ jid }) => jid)).toEqual([jidOf("hecate"), ""]);
      const shown = { "first witch": "", "second witch": "", "third witch": jidOf("hecate") };
      for (const name of NAMES) expect(await shownTo(name)).toEqual(shown);
      await knowNothing(NAMES, ["hag66", "crone1"], then);
    });

    it("is removed, and told why, where everybody's JID is to be shown and its own is not", async () => {
      const then = await now();
      await become("jid-visible");
      await people.hag66.notices('"private"');
      expect(people.hag66.whispers).toMatchObject([
        { from: CHANNEL, body: expect.stringContaining("never to be shown") },
      ]);
      await people.hecate.notices('"nick": "second witch", "jid": "crone1@');
      await speak("crone1", "Where hast thou been, sister?", ["hecate", "crone1"]);
      for (const name of ["hecate", "crone1"] as const) {
        expect(await shownTo(name)).toEqual({ "second witch": jidOf("crone1"), "third witch": jidOf("hecate") });
        expect(people[name].heard.at(-1)?.jid).toBe(jidOf("crone1"));
      }
      // She has gone before anybody's JID was shown.
      await knowNothing(["hecate", "crone1"], ["hag66"], then);
      await knowNothing(["hag66"], ["crone1", "hecate"], then);
    });

    it("reads without JIDs in the archive what was said while they were hidden", async () => {
      const archive = await people.crone1.does<Told[]>("archive", CHANNEL, 10);
      expect(archive.map(({ jid }) => jid)).toEqual(["", "", "", jidOf("hecate"), "", jidOf("crone1")]);
    });

    it("is shown nothing any more once they are hidden again, not even what was said in the open", async () => {
      await choose("hecate", "prefer not");
      await become("jid-hidden");
      await people.crone1.notices('"nick": "second witch", "jid": ""');
      await people.hecate.notices('"nick": "second witch", "jid": ""');
      const then = await now();
      await join("hag66");
      await people.hecate.notices('"nick": "first witch"');
      await speak("hag66", "I will drain him dry as hay.");
      await speak("hecate", "And I?");
      await speak("crone1", "And I another.");
      for (const name of NAMES) {
        expect(await shownTo(name)).toEqual({ "first witch": "", "second witch": "", "third witch": "" });
        const archive = await people[name].does<Told[]>("archive", CHANNEL, 3);
        expect(archive.map(({ jid }) => jid)).toEqual(Array(9).fill(""));
      }
      await knowNothing(NAMES, NAMES, then);
    });
  });
}
