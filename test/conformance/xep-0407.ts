import { no, type Row, yes } from "./row.ts";

/** MIX-MISC, 0.1.2. */
export const XEP_0407 = {
  "0407-2/1": yes("Avatar Data: 'urn:xmpp:avatar:data'", "Subscribers are told the id of a picture, and fetch it."),
  "0407-2/2": yes("Avatar Metadata: 'urn:xmpp:avatar:metadata'", "Pictures that it no longer names are forgotten."),

  "0407-3/1": yes("A nick MAY be associated with a user's bare JID.", "Whose it is, nobody else is told."),
  "0407-3/2": yes(
    "Where a user has registered a Nick with the MIX service, it MAY be used by each channel according to policy for the channel.",
    "It is what he is called where he joins without a nick.",
  ),
  "0407-3/3": no(
    "A channel MAY enforce use of a registered nick.",
    "Another name in another channel is part of not being known.",
  ),
  "0407-3/4": yes(
    "A channel MUST NOT use a registered nick for any other participant.",
    "Nor one that looks the same. One who had it before it was registered keeps it.",
  ),
  "0407-3/5": yes(
    "In order to determine if a Nick is allowed to be registered, the user MAY use disco to determine capabilities of the MIX service.",
    "`urn:xmpp:mix:misc:0#nick-register`, while the plugin `nicknames` is on.",
  ),
  "0407-3/6": yes(
    'MIX SHOULD apply the "nickname" profile of the PRECIS OpaqueString class, as defined in RFC 7700 to the requested nick.',
    "As RFC 8266 defines it, which has taken the place of RFC 7700.",
  ),
  "0407-3/7": no(
    "When an Nick is assigned, the MIX server MUST update the Participants Node in the channel to reflect this change.",
    "Were all of somebody's nicks to change at one moment, everybody could see which of them are his.",
  ),
  "0407-3/8": yes(
    "If the requested nick is already taken and the MIX service does not assign an alternate nick, the MIX service MUST return a <conflict/> error",
    "In the same words whether it is registered or used in a channel.",
  ),
  "0407-3/9": yes(
    "If the register request does not contain a <nick/> element, then the MIX service MUST assign one. It is RECOMMENDED that the assigned nick is a UUID",
    "A random one.",
  ),

  "0407-4/1": yes(
    "A MIX channel MAY support message retraction, where the sender of a messages or an authorized administrator deletes a message.",
    "Asked for in the words of this XEP, of XEP-0424 or of XEP-0425.",
  ),
  "0407-4/2": yes(
    "A MIX channel MAY limit the time frame in which a message is allowed to be retracted",
    "By an option of the operator's; administrators are not bound by it.",
  ),
  "0407-4/3": yes(
    "A retract messages MUST NOT have a body.",
    "`bad-request`; one of XEP-0424 may have a body, for clients that know no retractions.",
  ),
  "0407-4/4": yes(
    "The <retract> element MUST include an 'id' attribute that holds the MAM-ID of the original message.",
    "`bad-request` without one, `item-not-found` where the archive has no such message.",
  ),
  "0407-4/5": yes(
    "The MIX channel will allow an administrative user to retract any message if the user is in the group specified by the 'Administrator Message Retraction Rights' option.",
    "Then the channel itself tells everybody.",
  ),
  "0407-4/6": yes(
    "If the retraction message is accepted, it MUST be distributed to channel participants.",
    "Also past filters that would keep the message from them.",
  ),
  "0407-4/7": yes(
    "When a messages is retracted the original message MAY be replaced by a tombstone.",
    "In the same transaction; the archive has its words no more.",
  ),
  "0407-4/8": yes(
    "replaced with a tombstone using the <retracted> element … that shows the JID of user performing the retraction and the time of the retraction.",
    "The JID where it may be shown to the reader, and else his address in the channel; an administrator's is then the channel's.",
  ),

  "0407-5/1": yes(
    "A convenient way to reference another channel is to use XEP-0372 which enables the JID of a channel to be shared.",
    "A message may carry such a reference.",
  ),

  "0407-6/1": yes(
    "The channel will evaluate if the inviter has rights to issue the invitation.",
    "Administrators and owners who are in the channel, and participants where its owner wants that.",
  ),
  "0407-6/2": yes(
    "The token is a string that the channel can subsequently use to validate an invitation.",
    "Signed, for this inviter, this invitee and this channel alone, and good for one join.",
  ),
  "0407-6/3": yes("The encoded token MAY reflect a validity time.", "How long is an option."),
  "0407-6/4": yes(
    "The invitee MAY use the invitation to join the channel.",
    "While the one who gave it may still invite. No invitation overrules a ban.",
  ),
  "0407-6/5": yes(
    "If the allowed node is present and the invitee is not matched against any item, the channel MUST add the invitee to the allowed node as part of the join.",
    "And tell its subscribers.",
  ),
  "0407-6/6": yes(
    "The invitee MAY send an acknowledgement back to the inviter, noting the status of the invitation.",
    "Through the channel where the inviter is known by proxy JID; `Joined`, `Declined` and `Acknowledged`, each once.",
  ),

  "0407-7/1": yes(
    "The mechanism to do this is to forward messages to be shared to the channel using XEP-0297.",
    "Passed on are the words and when they were said; addresses are replaced.",
  ),
  "0407-7/2": yes(
    "Any other use of forwarded messages MUST be treated as a channel participant forwarding a message to the channel and MUST NOT be treated as history sharing.",
    "Whoever forwards anything, and whenever, it is a message of his own, of which the same is passed on.",
  ),
} satisfies Record<string, Row>;
