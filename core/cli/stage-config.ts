import { resolve } from "node:path";
import { Secret } from "../host/options.ts";
import type { Plugin } from "../host/plugin.ts";
import { HOME, SERVICE } from "../stage/domains.ts";
import type { Stage } from "../stage/stage.ts";
import type { Config } from "./config.ts";
import { SECTIONS } from "./sections.ts";

export const DATABASE = "./var/stage.db";
const SOCKET = "./var/stage.sock";
const NOWHERE = { domain: SERVICE, host: "127.0.0.1", port: 0, secret: "" };

/** What runs on the stage: every plugin, as it is by itself. */
export function stageConfig(catalogue: readonly Plugin[], component: Stage["component"] = NOWHERE): Config {
  return {
    component: { ...component, secret: new Secret(component.secret) },
    service: SECTIONS.service.parse({ name: "Shakespearean Chat Service", operators: [`prospero@${HOME}`] }),
    storage: { url: new Secret(`sqlite:${resolve(DATABASE)}`) },
    cluster: undefined,
    log: SECTIONS.log.parse({ level: "warn" }),
    control: { socket: resolve(SOCKET) },
    catalogue,
    used: new Map(),
    plugins: Object.fromEntries(catalogue.map(({ name }) => [name, {}])),
  };
}
