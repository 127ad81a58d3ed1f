import type { Eyes, Insight } from "./audience.ts";
import type { Participant } from "./participant.ts";

/** Whether somebody's JID may be shown, by who looks. */
export type Sights = Readonly<Record<Eyes, boolean>>;

/** What was decided about a participant's JID, and from what state of things. */
interface Verdict extends Sights {
  readonly plugins: number;
  readonly channel: number;
}

/**
 * Whose JID may be shown to whom, remembered. A verdict is of no use once the participant is another object (his nick,
 * his preferences), or either version has risen (the plugins; the channel's state, or who is in it).
 */
export class Verdicts {
  readonly #decide: (participant: Participant, eyes: Insight) => boolean;
  readonly #known = new WeakMap<Participant, Verdict>();

  constructor(decide: (participant: Participant, eyes: Insight) => boolean) {
    this.#decide = decide;
  }

  of(who: Participant, plugins: number, channel: number): Sights {
    const known = this.#known.get(who);
    if (known?.plugins === plugins && known.channel === channel) return known;
    const [participant, administrator] = [this.#decide(who, "participant"), this.#decide(who, "administrator")];
    const verdict = { plugins, channel, participant, administrator, stranger: false };
    this.#known.set(who, verdict);
    return verdict;
  }
}
