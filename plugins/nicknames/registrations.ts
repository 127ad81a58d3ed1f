import { type Context, detached, nickCompared, type Values } from "masque";

/** Who has registered which nicks. */
export class Registrations {
  /** By bare JID: the nicks as they are shown, the latest last. */
  readonly #kept: Values<readonly string[]>;
  /** By nick, in the form in which nicks are compared. */
  readonly #owners = new Map<string, string>();

  private constructor(kept: Values<readonly string[]>) {
    this.#kept = kept;
    for (const jid of kept.keys()) this.#note(jid);
    kept.onChange((jid, before = []) => {
      for (const nick of before) this.#owners.delete(compared(nick));
      this.#note(jid);
    });
  }

  static async open(store: Context["store"]): Promise<Registrations> {
    return new Registrations(await store("registered"));
  }

  get size(): number {
    return this.#owners.size;
  }

  of(jid: string): readonly string[] {
    return this.#kept.get(jid) ?? [];
  }

  /** Bare JID of the one who has registered this nick, or one that looks the same (RFC 8266). */
  ownerOf(nick: string): string | undefined {
    return this.#owners.get(compared(nick));
  }

  /** Nobody else has it from now on; resolves once that is durable. Of more than `most`, the oldest are given up. */
  async register(jid: string, nick: string, most: number): Promise<void> {
    const others = this.of(jid).filter((each) => compared(each) !== compared(nick));
    await this.#set(detached(jid), [...others, detached(nick)].slice(-most));
  }

  async release(jid: string): Promise<void> {
    await this.#set(jid, []);
  }

  async #set(jid: string, nicks: readonly string[]): Promise<void> {
    for (const nick of this.of(jid)) this.#owners.delete(compared(nick));
    const stored = this.#kept.set(jid, nicks.length > 0 ? nicks : undefined);
    this.#note(jid);
    try {
      await stored;
    } catch (error) {
      for (const nick of nicks) this.#owners.delete(compared(nick));
      this.#note(jid);
      throw error;
    }
  }

  #note(jid: string): void {
    for (const nick of this.of(jid)) this.#owners.set(compared(nick), jid);
  }
}

function compared(nick: string): string {
  return nickCompared(nick) ?? nick;
}
