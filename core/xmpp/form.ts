import { NS } from "./ns.ts";
import { type Element, xml } from "./xml.ts";

export type FieldType =
  | "boolean"
  | "fixed"
  | "hidden"
  | "jid-multi"
  | "jid-single"
  | "list-multi"
  | "list-single"
  | "text-multi"
  | "text-private"
  | "text-single";

export interface FormField {
  readonly var: string;
  readonly type?: FieldType;
  readonly label?: string;
  readonly values: readonly string[];
  readonly options?: readonly { readonly label?: string; readonly value: string }[];
  readonly required?: boolean;
  readonly desc?: string;
}

/** A data form (XEP-0004) whose first field is its FORM_TYPE (XEP-0068). */
export function formOf(
  type: "form" | "submit" | "result",
  formType: string,
  fields: readonly FormField[],
  head: { readonly title?: string; readonly instructions?: string } = {},
): Element {
  return xml(
    "x",
    { xmlns: NS.DATA, type },
    textChild("title", head.title),
    textChild("instructions", head.instructions),
    fieldElement({ var: "FORM_TYPE", type: "hidden", values: [formType] }),
    fields.map(fieldElement),
  );
}

function fieldElement({ var: name, type, label, values, options = [], required, desc }: FormField): Element {
  return xml(
    "field",
    { var: name, type, label },
    textChild("desc", desc),
    required && xml("required"),
    values.map((value) => xml("value", {}, value)),
    options.map((option) => xml("option", { label: option.label }, xml("value", {}, option.value))),
  );
}

function textChild(name: string, text: string | undefined): Element | undefined {
  return text === undefined ? undefined : xml(name, {}, text);
}

/**
 * Reads a form of any type. A form without a type is taken as a submission; fields without a name say nothing, and of
 * two fields with one name the first counts.
 */
export function readForm(x: Element): {
  type: string;
  formType: string | undefined;
  values: Map<string, readonly string[]>;
} {
  const values = new Map<string, readonly string[]>();
  for (const field of x.getChildren("field")) {
    const name = field.attrs.var;
    if (!name || values.has(name)) continue;
    values.set(
      name,
      field.getChildren("value").map((value) => value.getText()),
    );
  }
  const formType = values.get("FORM_TYPE")?.[0];
  values.delete("FORM_TYPE");
  return { type: x.attrs.type ?? "submit", formType, values };
}

/** The form directly inside `parent`. */
export function findForm(parent: Element): Element | undefined {
  return parent.getChild("x", NS.DATA);
}

/** The value of a boolean field (XEP-0004 §3.3), in any case; `undefined` when it is none. */
export function readBoolean(value: string): boolean | undefined {
  return BOOLEANS.get(value.trim().toLowerCase());
}
const BOOLEANS = new Map([
  ["true", true],
  ["1", true],
  ["false", false],
  ["0", false],
]);
