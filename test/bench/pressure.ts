import type { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { Crowd } from "./crowd.ts";
import { Server } from "./server.ts";
import { Subject } from "./subject.ts";
import { Torrent } from "./torrent.ts";

const SIZE = 1000;
const WARM_UP = 200;
const PATIENCE = 600_000;

const isQuick = process.argv.includes("--quick");
const [before, silence, after] = isQuick ? [2_000, 10_000, 2_000] : [5_000, 60_000, 5_000];

const row = (...cells: readonly (string | number)[]) => console.log(`| ${cells.join(" | ")} |`);

async function run(socket: Socket, subject: Subject): Promise<void> {
  socket.on("error", () => {});
  const crowd = new Crowd(socket, SIZE);
  await crowd.join();
  await crowd.flood(WARM_UP);
  const torrent = new Torrent(socket, SIZE);
  const note = (when: string) => row(when, torrent.said, torrent.heard(), torrent.refused, subject.memory().toFixed(0));
  row("", "said", "heard by all", "refused", "peak MiB");
  row("---", "---", "---", "---", "---");
  note("everybody is in");
  const flowing = torrent.flow();
  await pause(before);
  note(`${before / 1000} s of all that is taken`);
  socket.pause();
  await pause(silence / 2);
  const start = performance.now();
  await subject.ask("status");
  const answered = performance.now() - start;
  await pause(silence / 2);
  note(`nothing read for ${silence / 1000} s`);
  socket.resume();
  await pause(after);
  note(`read again for ${after / 1000} s`);
  torrent.end();
  await flowing;
  const until = Date.now() + PATIENCE;
  while (torrent.heard() + torrent.refused < torrent.said && Date.now() < until) await pause(100);
  note("in the end");
  const lost = torrent.said - torrent.heard() - torrent.refused;
  const kept = (await torrent.kept()) - WARM_UP;
  console.log(`\nLost: ${lost}. In the archive: ${kept}, of ${torrent.heard()} that were heard.`);
  console.log(`"masque status", asked while nothing was read, answered in ${(answered / 1000).toFixed(1)} s.`);
  if (lost !== 0 || kept !== torrent.heard()) process.exitCode = 1;
}

const server = new Server();
const connected = server.component();
const subject = new Subject("Masque", await server.listen());
console.log(`A server that pushes all it can to a channel of ${SIZE}, and reads nothing for ${silence / 1000} s.\n`);
try {
  await Promise.race([connected.then((socket) => run(socket, subject)), subject.ended()]);
} finally {
  await subject.stop();
  server.close();
}
