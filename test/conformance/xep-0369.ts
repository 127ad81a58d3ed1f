import { no, type Row, yes } from "./row.ts";

/** MIX-CORE, 0.14.6. */
export const XEP_0369 = {
  "0369-3/1": yes("MIX-CORE", "In 0.14 and in 0.11, side by side in one channel."),
  "0369-3/2": yes("MIX-PRESENCE", "The plugin `presence`."),
  "0369-3/3": yes("MIX-PAM", "For Prosody: `config/prosody/mod_mix_pam.lua`. ejabberd brings its own."),
  "0369-3/4": yes("MIX-ADMIN", "The plugins `admin` and `access`."),
  "0369-3/5": yes("MIX-ANON", "[Sentence by sentence](xep-0404.md)."),
  "0369-3/6": yes("MIX-MISC", "The plugins `retraction`, `invitations`, `nicknames` and `avatar`."),
  "0369-3/7": no(
    "MIX-MUC",
    "MUC shows its occupants' resources and knows no preferences: hidden channels would not stay hidden.",
  ),
  "0369-3/8": no(
    "RELIABLE-DELIVERY",
    "XEP-0114 has no acknowledgements: clients catch up by the archive, which has everything.",
  ),
  "0369-2/1": yes(
    "A user MAY (subject to configuration) receive messages from a channel as an invisible observer.",
    "Who is in it without presence.",
  ),
  "0369-2/2": yes(
    "MIX services SHOULD provide mechanisms to prevent JIDs from being harvested.",
    "Every new channel hides them.",
  ),
  "0369-4.3/1": yes(
    "Online clients MAY register presence, which is then shared with participants who have subscribed to presence.",
    "By presence to the channel.",
  ),
  "0369-4.6/1": yes(
    "The Stable Participant ID MUST NOT contain the '#', '/' or '@' characters.",
    "Sixteen of `a`–`z` and `0`–`9`, at random.",
  ),
  "0369-4.6/2": yes(
    "While a user is a participant in a Channel, the Stable Participant ID MUST NOT be changed.",
    "Nor ever after.",
  ),
  "0369-4.6/3": yes(
    "This mapping between Participant and Stable Participant ID MUST be maintained after the participant leaves the channel.",
    "It is stored.",
  ),
  "0369-4.6/4": yes("Stable Participant ID values MUST NOT be re-used.", "Nor can they be computed from a JID."),
  "0369-4.7/1": yes("Messages: 'urn:xmpp:mix:nodes:messages'", "The plugin `messages`."),
  "0369-4.7/2": yes("Participants: 'urn:xmpp:mix:nodes:participants'", "The plugin `participants`."),
  "0369-4.7/3": yes("Information: 'urn:xmpp:mix:nodes:info'", "Exactly one item, at every moment."),
  "0369-4.7.1/1": yes(
    "Archiving of the Messages node MUST be done as part of the MIX-CORE specification.",
    "Before anybody is told.",
  ),
  "0369-4.7.1/2": yes(
    "Archiving of other nodes is OPTIONAL.",
    "Those of information and configuration; presence where the operator says so.",
  ),
  "0369-4.7.2/1": yes(
    "Messages MUST go to the associated MAM archive and history is retrieved by use of MAM.",
    "The plugin `archive`.",
  ),
  "0369-4.7.3/1": yes(
    "The nick for each channel participant MUST be different to the nick of other participants",
    "And may not look the same (RFC 8266).",
  ),
  "0369-4.7.3/2": yes(
    "A channel MAY require nicks to be mandatory for all participants. This is the default behaviour",
    "The field `Mandatory Nicks`.",
  ),
  "0369-4.7.3/3": yes(
    "The real JID of the user MAY be held in the participants node.",
    "Where it may be shown to the reader.",
  ),
  "0369-4.7.3/4": yes(
    "Any JID derived from the stable ID MUST NOT be held.",
    "For those of generation 1; generation 0 knows participants by proxy JID.",
  ),
  "0369-4.7.3/5": yes(
    "The participants node MUST NOT be directly modified using pubsub.",
    "`not-allowed`, for owners, too.",
  ),
  "0369-4.7.4/1": yes("'Name'", "A field of the information."),
  "0369-4.7.4/2": yes("'Description'", "A field of the information."),
  "0369-4.7.4/3": yes("'Contact'", "A field of the information."),
  "0369-4.8/1": yes("Non-Standard Nodes", "A plugin adds nodes of its own by `get(Channels).node(…)`."),
  "0369-5/1": yes("All of the IQ errors of RFC 6120 MUST be supported.", "Every iq gets its result or its error."),
  "0369-5/2": yes(
    "If a message is received and an error situation is encountered, a message of type error MUST be sent back to the message sender.",
    "With the id it had, and a sentence.",
  ),
  "0369-6.1/1": yes(
    "The MIX service then MUST return its identity and the features it supports, which MUST include the 'urn:xmpp:mix:core:1' feature",
    "And `core:0`.",
  ),
  "0369-6.1/2": yes("'urn:xmpp:mix:core:1#searchable'", "Unless the operator's option says no."),
  "0369-6.1/3": yes("'urn:xmpp:mix:core:1#create-channel'", "To those who may."),
  "0369-6.1/4": yes("A MIX service MUST NOT advertise support for MAM", "The channels do."),
  "0369-6.1/5": yes("A MIX service MUST NOT advertise support for generic PubSub", "Neither do the channels."),
  "0369-6.2/1": yes(
    "The MIX service MUST only return channels that exist and that the user making the query has rights to subscribe to.",
    "In pages.",
  ),
  "0369-6.3/1": yes(
    "If the querying user is allowed to subscribe, the channel MUST return its identity and the features it supports.",
    "To others there is no such channel.",
  ),
  "0369-6.4/1": yes(
    "The MIX service MUST only return nodes that exist and that the user making the query has rights to subscribe to.",
    "Those he could subscribe to once he is in.",
  ),
  "0369-6.4/2": yes(
    "Where a node only supports a MIX channel, the server MUST reject queries without a node='mix' attribute.",
    "`not-acceptable`.",
  ),
  "0369-6.5/1": yes("Determining Information about a Channel", "By reading the information node."),
  "0369-6.6/1": yes(
    "Determining the Participants in a Channel",
    "By reading the participants node, for those in the channel.",
  ),
  "0369-7.1.2/1": yes(
    "the user MUST specify the set of nodes to be subscribed to … but MAY join and not subscribe to any nodes",
    "The result names those granted.",
  ),
  "0369-7.1.2/2": yes(
    "When these changes are made, the MIX channel MUST send a PubSub notification of the change to subscribers of the participants node.",
    "Once they are durable.",
  ),
  "0369-7.1.2/3": yes(
    "The <participant> element MUST include a <jid> element with the JID of the participant, unless MIX-ANON is being followed to hide participant JIDs.",
    "Where it may be shown to the reader.",
  ),
  "0369-7.1.2/4": yes(
    "A user MAY subsequently modify subscription to nodes in a channel: <update-subscription/>",
    "Both ways in one request.",
  ),
  "0369-7.1.2/5": yes(
    "If nick is missing on a channel where nick is mandatory, the join MUST be rejected.",
    "`not-acceptable`, in generation 1; 0.11 assigns one.",
  ),
  "0369-7.1.2/6": yes("The nick used MUST be reported back in the join result.", "As it will be shown."),
  "0369-7.1.2/7": no(
    "A MIX channel MAY allow non-participant subscription to some nodes.",
    "Whoever is told of a channel is in it, and can be seen by the others.",
  ),
  "0369-7.1.3/1": yes("Leaving a Channel", "And with him all that he subscribed to."),
  "0369-7.1.4/1": yes(
    "On successful nick assignment, the channel will return the nick that is to be used",
    "The enforced form of RFC 8266.",
  ),
  "0369-7.1.4/2": yes(
    "The channel MAY return a conflict error or other appropriate error.",
    "`conflict` where it is, or looks like, another's.",
  ),
  "0369-7.1.5/1": yes("Coming Online: Synchronizing Message History", "By id, by number or by time."),
  "0369-7.1.6/1": yes(
    "<nick/>: This MUST be present if a Nick is defined for the user.",
    "In every reflected message.",
  ),
  "0369-7.1.6/2": yes(
    '<jid/>: This MUST be present, unless following the "JID Hidden" model defined in MIX-ANON.',
    "Where it may be shown to the reader.",
  ),
  "0369-7.2.1/1": yes(
    "Messages sent to participants MUST be archived by both the MIX channel and by the user's server.",
    "By the channel; and by Prosody, with `mod_mix_pam.lua` and `mod_mam`.",
  ),
  "0369-7.2.2/1": yes("Retrieving Messages", "XEP-0313 and XEP-0059 whole."),
  "0369-7.2.3/1": yes(
    "A MIX Channel MAY use MAM to archive nodes other than message nodes.",
    "By those who may read the node.",
  ),
  "0369-7.3.1/1": yes(
    "A client can determine if it has permission to create a channel on a MIX service",
    "By the feature `#create-channel`.",
  ),
  "0369-7.3.2/1": yes(
    "The result MUST include the name of the channel which MUST match the channel name in the request",
    "As it was written.",
  ),
  "0369-7.3.2/2": yes(
    "It will typically be desirable to create channels with restrictive default settings that the owner MAY choose to relax.",
    "Every new channel hides JIDs.",
  ),
  "0369-7.3.3/1": yes(
    "Channels MAY be created for ad hoc use between a set of users.",
    "Under a random name, and never listed.",
  ),
  "0369-7.3.4/1": yes("Destroying a Channel", "By an owner; everybody subscribed is told."),
  "0369-7.3.5/1": yes(
    "A server MUST destroy a channel that has exceeded its specified explicit lifetime.",
    "The plugin `lifetime`.",
  ),
  "0369-7.3.5/2": yes(
    "Servers MAY destroy channels which have no participants and/or presence according to local policy.",
    "The plugin `lifetime`, where its options say so.",
  ),
  "0369-8/1": no("Password Controlled Channels", "As the XEP: lists and invitations take their place."),
  "0369-8/2": no("Voice Control", "As the XEP: who may not speak is not in the channel."),
  "0369-8/3": no("Subject", "As the XEP: the description takes its place."),
  "0369-9/1": yes(
    'Nicknames SHOULD be normalized using the "nickname" profile',
    "Of RFC 8266, which has taken the place of RFC 7700.",
  ),
} satisfies Record<string, Row>;
