// How many deliveries several processes that serve one domain make, on one PostgreSQL, beside one that serves it alone.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Postgres } from "../core/storage/postgres.ts";
import { freePorts } from "../servers/server.ts";
import { DOMAIN, SECRET, Server } from "./server.ts";

const MASQUE = fileURLToPath(new URL("../../dist/core/cli/masque.js", import.meta.url));
const CORE = "urn:xmpp:mix:core:1";
const STREAMS = 12;
const CHANNELS = 24;
const PARTICIPANTS = 100;
const MESSAGES = 5_000;
const WINDOW = 600;
const ROUNDS = Number(process.argv[2] ?? 3);
const MARK = "~".charCodeAt(0);
const MANY = 1_000_000_000;

const channels = Array.from({ length: CHANNELS }, (_, i) => `coven${i}@${DOMAIN}`);
const database = await Postgres.start();

/** Streams to a server that gives each its share, by whom a stanza is for. */
class Share {
  readonly sockets: Socket[] = [];
  marks = 0;
  onData: () => void = () => {};
  text = "";
  isQuiet = true;

  add(socket: Socket): void {
    this.sockets.push(socket.setNoDelay(true));
    socket.on("error", () => {});
    socket.on("data", (data: Buffer) => {
      if (this.isQuiet) this.#read(data.toString());
      for (let at = data.indexOf(MARK); at >= 0; at = data.indexOf(MARK, at + 1)) this.marks++;
      this.onData();
    });
  }

  send(to: string, stanza: string): void {
    const hash = createHash("sha1").update(to).digest().readUInt32BE();
    this.sockets[hash % this.sockets.length]!.write(stanza);
  }

  /** What a process sends to itself to find out which share it has comes back; the rest is kept. */
  #read(text: string): void {
    this.text += text;
    for (const [ping, to] of text.matchAll(/<iq [^>]*masque-still-there[^>]*to="([^"]+)"[^>]*>.*?<\/iq>/g))
      this.send(to as string, ping);
  }
}

interface Taken {
  readonly rate: number;
  readonly each: number;
  readonly database: number;
}

