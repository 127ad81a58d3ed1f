import { findForm, readForm } from "../xmpp/form.ts";
import { parseJid } from "../xmpp/jid.ts";
import { refuse } from "../xmpp/refuse.ts";
import type { Requests } from "../xmpp/requests.ts";
import { clone, type Element, xml } from "../xmpp/xml.ts";
import type { Account } from "./account.ts";
import { addressed } from "./address.ts";
import { type Contact, rosterItem } from "./roster.ts";

/** The versions of MIX-PAM: they differ in where their feature stands, and in archives, which the stage has none of. */
export const PAM = ["urn:xmpp:mix:pam:0", "urn:xmpp:mix:pam:1", "urn:xmpp:mix:pam:2"] as const;

const PATIENCE = 30_000;

/** What joining and leaving need of the server around them. */
interface Around {
  readonly requests: Requests;
  readonly signal: AbortSignal;
  route(stanza: Element): void;
}

/** Joins a channel for a user: as his server, in his name, and with everything his client put in (XEP-0405 §2.7). */
export async function joinFor(account: Account, wrapper: Element, around: Around): Promise<Element> {
  const { channel, request, answer } = await relay("join", account, wrapper, around);
  // MIX-CORE of 2018 names the participant by proxy JID, ID#channel@domain.
  const participantId = answer.attrs.id ?? answer.attrs.jid?.split("#")[0] ?? "";
  const subscription = keepsPresence(request) ? "none" : "from";
  const contact: Contact = { jid: channel, subscription, participantId };
  account.roster.put(contact);
  account.pushRoster((annotated) => rosterItem(contact, annotated));
  if (subscription === "from") {
    for (const { jid, presence } of account.available)
      around.route(addressed(presence as Element, { from: jid, to: channel }));
  }
  return xml(wrapper.name, { xmlns: wrapper.getNS(), channel }, answer);
}

/** Leaves a channel for a user (XEP-0405 §2.8). */
export async function leaveFor(account: Account, wrapper: Element, around: Around): Promise<Element> {
  const { channel, answer } = await relay("leave", account, wrapper, around);
  account.roster.remove(channel);
  account.pushRoster(() => xml("item", { jid: channel, subscription: "remove" }));
  return xml(wrapper.name, { xmlns: wrapper.getNS(), channel }, answer);
}

/** Puts what is wrapped to the channel, from the user's bare JID. */
async function relay(verb: "join" | "leave", account: Account, wrapper: Element, { requests, signal }: Around) {
  const channel = parseJid(wrapper.attrs.channel);
  const request = wrapper.getChildElements().find((child) => child.getName() === verb);
  if (!channel?.local || channel.resource || !request) {
    throw refuse("bad-request", `Write <client-${verb} channel='NAME@DOMAIN'> with a <${verb}/> in it.`);
  }
  const iq = xml("iq", { type: "set", from: account.jid, to: channel.bare }, clone(request));
  const result = await requests.request(iq, PATIENCE, signal);
  const answer = result.getChild(verb);
  if (!answer) throw refuse("undefined-condition", `The channel answered without a <${verb}/>.`);
  return { channel: channel.bare, request, answer: clone(answer) };
}

/** XEP-0405 §2.9: who chose not to share his presence (XEP-0404) has his channel without a subscription. */
function keepsPresence(join: Element): boolean {
  const form = findForm(join);
  const [choice = ""] = (form && readForm(form).values.get("Presence")) ?? [];
  return choice.trim().toLowerCase().replace(/[-_]/g, " ") === "not share";
}
