import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";

// Reads each text as what follows a stream's header, and says what is wrong with it. With a separator, expat also
// checks that every prefix is bound (Namespaces in XML 1.0).
const READER = `
import json, sys
from xml.parsers import expat

for line in sys.stdin:
    depth, foreign = 0, None

    def start(name, attrs):
        global depth, foreign
        depth += 1
        if depth == 2 and name not in ("jabber:component:accept " + n for n in ("iq", "message", "presence")):
            foreign = "<%s/> is no stanza of the stream" % name

    def end(name):
        global depth
        depth -= 1

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = start, end
    text = "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams'>" + json.loads(line)
    try:
        parser.Parse(text.encode(), False)
        verdict = foreign or ("" if depth == 1 else "it ends within a stanza")
    except expat.ExpatError as error:
        verdict = str(error)
    print(json.dumps(verdict), flush=True)
`;

/** A parser as strict as a server's: Python's expat, since Node has none. */
export class StrictReader {
  readonly #child: ChildProcessWithoutNullStreams = spawn("python3", ["-c", READER]);
  readonly #verdicts: AsyncIterator<string>;

  constructor() {
    const lines: Interface = createInterface({ input: this.#child.stdout });
    this.#verdicts = lines[Symbol.asyncIterator]();
    this.#child.stderr.pipe(process.stderr);
  }

  /** What is wrong with these stanzas as a piece of a stream; "" for nothing. */
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
