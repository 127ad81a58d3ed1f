import { once } from "node:events";
import type { Socket } from "node:net";
import { Crowd } from "./crowd.ts";
import { DOMAIN, Server } from "./server.ts";
import { Subject } from "./subject.ts";

const SIZE = 1000;
const USERS = "shakespeare.example";
const MARK = "~".charCodeAt(0);
const DIGITS = 8;
const LINE = "Thrice the brinded cat hath mewed. ".repeat(3);
const PATIENCE = 60_000;

const isQuick = process.argv.includes("--quick");
const [before, silence, after] = isQuick ? [2_000, 10_000, 2_000] : [5_000, 60_000, 5_000];

/** What is said, as fast as it is taken, and what became of each line. */
class Torrent {
  readonly #socket: Socket;
  /** How many copies of each line there were; one that was refused comes back once at the most. */
  readonly #copies: number[] = [];
  #rest: Buffer = Buffer.alloc(0);
  #refused = 0;
  #isOver = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (data: Buffer) => this.#hear(data));
  }

  get said(): number {
    return this.#copies.length;
  }

  get heard(): number {
    return this.#copies.filter((count) => count === SIZE).length;
  }

  get refused(): number {
    return this.#refused;
  }

  async flow(): Promise<void> {
    while (!this.#isOver) {
      if (!this.#socket.write(this.#lines(100))) await once(this.#socket, "drain");
      else await new Promise((resolve) => setImmediate(resolve));
    }
  }

  end(): void {
    this.#isOver = true;
  }

  #lines(count: number): string {
    let text = "";
    for (let i = 0; i < count; i++) {
      const n = this.#copies.push(0) - 1;
      const body = `~${String(n).padStart(DIGITS, "0")} ${LINE}`;
      text += `<message from='u${n % 10}@${USERS}/r' to='coven@${DOMAIN}' type='groupchat' id='t${n}'><body>${body}</body></message>`;
    }
    return text;
  }

  #hear(data: Buffer): void {
    const all = Buffer.concat([this.#rest, data]);
    let at = all.indexOf(MARK);
    for (; at >= 0 && at + DIGITS < all.length; at = all.indexOf(MARK, at + 1)) {
      const n = Number(all.toString("latin1", at + 1, at + 1 + DIGITS));
      this.#copies[n]!++;
    }
    this.#rest = at < 0 ? all.subarray(-DIGITS) : all.subarray(at);
    for (let at = data.indexOf("<resource-constraint"); at >= 0; at = data.indexOf("<resource-constraint", at + 1))
      this.#refused++;
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function run(socket: Socket, subject: Subject): Promise<void> {
  socket.on("error", () => {});
  const crowd = new Crowd(socket, SIZE);
  await crowd.join();
  await crowd.flood(200);
  console.log("baseline MiB", subject.memory().toFixed(0));
  const torrent = new Torrent(socket);
  const flowing = torrent.flow();
  await pause(before);
  console.log("flood: said", torrent.said, "heard", torrent.heard, "peak MiB", subject.memory().toFixed(0));
  socket.pause();
  for (let i = 0; i < 10; i++) {
    await pause(silence / 10);
    console.log("silent: said", torrent.said, "rss", subject.memory().toFixed(0), "cpu", subject.cpu().toFixed(2));
  }
  socket.resume();
  await pause(after);
  torrent.end();
  await flowing;
  const until = Date.now() + PATIENCE;
  while (torrent.heard + torrent.refused < torrent.said && Date.now() < until) await pause(100);
  console.log(
    "end: said",
    torrent.said,
    "heard",
    torrent.heard,
    "refused",
    torrent.refused,
    "peak MiB",
    subject.memory().toFixed(0),
  );
}

const server = new Server();
const connected = server.component();
const subject = new Subject("Masque", await server.listen());
try {
  await Promise.race([connected.then((socket) => run(socket, subject)), subject.ended()]);
} finally {
  await subject.stop();
  server.close();
}
