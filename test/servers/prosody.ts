import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Program } from "./program.ts";
import { ACCOUNTS, DOMAIN, freePorts, type Make, PASSWORD, SECRET, type Server } from "./server.ts";

/** Where mod_mix_pam.lua is, which an operator copies. */
const MODULES = fileURLToPath(new URL("../../config/prosody", import.meta.url));
const TEST_MODULES = fileURLToPath(new URL("prosody", import.meta.url));

export interface ProsodyOptions {
  /** What it has besides Debian's own set. */
  readonly modules?: readonly string[];
  /** Of its users. */
  readonly domain?: string;
  /** Other components, at the end of its configuration. */
  readonly components?: string;
  /** It talks to other servers: the port at which they find it, and the ports of theirs by domain. */
  readonly federation?: { readonly port: number; readonly others: Readonly<Record<string, number>> };
}

/** Debian's Prosody. */
export class Prosody implements Server {
  static readonly title = "Prosody";
  static readonly program = "/usr/bin/prosody";

  readonly port: number;
  readonly componentPort: number;
  readonly #config: string;
  #program: Program | undefined;

  private constructor(folder: string, port: number, componentPort: number) {
    this.#config = join(folder, "prosody.cfg.lua");
    this.port = port;
    this.componentPort = componentPort;
  }

  static async start(folder: string, options: ProsodyOptions = {}): Promise<Prosody> {
    const [port = 0, componentPort = 0] = await freePorts(2);
    const prosody = new Prosody(folder, port, componentPort);
    const accounts = join(folder, "data", (options.domain ?? DOMAIN).replaceAll(".", "%2e"), "accounts");
    await mkdir(accounts, { recursive: true });
    for (const name of ACCOUNTS)
      await writeFile(join(accounts, `${name}.dat`), `return { ["password"] = "${PASSWORD}" };\n`);
    await writeFile(prosody.#config, configuration(folder, prosody, options));
    await prosody.start();
    return prosody;
  }

  async start(): Promise<void> {
    const program = new Program("Prosody", Prosody.program, ["-F", "--config", this.#config]);
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

/** The same, joining channels for its users (XEP-0405), and with archives of theirs. */
export const PamProsody: Make = {
  title: "Prosody with MIX-PAM",
  program: Prosody.program,
  start: (folder) => Prosody.start(folder, { modules: ["mam", "mix_pam", "user_account_management"] }),
};

/**
 * Debian's own set of modules, but for those that need a certificate, the network, or somebody to register; and without
 * smacks (XEP-0198): @xmpp/client 0.14 loses count when a stanza comes in one packet with `<enabled/>`, upon which Prosody
 * ends its session and what was on its way is lost.
 */
function configuration(
  folder: string,
  { port, componentPort }: Prosody,
  { modules = [], domain = DOMAIN, components = "", federation }: ProsodyOptions,
): string {
  const enabled = [...modules, ...(federation ? ["dialback", "fixed_routes"] : [])];
  return `
run_as_root = true
pidfile = "${folder}/prosody.pid"
data_path = "${folder}/data"
certificates = "${folder}/certs"
plugin_paths = { "${MODULES}", "${TEST_MODULES}" }
log = { info = "*console" }

modules_enabled = {
  "disco"; "roster"; "saslauth"; "blocklist"; "bookmarks"; "carbons"; "pep"; "private"; "vcard4"; "vcard_legacy";
  "csi_simple"; "ping"; "time"; "uptime"; "version";${enabled.map((name) => ` "${name}";`).join("")}
}
modules_disabled = { ${federation ? "" : '"s2s"; '}"tls" }
${federation ? routes(federation) : ""}
c2s_interfaces = { "127.0.0.1" }
c2s_ports = { ${port} }
c2s_direct_tls_ports = {}
component_interfaces = { "127.0.0.1" }
component_ports = { ${componentPort} }
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_plain"

mix_pam_timeout = 2

VirtualHost "${domain}"
Component "mix.${domain}"
  component_secret = "${SECRET}"
${components}
`;
}

/** Unencrypted, and each server believed to be what it says when it calls back (XEP-0220): nothing leaves loopback. */
function routes({ port, others }: NonNullable<ProsodyOptions["federation"]>): string {
  return `
s2s_interfaces = { "127.0.0.1" }
s2s_ports = { ${port} }
s2s_direct_tls_ports = {}
s2s_require_encryption = false
s2s_secure_auth = false
fixed_routes = {${Object.entries(others)
    .map(([domain, port]) => ` ["${domain}"] = ${port};`)
    .join("")} }`;
}
