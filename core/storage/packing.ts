import type { Write } from "./changes.ts";
import type { StoredMessage } from "./store.ts";
import type { Request } from "./wire.ts";

/** A request to write as it goes to another thread. */
export interface Packed {
  readonly kind: "packed";
  /** Null stands for the next one of the messages, which is all of its call. */
  readonly calls: readonly (readonly Write[] | null)[];
  readonly lines: readonly number[];
  readonly messages: readonly Field[];
}

type Field = StoredMessage[keyof StoredMessage];
type Unpacked = Request & { readonly kind: "write" };

/** Messages become one flat list: objects would be taken apart here and put together there, name by name. */
export function pack({ calls, lines }: Unpacked): Packed {
  const messages: Field[] = [];
  const rest = calls.map((writes) => {
    const [write] = writes;
    if (writes.length !== 1 || write?.put !== "message") return writes;
    const { channel, node, id, at, sender, nick, shown, payload } = write.message;
    messages.push(channel, node, id, at, sender, nick, shown, payload);
    return null;
  });
  return { kind: "packed", calls: rest, lines, messages };
}

export function unpack({ calls, lines, messages }: Packed): Unpacked {
  let at = 0;
  const next = <T extends Field>() => messages[at++] as T;
  const message = (): StoredMessage => ({
    channel: next(),
    node: next(),
    id: next(),
    at: next(),
    sender: next(),
    nick: next(),
    shown: next(),
    payload: next(),
  });
  return { kind: "write", calls: calls.map((writes) => writes ?? [{ put: "message", message: message() }]), lines };
}
