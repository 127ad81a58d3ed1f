import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server as Listener, type Socket } from "node:net";

/** Stands between a server and its clients, and keeps every byte that the server sends them: nothing is encrypted here. */
export class Tap {
  readonly #listener: Listener;
  readonly #sockets = new Set<Socket>();
  readonly #bytes: Buffer[] = [];

  private constructor(server: number) {
    this.#listener = createServer((client) => this.#pass(client, connect(server, "127.0.0.1")));
  }

  /** A tap on the server at this port. */
  static async on(server: number): Promise<Tap> {
    const tap = new Tap(server);
    await once(tap.#listener.listen(0, "127.0.0.1"), "listening");
    return tap;
  }

  /** Where clients connect instead. */
  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  /** Everything the clients were sent so far. */
  get text(): string {
    return Buffer.concat(this.#bytes).toString();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#listener.close(), "close");
  }

  #pass(client: Socket, server: Socket): void {
    server.on("data", (bytes) => this.#bytes.push(bytes));
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.setNoDelay();
      from.pipe(to);
      // Whoever ends it, ends both sides of it.
      from.on("error", () => {}).on("close", () => to.destroy());
    }
  }
}
