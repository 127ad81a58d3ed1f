import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, cpSync, symlinkSync } from "node:fs";
import { join } from "node:path";

const ROOT = new URL("../../..", import.meta.url).pathname;

/** Compiles Masque as it is now into an empty folder, as if it were installed there; returns the command's file. */
export function install(folder: string): string {
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "-p", ROOT, "--noCheck", "--outDir", join(folder, "dist")]);
  copyFileSync(join(ROOT, "package.json"), join(folder, "package.json"));
  cpSync(join(ROOT, "core/stage/page"), join(folder, "core/stage/page"), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return join(folder, "dist/core/cli/masque.js");
}

/** The command `masque` in a process of its own. */
export class Child {
  stdout = "";
  stderr = "";
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown[]>;
  #waiting: (() => void)[] = [];

  constructor(command: string, args: readonly string[], cwd: string, more: NodeJS.ProcessEnv = {}) {
    const { MASQUE_CONFIG: _, MASQUE_SECRET: __, ...env } = process.env;
    this.#process = spawn(process.execPath, [command, ...args], { cwd, env: { ...env, ...more } });
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
      // One that was killed has a signal for an exit code: to wait for it again and again would stop this process, too.
      if ((this.#process.exitCode ?? this.#process.signalCode) !== null)
        throw new Error(`It ended without saying "${text}": ${this.stderr}`);
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
