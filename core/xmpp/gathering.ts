/** Bytes that are allocated, and leave, together. */
const SLAB = 512 * 1024;

/** So many slabs are kept for later; more are needed only while the server takes its time. */
const MOST_SPARE = 16;

/** Memory that was used before costs less than fresh memory, which the system has to clear page by page. */
class Slab {
  readonly bytes = Buffer.allocUnsafeSlow(SLAB);
  /** How many parts of it are on their way. */
  sending = 0;
}

/** What is written in one turn of the event loop leaves together: small writes would each be a call to the system. */
export class Gathering {
  readonly #send: (bytes: Uint8Array, sent: () => void) => void;
  readonly #spare: Slab[] = [];
  #slab = new Slab();
  #start = 0;
  #end = 0;
  #isDue = false;

  /** @param send has to call `sent` once the bytes may be written over */
  constructor(send: (bytes: Uint8Array, sent: () => void) => void) {
    this.#send = send;
  }

  text(text: string): void {
    this.#begin();
    const most = 3 * text.length;
    if (most > SLAB) return this.pieces([Buffer.from(text)]);
    if (this.#end + most > SLAB) this.#turnOver();
    this.#end += this.#slab.bytes.write(text, this.#end);
    this.#wait();
  }

  /** The pieces are copied, and may change afterwards. */
  pieces(pieces: readonly Uint8Array[]): void {
    this.#begin();
    for (let i = 0; i < pieces.length; i++) {
      const piece = pieces[i] as Uint8Array;
      const end = this.#end + piece.length;
      if (end > SLAB) this.#across(piece);
      else {
        this.#slab.bytes.set(piece, this.#end);
        this.#end = end;
      }
    }
    this.#wait();
  }

  /** Sends what is gathered. */
  flush(): void {
    if (this.#start === this.#end) return;
    const slab = this.#slab;
    const bytes = slab.bytes.subarray(this.#start, this.#end);
    this.#start = this.#end;
    slab.sending++;
    this.#send(bytes, () => {
      slab.sending--;
      this.#keep(slab);
    });
  }

  /** What begins in the first half of a slab has room to leave in one piece. */
  #begin(): void {
    if (!this.#isDue && this.#end > SLAB / 2 && this.#spare.length > 0) this.#turnOver();
  }

  #wait(): void {
    if (this.#isDue || this.#start === this.#end) return;
    this.#isDue = true;
    process.nextTick(() => {
      this.#isDue = false;
      this.flush();
    });
  }

  #across(piece: Uint8Array): void {
    for (let at = 0; at < piece.length; ) {
      if (this.#end === SLAB) this.#turnOver();
      const part = piece.subarray(at, at + SLAB - this.#end);
      this.#slab.bytes.set(part, this.#end);
      this.#end += part.length;
      at += part.length;
    }
  }

  #turnOver(): void {
    this.flush();
    const full = this.#slab;
    this.#slab = this.#spare.pop() ?? new Slab();
    this.#start = this.#end = 0;
    this.#keep(full);
  }

  #keep(slab: Slab): void {
    if (slab.sending === 0 && slab !== this.#slab && this.#spare.length < MOST_SPARE) this.#spare.push(slab);
  }
}
