import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { ComponentStream } from "./component-stream.ts";
import type { Server } from "./server.ts";

/** Where components connect (XEP-0114): a free TCP port of the loopback. */
export class ComponentPort {
  readonly #sockets = new Set<Socket>();
  readonly #listener;

  /** @param secrets of each domain that may connect */
  constructor(server: Server, secrets: ReadonlyMap<string, string>) {
    this.#listener = createServer({ noDelay: true }, (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      new ComponentStream(socket, server, secrets);
    });
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  async open(): Promise<void> {
    this.#listener.listen(0, "127.0.0.1");
    await once(this.#listener, "listening");
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#listener.close(resolve));
  }
}
