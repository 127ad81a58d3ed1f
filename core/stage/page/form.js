import { child, children, text, xml } from "./element.js";
import { DATA } from "./namespaces.js";

/** The form (XEP-0004) in an element: its visible fields, each with the choices it has. */
export function fieldsOf(element) {
  const form = child(element, "x", DATA);
  return children(form, "field")
    .filter((field) => field.getAttribute("type") !== "hidden" && field.getAttribute("var") !== "FORM_TYPE")
    .map((field) => ({
      name: field.getAttribute("var"),
      label: field.getAttribute("label") || field.getAttribute("var"),
      value: text(field, "value"),
      options: children(field, "option").map((option) => ({
        value: text(option, "value"),
        label: option.getAttribute("label") || text(option, "value"),
      })),
    }));
}

/** A form filled in; `values` by field name. */
export function submission(formType, values) {
  const fields = Object.entries({ FORM_TYPE: formType, ...values }).map(([name, value]) =>
    xml("field", DATA, { var: name }, xml("value", DATA, {}, value)),
  );
  return xml("x", DATA, { type: "submit" }, fields);
}
