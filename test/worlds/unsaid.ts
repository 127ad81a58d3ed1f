import { type Element, NS } from "masque";
import { PEOPLE } from "./people.ts";
import { plain } from "./witness.ts";

const RETRACT = "urn:xmpp:message-retract:1";

interface Spoken {
  readonly id: string;
  readonly word: string;
  /** Who said it. */
  readonly jid: string;
  readonly channel: string;
}

/** What was said lately, and what of it was taken back: nobody reads that again, nor who it was if he was hidden. */
export class Unsaid {
  /** Word -> who says it. */
  readonly #speakers = new Map<string, { jid: string; channel: string }>();
  readonly #spoken = new Map<string, Spoken>();
  readonly #words = new Set<string>();
  /** "id jid" of each wish to take back -> whether he was hidden whenever he wished it. */
  readonly #hidden = new Map<string, boolean>();

  says(word: string, jid: string, channel: string): void {
    this.#speakers.set(word, { jid, channel });
  }

  /** The channel's id of something that was said there: by this JID, if he has said anything. */
  something(channel: string, jid: string, at: number): string {
    const all = [...this.#spoken.values()].filter((each) => each.channel === channel);
    const own = all.filter((each) => each.jid === jid);
    const from = own.length > 0 && at % 4 > 0 ? own : all;
    return from[from.length - 1 - (at % Math.max(1, from.length))]?.id ?? "nothing";
  }

  wishes(id: string, jid: string, isHidden: boolean): void {
    const key = `${id} ${jid}`;
    this.#hidden.set(key, isHidden && (this.#hidden.get(key) ?? true));
  }

  /** A stanza that was sent: what it says, or takes back. */
  note(stanza: Element): void {
    const { id = "" } = stanza.attrs;
    const word = stanza.getChildText("body") ?? "";
    const speaker = this.#speakers.get(word);
    if (speaker && stanza.attrs.type === "groupchat") this.#spoken.set(id, { id, word, ...speaker });
    for (const { attrs } of stanza.getChildren("retract", RETRACT)) {
      const gone = this.#spoken.get(attrs.id ?? "");
      if (gone) this.#words.add(gone.word);
    }
  }

  /** What somebody reads in the archive though it was taken back, or though it names who was hidden when he did that. */
  read(stanza: Element): string[] {
    const result = stanza.getChild("result", NS.MAM);
    const message = result?.getChild("forwarded", NS.FORWARD)?.getChild("message", NS.CLIENT);
    if (!result || !message) return [];
    const word = message.getChildText("body") ?? "";
    const told = this.#words.has(word) ? [`"${word}" was taken back, and is told all the same: ${stanza}`] : [];
    const marks = [...message.getChildren("retract"), ...message.getChildren("retracted")];
    for (const { name, jid } of PEOPLE) {
      if (stanza.attrs.to?.startsWith(jid)) continue;
      for (const mark of marks) {
        const id = mark.name === "retract" ? mark.attrs.id : result.attrs.id;
        if (this.#hidden.get(`${id} ${jid}`) && plain(mark.toString()).includes(name))
          told.push(`${name} was hidden when he took back ${id}, and is shown now: ${stanza}`);
      }
    }
    return told;
  }
}
