import { type Element, NS, parseJid } from "masque";
import { outcome } from "../core/channel/replies.ts";

/** A message of the channel's, as somebody was told it or as the archive has it. */
export interface Told {
  /** The archive's id. */
  readonly id: string;
  readonly nick: string;
  /** What is said; of a retraction, which one it takes back. */
  readonly words: string;
}

/** A private message, as it arrived. */
export interface Whisper {
  readonly from: string;
  readonly to: string;
  readonly words: string;
}

export function toldIn(message: Element, id = message.attrs.id ?? ""): Told {
  const nick = message.getChild("mix")?.getChildText("nick") ?? "";
  const retracted = message.getChild("retract", NS.MIX_MISC)?.attrs.id;
  return { id, nick, words: retracted ? retractionOf(retracted) : (message.getChildText("body") ?? "") };
}

/** The words by which a retraction is known here: it has none of its own. */
export function retractionOf(id: string): string {
  return `retract ${id}`;
}

/** Everything that the service has told anybody, as it arrived. */
export class Hearing {
  /** By address. */
  readonly heard = new Map<string, Told[]>();
  readonly whispers: Whisper[] = [];
  /** The results of queries of the archive, until they are taken from here. */
  results: Element[] = [];
  /** By "address id": what an iq was answered, and by which condition a message was refused. */
  readonly replies = new Map<string, Element>();
  readonly refused = new Map<string, string>();
  /** Whatever anybody has heard. */
  readonly words = new Set<string>();
  /** Sentences about JIDs that were told to those who may not see them. */
  readonly leaks: string[] = [];
  copies = 0;
  readonly #jids: readonly string[];
  readonly #owner: string;

  /** @param owner the one of these JIDs that may see the others */
  constructor(jids: readonly string[], owner: string) {
    this.#jids = jids;
    this.#owner = owner;
  }

  take(stanza: Element): void {
    const { to = "", id = "", type } = stanza.attrs;
    this.#watch(stanza, parseJid(to)?.bare ?? "");
    if (stanza.name === "iq") this.replies.set(`${to} ${id}`, stanza);
    if (stanza.name !== "message") return;
    const result = stanza.getChild("result", NS.MAM);
    if (result) this.results.push(result);
    else if (type === "error") this.refused.set(`${to} ${id}`, outcome(stanza));
    else if (type === "groupchat") this.#hear(to, toldIn(stanza));
    else if (type === "chat")
      this.whispers.push({ from: stanza.attrs.from ?? "", to, words: stanza.getChildText("body") ?? "" });
  }

  at(address: string): Told[] {
    let told = this.heard.get(address);
    if (!told) this.heard.set(address, (told = []));
    return told;
  }

  #hear(address: string, told: Told): void {
    this.at(address).push(told);
    this.words.add(told.words);
    this.copies++;
  }

  /** The channel hides: nobody but its owner is ever told of another's JID. */
  #watch(stanza: Element, recipient: string): void {
    if (recipient === this.#owner) return;
    const text = stanza.toString();
    for (const jid of this.#jids)
      if (jid !== recipient && text.includes(jid)) this.leaks.push(`${jid} was told to ${recipient}: ${text}`);
  }
}
