import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

const COMMAND = new URL("../../../core/cli/masque.ts", import.meta.url).pathname;

/** The command `masque` in a process of its own. */
export class Child {
  stdout = "";
  stderr = "";
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown[]>;
  #waiting: (() => void)[] = [];

  constructor(args: readonly string[], cwd: string, env: Record<string, string> = {}) {
    const runtime = ["--conditions=masque-source", "--import", import.meta.resolve("tsx")];
    const { MASQUE_CONFIG: _, MASQUE_SECRET: __, ...inherited } = process.env;
    this.#process = spawn(process.execPath, [...runtime, COMMAND, ...args], { cwd, env: { ...inherited, ...env } });
    this.#process.stdout?.setEncoding("utf8").on("data", (text) => this.#take("stdout", text));
    this.#process.stderr?.setEncoding("utf8").on("data", (text) => this.#take("stderr", text));
    this.#ended = once(this.#process, "close");
  }

  /** Its exit code, or the signal that ended it. */
  async end(): Promise<number | string> {
    const [code, signal] = await this.#ended;
    return (code ?? signal) as number | string;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Until it has written this to standard output. */
  async says(text: string): Promise<void> {
    while (!this.stdout.includes(text)) {
      if (this.#process.exitCode !== null) throw new Error(`It ended without saying "${text}": ${this.stderr}`);
      await Promise.race([new Promise<void>((resolve) => this.#waiting.push(resolve)), this.#ended]);
    }
  }

  #take(stream: "stdout" | "stderr", text: string): void {
    this[stream] += text;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }
}
