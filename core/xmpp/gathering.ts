/** Bytes that are allocated, and leave, together. */
const SLAB = 64 * 1024;

/** What is written in one turn of the event loop leaves together: small writes would each be a call to the system. */
export class Gathering {
  readonly #send: (bytes: Uint8Array) => void;
  #slab = Buffer.alloc(0);
  #start = 0;
  #end = 0;

  constructor(send: (bytes: Uint8Array) => void) {
    this.#send = send;
  }

  text(text: string): void {
    const most = 3 * text.length;
    if (most > SLAB) return this.#alone(Buffer.from(text));
    const slab = this.#room(most);
    this.#end += slab.write(text, this.#end);
  }

  /** @param length of all pieces together, in bytes; they are copied, and may change afterwards */
  pieces(pieces: readonly Uint8Array[], length: number): void {
    if (length > SLAB) return this.#alone(fill(Buffer.allocUnsafeSlow(length), 0, pieces));
    fill(this.#room(length), this.#end, pieces);
    this.#end += length;
  }

  /** Sends what is gathered. */
  flush(): void {
    if (this.#start === this.#end) return;
    const bytes = this.#slab.subarray(this.#start, this.#end);
    this.#start = this.#end;
    this.#send(bytes);
  }

  #room(length: number): Buffer {
    if (this.#start === this.#end) process.nextTick(() => this.flush());
    if (this.#end + length <= this.#slab.length) return this.#slab;
    this.flush();
    this.#slab = Buffer.allocUnsafeSlow(SLAB);
    this.#start = this.#end = 0;
    return this.#slab;
  }

  #alone(bytes: Uint8Array): void {
    this.flush();
    this.#send(bytes);
  }
}

function fill(bytes: Buffer, from: number, pieces: readonly Uint8Array[]): Buffer {
  let offset = from;
  for (let i = 0; i < pieces.length; i++) {
    const piece = pieces[i] as Uint8Array;
    bytes.set(piece, offset);
    offset += piece.length;
  }
  return bytes;
}
