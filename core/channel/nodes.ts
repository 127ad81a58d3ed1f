import type { Element } from "../xmpp/xml.ts";
import type { View } from "./audience.ts";
import type { Role } from "./authority.ts";
import type { Channel } from "./channel.ts";

/** A node of every channel, as a plugin (or the core) declares it. */
export interface NodeSpec {
  readonly name: string;
  /** Who may read its items, who may be told of new ones, and who may write to it: owners, if not said. */
  readonly read: Role;
  readonly subscribe: Role;
  readonly publish?: Role;
  /** Its items now, for one kind of reader; a node without this holds none. */
  items?(channel: Channel, view: View): Iterable<Element>;
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
}
