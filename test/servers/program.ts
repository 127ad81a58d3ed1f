import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createInterface } from "node:readline";

// For what hangs: Erlang alone takes half a minute to start where others want the machine.
const PATIENCE = 90_000;
const GRACE = 5_000;

export interface ProgramOptions {
  /** Called with each line of its standard output. */
  readonly onLine?: (line: string) => void;
  readonly environment?: NodeJS.ProcessEnv;
}

/** A program that a test has started: what it says, line by line, and its end, by its process id and no other way. */
export class Program {
  readonly name: string;
  /** What it wrote so far, to either output. */
  readonly lines: string[] = [];
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #bus = new EventEmitter().setMaxListeners(0);
  readonly #ended: Promise<void>;
  #hasEnded = false;

  constructor(name: string, command: string, args: readonly string[], options: ProgramOptions = {}) {
    const { onLine = () => {}, environment = process.env } = options;
    this.name = name;
    this.#child = spawn(command, args, { stdio: "pipe", env: environment });
    // A test that is cut short leaves nothing running.
    const last = () => void this.#child.kill("SIGKILL");
    process.once("exit", last);
    this.#ended = new Promise((resolve) => {
      this.#child.once("close", (code, signal) => {
        process.off("exit", last);
        this.#hasEnded = true;
        this.#note(`(ended: ${signal ?? code})`);
        resolve();
      });
    });
    this.#child.once("error", (error) => this.#note(`(${error.message})`));
    // It may end before it has read everything; that it ended is noted above.
    this.#child.stdin.on("error", () => {});
    for (const output of [this.#child.stdout, this.#child.stderr]) {
      createInterface({ input: output }).on("line", (line) => {
        this.#note(line);
        if (output === this.#child.stdout) onLine(line);
      });
    }
  }

  get running(): boolean {
    return !this.#hasEnded;
  }

  /** Resolves with the first line, from the `from`th on, that holds `words`. */
  async says(words: string, from = 0): Promise<string> {
    const signal = AbortSignal.timeout(PATIENCE);
    for (let at = from; ; at++) {
      while (at >= this.lines.length) {
        if (!this.running) throw this.#silence(words, "and ended");
        await once(this.#bus, "line", { signal }).catch(() => {
          throw this.#silence(words, `within ${PATIENCE / 1000} s`);
        });
      }
      const line = this.lines[at] as string;
      if (line.includes(words)) return line;
    }
  }

  get lastWords(): string {
    return `${this.name}'s last lines:\n${this.lines.slice(-20).join("\n")}`;
  }

  write(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** Asks it to end, insists after a while, and waits until it has. */
  async stop(): Promise<void> {
    this.#child.stdin.end();
    this.#child.kill("SIGTERM");
    const insist = setTimeout(() => this.#child.kill("SIGKILL"), GRACE);
    await this.#ended;
    clearTimeout(insist);
  }

  /** Lets it do nothing, until it may go on. */
  pause(): void {
    this.#child.kill("SIGSTOP");
  }

  goOn(): void {
    this.#child.kill("SIGCONT");
  }

  /** The end without a warning: no program can catch this signal. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  #note(line: string): void {
    this.lines.push(line);
    this.#bus.emit("line");
  }

  #silence(words: string, how: string): Error {
    return new Error(`${this.name} did not say "${words}" ${how}. ${this.lastWords}`);
  }
}
