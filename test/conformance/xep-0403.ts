import { type Row, yes } from "./row.ts";

/** MIX-PRESENCE, 0.3.2. */
export const XEP_0403 = {
  "0403-3.1/1": yes(
    "A MIX channel implementing this specification MUST be able to distribute presence information about channel participants.",
    "To those subscribed to the presence node.",
  ),
  "0403-3.2/1": yes(
    "Participants in Presence messages and in IQ messages relayed through a channel are identified by an encoded JID",
    "`ID#channel@domain/resource`, for each client.",
  ),
  "0403-3.2/2": yes(
    "A mapped valued to an anonymized value. This approach MUST be used with MIX-ANON.",
    "The resource is a random token wherever the JID is hidden, and the client's own wherever it is shown.",
  ),
  "0403-3.3/1": yes(
    "A client participating in a MUC channel MAY send its presences status to the MIX channel using standard presence.",
    "Each client for itself.",
  ),
  "0403-3.5/1": yes("Presence: 'urn:xmpp:mix:nodes:presence'", "It is stored: a restart changes nothing."),
  "0403-3.5/2": yes(
    "A MIX channel MAY require that all participants publish presence",
    "The field `Participants Must Provide Presence`: `not share` is `not-acceptable` there, also at a join.",
  ),
  "0403-3.5/3": yes(
    "A <nick> element that contains the Nick of the message sender … MUST be present if a Nick is defined for the user.",
    "A new nick is told as a change of the presence there is.",
  ),
  "0403-3.5/4": yes(
    'A <jid> element containing the full JID of the client. This MUST be present, unless following the "JID Hidden" model defined in MIX-ANON.',
    "Where it may be shown to the reader.",
  ),
  "0403-3.5/5": yes(
    "If this element is omitted, the <nick> element MUST be present.",
    "One who has no nick is called by his ID.",
  ),
  "0403-3.5/6": yes(
    "This node MAY be subscribed to by users using the user's bare JID.",
    "By join or later; he is sent the state of all at once.",
  ),
  "0403-3.5/7": yes(
    "Presence is always sent using standard presence protocol and MUST NOT be sent using pubsub protocol.",
    "The node has no events.",
  ),
  "0403-3.5/8": yes(
    "Clients MUST NOT directly access the presence node using pubsub.",
    "`forbidden` to everybody, to read as to write.",
  ),
  "0403-4.1/1": yes(
    "A user MAY share presence information with the channel, for one or more online clients.",
    "Each has an address of its own.",
  ),
  "0403-4.1/2": yes(
    "The history of the presence node MAY be archived using MAM.",
    "Where the operator's option says so, and without JIDs or resources.",
  ),
  "0403-4.3/1": yes(
    "The MIX channel will retract (remove) the item in the presence node of the MIX channel identified by the client's full JID.",
    "And tell its end under the address at which it was known.",
  ),
  "0403-4.3/2": yes(
    "A MIX service MAY take steps to address this, for example by probing client with a disco for presence items that remain unchanged for a long period.",
    "When a channel is loaded after a restart, each client in it is asked; any that bounces is gone.",
  ),
  "0403-4.4/1": yes(
    "When a user leaves the channel, all entries for the user's clients MUST be removed from the participants node.",
    "From the presence node, as it must mean.",
  ),
  "0403-4.4/2": yes(
    "The MIX channel MUST distribute unavailable presence notifications for each client removed to all subscribers of the participants node.",
    "To those of the presence node.",
  ),
  "0403-4.5/1": yes(
    "MIX channels MAY relay IQ stanzas between participants.",
    "The plugin `iq-relay`: requests that its option allows, to a client's full address; in hidden channels only where the operator says so.",
  ),
  "0403-4.6/1": yes(
    "A client MAY request the vCard of a channel participant through a MIX channel",
    "The owner's account is asked, in the name of the asker's encoded JID; the plugin `vcard`.",
  ),
  "0403-4.6/2": yes("A MIX service MAY choose to relay one or both protocols.", "Both; each has an option."),
  "0403-4.6/3": yes(
    "The MIX channel MAY pass on the vCard request or MAY reject with an error, dependent on channel policy.",
    "Its owner's preference decides, which is `block` until he says otherwise.",
  ),
  "0403-5/1": yes(
    "This is done by the XMPP server associated with the MIX channel sending out a presence probe for each channel participant",
    "When the channel is first used after a start; nobody waits for it.",
  ),
  "0403-5/2": yes(
    "A presence probe MUST NOT be sent for users who have set presence preference to not sharing.",
    "None is.",
  ),
} satisfies Record<string, Row>;
