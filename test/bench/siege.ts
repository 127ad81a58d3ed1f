import type { Socket } from "node:net";
import { ATTACKS, CHANNEL } from "./attacks.ts";
import { DOMAIN, Server } from "./server.ts";
import { Subject } from "./subject.ts";

const USERS = "shakespeare.example";
const CORE = "urn:xmpp:mix:core:1";
const HEATH = `heath@${DOMAIN}`;
const PING = "<ping xmlns='urn:xmpp:ping'/>";
const SAID = "a line on the heath ";
const EVERY = 50;
/** Characters sent between two looks at how far the service has read; what it has not read, nobody can be fair about. */
const AT_ONCE = 32 * 1024;
const UNREAD = 4;
const PATIENCE = 120_000;

export interface SiegeFigures {
  /** Stanzas of the besiegers that were dealt with in a second. */
  readonly stanzas: number;
  /** What each of them cost, in microseconds of processor time, with all that came of it. */
  readonly cpu: number;
  /** The part of them that was answered with an error. */
  readonly errors: number;
  /** The most memory it has held, MiB: when everybody was in, and in the end. */
  readonly before: number;
  readonly memory: number;
  /** How long somebody elsewhere waited to hear what he said, ms. */
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
}

/** Lets so many people, each of whom may send what he likes, send one kind of thing for a while, and listens elsewhere. */
export async function besiege(kind: string, people: number, duration: number): Promise<SiegeFigures> {
  const server = new Server();
  const connected = server.component();
  const subject = new Subject("Masque", await server.listen(), undefined, "");
  try {
    const siege = connected.then((socket) => new Siege(socket, people).run(kind, duration, subject));
    return await Promise.race([siege, subject.ended()]);
  } finally {
    await subject.stop();
    server.close();
  }
}

class Siege {
  readonly #socket: Socket;
  readonly #people: number;
  readonly #ids: string[] = [];
  /** What is waited for: an iq's id, and what to do with its answer. */
  readonly #answers = new Map<string, (answer: string) => void>();
  #heard: (number: number) => void = () => {};
  #errors = 0;
  #rest = "";

