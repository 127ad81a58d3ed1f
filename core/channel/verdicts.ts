import type { Insight } from "./audience.ts";
import type { Participant } from "./participant.ts";

/** What was decided about a participant's JID, and from what state of things. */
interface Verdict extends Readonly<Record<Insight, boolean>> {
  readonly plugins: number;
  readonly channel: number;
}

/**
 * Whose JID may be shown to whom, remembered. A verdict is of no use once the participant is another object (his nick,
 * his preferences), or either version has risen (the plugins; the channel's state, or who is in it).
 */
export class Verdicts {
  readonly #known = new WeakMap<Participant, Verdict>();

  of(
    participant: Participant,
    eyes: Insight,
    plugins: number,
    channel: number,
    decide: (eyes: Insight) => boolean,
  ): boolean {
    let known = this.#known.get(participant);
    if (known?.plugins !== plugins || known.channel !== channel) {
      known = { plugins, channel, participant: decide("participant"), administrator: decide("administrator") };
      this.#known.set(participant, known);
    }
    return known[eyes];
  }
}
