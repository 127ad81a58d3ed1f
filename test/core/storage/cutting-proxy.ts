import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** The way to a server, which can be cut at the moment that something is said on it. */
export class CuttingProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #answers = new Set<Socket>();
  #cut: { readonly at: string; readonly isHeard: boolean } | undefined;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  static async to(port: number): Promise<CuttingProxy> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const proxy = new CuttingProxy(server);
    server.on("connection", (client) => proxy.#join(client, connect(port, "127.0.0.1")));
    return proxy;
  }

  /** Once: when a client says this, all connections end; whether the server still hears it, only the answer being lost. */
  cutAt(words: string, is: "heard" | "unheard"): void {
    this.#cut = { at: words, isHeard: is === "heard" };
  }

  /** Of those connected now nobody gets an answer any more, and nothing else is wrong with their connections. */
  hush(): void {
    for (const server of this.#answers) server.removeAllListeners("data").resume();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server.close(), "close");
  }

  #join(client: Socket, server: Socket): void {
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        this.#sockets.delete(socket);
        this.#answers.delete(server);
        client.destroy();
        server.destroy();
      });
    }
    this.#answers.add(server);
    server.on("data", (data) => client.write(data));
    client.on("data", (data) => {
      const cut = this.#cut;
      if (!cut || !data.includes(cut.at)) return void server.write(data);
      this.#cut = undefined;
      if (!cut.isHeard) return void client.destroy();
      // The server has done it when it answers.
      server.removeAllListeners("data").once("data", () => client.destroy());
      server.write(data);
    });
  }
}
