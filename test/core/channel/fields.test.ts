import fc from "fast-check";
import { type Channel, Channels, NS, readForm } from "masque";
import { testHost } from "masque/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { type FieldSpec, Fields } from "../../../core/channel/fields.ts";
import { isStanzaError } from "../../../core/xmpp/refuse.ts";

let coven: Channel;
beforeAll(async () => {
  const { host } = await testHost([]).coven("hecate");
  coven = (await host.use(Channels).find("coven"))!;
});

const READER = { generation: 1, eyes: "administrator" } as const;
const SPECS = {
  Boiling: { type: "boolean", label: "It boils", initial: false },
  Brew: {
    type: "list-single",
    label: "Brew",
    initial: "toil",
    choices: { toil: "Toil", Trouble: "Trouble" },
    aliases: { turmoil: "toil" },
  },
  Spirits: {
    type: "list-multi",
    label: "Spirits",
    initial: ["black"],
    choices: { black: "Black", white: "White", grey: "Grey" },
  },
  Motto: { type: "text-single", label: "Motto", initial: "" },
  Recipe: { type: "text-multi", label: "Recipe", initial: [] },
  Familiar: { type: "jid-single", label: "Familiar", initial: "" },
  Guests: { type: "jid-multi", label: "Guests", initial: [] },
} as const satisfies Record<string, FieldSpec>;

function cauldron(): Fields {
  const fields = new Fields();
  for (const [name, spec] of Object.entries(SPECS)) fields.add(name, spec as FieldSpec);
  return fields;
}

/** What a form that holds only this field changes, or the words of the refusal. */
function revised(name: keyof typeof SPECS, ...values: string[]): readonly string[] | string | undefined {
  try {
    return cauldron().revise("config", coven, new Map([[name, values]]))[name];
  } catch (error) {
    if (isStanzaError(error) && error.condition === "not-acceptable") return error.text;
    throw error;
  }
}

describe("the values of a field", () => {
  it.each(["true", "1", "TRUE", " true "])('are true for a boolean written as "%s"', (value) => {
    expect(revised("Boiling", value)).toEqual(["true"]);
  });

  it.each(["false", "0", "False"])('are false for a boolean written as "%s"', (value) => {
    expect(revised("Boiling", value)).toEqual(["false"]);
  });

  it("must be there for a boolean and a list-single, and be one of the choices", () => {
    expect(revised("Boiling")).toBe('"Boiling" needs a value: true or false.');
    expect(revised("Boiling", "perhaps")).toBe('"Boiling" is true or false, not "perhaps".');
    expect(revised("Brew")).toBe('"Brew" needs one of toil, Trouble.');
    expect(revised("Brew", "soup")).toBe('"Brew" takes "toil", "Trouble", not "soup".');
  });

  it("are kept in the spelling of the choice, whatever case or other spelling they came in", () => {
    expect(revised("Brew", "TROUBLE")).toEqual(["Trouble"]);
    expect(revised("Brew", "Turmoil")).toEqual(["toil"]);
  });

  it("are one at most where the type says -single", () => {
    expect(revised("Brew", "toil", "Trouble")).toBe('"Brew" takes one value, not 2.');
    expect(revised("Motto", "fair", "foul")).toBe('"Motto" takes one value, not 2.');
    expect(revised("Familiar", "a@b.example", "c@d.example")).toBe('"Familiar" takes one value, not 2.');
  });

  it("may be none, or several, where the type says -multi", () => {
    expect(revised("Spirits")).toEqual([]);
    expect(revised("Spirits", "white", "Grey")).toEqual(["white", "grey"]);
    expect(revised("Recipe", "eye of newt", "toe of frog")).toEqual(["eye of newt", "toe of frog"]);
    expect(revised("Guests")).toEqual([]);
  });

  it("may be empty for a text-single and a jid-single", () => {
    expect(revised("Motto")).toEqual([]);
    expect(revised("Familiar", "")).toEqual([]);
  });

  it("are bare JIDs, prepared, each once, where the type says jid", () => {
    expect(revised("Familiar", "Greymalkin@Shakespeare.Example/cat")).toEqual(["greymalkin@shakespeare.example"]);
    expect(revised("Guests", "a@b.example", "A@B.example/c")).toEqual(["a@b.example"]);
    expect(revised("Guests", "a@b.example", "@")).toBe('"Guests" takes JIDs; value 2 is none.');
  });

  it("are text, once accepted, that is accepted again and means the same", () => {
    const name = fc.constantFrom(...(Object.keys(SPECS) as (keyof typeof SPECS)[]));
    const word = fc.constantFrom(
      "true",
      "0",
      "toil",
      "TROUBLE",
      "white",
      "a@b.example",
      "A@b.example/c",
      "",
      " x ",
      "@",
    );
    const value = fc.oneof(word, fc.string());
    fc.assert(
      fc.property(name, fc.array(value, { maxLength: 3 }), (name, values) => {
        const once = revised(name, ...values);
        if (typeof once === "string") expect(once).toContain(`"${name}"`);
        else expect(revised(name, ...once!)).toEqual(once);
      }),
    );
  });
});

