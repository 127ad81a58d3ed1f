import { xml } from "@xmpp/client";
import { beforeAll, describe, expect, it } from "vitest";
import { CORE, type Generation } from "../../core/channel/generation.ts";
import { NODE, NS } from "../../core/xmpp/ns.ts";
import type { Element } from "../../core/xmpp/xml.ts";
import { Ejabberd } from "./ejabberd.ts";
import { CAST, DOMAIN, SERVICE } from "./server.ts";
import { onRealServers } from "./world.ts";
import type { XmppJs } from "./xmpp-js.ts";

const CHANNEL = `coven@${SERVICE}`;
const PAM = "urn:xmpp:mix:pam:2";

/** How many messages are heard before something happens, with as many more on their way as they can say. */
const HEARD = 100;

onRealServers(Ejabberd, "a busy channel behind ejabberd", (world) => {
  let people: XmppJs[];
  let hecate: XmppJs;
  let hag66: XmppJs;
  let crone1: XmppJs;

  beforeAll(async () => {
    people = await Promise.all(CAST.map((name) => world().xmppJs(name, "heath")));
    [hecate, hag66, crone1] = people as [XmppJs, XmppJs, XmppJs];
    await hecate.asks("set", SERVICE, xml("create", { xmlns: CORE[1], channel: "coven" }));
    await joinsByServer(hecate, "hecate");
    await joinsByServer(crone1, "crone1");
  });

  /** Has her server join for her; returns ejabberd's answer. */
  function joinsByServer(person: XmppJs, name: string, generation: Generation = 1): Promise<Element | undefined> {
    const nodes = [NODE.MESSAGES, NODE.PARTICIPANTS].map((node) => xml("subscribe", { node }));
    const join = xml("join", { xmlns: CORE[generation] }, nodes, xml("nick", {}, name));
    return person.asks("set", `${name}@${DOMAIN}`, xml("client-join", { xmlns: PAM, channel: CHANNEL }, join));
  }

  /** Waits until hecate has heard as many more. */
  async function hears(count: number): Promise<void> {
    const goal = hecate.heard.length + count;
    await hecate.when(() => hecate.heard.length >= goal, `Hearing ${count} messages`);
  }

  /** Everything sent to the service is answered: nothing goes to a connection that nobody reads any more. */
  async function everythingIsAnswered(): Promise<void> {
    const ping = () => hecate.asks("get", SERVICE, xml("ping", { xmlns: NS.PING }));
    expect(await Promise.all(Array.from({ length: 20 }, ping))).toHaveLength(20);
  }

  /** One says something, and all hear it, though none of the others has said anything since. */
  async function allHear(speaker: XmppJs, body: string): Promise<void> {
    await speaker.says(CHANNEL, body);
    await Promise.all(people.map((person) => person.hears(body)));
  }

  it.each([1, 2, 3, 4])(
    "is joined in the middle of the talk, and nothing is missed from then on (%i)",
    async (time) => {
      const talkers = [hecate, crone1];
      for (const [i, talker] of talkers.entries()) talker.keepsTalking(CHANNEL, `Round ${time} of ${i},`);
      await hears(HEARD);
      const before = hag66.heard.length;
      await joinsByServer(hag66, "hag66");
      await hears(HEARD);
      for (const talker of talkers) talker.hush();
      for (const [i, talker] of talkers.entries()) await talker.says(CHANNEL, `The end of ${time} of ${i}.`);
      for (const person of [hecate, hag66]) for (const i of [0, 1]) await person.hears(`The end of ${time} of ${i}.`);
      const heard = hag66.heard.slice(before);
      expect(heard).toEqual(hecate.heard.slice(-heard.length));
      await hag66.asks("set", CHANNEL, xml("leave", { xmlns: CORE[1] }));
    },
  );

  it("speaks both generations of MIX to the users of one server", async () => {
    await joinsByServer(hag66, "hag66");
    const joined = await joinsByServer(crone1, "crone1", 0);
    expect(joined?.getChild("join")?.getNS()).toBe(CORE[0]);
    await allHear(hecate, "When shall we three meet again?");
    await allHear(crone1, "In thunder, lightning, or in rain?");
    for (const { bodies } of people)
      expect(bodies.slice(-2)).toEqual(["When shall we three meet again?", "In thunder, lightning, or in rain?"]);
  });

  describe.each(["the first time", "the second time"])("Masque, killed for %s in the middle of the talk", (time) => {
    it("goes on reaching everybody, and is sent everything", async () => {
      hecate.keepsTalking(CHANNEL, `${time},`);
      await hears(HEARD);
      const killed = world().masque.kill();
      hecate.hush();
      await killed;
      await world().masque.start();
      await everythingIsAnswered();
      await allHear(hag66, `After ${time}.`);
    });
  });

  describe.each([
    ["stopped", 2],
    ["killed", 3],
  ] as const)("ejabberd, %s in the middle of the talk", (how, logins) => {
    it("gets Masque back by itself, once, and everybody is reached again", async () => {
      const said = world().masque.said;
      hecate.keepsTalking(CHANNEL, `Before it was ${how},`);
      await hears(HEARD);
      const ended = how === "killed" ? world().server.kill() : world().server.stop();
      hecate.hush();
      await ended;
      await world().masque.says("The connection to the server is lost.", said);
      await world().server.start();
      await world().masque.says("Connected to the server.", said);
      await Promise.all(people.map((person) => person.isBack(logins)));
      await everythingIsAnswered();
      await allHear(crone1, `After it was ${how}.`);
    });
  });

  it("has told nobody anything twice, and has everything in its archive", async () => {
    const archive = await hecate.archive(CHANNEL);
    for (const { heard } of people) {
      const ids = new Set(heard.map(({ id }) => id));
      expect(ids.size).toBe(heard.length);
      expect(archive.filter(({ id }) => ids.has(id)).map(({ body }) => body)).toEqual(heard.map(({ body }) => body));
    }
  });
});
