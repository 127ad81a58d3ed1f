import type { Clock } from "../host/clock.ts";
import type { Duration } from "../host/duration.ts";

export interface WatchdogTasks {
  /** Sends something that is answered. */
  ask(): void;
  giveUp(): void;
  /** Whether we do not listen ourselves at the moment, so that silence means nothing. */
  resting(): boolean;
}

/** Notices that the other side has fallen silent: asks once, then gives up. */
export class Watchdog {
  readonly #clock: Clock;
  readonly #quiet: Duration;
  readonly #tasks: WatchdogTasks;
  #heard = true;
  #asked = false;
  #cancel: () => void;

  /** @param quiet silence after which to ask; as long again without an answer means that nobody is there */
  constructor(clock: Clock, quiet: Duration, tasks: WatchdogTasks) {
    this.#clock = clock;
    this.#quiet = quiet;
    this.#tasks = tasks;
    this.#cancel = this.#clock.after(quiet, () => this.#look());
  }

  heard(): void {
    this.#heard = true;
  }

  stop(): void {
    this.#cancel();
  }

  #look(): void {
    const silent = !this.#heard && !this.#tasks.resting();
    if (silent && this.#asked) {
      this.#tasks.giveUp();
      return;
    }
    this.#asked = silent;
    this.#heard = false;
    this.#cancel = this.#clock.after(this.#quiet, () => this.#look());
    if (silent) this.#tasks.ask();
  }
}
