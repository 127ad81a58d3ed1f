import { type Channel, type Element, type FormField, formOf, NS, type Participant, readForm, refuse } from "masque";
import type { Preference } from "./preference.ts";

/** The preferences there are now, by name. */
// biome-ignore lint/suspicious/noExplicitAny: each has values of its own
export type Known = Map<string, Preference<any>>;

/** All preferences with their choices, and what a participant has chosen (XEP-0404 0.1.0, example 4). */
export function template(known: Known, participant: Participant): Element {
  return formOf(
    "form",
    NS.MIX_ANON,
    [...known.values()].map((each) => ({ ...field(each, participant), ...choices(each) })),
  );
}

/** What a participant has chosen, of all preferences (example 3). */
export function values(known: Known, participant: Participant): Element {
  return formOf(
    "result",
    NS.MIX_ANON,
    [...known.values()].map((each) => field(each, participant)),
  );
}

function field(preference: Preference<string>, participant: Participant): FormField {
  return { var: preference.name, values: [chosen(participant, preference)] };
}

/** What a participant chose, or the initial value; what is no value any more counts as not chosen. */
export function chosen<V extends string>({ traits }: Participant, { name, values, initial }: Preference<V>): V {
  const value = traits[name];
  return typeof value === "string" && Object.hasOwn(values, value) ? (value as V) : initial;
}

function choices({ label, values }: Preference<string>): Partial<FormField> {
  const options = Object.entries(values).map(([value, label]) => ({ value, label }));
  return { type: "list-single", label, options };
}

/**
 * What a form chooses, by name, in the XEP's spelling. Unknown fields are ignored (XEP-0004 §3.2).
 * @throws StanzaError `not-acceptable` for an unknown value, or one that may not be here; then nothing is chosen
 */
export function read(known: Known, form: Element, channel: Channel): Record<string, string> {
  const chosen: Record<string, string> = {};
  const mistakes: string[] = [];
  const { type, values } = readForm(form);
  if (type === "cancel") return chosen;
  for (const [name, [written, ...more]] of values) {
    const preference = known.get(name);
    if (!preference || written === undefined) continue;
    const choices = Object.keys(preference.values);
    const value = choices.find((choice) => plain(choice) === plain(written));
    const objection = value === undefined ? undefined : preference.objection?.(value, channel);
    if (more.length > 0) mistakes.push(`"${name}" takes one value, not ${more.length + 1}.`);
    else if (value === undefined)
      mistakes.push(`"${name}" is one of ${choices.map((each) => `"${each}"`).join(", ")}.`);
    else if (objection) mistakes.push(objection);
    else chosen[name] = value;
  }
  if (mistakes.length > 0) throw refuse("not-acceptable", mistakes.join(" "));
  return chosen;
}

/** In any case, trimmed, with `_` and `-` for spaces: clients spell "prefer not" in every way. */
function plain(value: string): string {
  return value.trim().toLowerCase().replace(/[_-]/g, " ");
}
