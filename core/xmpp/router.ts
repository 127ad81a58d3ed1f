import type { Clock } from "../host/clock.ts";
import type { Duration } from "../host/duration.ts";
import type { Logger } from "../host/plugin.ts";
import { weightOf } from "../load.ts";
import { type Jid, parseJid } from "./jid.ts";
import { NS } from "./ns.ts";
import { errorReply, isStanzaError, refuse, type StanzaError } from "./refuse.ts";
import type { Room } from "./room.ts";
import { type Element, xml } from "./xml.ts";

/** An answer somebody else has to be asked for. The sender's turn ends all the same: nothing of his waits for another. */
export interface Later {
  /** Called once his turn has ended. */
  later(): Promise<Element | true>;
}

/** The payload of the result, `true` for an empty one or for "taken", `undefined` for "nobody's". */
export type Answered = Element | true | Later | undefined;

/** Answers a stanza. */
export type Answering = (stanza: Element, from: Jid, to: Jid) => Answered | Promise<Answered>;

export interface RouterParts {
  /** How long a stanza has to wait before it is answered; throws a refusal. `waiting`: how many do so now. */
  readonly admit: (stanza: Element, from: Jid, waiting: number) => Duration;
  readonly answer: Answering;
  /** A result or error to an iq this service sent. */
  readonly settle: (reply: Element, from: string) => void;
  readonly send: (stanza: Element) => void;
  readonly log: Logger;
  /** Told of every stanza that is not answered at once. */
  readonly load: { begin(weight: number): void; end(weight: number): void };
  /** Nothing is answered while it is full, and nothing new taken in while it is shut. */
  readonly room: Room;
  readonly clock: Clock;
}

interface Task {
  /** How much it counts as under way. */
  readonly weight: number;
  run(): void | Promise<void>;
}

/**
 * Takes every stanza from the stream and sees to its reply. Stanzas of one sender (his bare JID, for a server may
 * speak for him) are answered one after the other; different senders never wait for each other. Who is made to wait
 * waits in his own queue, and so does what he sends next.
 */
export class Router {
  readonly #parts: RouterParts;
  readonly #queues = new Map<string, Task[]>();
  #waiting = 0;

  constructor(parts: RouterParts) {
    this.#parts = parts;
  }

  /** Senders with something under way. */
  get busy(): number {
    return this.#queues.size;
  }

  /** @param done called when its sender's turn has ended, or at once when there is none */
  receive(stanza: Element, done?: () => void): void {
    const from = parseJid(stanza.attrs.from);
    const task = from && this.#taskOf(stanza, from);
    // Without a sender there is nobody to answer; a server that follows XEP-0114 never sends such a thing.
    if (!from) this.#parts.log.debug("A stanza without a usable sender was dropped.");
    if (task) this.#enqueue(from.bare, stanza, done ? ended(task, done) : task);
    else done?.();
  }

  /** Answers a stanza by an error, if it is one that is answered. */
  refuse(stanza: Element, error: StanzaError): void {
    const { name, attrs } = stanza;
    // Neither an error nor a result is answered (RFC 6120 §8.3.1, §8.2.3); unwanted presence is passed over in silence.
    if (attrs.type === "error" || (name === "iq" && attrs.type === "result") || name === "presence") return;
    this.#parts.send(errorReply(stanza, error, { echo: !isFromEjabberdPam(stanza) }));
  }

