import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

export const DOMAIN = "shakespeare.example";
export const SERVICE = "mix.shakespeare.example";
export const PASSWORD = "eye of newt";
export const SECRET = "toil and trouble";
/** Everybody who has an account. */
export const CAST = ["hecate", "hag66", "crone1"] as const;
/** Who may manage the service (`service.operators`). */
export const OPERATOR = "prospero";
/** Everybody who has an account. */
export const ACCOUNTS = [...CAST, OPERATOR] as const;

/** A real XMPP server, in a folder and on loopback ports of its own. */
export interface Server {
  /** Where clients connect. */
  readonly port: number;
  /** Where components connect. */
  readonly componentPort: number;
  /** Starts it again: the same ports and the same data. */
  start(): Promise<void>;
  readonly lastWords: string;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** Which server. */
export interface Make {
  readonly title: string;
  /** The program without which it is not installed. */
  readonly program: string;
  /** What Masque's configuration says besides, in TOML. */
  readonly masque?: string;
  /** Starts one with an account for everybody of the cast, and the component not yet connected. */
  start(folder: string): Promise<Server>;
}

/** As many ports as are wanted, all different: none is let go before all were found. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}
