import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Program } from "./program.ts";
import { ACCOUNTS, DOMAIN, freePorts, PASSWORD, SECRET, type Server } from "./server.ts";

const CTL = "/usr/sbin/ejabberdctl";
/** What an operator copies into ejabberd.yml. */
const FRAGMENT = new URL("../../config/ejabberd/masque.yml", import.meta.url);

/** Debian's ejabberd: one Erlang process that is no node of a cluster, so no epmd is started and none is left behind. */
export class Ejabberd implements Server {
  static readonly title = "ejabberd";
  static readonly program = CTL;

  readonly port: number;
  readonly componentPort: number;
  readonly #folder: string;
  #program: Program | undefined;

  private constructor(folder: string, port: number, componentPort: number) {
    this.#folder = folder;
    this.port = port;
    this.componentPort = componentPort;
  }

  /** @param more what its configuration says besides, in YAML */
  static async start(folder: string, more = ""): Promise<Ejabberd> {
    const [port = 0, componentPort = 0] = await freePorts(2);
    const ejabberd = new Ejabberd(folder, port, componentPort);
    await mkdir(join(folder, "spool"));
    await writeFile(join(folder, "ejabberd.yml"), configuration(folder, port) + more);
    const fragment = await readFile(FRAGMENT, "utf8");
    await writeFile(
      join(folder, "masque.yml"),
      fragment.replace("5347", String(componentPort)).replace("change me", SECRET),
    );
    await ejabberd.start();
    return ejabberd;
  }

  async start(): Promise<void> {
    const environment = {
      ...process.env,
      ERL_LIBS: await libraries(),
      EJABBERD_CONFIG_PATH: join(this.#folder, "ejabberd.yml"),
      EJABBERD_LOG_PATH: join(this.#folder, "ejabberd.log"),
      ERL_CRASH_DUMP_BYTES: "0",
    };
    const spool = join(this.#folder, "spool");
    const args = ["-noinput", "-mnesia", "dir", `"${spool}"`, "-s", "ejabberd", "-eval", accounts()];
    const program = new Program("ejabberd", "erl", args, { environment });
    this.#program = program;
    for (const port of [this.port, this.componentPort]) await program.says(`connections at 127.0.0.1:${port} `);
    await program.says("Everybody has an account.");
  }

  get lastWords(): string {
    return this.#program?.lastWords ?? "";
  }

  async kill(): Promise<void> {
    await this.#program?.kill();
  }

  async stop(): Promise<void> {
    await this.#program?.stop();
  }
}

/** Debian keeps ejabberd's own libraries where Erlang does not look by itself; its ejabberdctl knows where. */
async function libraries(): Promise<string> {
  const path = /^ERL_LIBS='([^']+)'/m.exec(await readFile(CTL, "utf8"))?.[1];
  if (!path || !existsSync(path)) throw new Error(`${CTL} does not say where ejabberd's libraries are (ERL_LIBS).`);
  return path;
}

/** Erlang, run once ejabberd has started: gives an account to those of the cast who have none yet. */
function accounts(): string {
  const binary = (text: string) => `<<"${text}">>`;
  const register = `ejabberd_auth:try_register(Name, ${binary(DOMAIN)}, ${binary(PASSWORD)})`;
  return `[${register} || Name <- [${ACCOUNTS.map(binary)}]], io:put_chars("Everybody has an account.\\n").`;
}

/** Few of Debian's own modules: those that a message to a user passes, and none that wants a certificate or the network. */
function configuration(folder: string, port: number): string {
  return `
loglevel: info
log_rotate_count: 0
hosts: [ ${DOMAIN} ]
default_db: sql
sql_type: sqlite
sql_database: "${folder}/ejabberd.db"
disable_sasl_mechanisms: [ digest-md5, X-OAUTH2 ]
listen:
  - { port: ${port}, ip: "127.0.0.1", module: ejabberd_c2s, starttls: false, max_stanza_size: 262144 }
modules:
  mod_blocking: {}
  mod_caps: {}
  mod_carboncopy: {}
  mod_client_state: {}
  mod_disco: {}
  mod_last: {}
  mod_mam: { default: always }
  mod_offline: {}
  mod_ping: {}
  mod_privacy: {}
  mod_roster: { versioning: true }
  mod_vcard: { search: false }
include_config_file: "${folder}/masque.yml"
`;
}