  /** What is to be done about a stanza at its turn; `undefined` where that is nothing, or was done. */
  #taskOf(stanza: Element, from: Jid): (() => void | Promise<void>) | undefined {
    const to = parseJid(stanza.attrs.to);
    if (isReply(stanza)) {
      if (to) this.#parts.settle(stanza, from.full);
      return undefined;
    }
    const wait = this.#admit(stanza, from);
    if (wait === undefined) return undefined;
    const problem = stanza.name === "iq" && problemOf(stanza);
    if (to && !problem) {
      const answer = () => this.#answer(stanza, from, to);
      return wait > 0 ? this.#later(wait, answer) : answer;
    }
    const malformed = refuse("jid-malformed", "The address this was sent to is malformed.");
    this.refuse(stanza, to && problem ? refuse("bad-request", problem) : malformed);
    return undefined;
  }

  /** How long it has to wait; `undefined` when it was turned away. */
  #admit(stanza: Element, from: Jid): Duration | undefined {
    // Who goes is gone: were that refused, he would be shown for ever, for his client says it once.
    if (stanza.name === "presence" && stanza.attrs.type === "unavailable") return 0;
    try {
      if (this.#parts.room.isShut) throw refuse("resource-constraint");
      return this.#parts.admit(stanza, from, this.#waiting);
    } catch (error) {
      this.#turnAway(stanza, error);
      return undefined;
    }
  }

  /** Also a presence is told, lest it be lost in silence; nobody gets back what was not read. */
  #turnAway(stanza: Element, error: unknown): void {
    if (!isStanzaError(error)) return this.#fail(stanza, error);
    if (stanza.attrs.type !== "error") this.#parts.send(errorReply(stanza, error, { echo: false }));
  }

  #later(wait: Duration, answer: () => void | Promise<void>): () => Promise<void> {
    const { clock } = this.#parts;
    const due = clock.now() + wait;
    this.#waiting++;
    return async () => {
      const left = due - clock.now();
      if (left > 0) await new Promise<void>((go) => clock.after(left, go));
      this.#waiting--;
      await answer();
    };
  }

  #enqueue(sender: string, stanza: Element, run: () => void | Promise<void>): void {
    const { load, room } = this.#parts;
    const queue = this.#queues.get(sender);
    if (!queue && !room.isFull) {
      const running = run();
      if (running) this.#begin(sender, weightOf(stanza), running);
      return;
    }
    const weight = weightOf(stanza);
    if (!queue) return this.#begin(sender, weight, room.enter().then(run));
    load.begin(weight);
    queue.push({ weight, run });
  }

  #begin(sender: string, weight: number, running: Promise<void>): void {
    this.#parts.load.begin(weight);
    const waiting: Task[] = [];
    this.#queues.set(sender, waiting);
    void this.#drain(sender, waiting, running, weight);
  }

  async #drain(sender: string, waiting: Task[], running: Promise<void>, weight: number): Promise<void> {
    const { load, room } = this.#parts;
    await running;
    load.end(weight);
    for (let task = waiting.shift(); task; task = waiting.shift()) {
      if (room.isFull) await room.enter();
      await task.run();
      load.end(task.weight);
    }
    this.#queues.delete(sender);
  }

  #answer(stanza: Element, from: Jid, to: Jid): void | Promise<void> {
    try {
      const answered = this.#parts.answer(stanza, from, to);
      if (!(answered instanceof Promise)) return this.#reply(stanza, answered);
      return answered.then(
        (answer) => this.#reply(stanza, answer),
        (error) => this.#fail(stanza, error),
      );
    } catch (error) {
      return this.#fail(stanza, error);
    }
  }

  #reply(stanza: Element, answer: Answered): void {
    if (answer === undefined) return this.refuse(stanza, refuse("service-unavailable"));
    if (answer !== true && "later" in answer) {
      void answer.later().then(
        (answer) => this.#reply(stanza, answer),
        (error) => this.#fail(stanza, error),
      );
    } else if (stanza.name === "iq") {
      const { from, to, id } = stanza.attrs;
      this.#parts.send(xml("iq", { type: "result", from: to, to: from, id }, answer === true ? null : answer));
    }
  }

  #fail(stanza: Element, error: unknown): void {
    if (isStanzaError(error)) return this.refuse(stanza, error);
    this.#parts.log.error({ err: error, stanza: stanza.name }, "A stanza could not be answered.");
    this.refuse(stanza, refuse("internal-server-error"));
  }
}

/** The same, and then this. */
function ended(task: () => void | Promise<void>, done: () => void): () => void | Promise<void> {
  return () => {
    const running = task();
    if (running) return running.finally(done);
    done();
  };
}

/** ejabberd's mod_mix_pam signs its iqs `rr-`, and crashes on an echoed payload. */
function isFromEjabberdPam(stanza: Element): boolean {
  return stanza.name === "iq" && (stanza.attrs.id?.startsWith("rr-") ?? false);
}

function isReply({ name, attrs: { type } }: Element): boolean {
  return name === "iq" && (type === "result" || type === "error");
}

function problemOf(stanza: Element): string | undefined {
  const { type, id } = stanza.attrs;
  if (type !== "get" && type !== "set") return `An iq is of type get, set, result or error.`;
  if (!id) return "An iq needs an id.";
  const children = stanza.getChildElements().length;
  return requestIn(stanza) ? undefined : `An iq of type ${type} has one child, not ${children} (RFC 6120 §8.2.3).`;
}

/** An iq's one child. XEP-0404 0.1.0 (§3.1) shows a form beside its own request, so one form may stand there. */
export function requestIn(iq: Element): Element | undefined {
  const children = iq.getChildElements();
  if (children.length < 2) return children[0];
  const [request, ...more] = children.filter((child) => !child.is("x", NS.DATA));
  return children.length === 2 && more.length === 0 ? request : undefined;
}
