import { type Channel, type Participant, parseJid } from "masque";
import { type Invitation, inviterAddress, inviterAt } from "./invitation.ts";
import type { Seal, Token } from "./token.ts";

/** An invitation that is ours: who has asked for it, and its token. */
export interface Genuine {
  readonly inviter: Participant;
  readonly token: Token;
  /** As it was given out. */
  readonly invitation: Invitation;
}

/** Makes invitations, and knows which are good. They are kept nowhere: only what is used up is, with who has used it. */
export class Vouching {
  readonly #seal: Seal;
  readonly #mayInvite: (jid: string, channel: Channel) => Promise<boolean>;
  readonly #now: () => number;

  constructor(seal: Seal, mayInvite: (jid: string, channel: Channel) => Promise<boolean>, now: () => number) {
    this.#seal = seal;
    this.#mayInvite = mayInvite;
    this.#now = now;
  }

  /** @param invitee bare JID */
  invitation(channel: Channel, inviter: Participant, invitee: string, until: number): Invitation {
    const address = inviterAddress(channel, inviter);
    const token = this.#seal.token(until, [channel.key, inviter.id, address, invitee]);
    return { inviter: address, invitee, channel: channel.jid, token };
  }

  /** Whether this was given out for this JID and this channel, which is still the same, by one who is still in it. */
  verify(channel: Channel | undefined, jid: string, given: Invitation): Genuine | undefined {
    const inviter = channel && inviterAt(channel, given.inviter);
    // By the address it was given out with: who guesses whose proxy JID that is, is told nothing.
    const bonds = [channel?.key ?? 0, inviter?.id ?? "", given.inviter, jid];
    const token = this.#seal.read(given.token, bonds);
    if (!channel || !inviter || !token || token.until < this.#now()) return undefined;
    if (parseJid(given.invitee)?.bare !== jid || parseJid(given.channel)?.bare !== channel.jid) return undefined;
    return { inviter, token, invitation: { ...given, invitee: jid, channel: channel.jid } };
  }

  /** Whether it lets him in: who invited him may still do so, and it is not used up. */
  async opens(channel: Channel, jid: string, { inviter, token }: Genuine): Promise<boolean> {
    if (!(await this.#mayInvite(inviter.jid, channel))) return false;
    const invitee = channel.participant(jid) ?? (await channel.former(jid));
    return !Object.hasOwn(usedBy(invitee), token.id);
  }

  /** What a participant is to be remembered by who comes in by this token. */
  used(before: Participant | undefined, { id, until }: Token): Record<string, unknown> {
    const others = Object.entries(usedBy(before)).filter(([, until]) => until >= this.#now());
    return { [USED]: { ...Object.fromEntries(others), [id]: until } };
  }
}

const USED = "invitations";

/** The tokens by which somebody came in: id -> until when it would have been good. */
function usedBy(participant: Participant | undefined): Readonly<Record<string, number>> {
  return (participant?.traits[USED] ?? {}) as Readonly<Record<string, number>>;
}
