import type { Socket } from "node:net";

/** A handshake is short; a stanza is not. */
const SHORT = 1024;
const LONG = 16 * 1024 * 1024;

/** One line of JSON after the other on a socket, until somebody on it makes no sense. */
export class Lines {
  /** Whoever is there has shown that he is one of us. */
  isTrusted = false;
  readonly #socket: Socket;
  #rest = "";

  /** @param hear what it throws ends the connection */
  constructor(socket: Socket, hear: (line: unknown) => void) {
    this.#socket = socket.setEncoding("utf8").setNoDelay(true).setKeepAlive(true, 10_000);
    socket.on("error", () => {}); // the end of it tells enough
    socket.on("data", (text: string) => {
      try {
        this.#read(text, hear);
      } catch {
        socket.destroy();
      }
    });
  }

  write(line: unknown): void {
    if (!this.#socket.destroyed) this.#socket.write(`${JSON.stringify(line)}\n`);
  }

  #read(text: string, hear: (line: unknown) => void): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() as string;
    for (const line of lines) hear(JSON.parse(line));
    if (this.#rest.length > (this.isTrusted ? LONG : SHORT)) throw new RangeError("A line is too long.");
  }
}
