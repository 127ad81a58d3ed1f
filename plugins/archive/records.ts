import { type Channel, type Kept, randomId, service, type Turn, type View } from "masque";

/** Something that happened at a node, as its archive keeps it: it may hold no JID. */
export interface Entry {
  /** The Stable Participant ID of whoever it is about; "" for nobody. */
  readonly sender: string;
  readonly nick: string;
  /** Whether his JID was shown then. */
  readonly shown: boolean;
  /** All that `Render` needs besides. */
  readonly payload: string;
}

/** What was kept as an item, or the retraction of one, in XML text, for one kind of reader, who may see less than then. */
export type Render = (kept: Kept, channel: Channel, view: View) => string;

/** The past of nodes that hold items (XEP-0369 §5.1.7, XEP-0442). */
export interface Archive {
  /**
   * Lets what happens at a node be read again by whoever may read the node, or else subscribe to it. If the operator
   * wants no archive of the node, nothing is kept of it.
   * @returns keeps an entry, together with the turn that it comes of
   */
  of(node: string, render: Render): (turn: Turn, channel: Channel, entry: Entry) => void;
}

export const Archive = service<Archive>("archive");

/** Those nodes besides that of messages of which there are archives now. */
export class Records {
  readonly #wanted: readonly string[];
  readonly #now: () => number;
  readonly #renders = new Map<string, Render>();

  constructor(wanted: readonly string[], now: () => number) {
    this.#wanted = wanted;
    this.#now = now;
  }

  /** What makes items of that which is kept of a node; `undefined` when nothing is. */
  get(node: string): Render | undefined {
    return this.#renders.get(node);
  }

  add(node: string, render: Render): ReturnType<Archive["of"]> {
    if (!this.#wanted.includes(node)) return () => {};
    this.#renders.set(node, render);
    return (turn, channel, entry) => {
      const message = { channel: channel.key, node, id: randomId(), at: this.#now(), ...entry };
      turn.write({ put: "message", message });
    };
  }

  remove(node: string): void {
    this.#renders.delete(node);
  }
}
