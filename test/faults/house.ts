import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Element, serialize } from "masque";
import { type HostServer, hostServer } from "../host-server.ts";
import { SERVICE, type Stage } from "../scenarios/person.ts";
import { Program } from "../servers/program.ts";

const BUILT = fileURLToPath(new URL("../../dist/core/cli/masque.js", import.meta.url));

/** A service that may be treated badly, and the server that it is connected to. */
export interface House extends Stage {
  readonly server: HostServer;
  /** Starts it on whatever it finds; resolves when it is connected. */
  start(): Promise<void>;
  /** Lets go of everything. */
  close(): Promise<void>;
  /** What it said last. */
  readonly lastWords: string;
}

export interface Furniture {
  /** Where the database is; without it in a file of its own. */
  readonly storage?: string;
  /** What it may leave things in; a folder of its own without it. */
  readonly folder?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Masque as an operator runs it, in a process that can be killed. */
export class Process implements House {
  readonly server: HostServer;
  readonly folder: string;
  readonly #isOurs: boolean;
  readonly #environment: Readonly<Record<string, string>>;
  #program: Program | undefined;

  private constructor(server: HostServer, { storage = "sqlite:./masque.db", folder, environment = {} }: Furniture) {
    this.server = server;
    this.#isOurs = folder === undefined;
    this.folder = folder ?? mkdtempSync(join(tmpdir(), "masque-faults-"));
    this.#environment = environment;
    const { port, secret } = server;
    writeFileSync(
      this.#config,
      `[component]\ndomain = "${SERVICE}"\nport = ${port}\nsecret = "${secret}"\n` +
        `[storage]\nurl = "${storage}"\n` +
        // Nobody is to be refused anything but for the fault.
        "[plugins.limits]\nsender_burst = 1000000\nchannel_burst = 1000000\n",
    );
  }

  static async open(furniture: Furniture = {}): Promise<Process> {
    if (!existsSync(BUILT)) throw new Error(`There is no ${BUILT}: run npm run build first (npm test does so).`);
    return new Process(await hostServer(), furniture);
  }

  get database(): string {
    return join(this.folder, "masque.db");
  }

  get lastWords(): string {
    return this.#program?.lastWords ?? "";
  }

  /** How many lines it has logged so far. */
  get said(): number {
    return this.#program?.lines.length ?? 0;
  }

  async start(): Promise<void> {
    this.spawn();
    const streams = this.server.handshakes;
    await this.says("Connected to the server.");
    await this.server.component(streams + 1);
  }

  /** Starts it, and does not wait. */
  spawn(): void {
    const environment = { ...process.env, ...this.#environment };
    delete environment.MASQUE_SECRET;
    this.#program = new Program("Masque", process.execPath, [BUILT, "start", "--config", this.#config], {
      environment,
    });
  }

  /** Until it has logged these words, from this line on. */
  async says(words: string, from = 0): Promise<void> {
    await this.#program?.says(words, from);
  }

  /** The end that no program can see coming. Resolves when everything it had sent has arrived. */
  async kill(): Promise<void> {
    await this.#program?.kill();
    await this.server.when(() => !this.server.connected);
  }

  async sends(...stanzas: Element[]): Promise<void> {
    await this.server.write(stanzas.map(serialize).join(""));
  }

  async close(): Promise<void> {
    await this.kill();
    await this.server.close();
    if (this.#isOurs) rmSync(this.folder, { recursive: true, force: true });
  }

  get #config(): string {
    return join(this.folder, "masque.toml");
  }
}