describe("a submitted form", () => {
  it("changes the fields it holds, and no others", () => {
    const changed = cauldron().revise("config", coven, new Map([["Motto", ["Fair is foul"]]]));
    expect(changed).toEqual({ Motto: ["Fair is foul"] });
  });

  it("is refused with every mistake at once", () => {
    const submitted = new Map([
      ["Boiling", ["perhaps"]],
      ["Motto", ["ok"]],
      ["Brew", ["soup"]],
      ["Guests", ["@"]],
    ]);
    expect(() => cauldron().revise("config", coven, submitted)).toThrow(
      /"Boiling" is true or false.* "Brew" takes .* "Guests" takes JIDs/,
    );
  });

  it("does not change a field that is only shown", () => {
    const fields = new Fields();
    fields.add("Moon", { type: "text-single", label: "Moon", initial: "new", readOnly: true });
    expect(fields.revise("config", coven, new Map([["Moon", ["full"]]]))).toEqual({});
  });

  it("is refused with a field's own objection, which sees the prepared values", () => {
    const fields = new Fields();
    fields.add("Witches", {
      type: "jid-multi",
      label: "Witches",
      initial: [],
      objection: (values, channel) =>
        values.length < 3 ? `${channel.name} takes three, not ${values.join()}.` : undefined,
    });
    expect(() => fields.revise("config", coven, new Map([["Witches", ["A@b.example", "a@b.example"]]]))).toThrow(
      "coven takes three, not a@b.example.",
    );
  });
});

describe("a registered field", () => {
  it("is read in the type it was registered with, by default at its initial value", () => {
    const fields = new Fields();
    expect(fields.add("Boiling", SPECS.Boiling).of(coven)).toBe(false);
    expect(fields.add("Brew", SPECS.Brew).of(coven)).toBe("toil");
    expect(fields.add("Spirits", SPECS.Spirits).of(coven)).toEqual(["black"]);
    expect(fields.add("Motto", SPECS.Motto).of(coven)).toBe("");
  });

  it("is read at the value that was set", async () => {
    const boiling = new Fields().add("Boiling", SPECS.Boiling);
    await coven.update((turn) => turn.revise("config", { Boiling: ["true"] }, "hecate@shakespeare.example", 0));
    expect(boiling.of(coven)).toBe(true);
    await coven.update((turn) => turn.revise("config", { Boiling: ["false"] }, "hecate@shakespeare.example", 0));
    expect(boiling.of(coven)).toBe(false);
  });

  it("is known once: a second of the same name on the same sheet is a mistake, on the other sheet it is not", () => {
    const fields = new Fields();
    fields.add("Motto", SPECS.Motto);
    expect(() => fields.add("Motto", SPECS.Motto)).toThrow('The field "Motto" exists already.');
    expect(() => fields.add("Motto", { ...SPECS.Motto, sheet: "info" })).not.toThrow();
  });

  it("is gone once it is removed", () => {
    const fields = new Fields();
    const motto = fields.add("Motto", SPECS.Motto);
    motto.remove();
    expect(fields.revise("config", coven, new Map([["Motto", ["x"]]]))).toEqual({});
    expect(readForm(fields.form("config", coven, READER)).values.size).toBe(0);
  });
});

describe("a sheet as a form", () => {
  it("holds every field in the order they were registered, as text", () => {
    const { values, formType } = readForm(cauldron().form("config", coven, READER));
    expect(formType).toBe(NS.MIX_ADMIN);
    expect([...values.keys()]).toEqual(Object.keys(SPECS));
    expect(values.get("Brew")).toEqual(["toil"]);
    expect(values.get("Spirits")).toEqual(["black"]);
    expect(values.get("Motto")).toEqual([]);
  });

  it("says types, labels and choices where it is to be filled in, and only there", () => {
    const field = (type: "form" | "result") =>
      cauldron()
        .form("config", coven, { ...READER, edits: type === "form" })
        .getChildren("field")
        .find(({ attrs }) => attrs.var === "Brew")!;
    expect(field("form").attrs).toMatchObject({ type: "list-single", label: "Brew" });
    expect(
      field("form")
        .getChildren("option")
        .map((option) => [option.attrs.label, option.getChildText("value")]),
    ).toEqual([
      ["Toil", "toil"],
      ["Trouble", "Trouble"],
    ]);
    expect(field("result").attrs).toEqual({ var: "Brew" });
    expect(field("result").getChildren("option")).toEqual([]);
  });
});
