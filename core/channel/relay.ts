import type { Powers } from "../host/plugin.ts";
import { isStanzaError, refuse } from "../xmpp/refuse.ts";
import { type Element, xml } from "../xmpp/xml.ts";
import type { Channel } from "./channel.ts";
import type { Channels } from "./channels.ts";
import { addressOf } from "./clients.ts";
import { declarePrefixes } from "./message.ts";
import type { ToParticipant } from "./stanzas.ts";

/** How many questions may wait for their answers: one asker's, and everybody's. */
export interface RelayLimits {
  readonly each: number;
  readonly all: number;
}

/** What somebody answered through the channel. */
export interface Answer {
  /** The element that answers; `undefined` for an empty result. */
  readonly content: Element | undefined;
  /** What may not be told of him: nothing where his JID is shown, else his JID, and the resource that was asked. */
  readonly secrets: readonly string[];
}

/** Asks participants something in the place of others (XEP-0403 §3.7, XEP-0404 0.1.0 §3.3). */
export class Relay {
  readonly #request: Powers["request"];
  readonly #channels: Channels;
  readonly #limits: RelayLimits;
  readonly #waiting = new Map<string, number>();
  #all = 0;

  constructor(request: Powers["request"], channels: Channels, limits: RelayLimits) {
    this.#request = request;
    this.#channels = channels;
    this.#limits = limits;
  }

  /**
   * Puts a question of type get to the target, at the real resource or, for "", at his bare JID, as from the sender's
   * proxy JID.
   * @throws StanzaError in our own words, never in those of the one who was asked; `resource-constraint` when too much
   * is waiting already
   */
  async ask(asked: ToParticipant, resource: string, question: Element): Promise<Answer> {
    const { channel, from, target } = asked;
    this.#enter(from.bare);
    try {
      const address = await addressOf(channel, from);
      if (!channel.byId(target.id)) throw refuse("item-not-found");
      const to = resource ? `${target.jid}/${resource}` : target.jid;
      const reply = await this.#request(xml("iq", { type: "get", from: address, to }, question)).catch(inOurWords);
      const content = reply.getChild(question.getName(), question.getNS());
      return {
        content: content && declarePrefixes(content) ? content : undefined,
        secrets: (await this.#isHidden(asked)) ? [target.jid, ...(resource ? [resource] : [])] : [],
      };
    } finally {
      this.#leave(from.bare);
    }
  }

  /** Whether the JID of the one who was asked is hidden now: much may have happened since. */
  async #isHidden({ channel, from, sender, target }: ToParticipant): Promise<boolean> {
    const now: Channel | undefined = await this.#channels.look(channel.name);
    const owner = now?.byId(target.id);
    if (!now || !owner || !now.byId(sender.id)) throw refuse("item-not-found");
    if (now.missing().length > 0) throw refuse("service-unavailable");
    return !now.shows(owner, now.eyesOf(from.bare));
  }

  #enter(asker: string): void {
    const waiting = this.#waiting.get(asker) ?? 0;
    if (waiting >= this.#limits.each || this.#all >= this.#limits.all)
      throw refuse("resource-constraint", "Too many questions are waiting for their answers already; try again later.");
    this.#waiting.set(asker, waiting + 1);
    this.#all++;
  }

  #leave(asker: string): void {
    const waiting = (this.#waiting.get(asker) ?? 1) - 1;
    if (waiting > 0) this.#waiting.set(asker, waiting);
    else this.#waiting.delete(asker);
    this.#all--;
  }
}

/** Only the condition of a refusal is passed on: its text may name whom it came from. */
function inOurWords(error: unknown): never {
  if (isStanzaError(error)) throw refuse(error.condition);
  // The plugin stops, and with it the service that was asked for.
  if (error instanceof DOMException && error.name === "AbortError") throw refuse("service-unavailable");
  throw error;
}
