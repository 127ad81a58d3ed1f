import { type Element, findForm, NS, randomId, readForm, refuse, xml } from "masque";

const ACTIONS = ["execute", "next", "prev", "complete", "cancel"] as const;

/** What somebody does with a command, as he wrote it (XEP-0050 §4). */
export interface Request {
  readonly node: string;
  readonly action: (typeof ACTIONS)[number];
  readonly session: string;
  /** What was filled in, by field; `undefined` when there is no form. */
  readonly filled: ReadonlyMap<string, readonly string[]> | undefined;
}

/** @throws StanzaError `bad-request` with the condition of XEP-0050 §4.4 */
export function readRequest(command: Element): Request {
  const { node = "", action: written = "execute", sessionid } = command.attrs;
  const action = ACTIONS.find((each) => each === written);
  if (!action) throw wrong("malformed-action", `"${written}" is none of a command's actions: ${ACTIONS.join(", ")}.`);
  if (action === "prev") throw wrong("bad-action", "This command has no earlier stage.");
  const form = findForm(command);
  const read = form && readForm(form);
  if (read && read.type !== "submit") throw wrong("bad-payload", "The form of a command is of type submit.");
  return { node, action, session: sessionid || randomId(), filled: read?.values };
}

/** What one who uses a command sees next. */
export interface Stage {
  readonly status: "executing" | "completed" | "canceled";
  readonly note?: readonly [type: "info" | "warn" | "error", text: string];
  readonly form?: Element;
}

/** A stage as XEP-0050 §3.4 has it. Nothing is remembered between stages: each form carries all that the next one needs. */
export function stageOf({ node, session }: Request, { status, note, form }: Stage): Element {
  return xml(
    "command",
    { xmlns: NS.COMMANDS, node, sessionid: session, status },
    status === "executing" && xml("actions", { execute: "complete" }, xml("complete")),
    form,
    note && xml("note", { type: note[0] }, note[1]),
  );
}

function wrong(condition: string, text: string): Error {
  return refuse("bad-request", text, xml(condition, { xmlns: NS.COMMANDS }));
}
