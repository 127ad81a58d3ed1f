import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";

// With a separator, expat also checks that every prefix is bound (Namespaces in XML 1.0). After a mistake it takes no
// more, so that another parser goes on, as at the beginning of a stream.
const READER = `
import json, sys
from xml.parsers import expat

NAMES = ["jabber:component:accept " + name for name in ("iq", "message", "presence", "handshake")]
HEADER = "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams'>"

class Reader:
    def __init__(self):
        self.depth, self.verdict = 0, ""
        self.expat = expat.ParserCreate(namespace_separator=" ")
        self.expat.StartElementHandler, self.expat.EndElementHandler = self.start, self.end

    def start(self, name, attrs):
        self.depth += 1
        if self.depth == 2 and name not in NAMES:
            self.verdict = "<%s/> is no stanza of this stream" % name

    def end(self, name):
        self.depth -= 1

reader = Reader()
for line in sys.stdin:
    reader.verdict = ""
    try:
        reader.expat.Parse(json.loads(line).encode(), False)
        verdict = reader.verdict
    except expat.ExpatError as error:
        verdict = str(error)
        reader = Reader()
        reader.expat.Parse(HEADER, False)
    print(json.dumps(verdict), flush=True)
`;

/** A parser as strict as a server's, for one stream from its beginning: Python's expat, since Node has none. */
export class StrictReader {
  readonly #child: ChildProcessWithoutNullStreams = spawn("python3", ["-c", READER]);
  readonly #verdicts: AsyncIterator<string>;

  constructor() {
    this.#verdicts = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#child.stderr.pipe(process.stderr);
  }

  /** What is wrong with the next piece of the stream, wherever that ends; "" for nothing. */
  async read(text: string): Promise<string> {
    this.#child.stdin.write(`${JSON.stringify(text)}\n`);
    const { value, done } = await this.#verdicts.next();
    if (done) throw new Error("python3, whose expat is the strict parser of these tests, has ended.");
    return JSON.parse(value);
  }

  close(): void {
    this.#child.stdin.end();
  }
}
