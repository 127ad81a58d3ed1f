import type { Clock } from "../host/clock.ts";

interface Task {
  readonly due: number;
  readonly run: () => void;
}

/** A clock that stands still until a test moves it. */
export class HandClock implements Clock {
  #now = Date.parse("2016-05-30T09:00:00Z");
  readonly #tasks = new Set<Task>();

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    // No clock shows a part of a millisecond.
    const task = { due: this.#now + Math.ceil(ms), run };
    this.#tasks.add(task);
    return () => this.#tasks.delete(task);
  }

  /** How many tasks wait for their time. */
  get waiting(): number {
    return this.#tasks.size;
  }

  /** Runs what falls due in the next `ms`, in its order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let task = this.#first(); task && task.due <= end; task = this.#first()) this.#run(task);
    this.#now = end;
  }

  /** Runs whatever is due next, however late that is. */
  leap(): void {
    const task = this.#first();
    if (!task) throw new Error("Nothing waits for its time.");
    this.#run(task);
  }

  #first(): Task | undefined {
    return [...this.#tasks].sort((a, b) => a.due - b.due)[0];
  }

  #run(task: Task): void {
    this.#tasks.delete(task);
    this.#now = task.due;
    task.run();
  }
}
