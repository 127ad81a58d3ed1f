import { SaxesParser } from "saxes";

const HEADER = "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams'>";
const STANZAS = ["iq", "message", "presence", "handshake"];

/** Reads one stream from its beginning as strictly as a server's parser, unbound prefixes and all. */
export class StrictReader {
  #parser = this.#fresh();
  #depth = 0;
  #verdict = "";

  /** What is wrong with the next piece of the stream, wherever that ends; "" for nothing. */
  read(text: string): string {
    this.#verdict = "";
    this.#parser.write(text);
    if (!this.#verdict) return "";
    // After a mistake it goes on as at the beginning of a stream.
    const verdict = this.#verdict;
    this.#depth = 0;
    this.#parser = this.#fresh();
    this.#parser.write(HEADER);
    return verdict;
  }

  #fresh() {
    const parser = new SaxesParser({ xmlns: true });
    parser.on("error", (error) => {
      this.#verdict ||= error.message;
    });
    parser.on("opentag", ({ local, uri }) => {
      this.#depth++;
      const isStanza = uri === "jabber:component:accept" && STANZAS.includes(local);
      if (this.#depth === 2 && !isStanza) this.#verdict ||= `<${local}/> of ${uri} is no stanza of this stream`;
    });
    parser.on("closetag", () => {
      this.#depth--;
    });
    return parser;
  }
}
