import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Program } from "../../servers/program.ts";
import { freePorts } from "../../servers/server.ts";

export const PASSWORD = "eye-of-newt";

/** Where Debian puts PostgreSQL's programs, one folder for each version. */
const VERSIONS = "/usr/lib/postgresql";
const BIN = existsSync(VERSIONS)
  ? readdirSync(VERSIONS)
      .sort((a, b) => Number(a) - Number(b))
      .map((version) => join(VERSIONS, version, "bin"))
      .findLast((bin) => existsSync(join(bin, "initdb")))
  : undefined;

export const isInstalled = BIN !== undefined;

type Settings = Readonly<Record<string, string | number>>;

/** A real PostgreSQL in a folder and on a port of its own, as durable as an operator's. */
export class Postgres {
  readonly port: number;
  readonly #folder: string;
  readonly #settings: Settings;
  #program: Program | undefined;
  #schemas = 0;

  private constructor(folder: string, port: number, settings: Settings) {
    this.#folder = folder;
    this.port = port;
    this.#settings = settings;
  }

  /** @param settings what is to be otherwise than an operator has it */
  static async start(settings: Settings = {}): Promise<Postgres> {
    const folder = mkdtempSync(join(tmpdir(), "masque-pg-"));
    chmodSync(folder, 0o755);
    const owner = userNumbers();
    if (owner) chownSync(folder, ...owner);
    const [port = 0] = await freePorts(1);
    const postgres = new Postgres(folder, port, settings);
    // -N: not to wait for the disk before there is anything to lose; the server itself does.
    run(...as("initdb", "-D", postgres.#data, "-U", "masque", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"));
    writeFileSync(
      join(postgres.#data, "pg_hba.conf"),
      "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n",
    );
    await postgres.start();
    postgres.sql(`alter user masque password '${PASSWORD}'`);
    return postgres;
  }

  async start(): Promise<void> {
    // After a kill, what is left of its processes may take a moment to see that their parent is gone.
    for (let tries = 1; ; tries++) {
      try {
        return await this.#launch();
      } catch (error) {
        if (tries === 50 || !this.#program?.lastWords.includes("is still in use")) throw error;
        await sleep(100);
      }
    }
  }

  async #launch(): Promise<void> {
    const settings = { listen_addresses: "127.0.0.1", port: this.port, unix_socket_directories: this.#folder };
    const options = Object.entries({ shared_buffers: "32MB", ...this.#settings, ...settings }).map(
      ([name, value]) => `-c${name}=${value}`,
    );
    const [command, ...args] = as("postgres", "-D", this.#data, ...options);
    this.#program = new Program("PostgreSQL", command!, args);
    await this.#program.says("ready to accept connections");
  }

  /** A schema of its own for each who asks, to be found empty. */
  url(schema = `s${this.#schemas++}`): string {
    this.sql(`create schema if not exists ${schema}`);
    return within(schema, `postgres://masque:${PASSWORD}@127.0.0.1:${this.port}/postgres`);
  }

  /** The way to the same by its socket, where no password is asked for. */
  socketUrl(schema: string): string {
    this.sql(`create schema if not exists ${schema}`);
    return within(schema, this.socket);
  }

  /** The address of its socket, with no schema in it. */
  get socket(): string {
    return `postgres://masque@${encodeURIComponent(this.#folder)}:${this.port}/postgres`;
  }

  /** Over the socket, past Masque. Returns what it prints. */
  sql(sql: string): string {
    return run(join(BIN!, "psql"), "-h", this.#folder, "-p", `${this.port}`, "-U", "masque", "-XAtqc", sql, "postgres");
  }

  /** Without a warning; what is left of it sees that, and ends. */
  async kill(): Promise<void> {
    await this.#program!.kill();
  }

  async stop(): Promise<void> {
    await this.#program?.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #data(): string {
    return join(this.#folder, "data");
  }
}

/** The address of a database, and in it of this schema alone. */
export function within(schema: string, address: string): string {
  return `${address}?options=-csearch_path%3D${schema}`;
}

/** PostgreSQL refuses to be run by root. */
function as(program: string, ...args: string[]): string[] {
  const command = [join(BIN!, program), ...args];
  return process.getuid?.() === 0
    ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", ...command]
    : command;
}

function userNumbers(): [number, number] | undefined {
  if (process.getuid?.() !== 0) return undefined;
  return [Number(run("id", "-u", "postgres")), Number(run("id", "-g", "postgres"))];
}

function run(command = "", ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8", cwd: "/" });
  if (status === 0) return stdout.trim();
  throw new Error(`${command} failed: ${error?.message ?? stderr}`);
}
