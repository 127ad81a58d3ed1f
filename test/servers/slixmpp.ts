import { fileURLToPath } from "node:url";
import { Program } from "./program.ts";
import { DOMAIN, PASSWORD, type Server } from "./server.ts";

/** Debian's, where python3-slixmpp is; another may come first in PATH. */
export const PYTHON = "/usr/bin/python3";
const CLIENT = fileURLToPath(new URL("slixmpp/client.py", import.meta.url));

/** A message as slixmpp read it. */
export interface Told {
  readonly id: string;
  readonly from: string;
  readonly body: string;
  readonly nick: string;
  /** The speaker's; "" where it is not shown. */
  readonly jid: string;
  readonly stanza_id: string;
  readonly by: string;
}

/** A message from one participant to another, or from the channel itself, as slixmpp read it. */
export interface Whispered {
  readonly from: string;
  readonly type: "chat" | "normal";
  readonly body: string;
}

/** A stanza error as slixmpp raised it. */
export interface Refusal {
  readonly condition: string;
  readonly type: string;
  readonly text: string;
}

/** An item of a roster. */
export interface Entry {
  readonly jid: string;
  readonly subscription: string;
  /** The participant's ID in a channel; "" where the item is not marked as one. */
  readonly participant: string;
}

interface Line {
  readonly result?: unknown;
  readonly refusal?: Refusal;
  readonly crash?: string;
  readonly heard?: Told;
  readonly private?: Whispered;
  readonly participant?: { readonly id: string; readonly nick?: string; readonly jid?: string; readonly gone?: true };
  readonly info?: Readonly<Record<string, unknown>>;
  readonly pushed?: readonly Entry[];
  readonly retracted?: string;
}

/** A client of slixmpp, in a process of its own; what it can do stands in slixmpp/client.py. */
export class Slixmpp {
  /** Every reflected message, in the order it came. */
  readonly heard: Told[] = [];
  readonly whispers: Whispered[] = [];
  /** What it was told of the participants and of the channel's information. */
  readonly participants: NonNullable<Line["participant"]>[] = [];
  readonly infos: NonNullable<Line["info"]>[] = [];
  /** What changed in the roster, by the server's pushes. */
  readonly pushed: Entry[] = [];
  /** The ids of messages that it saw others take back. */
  readonly retracted: string[] = [];
  readonly #program: Program;
  #last = 0;

  private constructor(server: Pick<Server, "port">, name: string, resource: string, domain: string) {
    const args = [CLIENT, `${name}@${domain}/${resource}`, PASSWORD, String(server.port)];
    this.#program = new Program(`${name}'s slixmpp`, PYTHON, args, { onLine: (line) => this.#read(JSON.parse(line)) });
  }

  /** Logs in as somebody of the cast. */
  static async login(
    server: Pick<Server, "port">,
    name: string,
    resource: string,
    domain: string = DOMAIN,
  ): Promise<Slixmpp> {
    const client = new Slixmpp(server, name, resource, domain);
    await client.#program.says('"online"');
    return client;
  }

  /**
   * Calls a method of the client in slixmpp/client.py.
   * @returns what it returned; the caller knows what that is
   * @throws when it was refused
   */
  async does<T>(what: string, ...args: unknown[]): Promise<T> {
    const { result, refusal } = await this.#call(what, args);
    if (refusal) throw new Error(`"${what}" was refused: ${refusal.condition} (${refusal.text})`);
    return result as T;
  }

  /** Calls a method that is to be refused, and returns the error. */
  async isRefused(what: string, ...args: unknown[]): Promise<Refusal> {
    const { refusal } = await this.#call(what, args);
    if (!refusal) throw new Error(`"${what}" was not refused.`);
    return refusal;
  }

  /** Resolves when a message with this body has reached it. */
  async hears(body: string): Promise<void> {
    await this.#program.says(`"body": ${JSON.stringify(body)}, "nick"`);
  }

  /** Resolves when it was told of something, given as the JSON it then writes. */
  async notices(words: string): Promise<void> {
    await this.#program.says(words);
  }

  get bodies(): string[] {
    return this.heard.map(({ body }) => body);
  }

  async stop(): Promise<void> {
    await this.#program.stop();
  }

  async #call(what: string, args: readonly unknown[]): Promise<Line> {
    const id = ++this.#last;
    this.#program.write(JSON.stringify({ id, do: what, with: args }));
    const line: Line = JSON.parse(await this.#program.says(`{"id": ${id}, `));
    if (line.crash) throw new Error(`slixmpp could not do "${what}":\n${line.crash}`);
    return line;
  }

  #read(line: Line): void {
    if (line.heard) this.heard.push(line.heard);
    if (line.private) this.whispers.push(line.private);
    if (line.participant) this.participants.push(line.participant);
    if (line.info) this.infos.push(line.info);
    if (line.pushed) this.pushed.push(...line.pushed);
    if (line.retracted) this.retracted.push(line.retracted);
  }
}

/** How people speak in one channel: somebody says it, and these have heard it, and nothing else is on its way to them. */
export function speakingIn(channel: string) {
  return async (speaker: Slixmpp, body: string, listeners: readonly Slixmpp[]): Promise<void> => {
    await speaker.does("speak", channel, body);
    await Promise.all(listeners.map((listener) => listener.hears(body)));
    await Promise.all(listeners.map((listener) => listener.does("ping", channel)));
  };
}
