import { NODE } from "../xmpp/ns.ts";
import type { Audience, Eyes, Kind } from "./audience.ts";
import type { Channel, Draft } from "./channel.ts";
import { asTold } from "./mention.ts";
import { type Byline, bylineOf, type Said, signed, submission } from "./message.ts";
import type { Participant } from "./participant.ts";
import type { Telling } from "./round.ts";

/** One message from its place in the channel's order until everybody has been told. */
export class Speech implements Telling {
  readonly audience: Audience;
  readonly filter: Telling["filter"];
  readonly own: Telling["own"];
  readonly said: Said;
  /** Whether its sender's JID was shown when it was said. */
  readonly shown: Readonly<Record<Eyes, boolean>>;
  readonly #channel: Channel;
  readonly #sender: Participant | undefined;

  /** @param sender `undefined` when it is the channel itself */
  constructor(channel: Channel, sender: Participant | undefined, { id, filter }: Draft, said: Said) {
    this.#channel = channel;
    this.#sender = sender;
    this.said = said;
    this.audience = channel.audience(NODE.MESSAGES);
    this.shown = sender ? channel.sights(sender) : SHOWN;
    this.filter = filter;
    if (sender?.generation === 0) this.own = { reader: sender.id, tail: (kind) => this.#tail(kind, submission(id)) };
  }

  now(): Audience {
    return this.#channel.audience(NODE.MESSAGES);
  }

  tail(kind: Kind): Uint8Array {
    return this.#tail(kind, "");
  }

  #tail(kind: Kind, extra: string): Uint8Array {
    const payload = asTold(this.said.payload, this.#channel, kind);
    const text = signed(this.said.id, payload, this.#bylineFor(kind), extra);
    return Buffer.from(`${text}${kind.marked ? MARKER : ""}</message>`);
  }

  #bylineFor({ generation, eyes }: Kind): Byline {
    const channel = this.#channel;
    const sender = this.#sender;
    if (!sender) return bylineOf({ ...this.said, jid: channel.jid }, channel.jid, generation);
    // The stricter of "allowed then" and "allowed now".
    const isShown = this.shown[eyes] && channel.shows(sender, eyes);
    let known = bylines.get(sender);
    if (!known) bylines.set(sender, (known = []));
    const jid = isShown ? sender.jid : undefined;
    return (known[2 * generation + Number(isShown)] ??= bylineOf({ ...this.said, jid }, channel.jid, generation));
  }
}

/** How each is named to readers of each generation, without his JID and with it: the same in all that he says. */
const bylines = new WeakMap<Participant, Byline[]>();

const SHOWN = { participant: true, administrator: true, stranger: true };
const MARKER = "<mix xmlns=''/>";
