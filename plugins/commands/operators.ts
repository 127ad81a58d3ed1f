import {
  type Command,
  Commands,
  type Context,
  Failure,
  type FormField,
  formOf,
  NS,
  type Taken,
  takenBy,
  Unconfirmed,
} from "masque";
import { recordsOf } from "./records.ts";
import type { Request, Stage } from "./stage.ts";

const CONFIRMED = "confirmed";

/** The commands of the service, as operators use them from a client. */
export interface OperatorCommands {
  find(node: string): Command | undefined;
  all(): readonly Command[];
  /** @param by the operator's bare JID */
  stage(command: Command, request: Request, by: string): Promise<Stage>;
}

export function operatorCommands({ get }: Pick<Context, "get">): OperatorCommands {
  const commands = get(Commands);

  async function stage(command: Command, { action, filled }: Request, by: string): Promise<Stage> {
    if (action === "cancel") return { status: "canceled" };
    const taken = takenBy(command);
    if (!filled && taken.length > 0) return { status: "executing", form: formFor(command, taken) };
    const said: string[] = [];
    const say = (data: unknown, line = JSON.stringify(data)) => void said.push(line);
    try {
      const given = new Map(
        [...(filled ?? [])].filter(([name, values]) => name !== CONFIRMED && values.join("") !== ""),
      );
      const isConfirmed = ["1", "true"].includes(filled?.get(CONFIRMED)?.[0] ?? "");
      const order = { command, given: Object.fromEntries(given), isConfirmed };
      const { result, text } = await commands.run(order, { by, signal: NEVER, say });
      return { status: "completed", ...told(command, result, [...said, text].join("\n")) };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error instanceof Unconfirmed) return { status: "executing", form: formFor(command, taken, filled, error) };
      const note = ["error", error.message] as const;
      if (error.ending !== "usage") return { status: "completed", note };
      return { status: "executing", note, form: formFor(command, taken, filled) };
    }
  }

  const all = () => commands.all().filter(({ isLive }) => !isLive);
  return { all, find: (node) => all().find(({ name }) => name === node), stage };
}

const NEVER = new AbortController().signal;

/** What a command takes; what was filled in already is there again, and what cannot be undone is to be confirmed. */
function formFor(
  { name, summary }: Command,
  taken: readonly Taken[],
  filled: Request["filled"] = new Map(),
  unconfirmed?: Unconfirmed,
) {
  const fields = taken.map((each): FormField => {
    const values = filled.get(each.name) ?? initial(each);
    return unconfirmed ? { var: each.name, type: "hidden", values } : { ...fieldOf(each), values };
  });
  const confirm: FormField = { var: CONFIRMED, type: "boolean", label: "This is what I want", values: ["false"] };
  const instructions = unconfirmed ? unconfirmed.warning : `${summary}.`;
  return formOf("form", NS.COMMANDS, unconfirmed ? [...fields, confirm] : fields, { title: name, instructions });
}

function fieldOf({ name, isRequired, expected }: Taken): Omit<FormField, "values"> {
  const words = name.replaceAll("_", " ");
  const head = { var: name, label: words.charAt(0).toUpperCase() + words.slice(1), required: isRequired };
  const desc = expected.description === undefined ? {} : { desc: expected.description };
  const choices = expected.enum ?? (expected.const === undefined ? undefined : [expected.const]);
  if (expected.type === "boolean") return { ...head, ...desc, type: "boolean" };
  if (expected.type === "array") return { ...head, ...desc, type: "text-multi" };
  if (!choices) return { ...head, ...desc, type: "text-single" };
  return { ...head, ...desc, type: "list-single", options: choices.map((value) => ({ value: String(value) })) };
}

function initial({ expected }: Taken): string[] {
  if (expected.const !== undefined) return [String(expected.const)];
  if (expected.default === undefined) return [];
  return (Array.isArray(expected.default) ? expected.default : [expected.default]).map(String);
}

/** One line is a note; more are a form, that clients keep apart from the lines of other commands. */
function told({ name }: Command, result: unknown, text: string): Pick<Stage, "note" | "form"> {
  const table = recordsOf(name, result);
  if (table) return { form: table };
  const lines = text.split("\n");
  if (lines.length < 2) return { note: ["info", text || "Done."] };
  const field: FormField = { var: "result", type: "text-multi", label: name, values: lines };
  return { form: formOf("result", NS.COMMANDS, [field], { title: name }) };
}
