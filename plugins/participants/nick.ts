import { randomUUID } from "node:crypto";
import { type Channel, type Context, detached, nickEnforced, refuse } from "masque";

/** Somebody who is to have a nick in a channel. */
export interface Named {
  readonly channel: Channel;
  /** Bare JID. */
  readonly jid: string;
  /** The ID he has in this channel, or is about to have. */
  readonly id: string;
}

declare module "masque" {
  interface Hooks {
    /** Asked of a nick that nobody else in the channel has: may he have it? Whoever may not is told the same for any reason. */
    "nick/taken": (wish: Named & { readonly nick: string }) => "free" | "taken";
    /** What one who joins without a nick is called, if he has a nick of his own; "" if not. */
    "nick/usual": (who: Named) => string;
  }
}

interface Wish {
  /** What he asks for; null or blank for none. */
  readonly wanted: string | null;
  /** What he is called if he asks for nothing; "" for nothing. */
  readonly has: string;
  readonly isMandatory: boolean;
  /** Whether the service makes one up for him. */
  readonly isAssigned: boolean;
}

/**
 * The nick somebody gets: the one he asks for, else the one he has, else one the service makes up.
 * @throws StanzaError `not-acceptable` for one that cannot be, or for none where one is needed; `conflict` for another's
 */
export async function chooseNick(ask: Context["ask"], who: Named, wish: Wish): Promise<string> {
  const { wanted, has, isMandatory, isAssigned } = wish;
  if (!wanted?.trim()) {
    if (has || !isMandatory) return has;
    if (!isAssigned) throw refuse("not-acceptable", "This channel wants a nick: put <nick/> into the <join/>.");
    // XEP-0369 0.11 §7.1.4 recommends a UUID. Never anything of the address: that is what a nick may hide.
    return randomUUID();
  }
  const nick = nickEnforced(wanted);
  if (!nick)
    throw refuse("not-acceptable", "This cannot be a nick: up to 1023 bytes of letters, digits, symbols and spaces.");
  if (await isTaken(ask, who, nick)) throw refuse("conflict", "This nick, or one that looks the same, is taken.");
  return detached(nick);
}

/** What one who joins is called if he asks for nothing; "" when he has no nick of his own, or cannot have it here. */
export async function usualNick(ask: Context["ask"], who: Named): Promise<string> {
  const nick = await ask("nick/usual", who, "");
  return nick && !(await isTaken(ask, who, nick)) ? nick : "";
}

async function isTaken(ask: Context["ask"], who: Named, nick: string): Promise<boolean> {
  const other = who.channel.byNick(nick);
  // Who has it keeps it, whatever has become of it elsewhere.
  if (other) return other.jid !== who.jid;
  const verdict = await ask("nick/taken", { ...who, nick }, (fault) => {
    if (fault) throw refuse("internal-server-error");
    return "free";
  });
  return verdict === "taken";
}
