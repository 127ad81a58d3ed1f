import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import type { Member } from "./census.ts";
import { type Greeting, isProof, proofOf } from "./handshake.ts";
import { Lines } from "./lines.ts";
import type { Message } from "./message.ts";
import { hostAndPort, Peer } from "./peer.ts";

export interface PeersListener {
  hear(message: Message, from: number): void;
  /** It is off the list: nothing that was sent to it and not answered ever will be. */
  gone(number: number): void;
  /** Finds out who is there: one calls who is not known. */
  look(): Promise<void>;
  /** It cannot be reached; `isGone` when nobody listens there any more. */
  unreachable(number: number, isGone: boolean): void;
}

/** Where the other processes call. It names no type of Node's, which those who write plugins may not have. */
export interface Door {
  // biome-ignore lint/suspicious/noExplicitAny: a socket of node:net
  on(event: "connection", accept: (socket: any) => void): unknown;
  close(): unknown;
}

/** The other processes, by their numbers. */
export class Peers {
  readonly #number: number;
  readonly #secret: string;
  readonly #listener: PeersListener;
  readonly #door: Door;
  readonly #peers = new Map<number, Peer>();
  /** How much was heard of each that ever called. */
  readonly #heard = new Map<number, number>();
  readonly #callers = new Map<number, Socket>();
  readonly #sockets = new Set<Socket>();

  constructor(number: number, secret: string, door: Door, listener: PeersListener) {
    this.#number = number;
    this.#secret = secret;
    this.#listener = listener;
    this.#door = door;
    door.on("connection", (socket: Socket) => this.#accept(socket));
  }

  /** These are all there are. */
  follow(members: readonly Member[]): void {
    const numbers = new Set(members.map(({ number }) => number));
    for (const [number, peer] of this.#peers) {
      if (numbers.has(number)) continue;
      peer.end();
      this.#peers.delete(number);
      this.#callers.get(number)?.destroy();
      this.#listener.gone(number);
    }
    for (const { number, address } of members) {
      if (number === this.#number || this.#peers.has(number)) continue;
      const unreachable = (isGone: boolean) => this.#listener.unreachable(number, isGone);
      this.#peers.set(number, new Peer({ from: this.#number, to: number, address, secret: this.#secret, unreachable }));
    }
  }

  has(number: number): boolean {
    return this.#peers.has(number);
  }

  /** Whether it was reached lately, so that what is sent to it will arrive. */
  isNear(number: number): boolean {
    return this.#peers.get(number)?.isNear ?? false;
  }

  /** What is sent to one who is gone goes nowhere. */
  send(to: number, message: Message): void {
    this.#peers.get(to)?.send(message);
  }

  sendAll(message: Message): void {
    for (const peer of this.#peers.values()) peer.send(message);
  }

  close(): void {
    for (const peer of this.#peers.values()) peer.end();
    this.#peers.clear();
    this.#door.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    const called = { number: this.#number, nonce: randomBytes(16).toString("hex") };
    let caller = 0;
    const lines = new Lines(socket, (line) => {
      if (lines.isTrusted) return this.#hear(caller, line as { n: number; message: Message }, lines);
      const greeting = line as Greeting & { proof: unknown };
      if (!isProof(greeting.proof, proofOf(this.#secret, "caller", greeting, called))) return void socket.destroy();
      lines.isTrusted = true;
      caller = greeting.number;
      void this.#greet(caller, socket).then((isKnown) => {
        if (!isKnown) return socket.destroy();
        lines.write({
          proof: proofOf(this.#secret, "called", greeting, called),
          heard: this.#heard.get(caller) ?? 0,
        });
      });
    });
    lines.write(called);
  }

  /** Whether it is one of us: who was taken for dead is heard no more. */
  async #greet(caller: number, socket: Socket): Promise<boolean> {
    if (!this.#peers.has(caller)) await this.#listener.look();
    if (!this.#peers.has(caller)) return false;
    this.#callers.get(caller)?.destroy();
    this.#callers.set(caller, socket);
    return true;
  }

  #hear(from: number, { n, message }: { n: number; message: Message }, lines: Lines): void {
    if (n > (this.#heard.get(from) ?? 0)) {
      this.#heard.set(from, n);
      this.#listener.hear(message, from);
    }
    lines.write({ heard: n });
  }
}

/** Listens where the other processes are to call. Throws what the system says when it cannot. */
export async function openDoor(listen: string): Promise<Door> {
  const { host, port } = hostAndPort(listen);
  const server = createServer();
  server.listen(port, host);
  await once(server, "listening");
  return server;
}
