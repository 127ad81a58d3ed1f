import type { Element } from "../xmpp/xml.ts";

/** A stanza on its way to whoever serves its channel. */
export interface Task {
  readonly stanza: Element;
  /** Written to the channel itself: the server has sent it to the process that should serve the channel. */
  readonly isDirect: boolean;
  /** How often it was handed on. */
  readonly hops: number;
  /** Which process has handed it over, and under which number of its own. */
  readonly from?: number;
  readonly no?: number;
  /** Under what id it is to be archived, if it was handed over. */
  readonly id?: string;
  /** It may be done already, by a process that is gone. */
  readonly isAgain?: boolean;
}

/** So many stanzas in a row that the server sends elsewhere show that a channel is better served there. */
const SUIT = 16;

/** Where the stanzas of one channel go. While that is found out, or changes, they wait in their order. */
export class Route {
  readonly channel: string;
  /** The number of the process that serves it, as far as known. */
  at: number | undefined;
  /** What waits; `undefined` where nothing has to. */
  queue: Task[] | undefined;
  /** It is being found out whose the channel is, or it is being given away. */
  isSettling = false;
  /** It is gone from memory here, and not written down as another's yet. */
  isLeaving = false;
  /** Whoever waits for the channel itself to be given, or for the news that it is not. */
  readonly wishes: (() => void)[] = [];
  #underWay = 0;
  #calm: (() => void)[] = [];
  #suitor = 0;
  #suits = 0;

  constructor(channel: string) {
    this.channel = channel;
  }

  /** Nothing is known of it that could not be found out again. */
  get isIdle(): boolean {
    return this.#underWay === 0 && this.queue === undefined && this.wishes.length === 0;
  }

  begin(): void {
    this.#underWay++;
  }

  end(): void {
    this.#underWay--;
    if (this.#underWay > 0) return;
    for (const go of this.#calm.splice(0)) go();
  }

  /** Until nothing of it is under way, here or where it was handed to. */
  async calm(): Promise<void> {
    if (this.#underWay > 0) await new Promise<void>((go) => this.#calm.push(go));
  }

  /** Holds back from now on what comes. */
  hold(): Task[] {
    this.queue ??= [];
    return this.queue;
  }

  /** Takes note of where a stanza came in; whether the channel had better be served there. */
  suits({ isDirect, from, hops }: Task): boolean {
    if (!isDirect) return false;
    if (from === undefined || hops > 1 || from !== this.#suitor) this.#suits = 0;
    this.#suitor = from ?? 0;
    if (from === undefined || hops > 1 || ++this.#suits < SUIT) return false;
    this.#suits = 0;
    return true;
  }

  /** Lets those go on who wait for the channel. */
  granted(): void {
    for (const go of this.wishes.splice(0)) go();
  }
}
