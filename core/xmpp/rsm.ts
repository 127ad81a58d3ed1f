import { NS } from "./ns.ts";
import { refuse } from "./refuse.ts";
import { type Element, xml } from "./xml.ts";

/** Which page of a result set is wanted (XEP-0059 §2). */
export interface PageRequest {
  readonly max?: number;
  readonly after?: string;
  /** `""` asks for the last page (§2.5). */
  readonly before?: string;
  readonly index?: number;
}

/** Which page of a result set was given. */
export interface PageAnswer {
  /** First and last item of the page; absent when it is empty. */
  readonly first?: string;
  readonly last?: string;
  /** Position of `first` in the whole result set, from 0. */
  readonly index?: number | undefined;
  /** Both are left out where it would take long to count (§2.7). */
  readonly count?: number | undefined;
}

/**
 * The `<set/>` inside a query, or `undefined` when there is none. An empty `<after/>` asks for the first page, as
 * leaving it out does.
 */
export function readSet(query: Element): PageRequest | undefined {
  const set = query.getChild("set", NS.RSM);
  if (!set) return undefined;
  const max = wholeNumber(set, "max");
  const index = wholeNumber(set, "index");
  const after = set.getChildText("after");
  const before = set.getChildText("before");
  return {
    ...(max !== undefined && { max }),
    ...(after && { after }),
    ...(before !== null && { before }),
    ...(index !== undefined && { index }),
  };
}

function wholeNumber(set: Element, name: "max" | "index"): number | undefined {
  const text = set.getChildText(name)?.trim();
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^[0-9]+$/.test(text) && Number.isSafeInteger(number)) return number;
  throw refuse("bad-request", `The <${name}/> of a result set must be a whole number from 0 up.`);
}

/** The `<set/>` that describes a page. */
export function setOf({ first, last, index, count }: PageAnswer): Element {
  return xml(
    "set",
    { xmlns: NS.RSM },
    first !== undefined && xml("first", { index: index?.toString() }, first),
    last !== undefined && xml("last", {}, last),
    count !== undefined && xml("count", {}, count),
  );
}
