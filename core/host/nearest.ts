import { closestMatch } from "leven";

/** The name that was probably meant, if one is near enough, by `slips`, to be more than a guess. */
export function nearest(name: string, names: Iterable<string>, slips = Math.ceil(name.length / 3)): string | undefined {
  const candidates = [...names];
  return closestMatch(name, candidates, { maxDistance: Math.max(2, slips) });
}

/** `; did you mean "x"?`, or a full stop when no name is near. */
export function didYouMean(name: string, names: Iterable<string>): string {
  const match = nearest(name, names);
  return match === undefined ? "." : `; did you mean "${match}"?`;
}
