import { type Element, NS, xml } from "masque";

/** Many things of one kind as XEP-0004 §3.4 has them, in a table; `undefined` for what is no list of such. */
export function recordsOf(title: string, result: unknown): Element | undefined {
  if (!Array.isArray(result) || result.length === 0 || !result.every(isRecord)) return undefined;
  const names = Object.keys(result[0] as Record<string, unknown>);
  const field = (name: string, value?: unknown) =>
    xml("field", { var: name, ...(value === undefined && { label: name }) }, value !== undefined && asValue(value));
  return xml(
    "x",
    { xmlns: NS.DATA, type: "result" },
    xml("title", {}, title),
    xml(
      "reported",
      {},
      names.map((name) => field(name)),
    ),
    result.map((each: Record<string, unknown>) =>
      xml(
        "item",
        {},
        names.map((name) => field(name, each[name] ?? "")),
      ),
    ),
  );
}

function asValue(value: unknown): Element {
  return xml("value", {}, Array.isArray(value) ? value.join(", ") : String(value));
}

function isRecord(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((each) => typeof each !== "object" || Array.isArray(each));
}
