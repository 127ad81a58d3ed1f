// XEP-0082 §3.1: CCYY-MM-DDThh:mm:ss[.sss]TZD; digits past the third of a fraction are allowed.
const DATE_TIME =
  /^(\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(\.\d+)?(?:Z|([+-])((?:[01]\d|2[0-3])):([0-5]\d))$/;

/** Milliseconds since 1970 of a DateTime of XEP-0082, cut to whole ones; `undefined` when it is none. */
export function readTime(text: string): number | undefined {
  const [, clock, fraction = "", sign, hours, minutes] = DATE_TIME.exec(text) ?? [];
  if (clock === undefined) return undefined;
  const milliseconds = fraction.slice(1, 4).padEnd(3, "0");
  const local = Date.parse(`${clock}.${milliseconds}Z`);
  // Date.parse takes 30 February for 1 March.
  if (Number.isNaN(local) || !new Date(local).toISOString().startsWith(clock)) return undefined;
  const offset = sign === undefined ? 0 : (Number(hours) * 60 + Number(minutes)) * 60_000;
  return sign === "-" ? local + offset : local - offset;
}

/** A DateTime of XEP-0082 in UTC with milliseconds: "2016-05-30T09:00:00.000Z". */
export function writeTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
