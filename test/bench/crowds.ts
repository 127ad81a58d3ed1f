import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { memoryOf } from "./memory.ts";
import { People } from "./people.ts";
import { populate } from "./population.ts";
import { Server } from "./server.ts";
import { Subject } from "./subject.ts";

const isQuick = process.argv.includes("--quick");
const SCALE = isQuick ? 0.1 : 1;
const many = (n: number) => Math.round(n * SCALE);

/** Starts Masque, and lets somebody do something with it. */
async function withMasque<T>(work: (subject: Subject, people: People) => Promise<T>, database?: string): Promise<T> {
  const server = new Server();
  const connected = server.component();
  const subject = new Subject("Masque", await server.listen(), database);
  try {
    const worked = connected.then((socket) => work(subject, new People(socket)));
    return await Promise.race([worked, subject.ended()]);
  } finally {
    await subject.stop();
    server.close();
  }
}

/** How much processor time something took, of each of `count`, µs. */
async function cost(subject: Subject, count: number, work: () => Promise<unknown>): Promise<number> {
  const before = subject.cpu();
  await work();
  return ((subject.cpu() - before) * 1e6) / count;
}

const rounded = (figure: number) => (figure < 10 ? figure.toFixed(2) : Math.round(figure).toLocaleString("en"));

async function joins(): Promise<void> {
  const kinds = [
    ["into a first channel, from a cold start", ["messages"]],
    ["into another", ["messages"]],
    ["with everybody subscribed to participants", ["messages", "participants"]],
    ["with everybody subscribed to participants and presence", ["messages", "participants", "presence"]],
  ] as const;
  console.log(`\nJoins of ${many(1000)} people`);
  await withMasque(async (subject, people) => {
    for (const [i, [kind, nodes]] of kinds.entries()) {
      let perSecond = 0;
      const cpu = await cost(subject, many(1000), async () => {
        perSecond = await people.fill(`coven${i}`, many(1000), nodes);
      });
      console.log(`  ${kind}: ${rounded(perSecond)}/s, ${rounded(cpu)} µs CPU each`);
    }
  });
}

async function recipients(): Promise<void> {
  console.log("\nCPU µs a delivery, by recipients");
  await withMasque(async (subject, people) => {
    for (const size of [10, 100, 1000, 10_000].map((each) => Math.ceil(each * SCALE))) {
      const coven = `coven${size}`;
      await people.fill(coven, size);
      const messages = Math.ceil(many(1_000_000) / (size + 30));
      await people.flood(coven, size, Math.ceil(messages / 3), 32);
      const cpu = await cost(subject, messages * size, () => people.flood(coven, size, messages, 32));
      console.log(`  ${size} recipients: ${rounded(cpu)}`);
    }
  });
}

async function channels(database: string): Promise<void> {
  console.log("\nCPU µs a delivery to 100, by channels in memory");
  await withMasque(async (subject, people) => {
    await people.fill("coven", 100);
    let loaded = 0;
    for (const wanted of [0, many(1000), many(9000)]) {
      const more = Array.from({ length: wanted - loaded }, (_, i) => `c${loaded + i}`);
      await people.everywhere(more, 10);
      loaded = wanted;
      await people.flood("coven", 100, many(3000), 64);
      const cpu = await cost(subject, many(10_000) * 100, () => people.flood("coven", 100, many(10_000), 64));
      console.log(`  ${loaded + 1} channels: ${rounded(cpu)}, memory ${rounded(subject.holds())} MiB`);
    }
  }, database);
}

/** How long it took until something was heard, ms, and how many copies of something else came meanwhile. */
interface Word {
  readonly time: number;
  readonly copies: number;
}

async function fairness(): Promise<void> {
  const [large, small] = [many(10_000), 10];
  console.log(`\nA word among ${small}, while a channel of ${large} is flooded: p50 / p99 of how long it took,`);
  console.log("and of how many copies of the flood came before it (which does not depend on how busy the machine is)");
  await withMasque(async (_subject, people) => {
    await people.fill("heath", small);
    await people.fill("coven", large);
    await people.flood("coven", large, 20, 4);
    const report = (title: string, words: Word[]) => {
      const spread = (list: number[]) => {
        const sorted = list.sort((a, b) => a - b);
        return [0.5, 0.99].map((part) => rounded(sorted[Math.floor(part * (sorted.length - 1))] as number)).join(" / ");
      };
      const [times, copies] = [words.map(({ time }) => time), words.map(({ copies }) => copies)];
      console.log(`  ${title}: ${spread(times)} ms, ${spread(copies)} copies, ${words.length} words`);
    };
    const words = async (isOver: () => boolean) => {
      const said: Word[] = [];
      while (!isOver()) {
        const before = people.heard.crowd;
        const time = await people.word("heath", small);
        said.push({ time, copies: people.heard.crowd - before });
        await pause(20);
      }
      return said;
    };
    const until = performance.now() + 5000;
    report("quiet", await words(() => performance.now() > until));
    for (const window of [4, 32, 256]) {
      const messages = Math.max(window * 2, many(1000));
      let isOver = false;
      const flood = people.flood("coven", large, messages, window).then(() => {
        isOver = true;
      });
      const said = await words(() => isOver);
      await flood;
      report(`${window} messages under way`, said);
    }
  });
}

async function start(database: string, size: string): Promise<void> {
  console.log(`\nA start with ${size} on disk`);
  const before = performance.now();
  const server = new Server();
  const connected = server.component();
  const subject = new Subject("Masque", await server.listen(), database);
  await Promise.race([connected, subject.ended()]);
  console.log(`  connected after ${rounded((performance.now() - before) / 1000)} s, ${rounded(subject.cpu())} s CPU`);
  await pause(5000);
  console.log(`  idle: ${rounded(subject.holds())} MiB, at most ${rounded(subject.memory())} MiB`);
  await subject.stop();
  server.close();
}

/** Many channels of ten: a start, and what they cost one of a hundred. */
async function wide(): Promise<void> {
  await withFile(async (database) => {
    await populate(database, many(100_000), 10);
    await start(database, `${many(100_000)} channels and ${many(1_000_000)} participants`);
    await channels(database);
  });
}

async function memory(): Promise<void> {
  await withFile(async (database) => {
    await populate(database, many(1000), 1000);
    console.log(`\nMemory of ${many(1_000_000)} loaded participants`);
    const { loaded, told } = await memoryOf(database, many(1000));
    console.log(`  ${rounded(loaded)} B each; ${rounded(told)} B once something was told in every channel`);
  });
}

async function withFile(work: (file: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "masque-population-"));
  try {
    await work(join(folder, "masque.db"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const PARTS = { joins, recipients, fairness, wide, memory };
const wanted = process.argv.slice(2).filter((word) => word in PARTS);
for (const [name, part] of Object.entries(PARTS)) if (wanted.length === 0 || wanted.includes(name)) await part();
