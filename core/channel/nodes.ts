import type { Element } from "../xmpp/xml.ts";
import type { View } from "./audience.ts";
import type { NodeDeed, Role } from "./authority.ts";
import type { Channel } from "./channel.ts";
import type { Turn } from "./turn.ts";

/** A node of every channel, as a plugin (or the core) declares it. */
export interface NodeSpec {
  readonly name: string;
  /** Who may read its items, who may be told of new ones, and who may write to it: owners, if not said. */
  readonly read: Role;
  readonly subscribe: Role;
  readonly publish?: Role;
  /** Where its plugin itself keeps which channels have it: every other node is in all channels, until it is removed. */
  readonly presence?: {
    in(channel: Channel): boolean;
    add(turn: Turn, channel: Channel): void;
    remove(turn: Turn, channel: Channel): void;
  };
  /** Its items now, for one kind of reader; a node without this holds none. */
  items?(channel: Channel, view: View): Iterable<Element>;
  /** The same, of a node whose items are in the store and not in memory; whoever publishes tells of them. */
  stored?(channel: Channel): Promise<readonly Element[]>;
}

/** The nodes that exist now, in the order they were registered. */
export class Nodes {
  readonly #specs = new Map<string, NodeSpec>();

  add(spec: NodeSpec): () => void {
    if (this.#specs.has(spec.name)) throw new Error(`The node ${spec.name} exists already.`);
    this.#specs.set(spec.name, spec);
    return () => void this.#specs.delete(spec.name);
  }

  get(name: string): NodeSpec | undefined {
    return this.#specs.get(name);
  }

  names(): string[] {
    return [...this.#specs.keys()];
  }

  /** Whether a channel has the node; one that its plugin makes at need can be written to before it is there. */
  has(channel: Channel, name: string, verb?: NodeDeed["verb"]): boolean {
    const spec = this.#specs.get(name);
    if (!spec || channel.state.absent.includes(name)) return false;
    return verb === "publish" || (spec.presence?.in(channel) ?? true);
  }

  /** Gives a channel a node. */
  give(turn: Turn, channel: Channel, name: string): void {
    const spec = this.#specs.get(name);
    if (spec?.presence) spec.presence.add(turn, channel);
    else turn.amend({ absent: turn.state.absent.filter((each) => each !== name) });
  }

  /** Takes a node from a channel, and tells its subscribers (XEP-0060 §8.4.2). */
  take(turn: Turn, channel: Channel, name: string): void {
    const spec = this.#specs.get(name);
    if (spec?.presence) spec.presence.remove(turn, channel);
    else turn.amend({ absent: [...turn.state.absent, name] });
    const subscribers = channel.audience(name, "event");
    turn.after(() => channel.event(name, () => `<delete node='${name}'/>`, subscribers));
  }
}
