import { retractionOf, type Told, type Whisper } from "./hearing.ts";

export const WRONGS = ["lost", "twice", "out of order", "otherwise wrong"] as const;

/** What the service has done that it must not do. */
export interface Problem {
  readonly wrong: (typeof WRONGS)[number];
  readonly says: string;
}

/** A message of the archive. */
export interface Kept extends Told {
  /** Its words were taken back. */
  readonly isTombstone: boolean;
}

/** Something that somebody sent to the channel, in the order of the lists it stands in. */
export interface Utterance {
  readonly words: string;
  /** The TCP stream it went into. */
  readonly stream: number;
  readonly isRefused: boolean;
}

/** What is known when nothing is under way any more. */
export interface Evidence {
  /** The whole archive, in its order. */
  readonly kept: readonly Kept[];
  /** What was told, by address, in the order in which it was. */
  readonly heard: ReadonlyMap<string, readonly Told[]>;
  /** What each has said since the last time. */
  readonly said: ReadonlyMap<string, readonly Utterance[]>;
  readonly whispers: readonly Whisper[];
  /** The stream that is open now: of all that was sent into it, it is known what came of it. */
  readonly stream: number;
}

/** Whether all that people were told is true, and all that they said has had its answer. */
export function judge(evidence: Evidence): Problem[] {
  return [
    ...inArchive(evidence.kept),
    ...[...evidence.heard].flatMap(([address, told]) => atAddress(address, told, evidence.kept)),
    ...[...evidence.said].flatMap(([name, said]) => ofSpeaker(name, said, evidence)),
    ...inPrivate(evidence.whispers),
  ];
}

const problem = (wrong: Problem["wrong"], says: string): Problem => ({ wrong, says });
const quote = ({ id, nick, words }: Told) => `${id} ${nick}: "${words}"`;

/** Those of these that stood before in their list already. */
function repeated<T>(list: readonly T[], key: (each: T) => string): T[] {
  const seen = new Set<string>();
  return list.filter((each) => seen.size === seen.add(key(each)).size);
}

function inArchive(kept: readonly Kept[]): Problem[] {
  const doubles = [
    ...repeated(kept, ({ id }) => id),
    ...repeated(
      kept.filter(({ isTombstone }) => !isTombstone),
      ({ words }) => words,
    ),
  ];
  const retracted = new Set(kept.map(({ words }) => words));
  const halves = kept.filter(({ id, isTombstone }) => isTombstone !== retracted.has(retractionOf(id)));
  return [
    ...doubles.map((each) => problem("twice", `The archive has twice ${quote(each)}.`)),
    ...halves.map((each) => problem("otherwise wrong", `One half of a retraction was kept, at ${quote(each)}.`)),
  ];
}

function atAddress(address: string, told: readonly Told[], kept: readonly Kept[]): Problem[] {
  const places = new Map(kept.map(({ id }, place) => [id, place]));
  const problems = repeated(told, ({ id }) => id).map((each) =>
    problem("twice", `${address} was told twice ${quote(each)}.`),
  );
  let last = -1;
  for (const each of told) {
    const place = places.get(each.id);
    if (place === undefined) {
      problems.push(problem("lost", `${address} was told ${quote(each)}, which the archive has not.`));
      continue;
    }
    const original = kept[place] as Kept;
    if (!original.isTombstone && quote(original) !== quote(each))
      problems.push(problem("lost", `${address} was told ${quote(each)}, and the archive has ${quote(original)}.`));
    if (place < last) problems.push(problem("out of order", `${address} was told too late ${quote(each)}.`));
    last = Math.max(last, place);
  }
  return problems;
}

/** Who speaks is heard in the order he speaks in; only of what was on its way when a stream ended the last may be gone. */
function ofSpeaker(name: string, said: readonly Utterance[], { kept, heard, stream }: Evidence): Problem[] {
  const problems: Problem[] = [];
  // Whoever took something back had heard it.
  const words = new Map([...heard.values()].flat().map((told) => [told.id, told.words]));
  const places = new Map(kept.map((each, place) => [each.isTombstone ? words.get(each.id) : each.words, place]));
  const gone = new Map<number, Utterance>();
  let last = -1;
  for (const each of said) {
    const place = places.get(each.words);
    if (each.isRefused) {
      if (place !== undefined)
        problems.push(problem("otherwise wrong", `Refused, and kept: ${name}'s "${each.words}".`));
    } else if (place === undefined) {
      if (each.stream === stream)
        problems.push(problem("lost", `Neither kept nor refused: ${name}'s "${each.words}".`));
      gone.set(each.stream, each);
    } else {
      const before = gone.get(each.stream);
      if (before) problems.push(problem("lost", `Kept before it is ${name}'s "${each.words}": "${before.words}".`));
      if (place < last) problems.push(problem("out of order", `Kept too early: ${name}'s "${each.words}".`));
      last = Math.max(last, place);
    }
  }
  return problems;
}

/** A private message arrives once; and each client is known by one token, for ever. */
function inPrivate(whispers: readonly Whisper[]): Problem[] {
  const tokens = new Map<string, string>();
  const problems = repeated(whispers, ({ words }) => words).map(({ words }) =>
    problem("twice", `A private message arrived twice: "${words}".`),
  );
  for (const { from } of whispers) {
    const [proxy = "", token = ""] = from.split("/");
    const known = tokens.get(proxy) ?? token;
    if (known !== token)
      problems.push(problem("otherwise wrong", `${proxy} had the token ${known}, and has ${token}.`));
    tokens.set(proxy, known);
  }
  return problems;
}
