import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { DOMAIN, SECRET } from "./server.ts";

const TICKS_PER_SECOND = 100;
const MASQUE = fileURLToPath(new URL("../../dist/core/cli/masque.js", import.meta.url));
const SPLICER = fileURLToPath(new URL("splicer.js", import.meta.url));

// Everything is counted as it is for everybody; but nobody is to be made to wait here.
const MANY = 1_000_000_000;
const LIMITS = `[plugins.limits]\nsender_burst = ${MANY}\nchannel_burst = ${MANY}\n`;

export type SubjectName = "Masque" | "splicer";

/** A component in a process of its own, which is measured. */
export class Subject {
  readonly #folder = mkdtempSync(join(tmpdir(), "masque-bench-"));
  readonly #process: ChildProcess;

  /**
   * @param port where the server waits for it
   * @param database a file; a new one without it
   * @param limits as an operator's configuration has them; none without it
   */
  constructor(name: SubjectName, port: number, database = "./masque.db", limits = LIMITS) {
    const args = name === "Masque" ? this.#masque(port, database, limits) : [SPLICER, String(port), DOMAIN, SECRET];
    this.#process = spawn(process.execPath, args, { cwd: this.#folder, stdio: ["ignore", "ignore", "inherit"] });
  }

  /** Never resolves; rejects when the process ends. */
  async ended(): Promise<never> {
    const [code, signal] = await once(this.#process, "exit");
    throw new Error(`The component has ended (${signal ?? code}).`);
  }

  /** What it answers to a command of its operator. */
  async ask(command: string): Promise<string> {
    const config = join(this.#folder, "masque.toml");
    const { stdout } = await promisify(execFile)(process.execPath, [MASQUE, command, "--config", config]);
    return stdout;
  }

  /** Seconds of processor time so far, of all its threads. */
  cpu(): number {
    const fields = this.#proc("stat")
      .replace(/^.*\) /s, "")
      .split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  /** The most memory it has held so far, MiB. */
  memory(): number {
    return Number(/^VmHWM:\s+(\d+)/m.exec(this.#proc("status"))?.[1]) / 1024;
  }

  /** The memory it holds now, MiB. */
  holds(): number {
    return Number(/^VmRSS:\s+(\d+)/m.exec(this.#proc("status"))?.[1]) / 1024;
  }

  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#process;
    if (exitCode === null && signalCode === null) {
      this.#process.kill("SIGTERM");
      await once(this.#process, "exit");
    }
    rmSync(this.#folder, { recursive: true });
  }

  /** As an operator runs it: the built program, every plugin, the archive in a file. */
  #masque(port: number, database: string, limits: string): string[] {
    if (!existsSync(MASQUE)) throw new Error(`There is no ${MASQUE}: run npm run build first.`);
    const config = join(this.#folder, "masque.toml");
    const component = `[component]\ndomain = "${DOMAIN}"\nport = ${port}\nsecret = "${SECRET}"\n`;
    const rest = `[storage]\nurl = "sqlite:${database}"\n[log]\nlevel = "error"\n`;
    writeFileSync(config, component + rest + limits);
    return [MASQUE, "start", "--config", config];
  }

  /** Linux only. */
  #proc(file: string): string {
    return readFileSync(`/proc/${this.#process.pid}/${file}`, "utf8");
  }
}
