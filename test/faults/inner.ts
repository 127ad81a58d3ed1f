import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Element, serialize } from "masque";
import { HandClock } from "masque/testing";
import { Masque } from "../../core/masque.ts";
import { bundled } from "../../plugins/index.ts";
import { type HostServer, hostServer } from "../host-server.ts";
import { SERVICE } from "../scenarios/person.ts";
import { UNLIMITED } from "../scenarios/play.ts";
import type { House } from "./house.ts";
import { Relay } from "./relay.ts";

/** Between two looks at whether it has come back. */
const PAUSE = 10;

/** Masque in this process: minutes in which nothing happens pass at once. The way to its server can fall silent. */
export class Inner implements House {
  readonly server: HostServer;
  readonly relay: Relay;
  readonly #clock = new HandClock();
  readonly #folder = mkdtempSync(join(tmpdir(), "masque-faults-"));
  readonly #lines: string[] = [];
  #masque: Masque | undefined;
  /** How often it has begun to wait since time was last let go by. */
  #waits = 0;
  #isBrokenOff = false;

  private constructor(server: HostServer, relay: Relay) {
    this.server = server;
    this.relay = relay;
  }

  static async open(): Promise<Inner> {
    const server = await hostServer();
    return new Inner(server, await Relay.to(server.port));
  }

  get database(): string {
    return join(this.#folder, "masque.db");
  }

  get lastWords(): string {
    return this.#lines.slice(-20).join("\n");
  }

  async start(): Promise<void> {
    const note = (data: object | string, text?: string) => {
      const line = text ?? String(data);
      this.#lines.push(line);
      if (line.includes("Trying again")) this.#waits++;
    };
    const options = {
      host: "127.0.0.1",
      port: this.relay.port,
      secret: this.server.secret,
      domain: SERVICE,
      name: "Shakespearean Chat Service",
      operators: [],
      defaultGeneration: 1,
      storage: `sqlite:${this.database}`,
      plugins: UNLIMITED,
    } as const;
    this.#masque = new Masque(bundled, options, { debug: () => {}, info: note, warn: note, error: note }, this.#clock);
    await this.#masque.start();
  }

  async sends(...stanzas: Element[]): Promise<void> {
    if (this.#isBrokenOff) throw new Error("The server is in the middle of a stanza.");
    await this.server.write(stanzas.map(serialize).join(""));
  }

  /** The server sends a piece of a stanza, and nothing more. */
  async breaksOff(piece: string): Promise<void> {
    this.#isBrokenOff = true;
    await this.server.write(piece).catch(() => {});
  }

  /** Lets time go by until it has noticed that the stream is lost, which nobody tells it. */
  async notices(): Promise<void> {
    while (this.#waits === 0) {
      this.#clock.advance(30_000);
      await pause(PAUSE);
    }
  }

  /** Until it is connected anew; as long as it waits to try again, time goes by. */
  async returns(): Promise<void> {
    const { handshakes } = this.server;
    this.#isBrokenOff = false;
    while (this.server.handshakes === handshakes) {
      // An attempt that is under way has time limits, too.
      if (this.#waits > 0) {
        this.#waits = 0;
        this.#clock.advance(30_000);
      }
      await pause(PAUSE);
    }
  }

  async close(): Promise<void> {
    await this.relay.close();
    await this.#masque?.stop();
    await this.server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
