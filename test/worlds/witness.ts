import { type Element, NODE, NS } from "masque";
import { mayAdminister, maySee, type State } from "./model.ts";
import { PEOPLE, SECRETS, type Secret } from "./people.ts";

export const SERVICE = "mix.shakespeare.example";

/** What somebody has sent, by `sender id`: an error may give it back to him. */
export type Sent = ReadonlyMap<string, string>;

/**
 * Reads a stanza as it was sent, and says what of it its recipient may not see: in none of these states of things. It
 * knows the model and the people, and asks the service nothing. `told` are the presences that were told, and not ended.
 */
export function leaks(stanza: Element, states: readonly State[], sent: Sent, told: Set<string>): string[] {
  const { from = "", to = "", id = "", type } = stanza.attrs;
  const reader = bare(to);
  const channel = channelOf(from);
  const own = type === "error" ? (sent.get(`${to} ${id}`) ?? "") : "";
  const invited = isOfInvitations(stanza) ? [...sent].filter((each) => isInvite(each, reader)).join() : "";
  const isAllowed = ({ of: { jid }, isResource }: Secret) =>
    channel !== undefined &&
    states.some(
      (state) =>
        maySee(state, channel, jid, reader) ||
        (!isResource && isOfAdministrators(stanza) && mayAdminister(state, channel, reader)),
    );
  // It ends a presence under the address it was told under, which tells nothing new.
  if (stanza.name === "presence" && type === undefined) told.add(`${to} ${from}`);
  const isEnd = stanza.name === "presence" && type === "unavailable" && told.delete(`${to} ${from}`);
  const text = plain(isEnd ? stanza.toString().replace(/ from="[^"]*"/, "") : stanza.toString());
  const found = SECRETS.filter((secret) => text.includes(secret.text) && secret.of.jid !== reader);
  return found
    .filter((secret) => !own.includes(secret.text) && !isAllowed(secret))
    .filter((secret) => secret.isResource || !invited.includes(secret.text))
    .map(({ of, text: secret }) => `"${secret}" of ${of.name} was told to ${to}: ${stanza}`);
}

/** A message of the past may tell its sender's JID only if it was shown when it was said. `hidden`: word -> sender. */
export function lateLeaks(stanza: Element, hidden: ReadonlyMap<string, string>): string[] {
  if (!stanza.getChild("result", NS.MAM)) return [];
  const text = plain(stanza.toString());
  const reader = bare(stanza.attrs.to ?? "");
  return [...hidden].flatMap(([word, jid]) => {
    const name = PEOPLE.find((each) => each.jid === jid)?.name ?? jid;
    const isTold = jid !== reader && text.includes(`>${word}<`) && text.includes(name);
    return isTold ? [`${name} was hidden when he said "${word}", and is shown now: ${stanza}`] : [];
  });
}

/** The name of the channel that this comes from, or from somebody in it; `undefined` for the service, or a forgery. */
function channelOf(from: string): string | undefined {
  const [local, domain] = bare(from).split("@");
  return domain === SERVICE ? local?.slice(local.indexOf("#") + 1) : undefined;
}

/** The nodes whose business real JIDs are (XEP-0404 §2.5, XEP-0406 §2.2 to §2.4). */
const ADMINISTRATORS = [NODE.JIDMAP, NODE.CONFIG, NODE.ALLOWED, NODE.BANNED] as const;

function isOfAdministrators(stanza: Element): boolean {
  const pubsub = stanza.getChild("pubsub") ?? stanza.getChild("event");
  const node = (pubsub?.getChild("items") ?? pubsub?.getChild("publish"))?.attrs.node;
  return ADMINISTRATORS.some((each) => each === node);
}

/** What is told to one who invites somebody by his JID (XEP-0407). */
function isOfInvitations(stanza: Element): boolean {
  return ["invite", "invitation-ack"].some((name) => stanza.getChild(name, NS.MIX_MISC));
}

function isInvite([key, text]: readonly [string, string], inviter: string): boolean {
  return bare(key) === inviter && text.includes("<invitee>");
}

function bare(jid: string): string {
  return jid.split("/")[0] as string;
}

/** In lower case, and as it reads once XML and XEP-0106 are undone. */
export function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/&(lt|gt|quot|apos|amp);/g, (_, name: keyof typeof ENTITIES) => ENTITIES[name])
    .replaceAll("\\40", "@");
}
const ENTITIES = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
