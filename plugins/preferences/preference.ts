import type { Channel, Participant } from "masque";

/** Something participants choose for themselves in each channel. */
export interface Preference<V extends string> {
  /** Its name on the wire, which it is also remembered by: `traits[name]` of the participant. */
  readonly name: string;
  readonly label: string;
  /** Its values as the wire spells them, with what people read. */
  readonly values: Readonly<Record<V, string>>;
  readonly initial: NoInfer<V>;
  /** A sentence that says why this may not be chosen here, or `undefined`. */
  objection?(value: NoInfer<V>, channel: Channel): string | undefined;
}

/** How the plugin that defined a preference reads it. */
export interface Choice<V extends string> {
  of(participant: Participant): V;
}
