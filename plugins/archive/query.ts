import {
  type Channel,
  type Element,
  type Eyes,
  findForm,
  formOf,
  type HistoryQuery,
  NS,
  parseJid,
  readForm,
  readSet,
  readTime,
  refuse,
  xml,
} from "masque";

const FIELDS = {
  with: "jid-single",
  start: "text-single",
  end: "text-single",
  "before-id": "text-single",
  "after-id": "text-single",
  ids: "list-multi",
} as const;

/** The fields a query may have (XEP-0313 §4.1.6). */
export function queryForm(): Element {
  const fields = Object.entries(FIELDS).map(([name, type]) => ({ var: name, type, values: [] }));
  const form = formOf("form", NS.MAM, fields);
  const ids = form.getChildren("field").find((field) => field.attrs.var === "ids");
  ids?.append(
    xml("validate", { xmlns: "http://jabber.org/protocol/xdata-validate", datatype: "xs:string" }, xml("open")),
  );
  return form;
}

/** Whether the page is to be sent newest first (XEP-0313 §4.1.7). */
export function isFlipped(query: Element): boolean {
  return query.getChild("flip-page", NS.MAM) !== undefined;
}

type Limits = { readonly page: number; readonly largest_page: number };

/**
 * What a MAM query asks for.
 * @throws StanzaError `feature-not-implemented` for an unknown field (as XEP-0313 §4.1.6 has it), `bad-request`
 */
export function readQuery(
  query: Element,
  channel: Channel,
  eyes: Eyes,
  limits: Limits,
): Omit<HistoryQuery, "channel" | "node"> {
  const { max = limits.page, after, before, index } = readSet(query) ?? {};
  if (index !== undefined) throw refuse("feature-not-implemented", "Pages are asked for by message, not by number.");
  const form = findForm(query);
  const values = form ? readForm(form).values : new Map<string, readonly string[]>();
  for (const name of values.keys()) {
    if (!Object.hasOwn(FIELDS, name))
      throw refuse(
        "feature-not-implemented",
        `A query has no field "${name}" here; it has ${Object.keys(FIELDS).join(", ")}.`,
      );
  }
  const value = (name: keyof typeof FIELDS) => values.get(name)?.[0]?.trim() || undefined;
  const [start, end, afterId, beforeId] = [
    time("start", value("start")),
    time("end", value("end")),
    value("after-id"),
    value("before-id"),
  ];
  const ids = values
    .get("ids")
    ?.map((id) => id.trim())
    .filter(Boolean);
  return {
    max: Math.min(max, limits.largest_page),
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
    ...(afterId !== undefined && { afterId }),
    ...(beforeId !== undefined && { beforeId }),
    ...(ids && ids.length > 0 && { ids }),
    ...senderIn(value("with"), channel, eyes),
    ...(after !== undefined && { after }),
    ...(before !== undefined && { before }),
  };
}

function time(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = readTime(text);
  if (at === undefined) throw refuse("bad-request", `"${name}" is not a time like 2016-05-30T09:00:00Z (XEP-0082).`);
  return at;
}

/**
 * Whose messages are wanted: `ID#channel@domain`, `channel@domain/ID`, or, where it is shown, his bare JID, which finds
 * those at which it was shown. The channel itself stands for everybody's.
 */
function senderIn(text: string | undefined, channel: Channel, eyes: Eyes): Pick<HistoryQuery, "sender" | "shown"> {
  if (text === undefined) return {};
  const jid = parseJid(text);
  if (!jid) throw refuse("jid-malformed", '"with" is not an address.');
  if (jid.bare === channel.jid) return jid.resource ? { sender: jid.resource } : {};
  if (jid.bare.endsWith(`#${channel.jid}`)) return { sender: jid.local.slice(0, jid.local.indexOf("#")) };
  // What may not be seen matches nobody, and takes as long: it must not tell whether it is a participant's.
  const participant = jid.resource ? undefined : channel.participant(jid.bare);
  const isSeen = participant !== undefined && channel.shows(participant, eyes);
  return { sender: isSeen ? participant.id : "nobody", shown: true };
}
