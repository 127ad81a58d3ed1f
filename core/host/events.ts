import { EventEmitter } from "eventemitter3";
import type { Report } from "./faults.ts";
import { isPromise } from "./flights.ts";
import type { Owner } from "./owner.ts";

/** Facts: everybody hears them, nobody can change them. A listener that crashes disturbs neither the others nor the emitter. */
export class Facts {
  readonly #emitter = new EventEmitter<string>();
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  on(event: string, owner: Owner, listener: (payload: unknown) => unknown): void {
    const { name, scope } = owner;
    const crashed = (error: unknown) => {
      this.#report(name, event, error);
    };
    const heard = (payload: unknown) => {
      if (!scope.open) return;
      try {
        const work = listener(payload);
        if (isPromise(work)) scope.flights.track(work).catch(crashed);
      } catch (error) {
        crashed(error);
      }
    };
    scope.add(`listener ${event}`, () => {
      this.#emitter.off(event, heard);
    });
    this.#emitter.on(event, heard);
  }

  emit(event: string, payload: unknown): void {
    this.#emitter.emit(event, payload);
  }

  snapshot(): Record<string, number> {
    const names = this.#emitter.eventNames().sort();
    return Object.fromEntries(names.map((name) => [name, this.#emitter.listenerCount(name)]));
  }
}
