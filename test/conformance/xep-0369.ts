import { no, type Row, yes } from "./row.ts";

/** MIX-CORE, 0.14.6, by the tag of the tests that prove each row: section and place. */
export const XEP_0369 = {
  "0369-2/1": yes(
    "A user MAY (subject to configuration) receive messages from a channel as an invisible observer.",
    "Whoever chose not to share his presence is not seen online. That he is in the channel, its participants see.",
  ),
  "0369-2/2": yes(
    "MIX services SHOULD provide mechanisms to prevent JIDs from being harvested.",
    "A new channel hides them, and whoever is not in a channel is shown nobody's.",
  ),

  "0369-3/1": yes("MIX-CORE", "In 0.14 and in 0.11, side by side in one channel."),
  "0369-3/2": yes("MIX-PRESENCE", "The plugin `presence`."),
  "0369-3/3": yes("MIX-PAM", "For Prosody: `config/prosody/mod_mix_pam.lua`. ejabberd brings its own."),
  "0369-3/4": yes("MIX-ADMIN", "The plugins `admin`, `access` and `lifetime`."),
  "0369-3/5": yes("MIX-ANON", "The plugins `visibility` and `preferences`; [sentence by sentence](xep-0404.md)."),
  "0369-3/6": yes("MIX-MISC", "The plugins `avatar`, `nicknames`, `retraction` and `invitations`."),
  "0369-3/7": no(
    "MIX-MUC",
    "MUC knows neither preferences nor hidden resources: what a channel hides, a room would tell.",
  ),
  "0369-3/8": no(
    "RELIABLE-DELIVERY",
    "It was never written, and XEP-0114 has no acknowledgements: clients catch up by the archive.",
  ),

  "0369-4.3/1": yes(
    "Online clients MAY register presence, which is then shared with participants who have subscribed to presence.",
    "With those, and with nobody else.",
  ),
  "0369-4.3/2": yes(
    "MIX domains MUST NOT be used to host end user JIDs.",
    "An address there is a channel's or a participant's, or else nobody's.",
  ),
  "0369-4.6/1": yes(
    "The Stable Participant ID MUST NOT contain the '#', '/' or '@' characters.",
    "It is made of sixteen random letters and digits.",
  ),
  "0369-4.6/2": yes(
    "While a user is a participant in a Channel, the Stable Participant ID MUST NOT be changed.",
    "A join anew and another nick leave it as it is.",
  ),
  "0369-4.6/3": yes(
    "This mapping between Participant and Stable Participant ID MUST be maintained after the participant leaves the channel.",
    "It is stored for as long as there is the channel.",
  ),
  "0369-4.6/4": yes(
    "Stable Participant ID values MUST NOT be re-used.",
    "Nor is one ever computed from a JID; a channel that is made anew under an old name begins with new ones.",
  ),
  "0369-4.6/5": yes(
    "If a participant that left a channel joins the channel again, the same Stable Participant ID MAY be used again",
    "It is the same.",
  ),
  "0369-4.7/1": yes("Messages: 'urn:xmpp:mix:nodes:messages'", "The plugin `messages`."),
  "0369-4.7/2": yes("Participants: 'urn:xmpp:mix:nodes:participants'", "The plugin `participants`."),
  "0369-4.7/3": yes("Information: 'urn:xmpp:mix:nodes:info'", "The plugin `info`."),
  "0369-4.7.1/1": yes(
    "Nodes MAY be archived and where this is done MAM MUST be used.",
    "The archive of each node is asked for by `node` (XEP-0442).",
  ),
  "0369-4.7.1/2": yes(
    "Archiving of the Messages node MUST be done as part of the MIX-CORE specification.",
    "A message is told once it is in the archive. What XEP-0334 says is not to be stored is told, and not stored.",
  ),
  "0369-4.7.1/3": yes(
    "Archiving of other nodes is OPTIONAL.",
    "Information and configuration have archives; presence has one where the operator wants it.",
  ),
  "0369-4.7.2/1": yes(
    "The Messages node is a transient node and so no PubSub items are held.",
    "It is there to be subscribed to.",
  ),
  "0369-4.7.2/2": yes(
    "Messages MUST go to the associated MAM archive and history is retrieved by use of MAM.",
    "The plugin `archive`.",
  ),
  "0369-4.7.2/3": yes(
    "Private Messages are not distributed by the Messages node.",
    "They reach the one they are for, and no archive of the channel.",
  ),
  "0369-4.7.3/1": yes(
    "The nick for each channel participant MUST be different to the nick of other participants",
    "Nor may it look the same: RFC 8266's comparison decides.",
  ),
  "0369-4.7.3/2": yes(
    "A channel MAY require nicks to be mandatory for all participants. This is the default behaviour",
    "The field `Mandatory Nicks` of the configuration.",
  ),
  "0369-4.7.3/3": yes(
    "The real JID of the user MAY be held in the participants node.",
    "It is in the item of each reader to whom it may be shown.",
  ),
  "0369-4.7.3/4": yes(
    "Any JID derived from the stable ID MUST NOT be held.",
    "`<jid/>` is the real JID, or is not there.",
  ),
  "0369-4.7.3/5": yes(
    "The participants node MUST NOT be directly modified using pubsub.",
    "An owner who tries is told `not-allowed`, anybody else `forbidden`.",
  ),
  "0369-4.7.3/6": yes(
    "Users MAY subscribe to, and read information from this node, when permitted by the channel.",
    "Participants may, unless the field `Participants Node Subscription` says otherwise.",
  ),
  "0369-4.7.4/1": yes("'Name'", "A field of the information, and the name in the answer to disco#info."),
  "0369-4.7.4/2": yes("'Description'", "A field of the information."),
  "0369-4.7.4/3": yes("'Contact'", "A field of the information."),
  "0369-4.7.4/4": yes(
    "The information node contains a single item … named by the date/time at which the item was created.",
    "From the creation of the channel on; a later item always has a later name.",
  ),
  "0369-4.7.4/5": yes("Users MAY subscribe to this node to receive information updates.", "By join or later."),
  "0369-4.7.4/6": no(
    'The name and description values MUST contain a "text" element and MAY contain additional text elements.',
    "The same section asks for a form of XEP-0004, the values of whose fields are text and have no elements.",
  ),
  "0369-4.8/1": yes(
    "Non-Standard nodes MUST NOT duplicate or otherwise provide capability that can be provided by standard nodes.",
    "Masque brings none; a plugin may, and no name can be had twice.",
  ),

  "0369-5/1": yes("All of the IQ errors of RFC 6120 MUST be supported.", "Each with its type and a sentence."),
  "0369-5/2": yes(
    "it MUST use the most appropriate layer server error to report this issue back to the sender.",
    "But whoever may not know of a channel is answered as if there were none.",
  ),
  "0369-5/3": yes(
    "If a message is received and an error situation is encountered, a message of type error MUST be sent back to the message sender.",
    "With what he sent, and its id.",
  ),
  "0369-5/4": yes(
    "Where MIX protocol messages use PubSub protocol, the errors defined in XEP-0060 MUST be used and supported.",
    "With XEP-0060's own condition beside that of RFC 6120.",
  ),

  "0369-6.1/1": yes(
    "The MIX service then MUST return its identity and the features it supports, which MUST include the 'urn:xmpp:mix:core:1' feature, and the identity MUST have a category of 'conference' and a type of 'mix'",
    "With the name that the operator gives it.",
  ),
  "0369-6.1/2": yes("'urn:xmpp:mix:core:1#searchable'", "Unless the operator's option says otherwise."),
  "0369-6.1/3": yes("'urn:xmpp:mix:core:1#create-channel'", "To those who may."),
  "0369-6.1/4": yes(
    "A MIX service MUST NOT advertise support for MAM, as MAM is supported by the channels and not by the service.",
    "It does not.",
  ),
  "0369-6.1/5": yes("A MIX service MUST NOT advertise support for generic PubSub", "It does not."),
  "0369-6.2/1": yes(
    "The MIX service MUST only return channels that exist and that the user making the query has rights to subscribe to.",
    "In pages where there are many.",
  ),
  "0369-6.3/1": yes(
    "If the querying user is allowed to subscribe, the channel MUST return its identity and the features it supports.",
    "Anybody else is answered as if there were no such channel.",
  ),
  "0369-6.3/2": yes(
    "Note that a MIX channel MUST support MAM and so the response will always include both MIX and MAM support.",
    "While the plugin `archive` is on, as it is unless the operator says otherwise.",
  ),
  "0369-6.4/1": yes(
    "The MIX service MUST only return nodes that exist and that the user making the query has rights to subscribe to.",
    "Before he joins, those to which he could subscribe by joining.",
  ),
  "0369-6.4/2": yes(
    "Where a node only supports a MIX channel, the server MUST reject queries without a node='mix' attribute.",
    "`not-acceptable`, and a sentence.",
  ),
  "0369-6.5/1": yes("Determining Information about a Channel", "Whoever may join reads it."),
  "0369-6.6/1": yes(
    "Determining the Participants in a Channel",
    "With their JIDs where these may be shown; whoever is not in the channel is not told.",
  ),

  "0369-7.1.2/1": yes(
    "so the user MUST specify the set of nodes to be subscribed to … but MAY join and not subscribe to any nodes.",
    "The result lists those that were granted.",
  ),
  "0369-7.1.2/2": yes(
    "If at least one node is requested and none of the nodes requested are successfully subscribed to, an error response is sent indicating the reason that the first node requested was not subscribed to.",
    "With the others that failed for the same reason; and he has not joined.",
  ),
  "0369-7.1.2/3": yes(
    "After a successful join and before sending the response, the channel MUST subscribe the user to the negotiated nodes and adds the user to the participants node.",
    "Once both are stored.",
  ),
  "0369-7.1.2/4": yes(
    "When these changes are made, the MIX channel MUST send a PubSub notification of the change to subscribers of the participants node.",
    "To the new one, too, where he subscribes to it.",
  ),
  "0369-7.1.2/5": yes(
    "The <participant> element MUST include a <jid> element with the JID of the participant, unless MIX-ANON is being followed to hide participant JIDs.",
    "Where it may be shown to the reader.",
  ),
  "0369-7.1.2/6": yes(
    "A user MAY subsequently modify subscription to nodes in a channel … <update-subscription/>",
    "Nodes begun and nodes ended, in one request.",
  ),
  "0369-7.1.2/7": yes(
    "If nick is missing on a channel where nick is mandatory, the join MUST be rejected.",
    "`not-acceptable`; joins of 0.11, whose examples have none, are given one.",
  ),
  "0369-7.1.2/8": yes("The nick used MUST be reported back in the join result.", "In the form in which it is shown."),
  "0369-7.1.2/9": no(
    "A MIX channel MAY allow non-participant subscription to some nodes.",
    "Whoever is told of a channel's doings is one of those whom its participants can see.",
  ),
  "0369-7.1.3/1": yes(
    "When the user leaves the channel, the MIX service is responsible for unsubscribing the user from all nodes in the channel and for removing the user from the participants list.",
    "For all of his clients.",
  ),
  "0369-7.1.3/2": yes(
    "Notification of the participant deletion is sent to clients subscribed to the participants PubSub node using PubSub protocol, with the node identified by the stable id",
    "A `<retract/>`; readers of 0.11 know him by proxy JID.",
  ),
  "0369-7.1.4/1": yes(
    "If the user wishes the channel to assign a nick … the nick field can be left blank",
    "He is given a UUID, which tells nothing of him.",
  ),
  "0369-7.1.4/2": yes(
    "On successful nick assignment, the channel will return the nick that is to be used, noting that this MAY be different to the requested nick.",
    "It is in RFC 8266's enforced form.",
  ),
  "0369-7.1.4/3": yes(
    "The channel MAY return a conflict error or other appropriate error.",
    "`conflict` where another has it, or had it a while ago; `not-acceptable` where it cannot be a nick.",
  ),
  "0369-7.1.5/1": yes(
    "the client MAY wish to retrieve all messages since the last one displayed to the user.",
    "By the id of that one.",
  ),
  "0369-7.1.5/2": yes(
    "The client MAY wish to display a fixed number of messages, perhaps finding more messages if the user subsequently requests.",
    "Page by page, from the last.",
  ),
  "0369-7.1.5/3": yes("The client MAY wish to display messages from a recent time period", "By `start` and `end`."),
  "0369-7.1.6/1": yes(
    "A <nick> element that contains the Nick of the message sender … MUST be present if a Nick is defined for the user.",
    "The nick he had when he said it.",
  ),
  "0369-7.1.6/2": yes(
    'A <jid> element containing the real JID of the sender. This MUST be present, unless following the "JID Hidden" model defined in MIX-ANON.',
    "Where it may be shown to the reader.",
  ),
  "0369-7.1.6/3": yes(
    "If this element is omitted, the <nick> element MUST be present.",
    "One who has no nick is called by his ID.",
  ),
  "0369-7.1.6/4": yes(
    "MIX messages are distributed by the channel with the from using the JID of the channel, with the Stable Participant ID of the sender in the resource.",
    "To readers of 0.14.",
  ),
  "0369-7.1.6/5": yes(
    "These messages sent by the channel are addressed to the bare JID of each participant",
    "But to the clients of one whose server would only send it back ([docs/servers.md](servers.md)).",
  ),
  "0369-7.1.6/6": yes(
    "The id of the message is the ID from the MAM archive and NOT the id used by the sender.",
    "It is in `<stanza-id/>`, too.",
  ),
  "0369-7.1.6/7": yes(
    "The message placed in the MAM archive is the reflected message without a 'to' attribute.",
    "Whether it shows the sender's JID is asked anew for each who reads it.",
  ),
  "0369-7.1.6/8": yes(
    "the originator should include an <origin-id> element in the message as specified in XEP-0359.",
    "It comes back as it was sent.",
  ),
  "0369-7.2.1/1": yes(
    "Messages sent to participants MUST be archived by both the MIX channel and by the user's server.",
    "By the channel; and by Prosody, with `mod_mix_pam.lua` and `mod_mam`.",
  ),
  "0369-7.2.2/1": yes(
    "Messages can also be retrieved from the channel by addressing MAM queries to the channel JID. This will behave like a standard MAM archive.",
    "With XEP-0313's filters, metadata and flipped pages.",
  ),
  "0369-7.2.3/1": yes(
    "Clients with rights to access these archives MAY use MAM to do this, specifying the PubSub node in the MAM query addressed to the channel.",
    "Whoever may read the node reads its archive.",
  ),
  "0369-7.3.1/1": yes(
    "A client can determine if it has permission to create a channel on a MIX service",
    "The feature is there for those who may, and for nobody else.",
  ),
  "0369-7.3.2/1": yes(
    "The result MUST include the name of the channel which MUST match the channel name in the request (if present).",
    "As it was written.",
  ),
  "0369-7.3.2/2": yes(
    "the Owner in the configuration is set to the JID that creates the channel.",
    "He is not thereby in it.",
  ),
  "0369-7.3.2/3": yes(
    "It will typically be desirable to create channels with restrictive default settings that the owner MAY choose to relax.",
    "A new channel hides JIDs.",
  ),
  "0369-7.3.3/1": yes(
    "Channels MAY be created for ad hoc use between a set of users.",
    "Under a random name, and never listed.",
  ),
  "0369-7.3.3/2": no(
    "Parameters for the channel MAY also be specified.",
    'By §7.3.2 "a channel is always created with default parameters"; its owner then publishes what he wants otherwise.',
  ),
  "0369-7.3.4/1": yes(
    "MIX channels are always explicitly destroyed by an owner of the channel or by a server operator.",
    "And everybody subscribed to one of its nodes is told.",
  ),
  "0369-7.3.4/2": yes(
    "the owner of the channel does not need to have presence registered in the channel in order to destroy it.",
    "Nor to be in it.",
  ),
  "0369-7.3.4/3": yes(
    "The <destroy/> element MUST have a 'channel' attribute to specify the channel to be destroyed.",
    "`bad-request` without it.",
  ),
  "0369-7.3.5/1": yes(
    "A server MUST destroy a channel that has exceeded its specified explicit lifetime.",
    "To the second. If that passed while the service was down, it is made up for when it is back.",
  ),
  "0369-7.3.5/2": yes(
    "Servers MAY destroy channels which have no participants and/or presence according to local policy.",
    "Those made for one occasion after thirty days, others only where the operator says so.",
  ),

  "0369-8/1": no("Password Controlled Channels", "Nor has the XEP: lists and invitations take their place."),
  "0369-8/2": no("Voice Control", "Nor has the XEP: whoever is in a channel may speak in it."),
  "0369-8/3": no("Subject", "Nor has the XEP: name and description take its place."),
  "0369-9/1": no(
    "These strings MAY have language set using an xml:lang attribute, and multiple values MAY be set",
    "A field of XEP-0004, in which they are kept, has no language.",
  ),
  "0369-9/2": yes(
    'Nicknames SHOULD be normalized using the "nickname" profile of the PRECIS OpaqueString class, as defined in RFC 7700.',
    "As RFC 8266 defines it, which has taken the place of RFC 7700.",
  ),
} satisfies Record<string, Row>;
