import {
  type Channel,
  type Client,
  type Eyes,
  escapeXml,
  NS,
  type Participant,
  type Presence,
  proxyJid,
  randomId,
} from "masque";

/** One of a participant's clients as an item of the presence node. */
export interface Item {
  readonly resource: string;
  readonly token: string;
  readonly presence: Presence;
}

/** A participant's items, whether he means to share them or not. */
export function itemsOf({ clients }: Participant): Item[] {
  return Object.entries(clients).flatMap(([resource, { token, presence }]: [string, Client]) =>
    presence ? [{ resource, token, presence }] : [],
  );
}

/** What stands behind the slash of the address others were told. */
export function nameOf({ resource, token, presence }: Item): string {
  return presence.named ? resource : token;
}

/**
 * A presence stanza from its `from` on, for those who look with these eyes. What was hidden when it was decided, or is
 * hidden now, is not shown (semantics §3); `name` is as it was decided.
 */
export class Stanza {
  readonly #channel: Channel;
  readonly #participant: Participant;
  readonly #item: Item;
  readonly #then: Readonly<Record<Eyes, boolean>>;
  readonly #id = randomId();

  constructor(channel: Channel, participant: Participant, item: Item) {
    this.#channel = channel;
    this.#participant = participant;
    this.#item = item;
    this.#then = {
      participant: channel.shows(participant, "participant"),
      administrator: channel.shows(participant, "administrator"),
      stranger: false,
    };
  }

  /** @param withCaps whether those who may not see the JID are told the capabilities */
  available(eyes: Eyes, withCaps: boolean): string {
    const { token, presence } = this.#item;
    const name = presence.named && this.#shows("participant") ? nameOf(this.#item) : token;
    const { words, caps, more } = presence;
    const payload = this.#shows(eyes) ? `${words}${caps}${more}` : `${words}${withCaps ? caps : ""}`;
    return `${this.#head(name)}>${this.#mix(eyes)}${payload}</presence>`;
  }

  /** Ends what was told under the address it was told under; it must reach nobody else. */
  unavailable(eyes: Eyes): string {
    return `${this.#head(nameOf(this.#item))} type='unavailable'>${this.#mix(eyes)}</presence>`;
  }

  /** Whether the address it was told under may be shown to anybody now. */
  get mayBeNamed(): boolean {
    return !this.#item.presence.named || this.#channel.shows(this.#participant, "participant");
  }

  #shows(eyes: Eyes): boolean {
    return this.#then[eyes] && this.#channel.shows(this.#participant, eyes);
  }

  #head(name: string): string {
    const from = `${proxyJid(this.#participant.id, this.#channel.jid)}/${name}`;
    return ` from='${escapeXml(from)}' id='${this.#id}'`;
  }

  /** XEP-0403 §3.4: "If this element [jid] is omitted, the nick element MUST be present"; an ID stands in for none. */
  #mix(eyes: Eyes): string {
    const { id, nick, jid } = this.#participant;
    const isShown = this.#shows(eyes);
    const name = nick || (isShown ? "" : id);
    const shown = isShown ? `<jid>${escapeXml(`${jid}/${this.#item.resource}`)}</jid>` : "";
    return `<mix xmlns='${NS.MIX_PRESENCE}'>${name && `<nick>${escapeXml(name)}</nick>`}${shown}</mix>`;
  }
}
