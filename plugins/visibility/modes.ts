/** What a channel may be as to its participants' JIDs (XEP-0404 §2.2), as the wire spells it. */
export const MODES = {
  "jid-visible": "Everybody's JID is shown",
  "jid-maybe-visible": "Those who want it have their JID shown",
  "jid-hidden": "Nobody's JID is shown, but to administrators",
} as const;

export type Mode = keyof typeof MODES;

/** Other spellings that are met: XEP-0406's, and its examples'. */
export const ALIASES: Readonly<Record<string, Mode>> = {
  "jid-optionally-visible": "jid-maybe-visible",
  "jid-mandatory-visible": "jid-visible",
};

/** What a participant may wish as to his own JID (XEP-0404 §3.1). */
const WISHES = {
  default: "As the channel has it",
  never: "Never show my JID",
  always: "Always show my JID",
  prefer: "Show my JID where I may choose",
  "prefer not": "Show my JID only where everybody's is shown",
} as const;

export type Wish = keyof typeof WISHES;

/** The wishes there are, with what people read; "prefer" is the fourth row of §2.2's table, which §3.1 has no value for. */
export function wishesOffered(prefer: boolean): Readonly<Record<Exclude<Wish, "prefer">, string>> {
  const { prefer: _, ...others } = WISHES;
  return prefer ? WISHES : others;
}

/** Mode of the channel × wish of the participant -> is his JID shown to other participants? `false`: he may not be here. */
const TABLE: Readonly<Record<Wish, Readonly<Record<Mode, "shown" | "hidden" | false>>>> = {
  default: { "jid-visible": "shown", "jid-maybe-visible": "hidden", "jid-hidden": "hidden" },
  "prefer not": { "jid-visible": "shown", "jid-maybe-visible": "hidden", "jid-hidden": "hidden" },
  prefer: { "jid-visible": "shown", "jid-maybe-visible": "shown", "jid-hidden": "hidden" },
  always: { "jid-visible": "shown", "jid-maybe-visible": "shown", "jid-hidden": false },
  never: { "jid-visible": false, "jid-maybe-visible": "hidden", "jid-hidden": "hidden" },
};

export function isShown(mode: Mode, wish: Wish): boolean {
  return TABLE[wish][mode] === "shown";
}

/** Why one with this wish may not be in a channel of this mode; `undefined` when he may. */
export function objection(mode: Mode, wish: Wish): string | undefined {
  if (TABLE[wish][mode] !== false) return undefined;
  return wish === "never"
    ? "Everybody's JID is shown in this channel, and yours is never to be shown: they do not go together."
    : "Nobody's JID is shown in this channel, and yours is always to be shown: they do not go together.";
}
