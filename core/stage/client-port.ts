import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { ClientStream } from "./client-stream.ts";
import { LONGEST } from "./frame.ts";
import { isLocal, isLocalOrigin } from "./local.ts";
import type { Server } from "./server.ts";

const PATH = "/xmpp-websocket";
const SUBPROTOCOL = "xmpp";

/** Where clients connect: XMPP over WebSocket (RFC 7395), on the port of the page. */
export class ClientPort {
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: LONGEST });
  readonly #streams = new Set<ClientStream>();

  constructor(server: Server) {
    this.#server = server;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { host, origin, "sec-websocket-protocol": offered = "" } = request.headers;
    const refuse = (status: string) => socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
    if (request.url?.split("?")[0] !== PATH) return void refuse("404 Not Found");
    if (!isLocal(host) || !isLocalOrigin(origin)) return void refuse("403 Forbidden");
    // RFC 7395 §3.1: both sides say that they speak XMPP.
    if (!offered.split(/, */).includes(SUBPROTOCOL)) return void refuse("400 Bad Request");
    this.#sockets.handleUpgrade(request, socket, head, (client) => {
      const stream = new ClientStream(client, this.#server);
      this.#streams.add(stream);
      client.on("close", () => this.#streams.delete(stream));
    });
  }

  /** Takes leave of every client; one that does not answer within a second is cut off. */
  async close(): Promise<void> {
    for (const stream of this.#streams) stream.close();
    const clients = [...this.#sockets.clients];
    const closed = clients.map((client) => once(client, "close"));
    const impatience = setTimeout(() => {
      for (const client of clients) client.terminate();
    }, 1000);
    await Promise.all(closed);
    clearTimeout(impatience);
  }
}
