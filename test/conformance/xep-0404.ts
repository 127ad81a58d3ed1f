import { both, first, latest, type Sentence } from "./sentence.ts";

/**
 * What XEP-0404 says in 0.1.0, for which Masque exists, and in 0.3.1, the newest: its normative sentences, by the tag
 * of the tests that hold Masque to them. In the tag are section and place: `0404-2.4/1`.
 */
export const SENTENCES = {
  "0404-2.1/1": both(
    "Private messages MAY be sent to channel participants if allowed by channel policy.",
    "The field `Private Messages` of the configuration is the policy; where it is false, `not-allowed`.",
  ),
  "0404-2.1/2": first(
    "Private messages are addressed to the user's bare proxy JID determined from the participants node, and routed by the MIX to the user's bare real JID, where standard distribution rules will apply.",
    "So it is, of every type but groupchat.",
  ),
  "0404-2.1/3": latest(
    "Private messages are switched through the channel to hide addressing.",
    "The recipient sees the sender's encoded JID, and nothing else of him.",
  ),
  "0404-2.1/4": latest(
    "Private messages MAY be switched through the channel when JIDs are visible.",
    "In channels of every mode.",
  ),

  "0404-2.2/1": both(
    "'JID Visible': In these channels all participant JIDs are visible to all channel participants.",
    "In messages, presence, the participants node and the JID map.",
  ),
  "0404-2.2/2": both(
    "'JID Maybe Visible': In these channels, participant JIDs are visible to all channel participants when participant preference allows.",
    "It allows with `always` and `prefer`.",
  ),
  "0404-2.2/3": both(
    "'JID Hidden': In these channels, no participant JIDs are visible to channel participants, but they are visible to channel administrators.",
    'Administrators read them in the JID map; with `administrators_see_jids = "everywhere"`, in messages and presence, too.',
  ),
  "0404-2.2/4": both(
    "A channel participant MAY specify a preference for JID visibility for the channel",
    "For each channel by itself; it is kept with the participant.",
  ),
  "0404-2.2/5": both(
    "'Prefer Visible': The users JID will be visible if the channel is JID Visible or JID Maybe Visible channels and hidden if the channel is JID Hidden.",
    'The value `prefer`: the XEP gives this row no value on the wire, so it is one of the "other values" of §3.1.',
  ),
  "0404-2.2/6": both(
    "'Prefer Hidden': The user's JID will be hidden if the channel is JID Maybe Visible and shown if the channel is JID Visible .",
    "The value `prefer not`.",
  ),
  "0404-2.2/7": both(
    "'Enforce Hidden': The user's JID will never be shown and the user will be removed from channel if channel mode is changed to JID Visible.",
    "The value `never`. One who is removed is told why; joining a visible channel with it is `not-acceptable`.",
  ),
  "0404-2.2/8": both(
    "'Enforce Visible': The users JID will always be shown and the user will be removed from channel if mode is changed to 'JID Hidden'.",
    "The value `always`. One who is removed is told why; joining a hidden channel with it is `not-acceptable`.",
  ),
  "0404-2.2/9": both(
    "The default value is 'Prefer Hidden'.",
    "The default is the value `default`, as §3.1 has it; it shows and hides exactly what `prefer not` does.",
  ),

  "0404-2.3/1": first(
    "MIX identifies channel participants by a proxy JID, which is an anonymized stable JID format identifier for each participant.",
    "`ID#channel@domain` to those who joined by `urn:xmpp:mix:core:0`. The ID is random, never derived from the JID, and kept for him who leaves.",
  ),
  "0404-2.3/2": latest(
    "MIX identifies channel participants by Stable Participant ID.",
    "The same ID, bare, to those who joined by `urn:xmpp:mix:core:1`.",
  ),
  "0404-2.3/3": both(
    'For a "JID Hidden" channel, real JIDs MUST NOT be included in the participants list.',
    "They are neither in its items nor in its notifications.",
  ),
  "0404-2.3/4": both(
    'For a "JID Maybe Visible" channel, real JIDs will be included in the participants node according to participant preference.',
    "An item is published anew when its participant's preference changes what it shows.",
  ),
  "0404-2.3/5": latest(
    "JIDs are not shared in messages and presence, unless the recipient has permission to see the JID.",
    "Decided when a message is taken and again when each copy is sent; the stricter counts.",
  ),
  "0404-2.3/6": latest(
    "in JID Maybe Visible channels, this leads to the creation of two variants of message and presence",
    'All participants get one variant, as its sender wishes; a second is only for administrators, with `administrators_see_jids = "everywhere"`.',
  ),
  "0404-2.3/7": latest(
    "The MAM archive MUST hold only the variant without the JID, in order to prevent leaking of this information.",
    "The archive holds no JID. To whoever reads it, the JID is told of one who was shown then and may be shown now.",
  ),
  "0404-2.3/8": both(
    "In presence messages, the client resource is anonymized, to prevent leakage of information through the resource.",
    "Also in private messages and relayed iqs.",
  ),
  "0404-2.3/9": both(
    "For this reason, a MIX channel following this specification MUST hold a JID Map node, which gives a mapping between",
    "While the plugin `jidmap` is on, every channel has one.",
  ),

  "0404-2.4/1": both(
    "When JIDs are being hidden, the resource of the full JIDs stored in the presence node MUST also be anonymized using a similar mechanism.",
    "A random token stands for each client of one whose JID is hidden.",
  ),
  "0404-2.4/2": first("First the bare JID in presence is a proxy JID, as defined in XEP-0369.", "In every mode."),
  "0404-2.4/3": first(
    "Where the JID is not being hidden, the resource is simply the resource of the clients full JID.",
    "Exactly there, and nowhere else.",
  ),
  "0404-2.4/4": both(
    "Where the JID is hidden, the resource is replaced with a generated value.",
    "16 random characters.",
  ),
  "0404-2.4/5": both(
    "There is no client visible mapping … maintained",
    "No node, no form and no error tells which token is which resource.",
  ),
  "0404-2.4/6": both(
    "The MIX channel will need to maintain a mapping, to support directly addressing clients, such as for client to client disco#info queries.",
    "It is stored with the participant.",
  ),
  "0404-2.4/7": both(
    "While an … is held in the presence node, the mapping to real JID MUST NOT be changed.",
    "Not even by a restart.",
  ),
  "0404-2.4/8": both(
    "When adding a client to the presence node, the server MAY add the same anonymized JID as used before by that client, or it MAY create a different anonymized JID.",
    "The same, as long as a client that went is remembered; then a different one.",
  ),

  "0404-2.5/1": both(
    "This specification defines a JID Map node, so that administrators can see",
    "Owners and administrators may always read it and subscribe to it.",
  ),
  "0404-2.5/2": latest(
    "This node MUST be present for JID Hidden and JID Maybe Visible channels.",
    "While the plugin `jidmap` is on.",
  ),
  "0404-2.5/3": latest(
    "This node MAY be present for JID Visible channels. If this node is not present, JIDs will all be available in the participants node.",
    "It is present in these, too.",
  ),
  "0404-2.5/4": both(
    "from the participants node with a 1:1 mapping to the corresponding",
    "The node is a view over the participants; it stores nothing of its own.",
  ),
  "0404-2.5/5": both(
    "It is a PubSub node with the 'node' attribute set to 'urn:xmpp:mix:nodes:jidmap'.",
    "Items, subscriptions and notifications are those of any node of the channel.",
  ),
  "0404-2.5/6": both(
    "The JID Map node MUST have one entry for each entry in the Participants node.",
    "At every moment, also right after its plugin was off.",
  ),
  "0404-2.5/7": both(
    "This value is added when a user joins the channel and is removed when the user leaves the channel.",
    "Its subscribers are told of both.",
  ),
  "0404-2.5/8": first(
    "Each item is identified by proxy bare JID, mapping to the real bare JID.",
    "To those who joined by `urn:xmpp:mix:core:0`.",
  ),
  "0404-2.5/9": latest(
    "Each item is identified by Stable Participant ID mapping to the bare JID.",
    "To those who joined by `urn:xmpp:mix:core:1`.",
  ),
  "0404-2.5/10": first(
    "This node is used to give administrator access to real JIDs and participant access to real JIDs in jid-visible channels.",
    "To nobody else; who may not subscribe does not find it in disco.",
  ),
  "0404-2.5/11": both(
    "MUST NOT … be modified directly using pubsub.",
    "Whoever tries, whatever the request: it is refused.",
  ),
  "0404-2.5/12": first(
    "In JID Visible channels, all participants MAY subscribe to this node.",
    "Their subscriptions end with that mode.",
  ),
  "0404-2.5/13": first(
    "In JID Hidden and JID Maybe Visible channels, only administrators can subscribe.",
    "To others the node is not listed.",
  ),
  "0404-2.5/14": latest(
    "Only administrators can subscribe to this node.",
    "In channels where JIDs are visible participants can, too, as 0.1.0 has it: it tells them nothing that the participants node does not.",
    "otherwise",
  ),
  "0404-2.5/15": both(
    "The JID Map node is a permanent node with one item per participant.",
    "It can be neither created nor deleted.",
  ),
  "0404-2.5/16": both(
    "Information is stored in a <participant/> element qualified by the 'urn:xmpp:mix:anon:0' namespace. The real JID is stored in a <jid/> child element of the <participant/> element.",
    "So it is.",
  ),

  "0404-3.1/1": both(
    "A channel MAY store user preferences and parameters with each user.",
    "It does; they outlive restarts, leaving, and the absence of the plugin whose they are.",
  ),
  "0404-3.1/2": both(
    "'default'. In this setting, the channel default value will be used. This value is used if another value is not explicitly set. This means JID is visible for a JID Visible channel and JID is hidden for JID Hidden and JID Maybe Visible channels.",
    "So it is.",
  ),
  "0404-3.1/3": both(
    "'never'. If this is set, JID will never be shared and user will be removed from the channel if its mode changes to JID Visible.",
    "Also while the plugin `preferences` is off.",
  ),
  "0404-3.1/4": both(
    "'always'. If this is set, JID will always be shared and users will be removed from the channel if its mode changes to JID Hidden.",
    "Also while the plugin `preferences` is off.",
  ),
  "0404-3.1/5": both("'prefer not'. If this is set, JID will only be shared if mode is JID Visible.", "So it is."),
  "0404-3.1/6": both(
    "The user MAY specify that no Private Messages are to be sent from the channel, and allow vCard retrieval.",
    "Who writes to one that blocks, or asks for a vCard that is blocked, gets `not-allowed`.",
  ),
  "0404-3.1/7": both(
    "The user MAY specify that presence is not to be shared, which will prevent the MIX Channel from sending a presence probe for the user on channel start-up.",
    "Nothing of his presence is passed on either, and what was is withdrawn.",
  ),
  "0404-3.1/8": both(
    "The user will also choose to not include the MIX channel in the user's roster, so that presence will not be updated.",
    "The user's business; what arrives all the same is not passed on.",
    "others",
  ),
  "0404-3.1/9": both(
    "Where the channel configuration sets 'Participants Must Provide Presence', this variable MUST be set to 'Share'.",
    "`not share` is `not-acceptable` there.",
  ),
  "0404-3.1/10": both(
    "A MIX implementation MAY use other values.",
    "`prefer`, and the preferences that other plugins add.",
  ),
  "0404-3.1/11": both(
    "'JID Visibility': 'default', 'never', 'always', 'prefer not': 'default'",
    "These, and `prefer`; read in any case, with `_` or `-` for the space.",
  ),
  "0404-3.1/12": both("'Private Messages': 'allow', 'block': 'allow'", "While the plugin `private-messages` is on."),
  "0404-3.1/13": both("'vCard': 'allow', 'block': 'block'", "While the plugin `vcard` is on."),
  "0404-3.1/14": both("'Presence': 'share', 'not share': 'share'", "While the plugin `presence` is on."),
  "0404-3.1/15": both(
    "When joining a channel, the client MAY specify one or more preference options as a XEP-0004 form.",
    "In a join of any of MIX's namespaces.",
  ),
  "0404-3.1/16": both(
    "In the response, the server MUST specify all of the user preferences supported by the server, with default values if the user has not requested a different value.",
    "To a join that carries the form, and to every join qualified by `urn:xmpp:mix:anon:0`; other joins are XEP-0369's, whose result has no form.",
  ),
  "0404-3.1/17": both(
    "The client MAY also query the channel in order to find out which user preferences are supported and the options available.",
    "Participants may; others are told `forbidden`.",
  ),
  "0404-3.1/18": both(
    "This will allow users to set options not specified in the standard, by providing a form template in the result.",
    "The template has every preference of the running plugins, with all values, labels and what is chosen now.",
  ),
  "0404-3.1/19": both(
    "The request is encoded as a <user-preference/> child element of <iq/>. <user-preference/> is qualified by the 'urn:xmpp:mix:anon:0' namespace. The result is encoded as a form child element in the <user-preference/> element.",
    "So it is.",
  ),
  "0404-3.1/20": both(
    "A user MAY modify preferences using the corresponding set operation.",
    "An unknown value is `not-acceptable`, and then nothing of the set is applied; an unknown field is ignored (XEP-0004).",
  ),
  "0404-3.1/21": both(
    "The set MAY specify values for some or all attributes.",
    "What it does not name stays as it is.",
  ),
  "0404-3.1/22": both("All attributes are returned in the result.", "So they are."),
  "0404-3.1/23": both(
    "<join xmlns='urn:xmpp:mix:anon:0'> <subscribe node='urn:xmpp:mix:nodes:messages'/>",
    "A join qualified by this namespace is taken, by the generation that the operator has as the default; without a nick it gets one.",
  ),
  "0404-3.1/24": both(
    "<join xmlns='urn:xmpp:mix:anon:0' jid='hag66@shakespeare.example'>",
    "`jid` is the proxy JID, as XEP-0369 0.11.3 has it: the example's real JID is a slip.",
    "otherwise",
  ),
  "0404-3.1/25": first(
    "<user-preference xmlns='urn:xmpp:mix:anon:0'/> <x xmlns='jabber:x:data' type='submit'>",
    "The form may stand beside `<user-preference/>`, as in this example, or within.",
  ),

  "0404-3.2/1": first(
    "A channel MAY support use of Private Messages.",
    "It does while the plugin `private-messages` is on.",
  ),
  "0404-3.2/2": first(
    "Private messages are standard XMPP messages and MUST NOT be groupchat.",
    "`bad-request` to one that is.",
  ),
  "0404-3.2/3": first(
    "First Message from Client to MIX Channel: Full JID of initiator's client: Proxy bare JID of responder",
    "Taken so.",
  ),
  "0404-3.2/4": first(
    "First Message from MIX Channel to responder's server: Proxy full JID of initiator's client: Bare JID of responder",
    "Sent so.",
  ),
  "0404-3.2/5": first(
    "First Message from responder's server to one or more of the responder's clients: Proxy full JID of initiator: Full JID of responder's client",
    "The responder's server's business.",
    "others",
  ),
  "0404-3.2/6": first(
    "Messages from responder's client to MIX Channel: Full JID of responder's client: Proxy full JID of initiator's client",
    "Taken so.",
  ),
  "0404-3.2/7": first(
    "Messages from MIX channel to initiator's client: Proxy full JID of responder's client: Full JID of initiator's client",
    "Sent so; to his bare JID when that client has gone.",
  ),
  "0404-3.2/8": first(
    "Messages from initiator's client to MIX Channel: Full JID of initiator's client: Proxy full JID of responder's client",
    "Taken so.",
  ),
  "0404-3.2/9": first(
    "Message from MIX Channel to responder's client: Proxy full JID of initiator's client: Full JID of responder's client",
    "Sent so; to his bare JID when that client has gone.",
  ),
  "0404-3.2/10": both(
    "Private Messages MAY be archived using MAM by the XMPP servers associated with initiator and responder.",
    "Their business.",
    "others",
  ),
  "0404-3.2/11": both("Private Messages MUST NOT be archived by the MIX channel.", "They never are."),
  "0404-3.2/12": latest(
    "A message sent through the channel is addressed using the encoded JID of the client to which the message is being sent.",
    "The token of a client's encoded JID leads to that client.",
  ),
  "0404-3.2/13": latest("Private messages will generally be sent to a bare JID", "Then it goes to the real bare JID."),
  "0404-3.2/14": latest("Private messages MAY be sent to a full JID.", "Then it goes to that client."),
  "0404-3.2/15": latest(
    "The MIX channel will then process the message, to send to the real JID of the recipient.",
    "Id, type, thread and body are kept; what would link the sender to his account is taken out.",
  ),
  "0404-3.2/16": latest(
    "An encoded JID is used to identify the message sender.",
    "His client's token is its resource.",
  ),

  "0404-3.3/1": first(
    "A client MAY request the vCard of a channel participant where the participant's real JID is not known, by sending a request through the channel.",
    "Participants may; to others there is no such address.",
  ),
  "0404-3.3/2": first(
    "The MIX channel MAY pass this request on or MAY block it.",
    "It passes on what the participant's preference `vCard` allows; unless he allows it, it is blocked without asking him.",
  ),
  "0404-3.3/3": first("vCard requests MAY use XEP-0054 (vcard-temp) or XEP-0292 (vCard4 over XMPP).", "Either."),
  "0404-3.3/4": first(
    "The MIX channel does not process the vCard requests, but simply relays them on to real bare JID of the target.",
    "It relays them; but from the answer of one whose JID is hidden his addresses are taken out, unless the operator says otherwise.",
    "otherwise",
  ),
  "0404-3.3/5": first("A MIX service MAY choose to relay one or both protocols.", "Each has an option, and is on."),
  "0404-3.3/6": first(
    "Where a MIX service relays one or both of these protocols, each protocol relayed MUST be advertised as a feature of the MIX service.",
    "While it is on, and no longer.",
  ),
  "0404-3.3/7": first(
    "The MIX channel MAY pass on the vCard request or MAY reject with an error, dependent on channel policy.",
    "The error is `not-allowed`.",
  ),
  "0404-3.3/8": first(
    "The MIX service will then address the vCard request to the user's server (using bare JID) using a full proxy JID to hide the requester.",
    "So it does.",
  ),
  "0404-3.3/9": first(
    "The user's server, on behalf of the user, MAY send a response or reject with an error.",
    "An error is passed on as from the proxy JID, without anything that names the user.",
  ),
  "0404-3.3/10": first(
    "The user's server will send the vCard back to the channel.",
    "Taken once, in time, and only from the JID that was asked.",
  ),
  "0404-3.3/11": first(
    "The MIX channel will then send the vCard response to the requesting client on behalf of the client sending the response.",
    "From the proxy JID that was asked.",
  ),
  "0404-3.3/12": first(
    "<iq from='123456#coven@mix.shakespeare.example/6789' id='lx09df27' to='peter@shakespeare.example' type='get'>",
    "The request passed on has an id of its own, at random: the requester's could be guessed, and an answer forged.",
    "otherwise",
  ),
} satisfies Record<string, Sentence>;

/** The tags that a test may have, for it to be the proof of a sentence. */
export type Tag = keyof typeof SENTENCES;

declare module "vitest" {
  interface TestTags {
    xep0404: Tag;
  }
}
