/** So many are let in at a time: what they are answered with is only known to be too much once it is written. */
const AT_ONCE = 8;

/** How much the server takes of what it is sent. */
export interface Taking {
  /** Less than it is sent: what can wait shall. */
  readonly isCongested: boolean;
  /** Nothing, for a while already. */
  readonly isStuck: boolean;
}

/** What is to be answered waits here while the server does not take what it is owed, and goes on in its order. */
export class Room {
  readonly #server: Taking;
  #waiting: (() => void)[] = [];
  #isOpening = false;

  constructor(server: Taking) {
    this.#server = server;
  }

  /** Nothing new is taken in. */
  get isShut(): boolean {
    return this.#server.isStuck;
  }

  /** Whether one has to wait: for the server, or for those who came before. */
  get isFull(): boolean {
    return this.#waiting.length > 0 || this.#server.isCongested;
  }

  /** Resolves when it is his turn. */
  enter(): Promise<void> {
    return new Promise((go) => this.#waiting.push(go));
  }

  /** The server takes something again, or there is none that could. */
  open(): void {
    if (this.#isOpening || this.#server.isCongested) return;
    for (const go of this.#waiting.splice(0, AT_ONCE)) go();
    if (this.#waiting.length === 0) return;
    this.#isOpening = true;
    setImmediate(() => {
      this.#isOpening = false;
      this.open();
    });
  }
}
