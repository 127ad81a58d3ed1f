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
    if (this.idle) this.#run(task);
    else this.#waiting.push(task);
  }

  #run(task: Task): void {
    const running = task();
    if (!running) return;
    this.#busy = true;
    void running.finally(() => {
      this.#busy = false;
      while (!this.#busy && this.#waiting.length > 0) this.#run(this.#waiting.shift() as Task);
    });
  }
}
