import { type FieldType, type FormField, formOf, readBoolean } from "../xmpp/form.ts";
import { parseJid } from "../xmpp/jid.ts";
import { NS } from "../xmpp/ns.ts";
import { refuse } from "../xmpp/refuse.ts";
import type { Element } from "../xmpp/xml.ts";
import type { View } from "./audience.ts";
import type { Channel } from "./channel.ts";
import { CORE, type Generation } from "./generation.ts";
import type { Turn } from "./turn.ts";

/** The two nodes of a channel that hold a form of settings. */
export type Sheet = "info" | "config";

export type Values = Readonly<Record<string, readonly string[]>>;

/** What a field of this type holds, as plugins read it. */
export type ValueOf<T extends FieldType> = T extends "boolean"
  ? boolean
  : T extends `${string}-multi`
    ? readonly string[]
    : string;

export interface FieldSpec<T extends FieldType = FieldType> {
  /** Where it stands; "config" if not said. */
  readonly sheet?: Sheet;
  readonly type: T;
  readonly label: string;
  readonly initial: ValueOf<T>;
  /** The values of a list: value -> label. */
  readonly choices?: Readonly<Record<string, string>>;
  /** Other spellings of a value that are accepted: lower case -> value. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** A boolean field of the opposite meaning, which is accepted in its place. */
  readonly opposite?: string;
  /** Whether it is there now; always, if not said. */
  readonly isOffered?: () => boolean;
  /** Shown, but never set by a form. */
  readonly readOnly?: boolean;
  /** Where the value is kept, when not with the other fields of the sheet. */
  readonly read?: (channel: Channel) => readonly string[];
  /**
   * The value is about to become another: what else changes with it goes into the same turn. What is returned is done
   * once the sheet's subscribers have been told.
   */
  readonly changed?: (turn: Turn, values: readonly string[], channel: Channel) => () => void;
  /** A sentence that says why this may not be, or `undefined`. */
  readonly objection?: (values: readonly string[], channel: Channel) => string | undefined;
}

/** A registered field: what plugins use to read it. */
export interface Field<V> {
  of(channel: Channel): V;
}

const FORM_TYPES = {
  info: (generation: Generation) => CORE[generation],
  config: () => NS.MIX_ADMIN,
} satisfies Record<Sheet, (generation: Generation) => string>;

/** The fields of both sheets, in the order they were registered. */
export class Fields {
  readonly #specs = { info: new Map<string, FieldSpec>(), config: new Map<string, FieldSpec>() };

  add<T extends FieldType>(name: string, spec: FieldSpec<T>): Field<ValueOf<T>> & { remove(): void } {
    const specs = this.#specs[spec.sheet ?? "config"];
    if (specs.has(name)) throw new Error(`The field "${name}" exists already.`);
    specs.set(name, spec as unknown as FieldSpec);
    return {
      of: (channel) => fromText(spec.type, currentValues(channel, name, spec as unknown as FieldSpec)) as ValueOf<T>,
      remove: () => void specs.delete(name),
    };
  }

  /** What the fields whose values become others change with them, noted in the turn; what is to be done after. */
  changed(sheet: Sheet, channel: Channel, revised: Values, turn: Turn): (() => void)[] {
    return Object.entries(revised).flatMap(([name, values]) => {
      const spec = this.#specs[sheet].get(name);
      if (!spec?.changed || String(currentValues(channel, name, spec)) === String(values)) return [];
      return [spec.changed(turn, values, channel)];
    });
  }

  /** What the fields hold now, by name, but for those that hold JIDs. */
  values(sheet: Sheet, channel: Channel): Values {
    const fields = this.#offered(sheet).filter(([, { type }]) => !type.startsWith("jid-"));
    return Object.fromEntries(fields.map(([name, spec]) => [name, currentValues(channel, name, spec)]));
  }

  /** The sheet as it is archived: without the fields that hold JIDs. */
  record(sheet: Sheet, channel: Channel): Element {
    const fields = Object.entries(this.values(sheet, channel)).map(([name, values]) => ({ var: name, values }));
    return formOf("result", FORM_TYPES[sheet](1), fields);
  }

  #offered(sheet: Sheet): [string, FieldSpec][] {
    return [...this.#specs[sheet]].filter(([, { isOffered }]) => isOffered?.() ?? true);
  }

