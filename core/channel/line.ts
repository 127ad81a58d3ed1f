/** Something to do when it is its turn; a promise holds up those behind. */
type Task = () => void | Promise<void>;

/** One at a time, in the order they came; what needs no waiting is done at once. */
export class Line {
  #waiting: Task[] = [];
  #busy = false;

  get idle(): boolean {
    return !this.#busy && this.#waiting.length === 0;
  }

  enter(task: Task): void {
    this.#waiting.push(task);
    if (!this.#busy) this.#serve();
  }

  #serve(): void {
    // What is entered from within a task comes after it.
    this.#busy = true;
    let running: ReturnType<Task> | null = null;
    try {
      while (!running && this.#waiting.length > 0) running = (this.#waiting.shift() as Task)();
    } finally {
      this.#busy = Boolean(running);
    }
    void running?.finally(() => this.#serve());
  }
}
