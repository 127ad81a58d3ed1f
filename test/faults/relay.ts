import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** The way to a server, which can be lost without a word: both ends stay open, and hear nothing more of each other. */
export class Relay {
  readonly #listener: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: number) {
    this.#listener = createServer((client) => this.#join(client, connect(server, "127.0.0.1")));
  }

  static async to(server: number): Promise<Relay> {
    const relay = new Relay(server);
    await once(relay.#listener.listen(0, "127.0.0.1"), "listening");
    return relay;
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  /** From now on, on the connections there are, nothing arrives; what either end sends is swallowed. */
  falls(): void {
    for (const socket of this.#sockets) socket.unpipe().resume();
  }

  async close(): Promise<void> {
    this.#end();
    await once(this.#listener.close(), "close");
  }

  /** A server has one component: whoever connects anew ends what there was. */
  #join(client: Socket, server: Socket): void {
    this.#end();
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.setNoDelay();
      from.pipe(to);
      from.on("error", () => {}).on("close", () => to.destroy());
    }
  }

  #end(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }
}
