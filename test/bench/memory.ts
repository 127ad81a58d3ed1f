import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { CommandTable } from "../../core/commands/table.ts";
import { Engine } from "../../core/engine.ts";
import { systemClock } from "../../core/host/clock.ts";
import { openStore } from "../../core/storage/open.ts";
import { bundled } from "../../plugins/index.ts";
import { DOMAIN } from "./server.ts";

const LOG = { debug() {}, info() {}, warn() {}, error: console.error };
const WIRE = { online: true, isCongested: false, isStuck: false, hold() {}, write: () => true, writeAll: () => true };
const NODES = ["urn:xmpp:mix:nodes:messages", "urn:xmpp:mix:nodes:participants"];

/**
 * Loads channels `c0`, `c1` … of a database, with all plugins on.
 * @returns bytes that a participant takes: loaded, and once his channel has told something of its messages and participants
 */
export async function memoryOf(file: string, channels: number): Promise<{ loaded: number; told: number }> {
  const store = await openStore(`sqlite:${file}`);
  const options = { domain: DOMAIN, name: "", operators: [], defaultGeneration: 1 } as const;
  const ground = { store, wire: WIRE, clock: systemClock, log: LOG, commands: new CommandTable(), version: "" };
  const { host, registry } = new Engine(bundled, options, ground);
  await host.apply(Object.fromEntries(bundled.map(({ name }) => [name, {}])));
  const before = held();
  let people = 0;
  for (let i = 0; i < channels; i++) people += (await registry.find(`c${i}`))?.size ?? 0;
  const loaded = (held() - before) / people;
  for (const channel of registry.loaded()) for (const node of NODES) channel.audience(node);
  const told = (held() - before) / people;
  await host.stop();
  await store.close();
  return { loaded, told };
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes in use, once what nobody uses is gone. */
function held(): number {
  for (let i = 0; i < 3; i++) collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
