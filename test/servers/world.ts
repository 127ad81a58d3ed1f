import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Masque } from "./masque.ts";
import type { Make, Server } from "./server.ts";
import { PYTHON, Slixmpp } from "./slixmpp.ts";
import { Tap } from "./tap.ts";
import { type Kind, XmppJs } from "./xmpp-js.ts";

/** A server with Masque beside it, and the people who log in. */
export class World {
  readonly #folder: string;
  readonly #people: { stop(): Promise<void> }[] = [];
  readonly #taps: Tap[] = [];
  #server: Server | undefined;
  #masque: Masque | undefined;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async make(): Promise<World> {
    return new World(await mkdtemp(join(tmpdir(), "masque-servers-")));
  }

  async begin(make: Make): Promise<void> {
    this.#server = await make.start(this.#folder);
    this.#masque = await Masque.start(this.#folder, this.#server, "", make.masque);
  }

  get server(): Server {
    if (!this.#server) throw new Error("The server has not been started.");
    return this.#server;
  }

  get masque(): Masque {
    if (!this.#masque) throw new Error("Masque has not been started.");
    return this.#masque;
  }

  /** Logs in with slixmpp, at the server itself or at a tap on it. */
  async slixmpp(name: string, resource: string, at: { readonly port: number } = this.server): Promise<Slixmpp> {
    return this.#keep(await Slixmpp.login(at, name, resource));
  }

  /** Logs in with @xmpp/client, likewise. */
  async xmppJs(
    name: string,
    resource: string,
    at: { readonly port: number } = this.server,
    kind: Kind = "mix",
  ): Promise<XmppJs> {
    return this.#keep(await XmppJs.login(at, name, resource, kind));
  }

  /** Where a client can log in so that all it is sent is kept. */
  async tap(): Promise<Tap> {
    const tap = await Tap.on(this.server.port);
    this.#taps.push(tap);
    return tap;
  }

  /** What the two programs said last, for whoever has to find out why a test failed. */
  get lastWords(): string {
    return [this.server, this.masque].map(({ lastWords }) => lastWords).join("\n");
  }

  async end(): Promise<void> {
    try {
      await Promise.all(this.#people.map((person) => person.stop()));
    } finally {
      await Promise.all(this.#taps.map((tap) => tap.close()));
      await this.#masque?.stop();
      await this.#server?.stop();
      await rm(this.#folder, { recursive: true });
    }
  }

  #keep<T extends { stop(): Promise<void> }>(person: T): T {
    this.#people.push(person);
    return person;
  }
}

/**
 * Stories that need a real server and slixmpp. Where these are missing they are skipped, and that is said; with
 * MASQUE_REQUIRE_SERVERS=1 they fail instead.
 */
export function onRealServers(make: Make, name: string, stories: (world: () => World) => void): void {
  const missing = whatIsMissing(make);
  const remedy = "npm run test:servers installs it, as root on Debian 12";
  if (missing && process.env.MASQUE_REQUIRE_SERVERS === "1") {
    it(name, () => expect.fail(`There is no ${missing}: ${remedy}.`));
    return;
  }
  if (missing) process.stderr.write(`SKIPPED: "${name}", for there is no ${missing}. ${remedy}.\n`);
  describe.skipIf(missing !== undefined)(name, () => {
    let world: World | undefined;
    vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
    beforeAll(async () => {
      world = await World.make();
      await world.begin(make);
    });
    beforeEach(({ onTestFailed }) => onTestFailed(() => void process.stderr.write(`${world?.lastWords}\n`)));
    afterAll(() => world?.end());
    stories(() => world as World);
  });
}

function whatIsMissing({ title, program }: Make): string | undefined {
  if (!existsSync(program)) return title;
  const python = spawnSync(PYTHON, ["-c", "import importlib.util as u, sys; sys.exit(u.find_spec('slixmpp') is None)"]);
  return python.status === 0 ? undefined : "slixmpp";
}
