import { once } from "node:events";
import type { Socket } from "node:net";
import { DOMAIN } from "./server.ts";

const CHANNEL = `coven@${DOMAIN}`;
const SPEAKERS = 10;
const AT_ONCE = 100;
const MARK = "~".charCodeAt(0);
const DIGITS = 8;
const LINE = "Thrice the brinded cat hath mewed. ".repeat(3);
const REFUSAL = "<resource-constraint";

/** What is said to a channel as fast as it is taken, and what becomes of each line: everybody's, or refused. */
export class Torrent {
  readonly #socket: Socket;
  readonly #listeners: number;
  /** How many copies of each line there were; a line that was refused may come back once. */
  readonly #copies: number[] = [];
  /** Lines in the order in which they were heard first. */
  readonly #heard: number[] = [];
  #rest: Buffer = Buffer.alloc(0);
  #refused = 0;
  #kept: number | undefined;
  #isOver = false;

  constructor(socket: Socket, listeners: number) {
    this.#socket = socket;
    this.#listeners = listeners;
    socket.on("data", (data: Buffer) => this.#hear(data));
  }

  get said(): number {
    return this.#copies.length;
  }

  get refused(): number {
    return this.#refused;
  }

  /** Lines that everybody heard; throws if one was told twice, or before another that its speaker said earlier. */
  heard(): number {
    const whole = this.#heard.filter((n) => this.#copies[n] === this.#listeners);
    const latest = new Map<number, number>();
    for (const n of whole) {
      if ((latest.get(n % SPEAKERS) ?? -1) > n) throw new Error(`Line ${n} was heard out of its order.`);
      latest.set(n % SPEAKERS, n);
    }
    if (this.#copies.some((count) => count > this.#listeners)) throw new Error("Some line was told twice.");
    return whole.length;
  }

  /** Speaks until it is ended. */
  async flow(): Promise<void> {
    while (!this.#isOver) {
      if (!this.#socket.write(this.#lines())) await once(this.#socket, "drain");
      else await new Promise((resolve) => setImmediate(resolve));
    }
  }

  end(): void {
    this.#isOver = true;
  }

  /** How many lines the archive holds. */
  async kept(): Promise<number> {
    const set = "<set xmlns='http://jabber.org/protocol/rsm'><max>0</max></set>";
    const query = `<query xmlns='urn:xmpp:mam:2'>${set}</query>`;
    this.#socket.write(`<iq type='set' id='k' from='u0@shakespeare.example/r' to='${CHANNEL}'>${query}</iq>`);
    while (this.#kept === undefined) await once(this.#socket, "data");
    return this.#kept;
  }

  #lines(): string {
    let text = "";
    for (let i = 0; i < AT_ONCE; i++) {
      const n = this.#copies.push(0) - 1;
      const body = `~${String(n).padStart(DIGITS, "0")} ${LINE}`;
      text += `<message from='u${n % SPEAKERS}@shakespeare.example/r' to='${CHANNEL}' type='groupchat' id='t${n}'><body>${body}</body></message>`;
    }
    return text;
  }

  #hear(data: Buffer): void {
    const all = Buffer.concat([this.#rest, data]);
    const end = all.lastIndexOf(">") + 1;
    const whole = all.subarray(0, end);
    this.#rest = all.subarray(end);
    for (let at = whole.indexOf(MARK); at >= 0; at = whole.indexOf(MARK, at + 1)) {
      const n = Number(whole.toString("latin1", at + 1, at + 1 + DIGITS));
      if (this.#copies[n]!++ === 0) this.#heard.push(n);
    }
    for (let at = whole.indexOf(REFUSAL); at >= 0; at = whole.indexOf(REFUSAL, at + 1)) this.#refused++;
    const count = /<count>(\d+)<\/count>/.exec(whole.length < 2_000 ? whole.toString() : "")?.[1];
    if (count) this.#kept = Number(count);
  }
}
