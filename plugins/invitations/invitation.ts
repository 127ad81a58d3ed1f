import { type Channel, type Element, NS, type Participant, parseJid, proxyJid, xml } from "masque";

/** An invitation as it is written (XEP-0407 §"Inviting another User to join a Channel …"). */
export interface Invitation {
  /** Bare JID; or proxy JID, where the inviter's JID was hidden when he asked for it. */
  readonly inviter: string;
  readonly invitee: string;
  readonly channel: string;
  readonly token: string;
}

/** What a `<join/>` or an `<invitation-ack/>` holds. Nothing of it is known to be true. */
export function readInvitation(parent: Element | undefined): Invitation | undefined {
  const invitation = parent?.getChild("invitation");
  if (!invitation) return undefined;
  const text = (name: string) => invitation.getChildText(name)?.trim() ?? "";
  return { inviter: text("inviter"), invitee: text("invitee"), channel: text("channel"), token: text("token") };
}

export function invitationElement({ inviter, invitee, channel, token }: Invitation): Element {
  return xml(
    "invitation",
    { xmlns: NS.MIX_MISC },
    xml("inviter", {}, inviter),
    xml("invitee", {}, invitee),
    xml("channel", {}, channel),
    xml("token", {}, token),
  );
}

/** The request that an invitation came with, in a join of either generation, or in an answer to the one who invited. */
export function invitedBy(
  stanza: Element,
): { readonly kind: "join" | "answer"; readonly request: Element } | undefined {
  const request = stanza.name === "iq" ? stanza.getChild("join") : stanza.getChild("invitation-ack", NS.MIX_MISC);
  return request && { kind: stanza.name === "iq" ? "join" : "answer", request };
}

/** How the one who invites is named to those who are not in the channel. */
export function inviterAddress(channel: Channel, inviter: Participant): string {
  return channel.shows(inviter, "participant") ? inviter.jid : proxyJid(inviter.id, channel.jid);
}

/** Who is in the channel under such an address; whether one whose JID is hidden is still here, his JID does not tell. */
export function inviterAt(channel: Channel, address: string): Participant | undefined {
  const [id, jid] = address.split("#");
  if (jid === channel.jid) return channel.byId(id as string);
  const inviter = channel.participant(parseJid(address)?.bare ?? "");
  return inviter && channel.shows(inviter, "participant") ? inviter : undefined;
}
