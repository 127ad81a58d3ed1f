import type { MessagePort } from "node:worker_threads";
import { commit } from "./batch.ts";
import { Changes } from "./changes.ts";
import { type Opened, openDatabase } from "./opening.ts";
import { type Packed, unpack } from "./packing.ts";
import { type Reads, reads } from "./reads.ts";
import { sweep } from "./sweep.ts";
import { isPassing, reason } from "./trouble.ts";
import { wipe } from "./wipe.ts";
import { leavesDust, type Reply, type Request } from "./wire.ts";

/** Opens the database and answers requests one after the other: nothing can be read in the middle of a transaction. */
export function serve(port: MessagePort, path: string): void {
  const reply = (message: Reply) => port.postMessage(message);
  let opened: Opened;
  try {
    opened = openDatabase(path);
  } catch (error) {
    reply({ kind: "not opened", error: reason(error) });
    return;
  }
  const { db, schema } = opened;
  const answers = reads(db);
  const changes = new Changes(db);
  const trouble = (error: unknown) => reply({ kind: "trouble", error: reason(error) });
  const broom = later(PAUSE, () => sweep(db), trouble);
  const sponge = later(MINUTE, () => !wipe(db), trouble);

  port.on("message", (sent: Request | Packed) => {
    const request = sent.kind === "packed" ? unpack(sent) : sent;
    switch (request.kind) {
      case "write": {
        const [results, transactions] = commit(db, changes, request.calls, request.lines);
        reply({ kind: "written", results, transactions });
        if (request.calls.some((call) => call.some(leavesDust))) broom.start();
        sponge.start();
        break;
      }
      case "read":
        reply(answer(answers, request));
        break;
      case "close":
        broom.stop();
        sponge.stop();
        opened.close();
        reply({ kind: "closed" });
    }
  });
  reply({ kind: "opened", schema });
  broom.start();
}

function answer(answers: Reads, { name, args }: Request & { kind: "read" }): Reply {
  try {
    const read = answers[name] as (...args: readonly unknown[]) => unknown;
    return { kind: "read", value: read(...args) };
  } catch (error) {
    return { kind: "not read", error: `Cannot read ${name}: ${reason(error)}.`, isPassing: isPassing(error) };
  }
}

/** Pauses between chunks leave the thread to those who wait for an answer. */
const PAUSE = 10;
const MINUTE = 60_000;

/** Does a chunk of work once it is called for, a pause later, and again as long as `work` says that there is more. */
function later(pause: number, work: () => boolean, failed: (error: unknown) => void) {
  let timer: NodeJS.Timeout | undefined;
  const start = () => {
    timer ??= setTimeout(step, pause);
  };
  const step = () => {
    timer = undefined;
    try {
      if (work()) start();
    } catch (error) {
      // Whoever calls for it next, or the next start, takes it up again.
      failed(error);
    }
  };
  return { start, stop: () => clearTimeout(timer) };
}
