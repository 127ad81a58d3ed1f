import { no, type Row, yes } from "./row.ts";

/** MIX-MISC, 0.1.2. */
export const XEP_0407 = {
  "0407-2/1": yes(
    "Avatar Data: 'urn:xmpp:avatar:data'",
    "The plugin `avatar`; an item's id must be the SHA-1 of its data.",
  ),
  "0407-2/2": yes(
    "Avatar Metadata: 'urn:xmpp:avatar:metadata'",
    "Subscribers are told; the data of earlier avatars go.",
  ),
  "0407-3/1": yes(
    "A nick MAY be associated with a user's bare JID.",
    "By `<register/>` to the service; the plugin `nicknames`.",
  ),
  "0407-3/2": yes(
    "Where a user has registered a Nick with the MIX service, it MAY be used by each channel according to policy for the channel.",
    "It is his where he joins without a nick.",
  ),
  "0407-3/3": no(
    "A channel MAY enforce use of a registered nick.",
    "Another nick in another channel is a part of being unknown.",
  ),
  "0407-3/4": yes(
    "A channel MUST NOT use a registered nick for any other participant.",
    "Neither one that looks the same (RFC 8266).",
  ),
  "0407-3/5": yes(
    "In order to determine if a Nick is allowed to be registered, the user MAY use disco to determine capabilities of the MIX service.",
    "The feature of MIX-MISC's nick registration, while the plugin is on.",
  ),
  "0407-3/6": yes(
    'MIX SHOULD apply the "nickname" profile of the PRECIS OpaqueString class',
    "Of RFC 8266, which has taken the place of RFC 7700.",
  ),
  "0407-3/7": yes(
    "If the requested nick is already taken and the MIX service does not assign an alternate nick, the MIX service MUST return a <conflict/> error",
    "Whose it is, it does not say.",
  ),
  "0407-3/8": yes(
    "If the register request does not contain a <nick/> element, then the MIX service MUST assign one.",
    "A random one.",
  ),
  "0407-4/1": yes(
    "A MIX channel MAY support message retraction, where the sender of a messages or an authorized administrator deletes a message.",
    "By `<retract/>` of MIX-MISC and of XEP-0424, and by XEP-0425.",
  ),
  "0407-4/2": yes(
    "A MIX channel MAY limit the time frame in which a message is allowed to be retracted",
    "By an option; without end unless it says otherwise.",
  ),
  "0407-4/3": yes(
    "When a messages is retracted the original message MAY be replaced by a tombstone.",
    "Always, and in the same moment: without the words, and without a JID that is hidden.",
  ),
  "0407-4/4": yes(
    "The <retract> element MUST include an 'id' attribute that holds the MAM-ID of the original message.",
    "Another id is `item-not-found`.",
  ),
  "0407-4/5": yes(
    "If the retraction message is accepted, it MUST be distributed to channel participants.",
    "In its place in the channel's order.",
  ),
  "0407-6/1": yes(
    "The invitee MAY use the invitation to join the channel.",
    "The plugin `invitations`: once, until it expires, and nobody but he.",
  ),
  "0407-6/2": yes("The encoded token MAY reflect a validity time.", "It does; how long is an option."),
  "0407-6/3": yes(
    "If the allowed node is present and the invitee is not matched against any item, the channel MUST add the invitee to the allowed node as part of the join.",
    "In the same moment.",
  ),
  "0407-6/4": yes(
    "The invitee MAY send an acknowledgement back to the inviter, noting the status of the invitation.",
    "Through the channel, where the inviter is known by his encoded JID.",
  ),
  "0407-7/1": yes(
    "Converting a 1:1 Conversation to a Channel: an ad hoc channel is created",
    "Under a random name, never listed.",
  ),
  "0407-7/2": yes(
    "If history is shared, it MUST be done by the user creating the channel before the other user is invited.",
    "The addresses in what is forwarded are replaced where they are hidden.",
  ),
  "0407-7/3": yes(
    "Any other use of forwarded messages MUST be treated as a channel participant forwarding a message to the channel",
    "And what in it names somebody hidden stays behind.",
  ),
} satisfies Record<string, Row>;
