import { type Row, yes } from "./row.ts";

/** MIX-PRESENCE, 0.3.2. */
export const XEP_0403 = {
  "0403-3.1/1": yes(
    "A MIX channel implementing this specification MUST be able to distribute presence information about channel participants.",
    "To those subscribed to the presence node; the plugin `presence`.",
  ),
  "0403-3.2/1": yes(
    "Participant JID addressing for presence and iq relay: encoded JIDs with a resource",
    "`ID#channel@domain/resource`; where the JID is hidden the resource is a random token (XEP-0404 §2.4).",
  ),
  "0403-3.3/1": yes(
    "A client participating in a MUC channel MAY send its presences status to the MIX channel using standard presence.",
    "By presence to the channel's JID, of every client by itself.",
  ),
  "0403-3.5/1": yes(
    "Presence node: 'urn:xmpp:mix:nodes:presence'",
    "Stored with the participants; a restart loses nothing.",
  ),
  "0403-3.5/2": yes(
    "A MIX channel MAY require that all participants publish presence",
    "The field `Participants Must Provide Presence`: then the preference `not share` is `not-acceptable`, at a join, too.",
  ),
  "0403-3.5/3": yes(
    "<nick/>: This MUST be present if a Nick is defined for the user.",
    "In every `<mix xmlns='urn:xmpp:mix:presence:0'/>`.",
  ),
  "0403-3.5/4": yes(
    '<jid/>: This MUST be present, unless following the "JID Hidden" model defined in MIX-ANON.',
    "Where it may be shown to that reader, and nowhere else.",
  ),
  "0403-3.5/5": yes(
    "This node MAY be subscribed to by users using the user's bare JID.",
    "By join or update-subscription.",
  ),
  "0403-3.5/6": yes(
    "Presence is always sent using standard presence protocol and MUST NOT be sent using pubsub protocol.",
    "There is no pubsub event of the presence node.",
  ),
  "0403-3.5/7": yes(
    "Clients MUST NOT directly access the presence node using pubsub.",
    "Neither read nor written: `not-allowed`, for owners, too.",
  ),
  "0403-4.1/1": yes(
    "A user MAY share presence information with the channel, for one or more online clients.",
    "Each client has an address, and a place in the node, of its own.",
  ),
  "0403-4.2/1": yes(
    "Going Online: presence updates are sent to all subscribers of the presence node",
    "Who comes online, or subscribes, is sent the state of all.",
  ),
  "0403-4.3/1": yes(
    "Going Offline: unavailable presence removes the client's item",
    "And everybody subscribed is told.",
  ),
  "0403-4.3/2": yes(
    "A MIX service MAY take steps to address this, for example by probing client … for presence items that remain unchanged for a long period.",
    "Clients are probed when a channel is first loaded; whoever bounces is gone.",
  ),
  "0403-4.4/1": yes(
    "When a user leaves the channel, all entries for the user's clients MUST be removed",
    "Also when he is removed, and when the channel is destroyed.",
  ),
  "0403-4.4/2": yes(
    "The MIX channel MUST distribute unavailable presence notifications for each client removed to all subscribers",
    "From the address under which each was known.",
  ),
  "0403-4.5/1": yes(
    "MIX channels MAY relay IQ stanzas between participants.",
    "The plugin `iq-relay`, for the namespaces its option allows; in hidden channels only where the operator says so.",
  ),
  "0403-4.6/1": yes(
    "A client MAY request the vCard of a channel participant through a MIX channel",
    "vcard-temp and vCard4, each switchable; the plugin `vcard`.",
  ),
  "0403-4.6/2": yes(
    "The MIX channel MAY pass on the vCard request or MAY reject with an error, dependent on channel policy.",
    "The participant's own preference decides: `block` unless he chose otherwise.",
  ),
  "0403-5/1": yes(
    "Presence Initialization: probes to participants",
    "When a channel is first loaded, paced, never waited for.",
  ),
  "0403-5/2": yes(
    "A presence probe MUST NOT be sent for users who have set presence preference to not sharing.",
    "None is.",
  ),
  "0403-4.1/2": yes(
    "The history of the presence node MAY be archived using MAM.",
    "Where the operator's option says so; without anybody's JID.",
  ),
} satisfies Record<string, Row>;
