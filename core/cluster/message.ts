/** What processes tell one another. */
export type Message =
  | Handed
  /** What was handed over under this number is done: it is durable, and answered. */
  | { readonly kind: "done"; readonly no: number }
  /** The channel is served elsewhere by now. */
  | { readonly kind: "moved"; readonly channel: string }
  /** Its stanzas arrive at the other process: will that serve it? */
  | { readonly kind: "offer"; readonly channel: string }
  /** Yes; or, where nothing was offered, it is needed there. Nothing of it is sent any more until it is given. */
  | { readonly kind: "accept"; readonly channel: string }
  | { readonly kind: "yours"; readonly channel: string }
  /** An answer to what the other process has asked, or an echo of what it may have sent. */
  | { readonly kind: "reply"; readonly stanza: string }
  /** One of the server's streams is free for the other process to take. */
  | { readonly kind: "room" };

/** A stanza for a channel that the other process serves. */
export interface Handed {
  readonly kind: "stanza";
  /** Rising; one for each that a process ever hands over. */
  readonly no: number;
  readonly channel: string;
  readonly stanza: string;
  /** How often it was handed on already. */
  readonly hops: number;
  /** Under what id it is to be archived, if it is a message. */
  readonly id: string;
  /** It was handed to a process that is gone, and may be done already. */
  readonly isAgain: boolean;
}
