import { parseJid } from "../xmpp/jid.ts";
import type { Element } from "../xmpp/xml.ts";

/** The number of the process that asked what this answers, 0 for none of them; `undefined` for what answers nothing. */
export function askerOf({ name, attrs: { type, id = "" } }: Element): number | undefined {
  if (name !== "iq" || (type !== "result" && type !== "error")) return undefined;
  return Number(/^\d+(?=\.)/.exec(id)?.[0] ?? 0);
}

/** Whether the service has sent it to itself, to see it come back: it is for one of the processes, and nothing to the others. */
export function isEcho({ name, attrs: { from, to } }: Element): boolean {
  const address = parseJid(to);
  return name === "message" && address?.local === "" && address.domain === parseJid(from)?.domain;
}

/** The name of the channel that a stanza is for, "" for the service, and whether it is for the channel itself. */
export function addresseeOf({ attrs: { to } }: Element): { readonly channel: string; readonly isDirect: boolean } {
  const local = parseJid(to)?.local ?? "";
  const at = local.indexOf("#");
  return { channel: local.slice(at + 1), isDirect: at < 0 };
}

/** One of these for a name, always the same one. */
export function anyOf<T>(all: readonly T[], name: string): T | undefined {
  const hash = [...name].reduce((sum, each) => (sum * 31 + (each.codePointAt(0) as number)) >>> 0, 7);
  return all[hash % all.length];
}
