import { uuidv7 } from "uuidv7";
import { serialize } from "../xmpp/xml.ts";
import type { Peers } from "./peers.ts";
import type { Route, Task } from "./route.ts";

interface Handed {
  readonly route: Route;
  readonly task: Task;
  readonly to: number;
}

/** What was handed over to other processes and is not done. */
export class Handing {
  readonly #peers: Peers;
  readonly #handed = new Map<number, Handed>();
  #count = 0;

  constructor(peers: Peers) {
    this.#peers = peers;
  }

  get idle(): boolean {
    return this.#handed.size === 0;
  }

  /** Returns false when the other process has not been reached for long: it was not handed over. */
  hand(route: Route, task: Task, to: number): boolean {
    if (!this.#peers.isNear(to)) return false;
    const no = ++this.#count;
    const { hops, id = uuidv7(), isAgain = false } = task;
    this.#handed.set(no, { route, to, task: { ...task, id } });
    route.begin();
    const stanza = serialize(task.stanza);
    this.#peers.send(to, { kind: "stanza", no, channel: route.channel, stanza, hops: hops + 1, id, isAgain });
    return true;
  }

  /** It is done: what it was. */
  done(no: number): Handed | undefined {
    const handed = this.#handed.get(no);
    this.#handed.delete(no);
    return handed;
  }

  /** What a process that is gone was handed and has not done, the last first. */
  *lost(number: number): Iterable<Handed> {
    for (const [no, handed] of [...this.#handed].reverse()) {
      if (handed.to !== number) continue;
      this.#handed.delete(no);
      yield handed;
    }
  }
}
