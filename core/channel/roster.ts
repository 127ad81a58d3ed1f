import { nickCompared } from "../xmpp/precis.ts";
import type { Participant } from "./participant.ts";

/** Who is in a channel now, found by JID, by ID and by nick. */
export class Roster {
  readonly #byJid = new Map<string, Participant>();
  readonly #byId = new Map<string, Participant>();
  readonly #byNick = new Map<string, Participant>();

  get size(): number {
    return this.#byId.size;
  }

  [Symbol.iterator](): Iterator<Participant> {
    return this.#byId.values();
  }

  byJid(jid: string): Participant | undefined {
    return this.#byJid.get(jid);
  }

  byId(id: string): Participant | undefined {
    return this.#byId.get(id);
  }

  /** By a nick that is the same or looks the same (RFC 8266). */
  byNick(nick: string): Participant | undefined {
    return this.#byNick.get(key(nick));
  }

  /** Adds somebody, or puts what he has become in the place of what he was. */
  put(participant: Participant): void {
    const before = this.#byId.get(participant.id);
    if (before?.nick) this.#byNick.delete(key(before.nick));
    if (participant.nick) this.#byNick.set(key(participant.nick), participant);
    this.#byId.set(participant.id, participant);
    this.#byJid.set(participant.jid, participant);
  }

  remove({ id }: Participant): void {
    const before = this.#byId.get(id);
    if (!before) return;
    this.#byId.delete(id);
    this.#byJid.delete(before.jid);
    if (before.nick) this.#byNick.delete(key(before.nick));
  }
}

/** One nick may be looked for in every channel there is, and to prepare it takes longer than to find it. */
let prepared = { nick: "", key: "" };

function key(nick: string): string {
  if (prepared.nick !== nick) prepared = { nick, key: nickCompared(nick) ?? nick };
  return prepared.key;
}
