import { service } from "./container.ts";
import type { Duration } from "./host/duration.ts";
import type { Host } from "./host/host.ts";
import type { Context } from "./host/plugin.ts";
import type { Jid } from "./xmpp/jid.ts";
import { isStanzaError, refuse } from "./xmpp/refuse.ts";
import type { Element } from "./xmpp/xml.ts";

/**
 * Judges a stanza before anything is looked for on its behalf, so that what is not there is judged as what is. It is
 * asked about every stanza but answers to our own requests: it must be quick.
 * @param waiting how many stanzas are made to wait now, of all senders
 * @returns how long it has to wait, and with it what its sender sends next; 0 for not at all
 * @throws StanzaError to turn it away
 */
export type Judge = (stanza: Element, from: Jid, waiting: number) => Duration;

/** Where plugins stand who limit what comes in. */
export interface Entrance {
  judge(judge: Judge): void;
}

export const Entrance = service<Entrance>("entrance");

/** All who judge what comes in: the longest wait counts, and the first refusal. */
export class Judges {
  readonly #host: Pick<Host, "report">;
  #judges: readonly Judge[] = [];

  constructor(host: Pick<Host, "report">) {
    this.#host = host;
  }

  admit: Judge = (stanza, from, waiting) => {
    let wait = 0;
    for (const judge of this.#judges) wait = Math.max(wait, judge(stanza, from, waiting));
    return wait;
  };

  /** The entrance as one consumer sees it: his judgement goes with him. */
  for(consumer: Pick<Context, "name" | "cleanup">): Entrance {
    return {
      judge: (judge) => {
        const contained = this.#contained(judge, consumer.name);
        this.#judges = [...this.#judges, contained];
        consumer.cleanup("judge at the entrance", () => {
          this.#judges = this.#judges.filter((other) => other !== contained);
        });
      },
    };
  }

  /** A crash is the plugin's, and costs the stanza only. */
  #contained(judge: Judge, plugin: string): Judge {
    return (stanza, from, waiting) => {
      try {
        return judge(stanza, from, waiting);
      } catch (error) {
        if (isStanzaError(error)) throw error;
        this.#host.report(plugin, "entrance", error);
        throw refuse("internal-server-error");
      }
    };
  }
}
