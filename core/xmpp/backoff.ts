import type { Duration } from "../host/duration.ts";

const BASE: Duration = 500;
const CAP: Duration = 30_000;

/** How long to wait before each further attempt: decorrelated jitter, so that many components do not come back in step. */
export class Backoff {
  #last = BASE;

  next(): Duration {
    const ceiling = Math.min(CAP, this.#last * 3);
    this.#last = BASE + Math.random() * (ceiling - BASE);
    return this.#last;
  }

  reset(): void {
    this.#last = BASE;
  }
}
