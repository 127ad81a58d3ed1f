import { lstatSync, mkdirSync, unlinkSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import type { Doing } from "../commands/command.ts";
import { type Ending, Failure } from "../commands/failure.ts";
import type { CommandTable } from "../commands/table.ts";
import type { Logger } from "../host/plugin.ts";
import { ConfigMistakes } from "./mistakes.ts";
import { reason } from "./reason.ts";

/** One line of JSON: what is written after `masque`. */
const Request = z.strictObject({ words: z.array(z.string()) });

/** A line of JSON each: whatever is said while the command runs, and what it came to, last. */
export type Said = { readonly said: unknown; readonly line: string };
export type Answer =
  | { readonly ok: true; readonly result: unknown; readonly text: string }
  | { readonly ok: false; readonly ending: Ending; readonly error: string };

/** The longest path that fits the address of a Unix socket everywhere. */
const LONGEST_PATH = 103;

/** The Unix socket on which the running service takes commands, from the user it runs as and from nobody else. */
export class Control {
  readonly #path: string;
  readonly #commands: CommandTable;
  readonly #log: Logger;
  readonly #server: Server;
  readonly #connections = new Set<Socket>();

  constructor(path: string, commands: CommandTable, log: Logger) {
    this.#path = path;
    this.#commands = commands;
    this.#log = log;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Throws a Failure when another service listens there, or nobody can. */
  async open(): Promise<void> {
    if (Buffer.byteLength(this.#path) > LONGEST_PATH) {
      throw this.#failure(`the path is longer than ${LONGEST_PATH} bytes; set [control] socket to a shorter one`);
    }
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      await this.#clear();
      await this.#listen();
    } catch (error) {
      throw error instanceof Failure ? error : this.#failure(reason(error));
    }
  }

  /** Answers no more; the socket is gone. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#connections) socket.destroySoon();
    await closed;
  }

  /** Removes a socket whose owner died without doing so. */
  async #clear(): Promise<void> {
    const there = lstatSync(this.#path, { throwIfNoEntry: false });
    if (!there) return;
    if (!there.isSocket()) throw this.#failure("there is a file of that name that is no socket");
    if (await isAlive(this.#path))
      throw new Failure("failed", `Masque is already running: it answers on ${this.#path}.`);
    unlinkSync(this.#path);
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      // Node binds within the call: the socket never is there for others, not even for a moment.
      const mask = process.umask(0o177);
      this.#server.listen(this.#path, resolve);
      process.umask(mask);
    });
  }

  #accept(socket: Socket): void {
    this.#connections.add(socket);
    socket.on("close", () => this.#connections.delete(socket));
    const gone = new AbortController();
    socket.on("close", () => gone.abort());
    const write = (line: Said | Answer) => void (socket.writable && socket.write(`${JSON.stringify(line)}\n`));
    const doing: Doing = {
      by: "the control socket",
      signal: gone.signal,
      say: (said, line = JSON.stringify(said)) => write({ said, line }),
    };
    const lines = createInterface({ input: socket });
    // Whoever asked may have gone before the answer: it is nobody's loss.
    lines.on("error", (error) => this.#log.debug({ err: error }, "a connection to the control socket broke"));
    lines.on("line", async (line) => write(await this.#answer(line, doing)));
  }

  async #answer(line: string, doing: Doing): Promise<Answer> {
    try {
      return { ok: true, ...(await this.#commands.obey(readWords(line), doing)) };
    } catch (error) {
      if (error instanceof Failure) return { ok: false, ending: error.ending, error: error.message };
      if (error instanceof ConfigMistakes) return { ok: false, ending: "config", error: error.message };
      this.#log.error({ err: error }, "a command failed");
      return { ok: false, ending: "failed", error: reason(error) };
    }
  }

  #failure(why: string): Failure {
    return new Failure("failed", `Cannot take commands on ${this.#path}: ${why}.`);
  }
}

function readWords(line: string): readonly string[] {
  try {
    return Request.parse(JSON.parse(line)).words;
  } catch {
    throw new Failure("usage", 'Expected a line such as {"words": ["status"]}.');
  }
}

function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNREFUSED" || error.code === "ENOENT") resolve(false);
      else reject(error);
    });
  });
}