  constructor(socket: Socket, people: number) {
    this.#socket = socket;
    this.#people = people;
    socket.on("error", () => {}).on("data", (data: Buffer) => this.#read(data.toString("latin1")));
  }

  async run(kind: string, duration: number, subject: Subject): Promise<SiegeFigures> {
    await this.#settle();
    const before = subject.memory();
    const listening = new AbortController();
    const times = this.#speak(listening.signal);
    this.#errors = 0;
    const [start, used] = [performance.now(), subject.cpu()];
    const sent = await this.#send(kind, duration);
    await this.#all("get", DOMAIN, () => PING);
    const stanzas = (sent * 1000) / (performance.now() - start);
    const cpu = ((subject.cpu() - used) * 1e6) / sent;
    listening.abort();
    const sorted = (await times).sort((a, b) => a - b);
    const percentile = (part: number) => sorted[Math.floor(part * (sorted.length - 1))] as number;
    const [p50, p99, longest] = [percentile(0.5), percentile(0.99), percentile(1)];
    return { stanzas, cpu, errors: this.#errors / sent, before, memory: subject.memory(), p50, p99, longest };
  }

  /** Everybody comes in, and somebody has a place of his own. */
  async #settle(): Promise<void> {
    const join = (nick: string) =>
      `<join xmlns='${CORE}'><subscribe node='urn:xmpp:mix:nodes:messages'/><nick>${nick}</nick></join>`;
    const preference = "<field var='vCard'><value>allow</value></field>";
    await this.#ask("hecate", "set", DOMAIN, `<create xmlns='${CORE}' channel='heath'/>`);
    await this.#ask("hecate", "set", HEATH, join("hecate"));
    await this.#ask("hecate", "set", DOMAIN, `<create xmlns='${CORE}' channel='coven'/>`);
    for (const answer of await this.#all("set", CHANNEL, (i) => join(`hag ${i}`)))
      this.#ids.push(/<join[^>]*\sid=["'](\w+)/.exec(answer)?.[1] ?? "");
    await this.#all(
      "set",
      CHANNEL,
      () =>
        `<user-preference xmlns='urn:xmpp:mix:anon:0'><x xmlns='jabber:x:data' type='submit'>${preference}</x></user-preference>`,
    );
  }

  /** As much as is taken, for so long; returns how many stanzas. */
  async #send(kind: string, duration: number): Promise<number> {
    const attack = ATTACKS[kind];
    if (!attack) throw new Error(`There is no attack called "${kind}".`);
    const until = performance.now() + duration;
    const unread: Promise<string>[] = [];
    let n = 0;
    while (performance.now() < until) {
      let text = "";
      for (let length = -1; length < text.length && text.length < AT_ONCE; ) {
        length = text.length;
        const who = n % this.#people;
        const [id, other] = [this.#ids[who], this.#ids[(who + 1) % this.#people]] as [string, string];
        text += attack({ jid: jidOf(`u${who}`), id, other, n: Math.floor(n++ / this.#people) });
      }
      if (text === "") await new Promise((resolve) => setTimeout(resolve, EVERY));
      this.#socket.write(text);
      unread.push(this.#ask(`porter${unread.length}`, "get", DOMAIN, PING));
      await unread[unread.length - UNREAD];
    }
    return n;
  }

  /** Says a line now and then until it is enough; returns how long each took to be heard. */
  async #speak(signal: AbortSignal): Promise<number[]> {
    const said: number[] = [];
    const times: number[] = [];
    this.#heard = (number) => times.push(performance.now() - (said[number] as number));
    while (!signal.aborted) {
      const number = said.push(performance.now()) - 1;
      const body = `${SAID}${String(number).padStart(6, "0")}`;
      this.#socket.write(
        `<message from='${jidOf("hecate")}/r' to='${HEATH}' type='groupchat' id='h${number}'><body>${body}</body></message>`,
      );
      await new Promise((resolve) => setTimeout(resolve, EVERY));
    }
    const end = performance.now() + PATIENCE;
    while (times.length < said.length && performance.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 10));
    if (times.length < said.length) throw new Error(`${said.length - times.length} lines were never heard.`);
    return times;
  }

  #all(type: "get" | "set", to: string, payload: (i: number) => string): Promise<string[]> {
    const people = Array.from({ length: this.#people }, (_, i) => this.#ask(`u${i}`, type, to, payload(i)));
    return Promise.all(people);
  }

  #ask(name: string, type: "get" | "set", to: string, payload: string): Promise<string> {
    const id = `q${this.#asked++}q`;
    this.#socket.write(`<iq type='${type}' id='${id}' from='${jidOf(name)}' to='${to}'>${payload}</iq>`);
    return new Promise((resolve) => this.#answers.set(id, resolve));
  }
  #asked = 0;

  #read(data: string): void {
    const text = this.#rest + data;
    const end = text.lastIndexOf(">") + 1;
    this.#rest = text.slice(end);
    for (let at = text.indexOf(SAID); at >= 0 && at < end; at = text.indexOf(SAID, at + 1))
      this.#heard(Number(text.slice(at + SAID.length, at + SAID.length + 6)));
    for (let at = text.indexOf("<error "); at >= 0 && at < end; at = text.indexOf("<error ", at + 1)) this.#errors++;
    if (this.#answers.size > 0) this.#settleAnswers(text.slice(0, end));
  }

  #settleAnswers(text: string): void {
    for (const found of text.matchAll(/<iq\b[^>]*\sid=["'](q\d+q)["'][^>]*>/g)) {
      this.#answers.get(found[1] as string)?.(text.slice(found.index, found.index + 600));
      this.#answers.delete(found[1] as string);
    }
  }
}

function jidOf(name: string): string {
  return `${name}@${USERS}`;
}
