/** Time, so that tests can hold it still. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs `task` once, `ms` from now; returns the way to call it off. */
  after(ms: number, task: () => void): () => void;
}

/** The longest time `setTimeout` takes, 24.8 days; it fires at once when given more. */
const LONGEST = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: Date.now,
  after(ms, task) {
    let timer: NodeJS.Timeout;
    const wait = (left: number) => {
      timer = setTimeout(() => (left > LONGEST ? wait(left - LONGEST) : task()), Math.min(left, LONGEST));
    };
    wait(ms);
    return () => clearTimeout(timer);
  },
};

/** Whether `work` ended within `ms`; rejects when `work` does. What comes too late, good or bad, is dropped. */
export function inTime(clock: Clock, ms: number, work: PromiseLike<unknown>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const callOff = clock.after(ms, () => resolve(false));
    work.then(
      () => {
        callOff();
        resolve(true);
      },
      (error) => {
        callOff();
        reject(error);
      },
    );
  });
}
