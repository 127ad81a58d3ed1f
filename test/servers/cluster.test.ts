import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { xml } from "@xmpp/client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CORE } from "../../core/channel/generation.ts";
import { NS } from "../../core/xmpp/ns.ts";
import { isInstalled, Postgres } from "../core/storage/postgres.ts";
import { Ejabberd } from "./ejabberd.ts";
import { Masque } from "./masque.ts";
import { CAST, freePorts, SERVICE } from "./server.ts";
import { XmppJs } from "./xmpp-js.ts";

/** How often one of them is killed: npm run test:cluster has it done many more times. */
const KILLS = Number(process.env.MASQUE_KILLS ?? 1);
const PROCESSES = 3;
const STREAMS = 6;
const CHANNELS = ["coven", "heath", "cave"].map((name) => `${name}@${SERVICE}`);
/** How many messages are heard before something happens, with as many more on their way as they can say. */
const HEARD = 100;

const isMissing = !isInstalled || !existsSync(Ejabberd.program);
if (isMissing && process.env.MASQUE_REQUIRE_SERVERS !== "1")
  process.stderr.write("SKIPPED: several processes behind ejabberd, for it or PostgreSQL is not installed.\n");

describe.skipIf(isMissing && process.env.MASQUE_REQUIRE_SERVERS !== "1")("several processes behind ejabberd", () => {
  const processes: Masque[] = [];
  let folder: string;
  let database: Postgres;
  let server: Ejabberd;
  let people: XmppJs[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "masque-cluster-"));
    const balancing = `{ type: bare_destination, component_number: ${STREAMS} }`;
    [database, server] = await Promise.all([
      Postgres.start(),
      Ejabberd.start(folder, `\ndomain_balancing:\n  ${SERVICE}: ${balancing}\n`),
    ]);
    const url = database.url();
    const start = async (port: number) => {
      const home = join(folder, String(port));
      await mkdir(home);
      const cluster = `\n[cluster]\nlisten = "127.0.0.1:${port}"\nstreams = ${STREAMS}\n`;
      return Masque.start(home, server, url, cluster);
    };
    processes.push(...(await Promise.all((await freePorts(PROCESSES)).map(start))));
    people = await Promise.all(CAST.map((name) => XmppJs.login(server, name, "heath", "mix")));
    await everyShareIsServed();
    for (const channel of CHANNELS) {
      const create = xml("create", { xmlns: CORE[1], channel: channel.split("@")[0] });
      await people[0]!.asks("set", SERVICE, create);
      for (const [i, person] of people.entries()) await person.joins(channel, CAST[i]!);
    }
  });
  beforeEach(({ onTestFailed }) =>
    onTestFailed(() => void process.stderr.write(`${processes.map(({ lastWords }) => lastWords).join("\n")}\n`)),
  );
  afterAll(async () => {
    await Promise.all((people ?? []).map((person) => person.stop()));
    await Promise.all(processes.map((each) => each.stop()));
    await server?.stop();
    await database?.stop();
    await rm(folder, { recursive: true });
  });

  /** While the processes share them out anew, ejabberd drops what is for a share that nobody has. */
  async function everyShareIsServed(): Promise<void> {
    const disco = () => xml("query", { xmlns: NS.DISCO_INFO });
    for (;;) {
      const answers = Array.from({ length: 8 * STREAMS }, (_, i) =>
        people[0]!.asks("get", `nobody${i}@${SERVICE}`, disco()).catch((error) => error.condition !== undefined),
      );
      const all = await Promise.race([Promise.all(answers), sleep(2_000, [])]);
      if (all.length > 0 && all.every(Boolean)) return;
    }
  }

  /** Everybody talks, each in a channel of his own, until the first has heard so many more. */
  async function talk(opening: string): Promise<void> {
    const goal = people[0]!.heard.length + HEARD;
    for (const [i, person] of people.entries()) person.keepsTalking(CHANNELS[i]!, `${opening} ${i},`);
    await people[0]!.when(() => people[0]!.heard.length >= goal, `Hearing ${HEARD} messages`);
  }

  /** Says the same until all hear it: what comes while a share is nobody's, ejabberd drops. */
  async function allHear(channel: string, body: string): Promise<void> {
    for (let i = 0; ; i++) {
      await people[0]!.says(channel, `${body} ${i}`);
      const heard = Promise.all(people.map((person) => person.hears(`${body} ${i}`)));
      const isHeard = await Promise.race([heard.then(() => true), sleep(2_000, false)]);
      heard.catch(() => {});
      if (isHeard) return;
    }
  }

  for (let round = 0; round < KILLS; round++) {
    it(`goes on when one of them is killed in the middle of the talk (${round + 1})`, async () => {
      const victim = processes[round % PROCESSES]!;
      await talk(`Before ${round} of`);
      await victim.kill();
      for (const person of people) person.hush();
      for (const channel of CHANNELS) await allHear(channel, `Without ${round} in ${channel}`);
      await talk(`While ${round} comes back,`);
      await victim.start();
      for (const person of people) person.hush();
      for (const channel of CHANNELS) await allHear(channel, `With ${round} in ${channel}`);
    });
  }

  it("has told nobody anything twice, and has all that anybody heard in its archives, in that order", async () => {
    const archives = await Promise.all(CHANNELS.map((channel) => people[0]!.archive(channel)));
    for (const { heard } of people) {
      expect(new Set(heard.map(({ id }) => id)).size).toBe(heard.length);
      let found = 0;
      for (const archive of archives) {
        expect(new Set(archive.map(({ body }) => body)).size).toBe(archive.length);
        const ids = new Set(archive.map(({ id }) => id));
        const here = heard.filter(({ id }) => ids.has(id));
        const told = new Set(here.map(({ id }) => id));
        expect(here.map(({ id }) => id)).toEqual(archive.filter(({ id }) => told.has(id)).map(({ id }) => id));
        found += here.length;
      }
      expect(found).toBe(heard.length);
    }
  });

  it("still knows everybody in every channel", async () => {
    for (const channel of CHANNELS) {
      const nicks = (await people[1]!.participants(channel)).map(({ nick }) => nick);
      expect(nicks.sort()).toEqual([...CAST].sort());
    }
    expect(await people[1]!.asks("get", SERVICE, xml("query", { xmlns: NS.DISCO_INFO }))).toBeDefined();
  });
});