  /** The sheet as a form: with labels and choices for one who may fill it in (XEP-0406 §3.1, §3.2). */
  form(sheet: Sheet, channel: Channel, view: View): Element {
    const fields = this.#offered(sheet).map(([name, spec]): FormField => {
      const values = currentValues(channel, name, spec).filter((value) => isTold(value, spec, channel, view));
      if (!view.edits) return { var: name, values };
      const options = Object.entries(spec.choices ?? {}).map(([value, label]) => ({ value, label }));
      return { var: name, type: spec.type, label: spec.label, values, ...(spec.choices && { options }) };
    });
    const formType = FORM_TYPES[sheet](view.generation);
    return view.edits ? formOf("form", formType, fields, { title: TITLES[sheet] }) : formOf("result", formType, fields);
  }

  /**
   * What a submitted form changes: prepared values by field name. Fields it does not hold stay as they are, unknown
   * ones are ignored (XEP-0004 §3.2).
   * @throws StanzaError `not-acceptable` that names every mistake at once
   */
  revise(sheet: Sheet, channel: Channel, submitted: ReadonlyMap<string, readonly string[]>): Values {
    const revised: Record<string, readonly string[]> = {};
    const mistakes: string[] = [];
    for (const [name, spec] of this.#offered(sheet)) {
      const values = submitted.get(name) ?? opposed(submitted.get(spec.opposite ?? ""));
      if (values === undefined || spec.readOnly) continue;
      // Whoever sends the whole form back may keep what is no choice any more.
      const isKept = spec.choices && String(values) === String(currentValues(channel, name, spec));
      const read = isKept ? values : prepare(name, spec, values);
      const objection = typeof read === "string" ? read : spec.objection?.(read, channel);
      if (objection) mistakes.push(objection);
      else revised[name] = read as readonly string[];
    }
    if (mistakes.length > 0) throw refuse("not-acceptable", mistakes.join(" "));
    return revised;
  }
}

const TITLES: Readonly<Record<Sheet, string>> = {
  info: "Information Node Modification",
  config: "Configuration Node Modification",
};

/** The configuration names people, and may be for those who may not see their JIDs; the information is for everybody. */
function isTold(value: string, { type, sheet = "config" }: FieldSpec, channel: Channel, { eyes }: View): boolean {
  if (sheet === "info" || !type.startsWith("jid-") || eyes === "administrator") return true;
  const participant = channel.participant(value);
  return participant !== undefined && channel.shows(participant, eyes);
}

function currentValues(channel: Channel, name: string, spec: FieldSpec): readonly string[] {
  return spec.read?.(channel) ?? channel.sheet(spec.sheet ?? "config")[name] ?? toText(spec.initial);
}

function toText(value: boolean | string | readonly string[]): readonly string[] {
  if (typeof value === "boolean") return [value ? "true" : "false"];
  if (typeof value === "string") return value === "" ? [] : [value];
  return value;
}

function fromText(type: FieldType, values: readonly string[]): boolean | string | readonly string[] {
  if (type === "boolean") return values[0] === "true";
  return type.endsWith("-multi") ? values : (values[0] ?? "");
}

function opposed(values: readonly string[] | undefined): readonly string[] | undefined {
  return values?.map((value) => {
    const truth = readBoolean(value);
    return truth === undefined ? value : String(!truth);
  });
}

/** The values as they are kept, or a sentence that says what is wrong with them. */
function prepare(name: string, spec: FieldSpec, given: readonly string[]): readonly string[] | string {
  const values = given.map((value) => value.trim()).filter((value) => value !== "");
  if (spec.type === "boolean") {
    if (values.length === 0) return `"${name}" needs a value: true or false.`;
    const truth = readBoolean(values[0] as string);
    return truth === undefined ? `"${name}" is true or false, not "${values[0]}".` : [String(truth)];
  }
  if (!spec.type.endsWith("-multi") && values.length > 1) return `"${name}" takes one value, not ${values.length}.`;
  if (spec.choices) return prepareChoice(name, spec, values);
  if (!spec.type.startsWith("jid-")) return values;
  const jids = values.map((value) => parseJid(value)?.bare);
  const wrong = jids.indexOf(undefined);
  return wrong < 0 ? [...new Set(jids as string[])] : `"${name}" takes JIDs; value ${wrong + 1} is none.`;
}

/** The choice that another spelling stands for, or the value itself. */
function aliasOf({ aliases = {} }: FieldSpec, value: string): string {
  return Object.hasOwn(aliases, value) ? (aliases[value] as string).toLowerCase() : value;
}

function prepareChoice(name: string, spec: FieldSpec, values: readonly string[]): readonly string[] | string {
  const choices = Object.keys(spec.choices ?? {});
  const chosen: string[] = [];
  for (const value of values) {
    const plain = aliasOf(spec, value.toLowerCase());
    const choice = choices.find((each) => each.toLowerCase() === plain);
    if (choice === undefined)
      return `"${name}" takes ${choices.map((each) => `"${each}"`).join(", ")}, not "${value}".`;
    chosen.push(choice);
  }
  return chosen.length > 0 || spec.type.endsWith("-multi") ? chosen : `"${name}" needs one of ${choices.join(", ")}.`;
}
