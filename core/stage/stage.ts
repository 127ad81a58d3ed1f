import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Clock, systemClock } from "../host/clock.ts";
import type { Host } from "../host/host.ts";
import type { Logger, Plugin } from "../host/plugin.ts";
import { Backstage, PATH } from "./backstage.ts";
import { ClientPort } from "./client-port.ts";
import { ComponentPort } from "./component-port.ts";
import { HOME, SERVICE } from "./domains.ts";
import { Page } from "./page.ts";
import { Server } from "./server.ts";
import { StageError } from "./stage-error.ts";
import { Switches } from "./switches.ts";

export interface StageOptions {
  /** Of the page and its WebSocket, on 127.0.0.1; 0 takes any that is free. */
  readonly port: number;
  readonly log: Logger;
  readonly clock?: Clock;
}

/** An XMPP server for development, demonstration and tests, which nobody can reach but from this machine. */
export interface Stage {
  /** Of the page; its WebSocket is at `xmpp-websocket` below. */
  readonly url: string;
  /** What a component connects with (XEP-0114). */
  readonly component: {
    readonly domain: string;
    readonly host: string;
    readonly port: number;
    readonly secret: string;
  };
  /** Lets the page switch the plugins of the service that plays here. */
  present(host: Host, catalogue: readonly Plugin[]): void;
  close(): Promise<void>;
}

/**
 * Opens the stage: clients log in by WebSocket with any name and any password, and a component serves the channels.
 * @throws StageError when the port is taken, or the page cannot be read
 */
export async function openStage({ port, log, clock = systemClock }: StageOptions): Promise<Stage> {
  const secret = randomUUID();
  const token = randomUUID();
  const page = new Page(token);
  const backstage = new Backstage(token, log);
  const server = new Server(HOME, clock, log);
  const clients = new ClientPort(server);
  const components = new ComponentPort(server, new Map([[SERVICE, secret]]));
  const web = createServer((request, response) =>
    request.url === PATH ? void backstage.answer(request, response) : page.answer(request, response),
  );
  web.on("upgrade", (request, socket, head) => clients.upgrade(request, socket, head));
  web.listen(port, "127.0.0.1");
  await once(web, "listening").catch((error) => {
    const hint = "; stop what uses it, perhaps another stage, or set MASQUE_STAGE_PORT to another port";
    throw new StageError(`The stage cannot have port ${port} of 127.0.0.1`, error, hint);
  });
  await components.open();
  return {
    url: `http://127.0.0.1:${(web.address() as AddressInfo).port}/`,
    component: { domain: SERVICE, host: "127.0.0.1", port: components.port, secret },
    present(host, catalogue) {
      backstage.switches = new Switches(host, catalogue);
    },
    async close() {
      server.close();
      await clients.close();
      await components.close();
      const closed = new Promise((resolve) => web.close(resolve));
      web.closeAllConnections();
      await closed;
    },
  };
}
