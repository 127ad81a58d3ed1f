import type { Parcel } from "masque";

/** A stanza that the service was handed: what it was for, and how the copies begin that it stands for. */
export interface Load {
  readonly parcel: Parcel;
  readonly beginnings: readonly Uint8Array[];
}

/** What a service was handed, and is not known to have passed on, by number. */
export class UnderWay {
  readonly #loads = new Map<number, Load>();
  /** The last number of each line. */
  readonly #lines = new Map<string, number>();
  #copies = 0;

  get size(): number {
    return this.#loads.size;
  }

  get copies(): number {
    return this.#copies;
  }

  /** Whether something of this line may still be overtaken. */
  has(line: string): boolean {
    return this.#lines.has(line);
  }

  add(number: number, load: Load): void {
    this.#loads.set(number, load);
    this.#lines.set(load.parcel.line, number);
    this.#copies += load.beginnings.length;
  }

  take(number: number): Load | undefined {
    const load = this.#loads.get(number);
    if (!load) return undefined;
    this.#loads.delete(number);
    this.#copies -= load.beginnings.length;
    if (this.#lines.get(load.parcel.line) === number) this.#lines.delete(load.parcel.line);
    return load;
  }

  /** All up to this one have been dealt with. */
  takeUntil(number: number): void {
    for (const each of this.#loads.keys()) {
      if (each > number) return;
      this.take(each);
    }
  }

  clear(): void {
    this.#loads.clear();
    this.#lines.clear();
    this.#copies = 0;
  }
}
