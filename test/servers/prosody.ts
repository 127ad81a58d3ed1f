import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { Program } from "./program.ts";

export const PROSODY = "/usr/bin/prosody";
export const DOMAIN = "shakespeare.example";
export const SERVICE = "mix.shakespeare.example";
export const PASSWORD = "eye of newt";
export const SECRET = "toil and trouble";
/** Everybody who has an account. */
const CAST = ["hecate", "hag66", "crone1"];

/** Debian's Prosody, in a folder and on loopback ports of its own. */
export class Prosody {
  /** Where clients connect. */
  readonly port: number;
  /** Where components connect. */
  readonly componentPort: number;
  readonly #config: string;
  #program: Program | undefined;

  private constructor(folder: string, port: number, componentPort: number) {
    this.#config = join(folder, "prosody.cfg.lua");
    this.port = port;
    this.componentPort = componentPort;
  }

  /** Starts it with an account for everybody of the cast, and the component not yet connected. */
  static async start(folder: string): Promise<Prosody> {
    const [port = 0, componentPort = 0] = await freePorts(2);
    const prosody = new Prosody(folder, port, componentPort);
    const accounts = join(folder, "data", "shakespeare%2eexample", "accounts");
    await mkdir(accounts, { recursive: true });
    for (const name of CAST)
      await writeFile(join(accounts, `${name}.dat`), `return { ["password"] = "${PASSWORD}" };\n`);
    await writeFile(prosody.#config, configuration(folder, prosody));
    await prosody.start();
    return prosody;
  }

  /** Starts it, or starts it again: the same ports and the same data. */
  async start(): Promise<void> {
    const program = new Program("Prosody", PROSODY, ["-F", "--config", this.#config]);
    this.#program = program;
    for (const [service, port] of [["c2s", this.port] as const, ["component", this.componentPort] as const]) {
      // Another program may have taken the port; Prosody says so here and goes on without it.
      const line = await program.says(`Activated service '${service}'`);
      if (!line.includes(`:${port}`)) throw new Error(`Prosody could not have its port: ${line}`);
    }
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

/**
 * Debian's own set of modules, but for those that need a certificate, the network, or somebody to register; and without
 * smacks (XEP-0198): @xmpp/client 0.14 loses count when a stanza comes in one packet with `<enabled/>`, upon which Prosody
 * ends its session and what was on its way is lost.
 */
function configuration(folder: string, { port, componentPort }: Prosody): string {
  return `
run_as_root = true
pidfile = "${folder}/prosody.pid"
data_path = "${folder}/data"
certificates = "${folder}/certs"
plugin_paths = {}
log = { info = "*console" }

modules_enabled = {
  "disco"; "roster"; "saslauth"; "blocklist"; "bookmarks"; "carbons"; "pep"; "private"; "vcard4"; "vcard_legacy";
  "csi_simple"; "ping"; "time"; "uptime"; "version";
}
modules_disabled = { "s2s"; "tls" }
c2s_interfaces = { "127.0.0.1" }
c2s_ports = { ${port} }
c2s_direct_tls_ports = {}
component_interfaces = { "127.0.0.1" }
component_ports = { ${componentPort} }
c2s_require_encryption = false
authentication = "internal_plain"

VirtualHost "${DOMAIN}"
Component "${SERVICE}"
  component_secret = "${SECRET}"
`;
}

/** As many ports as are wanted, all different: none is let go before all were found. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}