async function measure(processes: number, isCluster: boolean): Promise<Taken> {
  const server = new Server();
  const port = await server.listen();
  const url = database.url();
  const folder = mkdtempSync(join(tmpdir(), "masque-bench-"));
  const children: ChildProcess[] = [];
  const share = new Share();
  const links = await freePorts(processes);
  for (let i = 0; i < processes; i++) {
    const config = join(folder, `${i}.toml`);
    const cluster = isCluster ? `[cluster]\nlisten = "127.0.0.1:${links[i]}"\nstreams = ${STREAMS}\n` : "";
    writeFileSync(
      config,
      `[component]\ndomain = "${DOMAIN}"\nport = ${port}\nsecret = "${SECRET}"\n[storage]\nurl = "${url}"\n${cluster}` +
        `[control]\nsocket = "./${i}.sock"\n[log]\nlevel = "error"\n[plugins.limits]\nsender_burst = ${MANY}\nchannel_burst = ${MANY}\n`,
    );
    children.push(
      spawn(process.execPath, [MASQUE, "start", "--config", config], { stdio: ["ignore", "inherit", "inherit"] }),
    );
  }
  try {
    const streams = isCluster ? STREAMS : 1;
    // Who comes first opens more than its part, until the others have come.
    server.components((socket) => {
      socket.once("close", () => share.sockets.splice(share.sockets.indexOf(socket), 1));
      share.add(socket);
    });
    while (share.sockets.length < streams) await new Promise((go) => setTimeout(go, 50));
    if (isCluster) await new Promise((go) => setTimeout(go, 5000));
    await prepare(share);
    // Each process has its own code to warm up.
    await flood(share, MESSAGES);
    const before = children.map(cpuOf);
    const db = databaseCpu();
    const rate = await flood(share, MESSAGES);
    const used = children.reduce((sum, child, i) => sum + cpuOf(child) - before[i]!, 0);
    const copies = MESSAGES * PARTICIPANTS;
    return { rate, each: (used * 1e6) / copies, database: ((databaseCpu() - db) * 1e6) / copies };
  } finally {
    for (const child of children) child.kill("SIGKILL");
    await Promise.all(children.map((child) => child.exitCode ?? child.signalCode ?? once(child, "exit")));
    for (const socket of share.sockets) socket.destroy();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function prepare(share: Share): Promise<void> {
  share.isQuiet = true;
  const iq = (i: number, to: string, content: string, id: string) =>
    share.send(to, `<iq type='set' id='${id}' from='hag${i}@shakespeare.example' to='${to}'>${content}</iq>`);
  const answered = async (count: number) => {
    while ((share.text.match(/<iq type="result"/g)?.length ?? 0) < count) await new Promise((go) => setTimeout(go, 20));
  };
  share.text = "";
  for (const channel of channels)
    iq(0, DOMAIN, `<create xmlns='${CORE}' channel='${channel.split("@")[0]}'/>`, channel);
  await answered(CHANNELS);
  share.text = "";
  const subscribe = "<subscribe node='urn:xmpp:mix:nodes:messages'/>";
  for (const channel of channels)
    for (let i = 0; i < PARTICIPANTS; i++)
      iq(i, channel, `<join xmlns='${CORE}'>${subscribe}<nick>hag ${i}</nick></join>`, `${i}`);
  await answered(CHANNELS * PARTICIPANTS);
  share.text = "";
  share.isQuiet = false;
}

async function flood(share: Share, messages: number): Promise<number> {
  const body = "x".repeat(100);
  const first = share.marks;
  const wanted = messages * PARTICIPANTS;
  let said = 0;
  const say = () => {
    const until = Math.min(messages, Math.floor((share.marks - first) / PARTICIPANTS) + WINDOW);
    for (; said < until; said++) {
      const to = channels[said % CHANNELS] as string;
      const from = `hag${said % 10}@shakespeare.example/r`;
      share.send(
        to,
        `<message type='groupchat' id='m${said}' from='${from}' to='${to}'><body>~${body}</body></message>`,
      );
    }
  };
  const start = performance.now();
  await new Promise<void>((done) => {
    share.onData = () => {
      say();
      if (share.marks - first >= wanted) done();
    };
    say();
  });
  share.onData = () => {};
  return (wanted * 1000) / (performance.now() - start);
}

function cpuOf({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Of all processes of the database. */
function databaseCpu(): number {
  const listed = spawnSync("ps", ["-C", "postgres", "-o", "cputimes=,args="], { encoding: "utf8" }).stdout;
  return listed.split("\n").reduce((sum, line) => sum + (Number.parseFloat(line) || 0), 0);
}

const KINDS = [
  ["alone, without [cluster]", 1, false],
  ["1 process", 1, true],
  ["2 processes", 2, true],
  ["3 processes", 3, true],
] as const;
const taken = new Map<string, Taken[]>(KINDS.map(([name]) => [name, []]));
for (let round = 0; round < ROUNDS; round++)
  for (const [name, count, isCluster] of KINDS) taken.get(name)!.push(await measure(count, isCluster));
const range = (values: number[]) => {
  const sorted = [...values].sort((a, b) => a - b);
  const show = (value: number) => (value > 1000 ? `${Math.round(value / 1000)}k` : value.toFixed(2));
  return `${show(sorted[sorted.length >> 1]!)} (${show(sorted[0]!)}–${show(sorted.at(-1)!)})`;
};
console.log(`${CHANNELS} channels of ${PARTICIPANTS}, medians (least–most) of ${ROUNDS} rounds`);
for (const [name, figures] of taken) {
  const [rate, each] = [figures.map((each) => each.rate), figures.map((each) => each.each)];
  console.log(`${name}: ${range(rate)} deliveries/s, ${range(each)} µs CPU each`);
}
await database.stop();
process.exit(0);
