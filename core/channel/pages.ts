import type { Room } from "../xmpp/room.ts";

/** Pages of archives that are in memory at a time: they are large, and asked for in a word. */
const AT_ONCE = 4;

/** Those who read the past of any channel, a few at a time, and none while the server does not take what they read. */
export class Pages {
  readonly #room: Room;
  readonly #waiting: (() => void)[] = [];
  #reading = 0;

  constructor(room: Room) {
    this.#room = room;
  }

  async read<T>(read: () => Promise<T>): Promise<T> {
    if (this.#reading === AT_ONCE) await new Promise<void>((go) => this.#waiting.push(go));
    else this.#reading++;
    try {
      if (this.#room.isFull) await this.#room.enter();
      return await read();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#reading--;
    }
  }
}
