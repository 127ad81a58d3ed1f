import type { Socket } from "node:net";
import { DOMAIN } from "./server.ts";

const USERS = "shakespeare.example";
const CORE = "urn:xmpp:mix:core:1";
const PATIENCE = 120_000;
const AT_ONCE = 32;

// Characters that stand nowhere but at the beginning of a body: each in the stream is one delivery.
const MARKS = { crowd: "~", few: "`" } as const;
type Voice = keyof typeof MARKS;

/** People in many channels behind one server, on one stream: what is heard is counted, of two voices apart. */
export class People {
  readonly heard: Record<Voice, number> = { crowd: 0, few: 0 };
  readonly #socket: Socket;
  /** How many results there have been. */
  #results = 0;
  #rest = "";
  #asking = false;
  readonly #waiting = new Set<() => void>();

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("error", () => {}).on("data", (data: Buffer) => this.#read(data));
  }

  /** Creates a channel and lets so many join it; returns joins per second. */
  async fill(channel: string, size: number, nodes: readonly string[] = ["messages"]): Promise<number> {
    await this.#ask([iq(0, DOMAIN, `<create xmlns='${CORE}' channel='${channel}'/>`)]);
    const subscribe = nodes.map((node) => `<subscribe node='urn:xmpp:mix:nodes:${node}'/>`).join("");
    const join = (i: number) =>
      iq(i, `${channel}@${DOMAIN}`, `<join xmlns='${CORE}'>${subscribe}<nick>hag ${i}</nick></join>`);
    const joins = Array.from({ length: size }, (_, i) => join(i));
    const start = performance.now();
    await this.#ask(joins);
    return (size * 1000) / (performance.now() - start);
  }

  /** Says this many messages, `window` of them at a time, each of which `size` people hear; resolves when all have. */
  async flood(channel: string, size: number, messages: number, window: number): Promise<void> {
    const before = this.heard.crowd;
    let said = 0;
    const say = () => {
      const until = Math.min(messages, Math.floor((this.heard.crowd - before) / size) + window);
      for (; said < until; said++) this.#say("crowd", channel, said, said % Math.min(10, size));
    };
    say();
    await this.#until(() => {
      say();
      return this.heard.crowd - before >= messages * size;
    });
  }

  /** One of `size` people says something, and waits until all have heard it; returns how long that took, ms. */
  async word(channel: string, size: number): Promise<number> {
    const wanted = this.heard.few + size;
    const start = performance.now();
    this.#say("few", channel, 0, 0);
    await this.#until(() => this.heard.few >= wanted);
    return performance.now() - start;
  }

  /** One in each of these channels says something there; resolves when all of `size` people of each have heard it. */
  async everywhere(channels: readonly string[], size: number): Promise<void> {
    const wanted = this.heard.few + channels.length * size;
    for (const [n, channel] of channels.entries()) this.#say("few", channel, n, 0);
    await this.#until(() => this.heard.few >= wanted);
  }

  #say(voice: Voice, channel: string, n: number, speaker: number): void {
    const body = `${MARKS[voice]}${String(n).padStart(8, "0")} ${"Thrice the brinded cat hath mewed. ".repeat(3)}`;
    const address = `from='u${speaker}@${USERS}/r' to='${channel}@${DOMAIN}'`;
    this.#socket.write(`<message ${address} type='groupchat' id='m${n}'><body>${body}</body></message>`);
  }

  /** Sends requests, some at once, until each has its result. */
  async #ask(requests: readonly string[]): Promise<void> {
    const before = this.#results;
    let sent = 0;
    this.#asking = true;
    await this.#until(() => {
      const done = this.#results - before;
      for (; sent < requests.length && sent - done < AT_ONCE; sent++) this.#socket.write(requests[sent] as string);
      return done >= requests.length;
    });
    this.#asking = false;
  }

  #until(isDone: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`Nothing came for ${PATIENCE / 1000} s.`)), PATIENCE);
      const look = () => {
        timer.refresh();
        if (!isDone()) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  #read(data: Buffer): void {
    for (const voice of ["crowd", "few"] as const) this.heard[voice] += count(data, MARKS[voice]);
    if (this.#asking) this.#hearAnswers(data.toString("latin1"));
    for (const look of this.#waiting) look();
  }

  #hearAnswers(data: string): void {
    const text = this.#rest + data;
    const end = text.lastIndexOf(">") + 1;
    this.#rest = text.slice(end);
    for (const [tag] of text.slice(0, end).matchAll(/<iq\b[^>]*>/g)) {
      if (/\stype=.result/.test(tag)) this.#results++;
      else if (/\stype=.error/.test(tag)) throw new Error(`The component refused a request: ${tag}`);
    }
  }
}

function count(data: Buffer, mark: string): number {
  const code = mark.charCodeAt(0);
  let found = 0;
  for (let at = data.indexOf(code); at >= 0; at = data.indexOf(code, at + 1)) found++;
  return found;
}

function iq(user: number, to: string, payload: string): string {
  return `<iq type='set' id='i${user}' from='u${user}@${USERS}' to='${to}'>${payload}</iq>`;
}
