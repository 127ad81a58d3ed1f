import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Element, NODE, serialize } from "masque";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Child, install } from "../core/cli/child.ts";
import { freshUrl } from "../fresh-url.ts";
import { type HostServer, hostServer } from "../host-server.ts";
import { COVEN, Person, SERVICE, saidIn } from "./person.ts";

const ROUNDS = 4;
/** At most so many stanzas reach hecate in a round before the end comes. */
const MOST_HEARD = 1000;

/** Masque as an operator runs it, in a process that can be killed. */
class Doomed {
  readonly folder = mkdtempSync(join(tmpdir(), "masque-killed-"));
  readonly command: string;
  server!: HostServer;
  #child: Child | undefined;
  #starts = 0;

  constructor() {
    this.command = install(this.folder);
  }

  async open(): Promise<void> {
    this.server = await hostServer();
    const { port, secret } = this.server;
    const storage = await freshUrl("./var/masque.db");
    writeFileSync(
      join(this.folder, "masque.toml"),
      `[component]\ndomain = "${SERVICE}"\nport = ${port}\nsecret = "${secret}"\n[storage]\nurl = "${storage}"\n`,
    );
  }

  async start(): Promise<void> {
    this.#child = new Child(this.command, ["start"], this.folder);
    await this.server.component(++this.#starts);
  }

  /** The end that no program can see coming. Resolves when everything it had sent has arrived. */
  async kill(): Promise<void> {
    this.#child?.signal("SIGKILL");
    await this.#child?.end();
    await this.server.when(() => !this.server.connected);
  }

  async close(): Promise<void> {
    await this.kill();
    await this.server.close();
    rmSync(this.folder, { recursive: true });
  }

  async sends(...stanzas: Element[]): Promise<void> {
    await this.server.write(stanzas.map(serialize).join(""));
  }
}

describe("kill -9 while everybody talks", () => {
  const masque = new Doomed();
  const people = ["hecate", "hag66", "crone1"].map((name) => new Person(masque, name)) as [Person, Person, Person];
  const [hecate, hag66, crone1] = people;
  /** What each has said so far, in order. */
  const said = new Map<Person, string[]>(people.map((person) => [person, []]));

  beforeAll(async () => {
    await masque.open();
    await masque.start();
    await hecate.creates("coven");
    await hecate.joins({ generation: 0 });
    await hag66.joins({ signed: "rr-" });
    await crone1.joins({ from: crone1.client });
  });
  afterAll(() => masque.close());

  /** Talks from this address until the end, or until there is more on its way than that can wait for. */
  async function talks(person: Person, from: string, round: number): Promise<void> {
    for (let i = 0; i < 100 && masque.server.connected; i++) {
      const words = Array.from({ length: 5 }, (_, n) => `${person.name} ${round}.${i}.${n}`);
      said.get(person)!.push(...words);
      const packet = words.map((body) => person.words(body, COVEN, from));
      // The end may come at any time: that is the play.
      await masque.sends(...packet).catch(() => {});
    }
  }

  /** Takes one new name after the other until the end; returns those that were granted, the last one asked for too. */
  async function renames(person: Person, round: number): Promise<{ granted: string; asked: string }> {
    let [granted, asked] = ["", ""];
    for (let i = 0; ; i++) {
      asked = `${person.name} the ${round}.${i}`;
      const ended = masque.server.when(() => !masque.server.connected).then(() => undefined);
      const reply = await Promise.race([person.names(asked).catch(() => undefined), ended]);
      if (!reply) return { granted, asked };
      granted = asked;
    }
  }

  for (let round = 1; round <= ROUNDS; round++) {
    const heardBefore = Math.ceil(Math.random() * MOST_HEARD);
    it(`loses nothing that anybody has heard, after ${heardBefore} stanzas`, async () => {
      const resource = `${crone1.jid}/round-${round}`;
      const start = hecate.received().length;
      const talking = [
        talks(hecate, hecate.client, round),
        talks(hag66, hag66.client, round),
        talks(crone1, resource, round),
      ];
      const renaming = renames(hag66, round);
      await masque.server.when(() => hecate.received().length >= start + heardBefore);
      await masque.kill();
      await Promise.all(talking);
      const { granted, asked } = await renaming;
      const heard = people.map((person) => distinct(person.reflections().map(line)));
      const crone1Spoke = crone1.heard().some((body) => body.startsWith(`crone1 ${round}.`));

      await masque.start();
      const archive = await hecate.archive();
      const kept = archive.map(({ id, nick, body }) => `${id} ${nick}: ${body}`);
      expect(distinct(kept)).toEqual(kept);
      for (const lines of heard) {
        const known = new Set(lines);
        expect(kept.filter((each) => known.has(each))).toEqual(lines);
      }
      for (const person of people) {
        const own = archive.filter(({ body }) => body.startsWith(`${person.name} `)).map(({ body }) => body);
        // Of each round the archive has a beginning: nothing is left out in between.
        expect(own).toEqual(said.get(person)!.slice(0, own.length));
        said.set(person, own);
      }

      const participants = await crone1.reads(NODE.PARTICIPANTS);
      expect(participants.map(({ attrs }) => attrs.id).sort()).toEqual(people.map(({ id }) => id).sort());
      const name = participants
        .find(({ attrs }) => attrs.id === hag66.id)
        ?.getChild("participant")
        ?.getChildText("nick");
      expect(granted ? [granted, asked] : [name]).toContain(name);

      // Nobody but hecate has spoken since the start: where the others are reached was remembered.
      const words = `hecate ${round} again`;
      said.get(hecate)!.push(words);
      await hecate.says(words);
      await hecate.names(`hecate ${round}`);
      const copies = masque.server.stanzas.filter((stanza) => stanza.getChildText("body") === words);
      const reached = copies.map(({ attrs }) => attrs.to);
      expect(reached).toEqual(expect.arrayContaining([hecate.jid, hag66.jid, crone1.client]));
      if (crone1Spoke) expect(reached).toContain(resource);
      expect(copies.find(({ attrs }) => attrs.to === hag66.jid)?.getChildren("mix")).toHaveLength(2);
    });
  }
});

const line = (message: Element) => {
  const { nick, body } = saidIn(message);
  return `${message.attrs.id} ${nick}: ${body}`;
};

/** Each once, where it stood first: somebody with several addresses hears everything several times. */
const distinct = (lines: readonly string[]) => [...new Set(lines)];
