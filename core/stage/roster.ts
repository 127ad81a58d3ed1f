import { type Element, xml } from "../xmpp/xml.ts";

export const NS_ROSTER = "jabber:iq:roster";
export const NS_MIX_ROSTER = "urn:xmpp:mix:roster:0";

/** Somebody, or a channel, in a user's roster (RFC 6121 §2.1). */
export interface Contact {
  readonly jid: string;
  readonly name?: string | undefined;
  readonly groups?: readonly string[];
  /** "from": he is told of the user's presence. */
  readonly subscription: "none" | "from";
  /** Of a channel: the user's Stable Participant ID in it. */
  readonly participantId?: string;
}

/** Whom a user knows and which channels he has joined. In memory: it goes with the stage. */
export class Roster {
  readonly #contacts = new Map<string, Contact>();

  get contacts(): Iterable<Contact> {
    return this.#contacts.values();
  }

  contact(jid: string): Contact | undefined {
    return this.#contacts.get(jid);
  }

  put(contact: Contact): void {
    this.#contacts.set(contact.jid, contact);
  }

  remove(jid: string): void {
    this.#contacts.delete(jid);
  }

  isChannel(jid: string): boolean {
    return this.#contacts.get(jid)?.participantId !== undefined;
  }
}

/** @param annotated whether channels are marked as such, for a client that asked for it (XEP-0405 §2.10) */
export function rosterItem(
  { jid, name, groups = [], subscription, participantId }: Contact,
  annotated: boolean,
): Element {
  return xml(
    "item",
    { jid, name, subscription },
    groups.map((group) => xml("group", {}, group)),
    annotated && participantId !== undefined
      ? xml("channel", { xmlns: NS_MIX_ROSTER, "participant-id": participantId })
      : null,
  );
}
