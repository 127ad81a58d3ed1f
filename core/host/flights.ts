/** Work that has begun and not ended, so that whoever stops can wait for it or give it up. */
export class Flights {
  readonly #parent: Flights | undefined;
  readonly #aloft = new Set<(error: Error) => void>();
  #waiting: (() => void)[] = [];

  /** What flies here flies in `parent` as well. */
  constructor(parent?: Flights) {
    this.#parent = parent;
  }

  /** Settles as `work` does, or rejects when the work is given up. */
  track<T>(work: PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#depart(reject);
      work.then(
        (value) => {
          this.#land(reject);
          resolve(value);
        },
        (error) => {
          this.#land(reject);
          reject(error);
        },
      );
    });
  }

  /** Resolves once nothing is under way. */
  landed(): Promise<void> {
    if (this.#aloft.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Lets nobody wait any longer: what is under way counts as failed with `error`. */
  abandon(error: Error): void {
    for (const reject of [...this.#aloft]) {
      this.#land(reject);
      reject(error);
    }
  }

  #depart(flight: (error: Error) => void): void {
    this.#aloft.add(flight);
    if (this.#parent) this.#parent.#depart(flight);
  }

  #land(flight: (error: Error) => void): void {
    this.#aloft.delete(flight);
    if (this.#parent) this.#parent.#land(flight);
    if (this.#aloft.size > 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}
