/** What is true of something that can be asked to be otherwise: certain once the answer has come, and open until then. */
export class Register<T> {
  #certain: T;
  #asked: { readonly value: T } | undefined;

  constructor(value: T) {
    this.#certain = value;
  }

  /** What it is; `undefined` while the answer is not known. */
  get certain(): T | undefined {
    return this.#asked ? undefined : this.#certain;
  }

  /** Whether it may be this. */
  allows(value: T): boolean {
    return value === this.#certain || value === this.#asked?.value;
  }

  /**
   * Somebody asks for it to be otherwise.
   * @param ask true if it was granted, false if it was refused, `undefined` if nobody knows
   */
  async becomes(value: T, ask: () => Promise<boolean | undefined>): Promise<void> {
    this.#asked = { value };
    const granted = await ask();
    if (granted === undefined) return;
    if (granted) this.#certain = value;
    this.#asked = undefined;
  }

  /** It was looked at. */
  is(value: T): void {
    this.#certain = value;
    this.#asked = undefined;
  }

  toString(): string {
    return [this.#certain, ...(this.#asked ? [this.#asked.value] : [])].join(" or ");
  }
}
