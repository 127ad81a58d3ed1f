import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freshUrl } from "../fresh-url.ts";
import { Program } from "./program.ts";
import { DOMAIN, OPERATOR, SECRET, SERVICE, type Server } from "./server.ts";

const BUILT = fileURLToPath(new URL("../../dist/core/cli/masque.js", import.meta.url));

/** Masque as an operator runs it: the built program, a configuration file, a database in a file. */
export class Masque {
  readonly #config: string;
  #program: Program | undefined;

  private constructor(folder: string) {
    this.#config = join(folder, "masque.toml");
  }

  /** @param url where it keeps everything, in a database of its own unless said otherwise */
  static async start(folder: string, server: Server, url = "", more = ""): Promise<Masque> {
    if (!existsSync(BUILT)) throw new Error(`There is no ${BUILT}: run npm run build first (npm test does so).`);
    const masque = new Masque(folder);
    await writeFile(masque.#config, configuration(server, url || (await freshUrl("./masque.db"))) + more);
    await masque.start();
    return masque;
  }

  /** Starts it, or starts it again: the same configuration, and whatever the database holds. */
  async start(): Promise<void> {
    const environment = { ...process.env };
    delete environment.MASQUE_SECRET;
    this.#program = new Program("Masque", process.execPath, [BUILT, "start", "--config", this.#config], {
      environment,
    });
    await this.#program.says("Connected to the server.");
  }

  /** How many lines it has logged so far. */
  get said(): number {
    return this.#program?.lines.length ?? 0;
  }

  /** Resolves when it has logged these words, from the `from`th line on. */
  async says(words: string, from: number): Promise<void> {
    await this.#program?.says(words, from);
  }

  get lastWords(): string {
    return this.#program?.lastWords ?? "";
  }

  pause(): void {
    this.#program?.pause();
  }

  goOn(): void {
    this.#program?.goOn();
  }

  async kill(): Promise<void> {
    await this.#program?.kill();
  }

  async stop(): Promise<void> {
    await this.#program?.stop();
  }
}

function configuration({ componentPort }: Server, storage: string): string {
  return `
[component]
domain = "${SERVICE}"
port = ${componentPort}
secret = "${SECRET}"

[service]
name = "Shakespearean Chat Service"
operators = ["${OPERATOR}@${DOMAIN}"]

[storage]
url = "${storage}"
`;
}
