import { inTime, systemClock } from "../../core/host/clock.ts";
import { Chance } from "./chance.ts";
import type { House } from "./house.ts";
import { type Problem, WRONGS } from "./oracle.ts";
import { type Kind, Season } from "./season.ts";

/** Where some kinds of faults can happen. */
export interface Theatre<H extends House = House> {
  /** How often each of its kinds is to happen, and why one cannot happen here. */
  readonly kinds: readonly { readonly kind: Kind<H>; readonly times: number; readonly missing?: string | undefined }[];
  open(): Promise<H>;
  close(): Promise<void>;
}

export interface Terms {
  readonly seed: number;
  /** When nothing new is begun any more, in milliseconds since 1970. */
  readonly until: number;
  /** Is told what goes wrong, as it does. */
  readonly say: (line: string) => void;
}

/** So many faults befall one company, before there is another with a new database. */
const SEASON = 10;
/** For what hangs: a fault is got over within seconds. */
const PATIENCE = 120_000;

/** Faults of many kinds, and what came of them. */
export class Campaign {
  readonly #terms: Terms;
  readonly #kinds = new Map<string, number>();
  readonly #wrong = new Map<Problem["wrong"], number>(WRONGS.map((wrong) => [wrong, 0]));
  #sent = 0;
  #heard = 0;
  #seasons = 0;

  constructor(terms: Terms) {
    this.#terms = terms;
  }

  /** How often each kind has happened. */
  get kinds(): string {
    return [...this.#kinds].map(([kind, count]) => `${kind}: ${count}`).join(", ");
  }

  get summary(): string {
    const counts = [...this.#wrong].map(([wrong, count]) => `${wrong}: ${count}`).join(", ");
    const what = `${this.#faults} faults of ${this.#kinds.size} kinds`;
    return `${what}, ${this.#sent} messages sent, ${this.#heard} heard, ${counts}`;
  }

  get #faults(): number {
    return [...this.#kinds.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Nothing has gone wrong, and something was tried. */
  get isGood(): boolean {
    return this.#faults > 0 && [...this.#wrong.values()].every((count) => count === 0);
  }

  /** All that is to happen in one theatre, in any order, a season after the other. */
  async plays<H extends House>({ kinds, open, close }: Theatre<H>): Promise<void> {
    for (const { kind, missing } of kinds) if (missing) this.#terms.say(`NOT TRIED: ${kind.name}: ${missing}.`);
    const chance = new Chance(this.#terms.seed);
    const all = kinds.filter(({ missing }) => !missing).flatMap(({ kind, times }) => Array<Kind<H>>(times).fill(kind));
    const faults = shuffled(all, chance);
    while (faults.length > 0 && Date.now() < this.#terms.until)
      await this.#season(await open(), faults.splice(0, SEASON), new Chance(chance.upTo(2 ** 31)));
    await close();
  }

  async #season<H extends House>(house: H, faults: readonly Kind<H>[], chance: Chance): Promise<void> {
    const number = ++this.#seasons;
    // What is lost is missed again after every fault to come.
    const told = new Set<string>();
    const tell = (kind: string, problems: readonly Problem[]) => {
      for (const { wrong, says } of problems) {
        if (told.size === told.add(says).size) continue;
        this.#wrong.set(wrong, (this.#wrong.get(wrong) ?? 0) + 1);
        this.#terms.say(`Season ${number}, ${kind}, ${wrong}: ${says}`);
      }
    };
    let season: Season<H> | undefined;
    let now = "the beginning";
    const suffers = async () => {
      season = await Season.begin(house, chance);
      for (const kind of faults) {
        if (Date.now() >= this.#terms.until) return;
        now = kind.name;
        tell(kind.name, await within(season.suffers(kind), house));
        this.#kinds.set(kind.name, (this.#kinds.get(kind.name) ?? 0) + 1);
      }
    };
    // Whatever was thrown is one more thing that went wrong.
    await suffers().catch((error: Error) => tell(now, [{ wrong: "otherwise wrong", says: error.message }]));
    this.#sent += season?.counts.sent ?? 0;
    this.#heard += season?.counts.heard ?? 0;
    await house.close();
  }
}

async function within<T>(work: Promise<T>, house: House): Promise<T> {
  if (await inTime(systemClock, PATIENCE, work)) return work;
  throw new Error(`It did not come to an end within ${PATIENCE / 1000} s. ${house.lastWords}`);
}

function shuffled<T>(list: readonly T[], chance: Chance): T[] {
  return list
    .map((each) => ({ each, place: chance.next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ each }) => each);
}
