import { type Element, escapeXml, randomId } from "masque";
import type { Service } from "./discovery.ts";
import { isTelling, type Spelling, written } from "./spelling.ts";

const BODY = "Is anybody told who else is told?";

/**
 * A stanza to nobody but the component itself, at two addresses, and one more behind it: the service is used for others
 * only after the first came back to each address once, as it was sent, without the other address, and then the second.
 */
export class Proof {
  readonly text: string;
  /** Fulfilled when the service has passed; rejected with why it has not. */
  readonly passed: Promise<void>;
  readonly #token = randomId();
  readonly #service: string;
  readonly #spelling: Spelling;
  readonly #from: string;
  readonly #addresses: readonly string[];
  readonly #awaited: Set<string>;
  readonly #end: string;
  #pass!: () => void;
  #fail!: (reason: Error) => void;

  /** @param from the component's domain */
  constructor(service: Service, from: string) {
    this.#service = `${service.jid}/${this.#token}`;
    this.#spelling = service.spelling;
    this.#from = from;
    this.#addresses = ["this", "that"].map((name) => `${from}/${this.#token}-${name}`);
    this.#awaited = new Set(this.#addresses);
    this.passed = new Promise((pass, fail) => {
      this.#pass = pass;
      this.#fail = fail;
    });
    this.#end = `${from}/${this.#token}-end`;
    this.text = this.#stanza(this.#addresses) + this.#stanza([this.#end]);
  }

  fail(reason: string): void {
    this.#fail(new Error(reason));
  }

  /** Whether a message is the proof's, come back; if so, looks at it. */
  takes(stanza: Element): boolean {
    const { from, to = "", type } = stanza.attrs;
    if (from === this.#service && type === "error") this.fail("it does not take what the component sends");
    else if (to === this.#end) this.#finish();
    else if (this.#addresses.includes(to)) this.#judge(stanza, to);
    else return false;
    return true;
  }

  #judge(stanza: Element, to: string): void {
    const { from, id, type } = stanza.attrs;
    const text = stanza.toString();
    const isWhole = stanza.getChildText("body") === BODY && isMarked(stanza) && id === this.#token;
    if (isTelling(stanza) || this.#addresses.some((jid) => jid !== to && text.includes(jid)))
      this.fail("it tells its recipients of one another");
    else if (from !== this.#from || type !== "groupchat" || !isWhole) this.fail("it changes what it passes on");
    else if (!this.#awaited.delete(to)) this.fail("it passes it on twice");
  }

  #finish(): void {
    if (this.#awaited.size > 0) this.fail("it does not keep the order of what it passes on");
    else this.#pass();
  }

  #stanza(jids: readonly string[]): string {
    // Without the empty <mix/> ejabberd's MIX-PAM passes nothing on.
    return (
      `<message to='${escapeXml(this.#service)}' from='${this.#from}' id='${this.#token}' type='groupchat'>` +
      `<body>${BODY}</body><mix xmlns=''/>${written(this.#spelling, jids)}</message>`
    );
  }
}

function isMarked(stanza: Element): boolean {
  return stanza.getChildElements().some(({ name, attrs }) => name === "mix" && !attrs.xmlns);
}
