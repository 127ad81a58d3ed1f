import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { MessageChannel, type MessagePort, Worker, type WorkerOptions } from "node:worker_threads";
import { serve } from "./engine.ts";
import { pack } from "./packing.ts";
import { StoreError } from "./store-error.ts";
import type { Reply, Request } from "./wire.ts";

/** The way to an engine, wherever it runs. */
export interface Line {
  send(request: Request): void;
  /** Names who hears replies from now on, and who hears that the engine has died. */
  listen(hear: (reply: Reply) => void, died: (error: StoreError) => void): void;
  /** Hangs up, once the engine has closed its database. */
  end(): Promise<unknown>;
}

/** An engine in a thread of its own, since SQLite's calls wait for the disk. */
export function threadLine(path: string): Line {
  const worker = start({ workerData: path, execArgv: QUIET });
  return line(worker, () => worker.terminate());
}

// node:sqlite calls itself experimental on standard error at each start.
const QUIET = ["--disable-warning=ExperimentalWarning"];

function start(options: WorkerOptions): Worker {
  if (!import.meta.url.endsWith(".ts")) return new Worker(new URL("./worker.js", import.meta.url), options);
  const file = new URL("./worker.ts", import.meta.url);
  if ("typescript" in process.features && process.features.typescript) return new Worker(file, options);
  // From sources, on a Node that does not strip types by itself: tsx, whose `--import` does not reach threads.
  const tsx = createRequire(import.meta.url).resolve("tsx/cjs");
  const modules = [tsx, fileURLToPath(file)].map((module) => `require(${JSON.stringify(module)});`);
  return new Worker(modules.join(""), { ...options, eval: true });
}

/** An engine in this thread, for a database in memory: there is no disk to wait for, and no thread to start. */
export function localLine(path: string): Line {
  const { port1, port2 } = new MessageChannel();
  serve(port2, path);
  return line(port1, async () => port1.close());
}

function line(port: Worker | MessagePort, end: () => Promise<unknown>): Line {
  return {
    send: (request) => port.postMessage(request.kind === "write" ? pack(request) : request),
    listen(hear, died) {
      port.removeAllListeners();
      port.on("message", hear);
      port.on("error", (error) => died(new StoreError(`The storage thread ended: ${error.message}`, { cause: error })));
    },
    end,
  };
}
