import type { Socket } from "node:net";
import { DOMAIN } from "./server.ts";

const USERS = "shakespeare.example";
const CHANNEL = `coven@${DOMAIN}`;
const SPEAKERS = 10;
const JOINING_AT_ONCE = 32;
const PATIENCE = 20_000;
const CORE = "urn:xmpp:mix:core:1";

// The one character that stands nowhere but at the beginning of a body: one mark in the stream is one delivery.
const MARK = "~".charCodeAt(0);
const DIGITS = 8;

/** Everybody in one channel, behind one server: they join, some of them speak, and all that they hear is counted. */
export class Crowd {
  readonly #socket: Socket;
  readonly #size: number;
  #spoken = 0;

  constructor(socket: Socket, size: number) {
    this.#socket = socket;
    this.#size = size;
  }

  /** Creates the channel and lets everybody join it; returns joins per second. */
  async join(): Promise<number> {
    await this.#ask([iq(0, DOMAIN, `<create xmlns='${CORE}' channel='coven'/>`)]);
    const join = (i: number) =>
      `<join xmlns='${CORE}'><subscribe node='urn:xmpp:mix:nodes:messages'/><nick>hag ${i}</nick></join>`;
    const joins = Array.from({ length: this.#size }, (_, i) => iq(i, CHANNEL, join(i)));
    const start = performance.now();
    await this.#ask(joins);
    return (joins.length * 1000) / (performance.now() - start);
  }

  /** Says this many messages as fast as they are delivered; returns deliveries per second. */
  async flood(messages: number): Promise<number> {
    const window = Math.max(8, Math.min(512, Math.round(20_000 / this.#size)));
    const stanzas = this.#messages(messages);
    const wanted = messages * this.#size;
    let said = 0;
    let heard = 0;
    const say = () => {
      const until = Math.min(messages, Math.floor(heard / this.#size) + window);
      if (until > said) this.#socket.write(stanzas.slice(said, until).join(""));
      said = Math.max(said, until);
    };
    const start = performance.now();
    const all = this.#hear((data) => {
      heard += marks(data);
      say();
      return heard >= wanted;
    });
    say();
    await all;
    const rate = (wanted * 1000) / (performance.now() - start);
    await this.#silence(heard - wanted);
    return rate;
  }

  /** Says messages at a steady rate; returns of each delivery how long it took, in milliseconds, ascending. */
  async drizzle(messages: number, perSecond: number): Promise<Float64Array> {
    const first = this.#spoken;
    const stanzas = this.#messages(messages);
    const said: number[] = [];
    const times = new Float64Array(messages * this.#size);
    let heard = 0;
    let rest: Buffer = Buffer.alloc(0);
    const all = this.#hear((data) => {
      const now = performance.now();
      const whole = Buffer.concat([rest, data]);
      let at = whole.indexOf(MARK);
      for (; at >= 0 && at + DIGITS < whole.length; at = whole.indexOf(MARK, at + 1)) {
        const number = Number(whole.toString("latin1", at + 1, at + 1 + DIGITS));
        times[heard++] = now - (said[number - first] as number);
      }
      rest = at < 0 ? Buffer.alloc(0) : whole.subarray(at);
      return heard >= times.length;
    });
    const start = performance.now();
    for (const [i, stanza] of stanzas.entries()) {
      await until(start + (i * 1000) / perSecond);
      said.push(performance.now());
      this.#socket.write(stanza);
    }
    await all;
    await this.#silence(heard - times.length);
    return times.sort();
  }

  #messages(count: number): string[] {
    return Array.from({ length: count }, () => {
      const number = this.#spoken++;
      const speaker = number % Math.min(SPEAKERS, this.#size);
      const body = `~${String(number).padStart(DIGITS, "0")} ${"Thrice the brinded cat hath mewed. ".repeat(3)}`;
      return `<message from='u${speaker}@${USERS}/r' to='${CHANNEL}' type='groupchat' id='m${number}'><body>${body}</body></message>`;
    });
  }

  /** Sends requests, some at once, until each has its result; what the component asks meanwhile is refused. */
  async #ask(requests: readonly string[]): Promise<void> {
    let sent = 0;
    let done = 0;
    let rest = "";
    const send = () => {
      for (; sent < requests.length && sent - done < JOINING_AT_ONCE; sent++) this.#socket.write(requests[sent]!);
    };
    const all = this.#hear((data) => {
      const text = rest + data.toString();
      const end = text.lastIndexOf(">") + 1;
      rest = text.slice(end);
      for (const [tag] of text.slice(0, end).matchAll(/<iq\b[^>]*>/g)) {
        const type = attribute(tag, "type");
        if (type === "result") done++;
        else if (type === "error") throw new Error(`The component refused a request: ${text}`);
        else this.#socket.write(refusal(tag));
      }
      send();
      return done >= requests.length;
    });
    send();
    await all;
  }

  /** Hears what comes until it is enough. */
  #hear(isEnough: (data: Buffer) => boolean): Promise<void> {
    const socket = this.#socket;
    return new Promise((resolve, reject) => {
      const end = (error?: Error) => {
        clearTimeout(timer);
        socket.off("data", hear).off("close", gone);
        if (error) reject(error);
        else resolve();
      };
      const gone = () => end(new Error("The component has closed its stream."));
      const timer = setTimeout(() => end(new Error(`Nothing came for ${PATIENCE / 1000} s.`)), PATIENCE);
      const hear = (data: Buffer) => {
        timer.refresh();
        try {
          if (isEnough(data)) end();
        } catch (error) {
          end(error as Error);
        }
      };
      socket.on("data", hear).on("close", gone);
    });
  }

  /** Makes sure that nobody hears anything twice. */
  async #silence(already: number): Promise<void> {
    let more = already;
    const count = (data: Buffer) => {
      more += marks(data);
    };
    this.#socket.on("data", count);
    await until(performance.now() + 100);
    this.#socket.off("data", count);
    if (more > 0) throw new Error(`${more} deliveries too many.`);
  }
}

function marks(data: Buffer): number {
  let count = 0;
  for (let at = data.indexOf(MARK); at >= 0; at = data.indexOf(MARK, at + 1)) count++;
  return count;
}

function iq(user: number, to: string, payload: string): string {
  return `<iq type='set' id='i${user}' from='u${user}@${USERS}' to='${to}'>${payload}</iq>`;
}

function refusal(tag: string): string {
  const [id, from, to] = [attribute(tag, "id"), attribute(tag, "to"), attribute(tag, "from")];
  return `<iq type='error' id='${id}' from='${from}' to='${to}'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>`;
}

function attribute(tag: string, name: string): string | undefined {
  return new RegExp(`\\s${name}=["']([^"']*)`).exec(tag)?.[1];
}

function until(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, time - performance.now())));
}
