import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findForm, formOf, readBoolean, readForm } from "../../../core/xmpp/form.ts";
import { NS } from "../../../core/xmpp/ns.ts";
import { xml } from "../../../core/xmpp/xml.ts";

describe("formOf", () => {
  it("writes what XEP-0004 shows, FORM_TYPE first", () => {
    const form = formOf(
      "form",
      NS.MIX_ANON,
      [
        {
          var: "JID Visibility",
          type: "list-single",
          label: "Who sees my address",
          desc: "Never more than the channel allows",
          required: true,
          values: ["never"],
          options: [{ label: "Nobody", value: "never" }, { value: "default" }],
        },
      ],
      { title: "Preferences", instructions: "Choose." },
    );
    expect(form.toString()).toBe(
      '<x xmlns="jabber:x:data" type="form"><title>Preferences</title><instructions>Choose.</instructions>' +
        '<field var="FORM_TYPE" type="hidden"><value>urn:xmpp:mix:anon:0</value></field>' +
        '<field var="JID Visibility" type="list-single" label="Who sees my address">' +
        "<desc>Never more than the channel allows</desc><required/><value>never</value>" +
        '<option label="Nobody"><value>never</value></option><option><value>default</value></option></field></x>',
    );
  });

  it("is read back as it was written", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 12 });
    const name = fc.string({ minLength: 1, maxLength: 12 }).filter((name) => name !== "FORM_TYPE");
    const field = fc.record({ var: name, values: fc.array(text, { maxLength: 3 }) });
    const fields = fc.uniqueArray(field, { selector: (field) => field.var, maxLength: 5 });
    fc.assert(
      fc.property(fc.constantFrom("form", "submit", "result"), text, fields, (type, formType, fields) => {
        const read = readForm(formOf(type, formType, fields));
        expect(read).toEqual({
          type,
          formType,
          values: new Map(fields.map((field) => [field.var, field.values])),
        });
      }),
    );
  });
});

describe("readForm", () => {
  it("reads a submission without FORM_TYPE and without a type", () => {
    const form = xml("x", { xmlns: NS.DATA }, xml("field", { var: "Name" }, xml("value", {}, "Coven")));
    expect(readForm(form)).toEqual({ type: "submit", formType: undefined, values: new Map([["Name", ["Coven"]]]) });
  });

  it("tells a field without a value from one that is not there", () => {
    const { values } = readForm(xml("x", { xmlns: NS.DATA }, xml("field", { var: "Description" })));
    expect(values.get("Description")).toEqual([]);
    expect(values.has("Name")).toBe(false);
  });

  it("passes over fields without a name, and takes the first of two with one name", () => {
    const field = (name: string | undefined, value: string) => xml("field", { var: name }, xml("value", {}, value));
    const form = xml("x", { xmlns: NS.DATA }, field(undefined, "fixed"), field("Name", "A"), field("Name", "B"));
    expect(readForm(form).values).toEqual(new Map([["Name", ["A"]]]));
  });
});

describe("findForm", () => {
  it("finds a form by its namespace, directly inside only", () => {
    const form = formOf("submit", NS.MIX_ANON, []);
    expect(findForm(xml("user-preference", {}, xml("x", { xmlns: "jabber:x:oob" }), form))).toBe(form);
    expect(findForm(xml("iq", {}, xml("user-preference", {}, form)))).toBeUndefined();
  });
});

describe("readBoolean", () => {
  it.each([
    ["true", true],
    ["1", true],
    ["True", true],
    ["false", false],
    ["0", false],
    [" false ", false],
    ["yes", undefined],
    ["", undefined],
  ])("takes %j for %s", (text, value) => {
    expect(readBoolean(text)).toBe(value);
  });
});
