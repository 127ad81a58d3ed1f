import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Greeting, isProof, proofOf } from "./handshake.ts";
import { Lines } from "./lines.ts";
import type { Message } from "./message.ts";

/** Between two attempts to reach a process, in milliseconds. */
const PAUSE = 50;
/** How long an attempt may take. */
const PATIENCE = 3_000;
/** Who was not reached for so long is sent nothing new. */
const FAR = 20_000;

export interface PeerOptions {
  /** This process, and the other. */
  readonly from: number;
  readonly to: number;
  readonly address: string;
  readonly secret: string;
  /** Called whenever it cannot be reached; `isGone` when nobody listens there any more, or somebody else. */
  readonly unreachable: (isGone: boolean) => void;
}

/** The way to another process: what is sent on it arrives once and in order, as long as both of them live. */
export class Peer {
  readonly #options: PeerOptions;
  readonly #ending = new AbortController();
  /** Sent, or to be sent, and not known to have arrived. */
  readonly #waiting: { readonly n: number; readonly message: Message }[] = [];
  #count = 0;
  #awaySince: number | undefined = performance.now();
  #lines: Lines | undefined;
  #socket: Socket | undefined;

  constructor(options: PeerOptions) {
    this.#options = options;
    void this.#keepCalling();
  }

  /** Whether it was reached lately. */
  get isNear(): boolean {
    return this.#awaySince === undefined || performance.now() - this.#awaySince < FAR;
  }

  send(message: Message): void {
    const sent = { n: ++this.#count, message };
    this.#waiting.push(sent);
    this.#lines?.write(sent);
  }

  end(): void {
    this.#ending.abort();
    this.#socket?.end();
  }

  async #keepCalling(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      const isGone = await this.#call();
      if (signal.aborted) return;
      this.#options.unreachable(isGone);
      await sleep(PAUSE, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  /** Talks until the connection ends. Returns whether nobody is there any more. */
  #call(): Promise<boolean> {
    const { host, port } = hostAndPort(this.#options.address);
    const socket = connect(port, host);
    this.#socket = socket;
    return new Promise((resolve) => {
      let isGone = false;
      socket.setTimeout(PATIENCE, () => socket.destroy());
      socket.once("error", ({ code }: NodeJS.ErrnoException) => {
        isGone = code === "ECONNREFUSED";
      });
      socket.once("close", () => {
        this.#lines = undefined;
        this.#awaySince ??= performance.now();
        resolve(isGone);
      });
      const caller = { number: this.#options.from, nonce: randomBytes(16).toString("hex") };
      let called: Greeting | undefined;
      const lines = new Lines(socket, (line) => {
        const said = line as Partial<Greeting> & { proof?: string; heard?: number };
        if (!called) {
          called = said as Greeting;
          isGone = called.number !== this.#options.to;
          if (isGone) socket.destroy();
          else lines.write({ ...caller, proof: proofOf(this.#options.secret, "caller", caller, called) });
        } else if (lines.isTrusted) this.#arrived(said.heard as number);
        else if (!isProof(said.proof, proofOf(this.#options.secret, "called", caller, called))) socket.destroy();
        else {
          lines.isTrusted = true;
          socket.setTimeout(0);
          this.#goOn(lines, said.heard as number);
        }
      });
    });
  }

  /** Whatever had not arrived when the connection was lost is sent again. */
  #goOn(lines: Lines, heard: number): void {
    this.#arrived(heard);
    for (const sent of this.#waiting) lines.write(sent);
    this.#lines = lines;
    this.#awaySince = undefined;
  }

  #arrived(n: number): void {
    const at = this.#waiting.findIndex((sent) => sent.n > n);
    this.#waiting.splice(0, at < 0 ? this.#waiting.length : at);
  }
}

/** @param address HOST:PORT, or [IPV6]:PORT */
export function hostAndPort(address: string): { host: string; port: number } {
  const at = address.lastIndexOf(":");
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ""), port: Number(address.slice(at + 1)) };
}
