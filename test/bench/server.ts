import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

export const DOMAIN = "mix.shakespeare.example";
export const SECRET = "toil and trouble";

/** The host server's port for one component (XEP-0114), without the server: no parser stands in the way. */
export class Server {
  readonly #server = createServer({ noDelay: true });

  /** Resolves to the port. */
  async listen(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  /** The stream of the next component that connects, once its handshake is done. */
  async component(): Promise<Socket> {
    const [socket] = (await once(this.#server, "connection")) as [Socket];
    return this.#greet(socket);
  }

  /** Takes the stream of every component that connects from now on. */
  components(take: (socket: Socket) => void): void {
    this.#server.on("connection", (socket) => void this.#greet(socket).then(take, () => socket.destroy()));
  }

  async #greet(socket: Socket): Promise<Socket> {
    const id = randomBytes(8).toString("hex");
    await read(socket, /<stream:stream[^>]*>/);
    socket.write(
      `<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' id='${id}' from='${DOMAIN}'>`,
    );
    const [, digest] = await read(socket, /<handshake[^>]*>(\w+)<\/handshake>/);
    const right = createHash("sha1")
      .update(id + SECRET)
      .digest("hex");
    if (digest !== right) throw new Error("The component does not know the secret.");
    socket.write("<handshake/>");
    return socket;
  }

  close(): void {
    this.#server.close();
  }
}

/** What the other side says next, as far as this. */
async function read(socket: Socket, pattern: RegExp): Promise<RegExpExecArray> {
  for (let text = ""; ; ) {
    const [data] = (await once(socket, "data")) as [Buffer];
    text += data.toString();
    const found = pattern.exec(text);
    if (found) return found;
  }
}
