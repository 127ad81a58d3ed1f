import { type Channel, type Duration, type Element, isStanzaError, NS, type Participant, xml } from "masque";
import { itemsOf } from "./stanza.ts";

/** What probing needs of the plugin. */
export interface Means {
  send(stanza: Element): void;
  after(delay: Duration, task: () => void): void;
  request(iq: Element): Promise<Element>;
  shares(participant: Participant): boolean;
  /** This client turned out to be gone. */
  lost(channel: Channel, participant: Participant, resource: string): Promise<void>;
}

// What says that nobody is there. Anything else, such as a client that tells strangers nothing, is an answer.
const ABSENT = ["service-unavailable", "item-not-found", "gone", "remote-server-not-found", "remote-server-timeout"];

/**
 * Who is still there, asked when a channel is loaded (XEP-0403 §6). The clients known from before are asked one by one,
 * too: not every server answers a component's probe, and goodbyes that nobody was there to hear leave ghosts (§4.3).
 */
export class Probes {
  readonly #means: Means;
  /** Channels that were asked for, by key. */
  readonly #asked: Set<number>;
  readonly #perSecond: number;
  readonly #waiting: { readonly channel: Channel; readonly id: string }[] = [];
  /** Clients asked that have not been heard of since. */
  readonly #silent = new Set<string>();

  constructor(means: Means, asked: Set<number>, perSecond: number) {
    this.#means = means;
    this.#asked = asked;
    this.#perSecond = perSecond;
  }

  /** A channel is in use: those in it are to be probed, if they were not yet. */
  begin(channel: Channel): void {
    if (this.#asked.has(channel.key)) return;
    this.#asked.add(channel.key);
    const isUnderWay = this.#waiting.length > 0;
    for (const { id } of channel.participants) this.#waiting.push({ channel, id });
    if (!isUnderWay) this.#proceed();
  }

  /** What was not asked is to be asked by whoever comes next. */
  end(): void {
    for (const { channel } of this.#waiting) this.#asked.delete(channel.key);
  }

  /** A client has spoken. */
  heard(channel: Channel, client: string): void {
    this.#silent.delete(`${channel.key} ${client}`);
  }

  #proceed(): void {
    if (this.#waiting.length === 0) return;
    this.#means.after(1000, () => {
      for (const { channel, id } of this.#waiting.splice(0, this.#perSecond)) this.#probe(channel, id);
      this.#proceed();
    });
  }

  #probe(channel: Channel, id: string): void {
    const participant = channel.byId(id);
    if (!participant || !this.#means.shares(participant)) return;
    this.#means.send(xml("presence", { type: "probe", from: channel.jid, to: participant.jid }));
    for (const { resource } of itemsOf(participant)) void this.#ask(channel, participant, resource);
  }

  async #ask(channel: Channel, participant: Participant, resource: string): Promise<void> {
    const client = `${participant.jid}/${resource}`;
    const key = `${channel.key} ${client}`;
    this.#silent.add(key);
    const attrs = { type: "get", from: channel.jid, to: client };
    const absent = await this.#means.request(xml("iq", attrs, xml("query", { xmlns: NS.DISCO_INFO }))).then(
      () => false,
      // Neither the end of the plugin nor that of the stream says anything of a client.
      (error) => isStanzaError(error) && ABSENT.includes(error.condition),
    );
    if (this.#silent.delete(key) && absent) await this.#means.lost(channel, participant, resource);
  }
}
