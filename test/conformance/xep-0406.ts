import { no, type Row, yes } from "./row.ts";

/** MIX-ADMIN, 0.3.1. */
export const XEP_0406 = {
  "0406-2/1": yes(
    "Allowed node: 'urn:xmpp:mix:nodes:allowed'",
    "The plugin `access`. Absent at first: everybody may join.",
  ),
  "0406-2/2": yes("Banned node: 'urn:xmpp:mix:nodes:banned'", "The plugin `access`. Empty at first."),
  "0406-2/3": yes("Configuration node: 'urn:xmpp:mix:nodes:config'", "Exactly one item, at every moment."),
  "0406-2.1/1": yes(
    "Owners: Only owners are allowed to modify the channel configuration node.",
    "And those whom the operator names as the service's own.",
  ),
  "0406-2.1/2": yes(
    "Administrators have update rights to the Allowed Node and Banned Node, so they can control which users are allowed to participate in a channel.",
    "And read the JID map.",
  ),
  "0406-2.1/3": yes("Participants: users listed by JID in the participants node", "Those in the channel."),
  "0406-2.1/4": yes(
    "Allowed: A JID is allowed if it does not match an entry in the banned node and either it matches an entry in the allowed node or the allowed node is not present.",
    "Single JIDs and whole domains.",
  ),
  "0406-2.1/5": yes("Anyone: Any user, including users in the banned node.", "Of what is open to anyone."),
  "0406-2.1/6": yes(
    "There MUST always be at least one Owner set for a Channel.",
    "A form that would leave none is `not-acceptable`.",
  ),
  "0406-2.1/7": yes(
    "Administrators and Owners MAY be participants but are not required to be.",
    "They read and publish from outside, too.",
  ),
  "0406-2.1/8": yes(
    "Rights are defined in a strictly hierarchical manner following the order of this table",
    "Whoever has a role has the rights of those below.",
  ),
  "0406-2.2/1": yes(
    "Allowed: The Allowed list is always considered in conjunction with the banned list",
    "Who is banned is not let in by it.",
  ),
  "0406-2.3/1": yes(
    "Banned: The values in this list take priority over values in the Allowed node.",
    "And whoever is in the channel is removed at once.",
  ),
  "0406-2.3/2": yes("The Banned node can contain bare JIDs and/or domains.", "And, when published, participants' IDs."),
  "0406-2.4/1": yes(
    "Previous configuration history MAY be accessed by MAM.",
    "By those with access to the configuration.",
  ),
  "0406-2.4/2": yes(
    "Users with read access to the configuration node MAY subscribe to the configuration node",
    "By join or update-subscription.",
  ),
  "0406-2.4/3": yes(
    "JIDs in the configuration MUST be real bare JIDs and not proxy JIDs.",
    "Written as bare JIDs, whatever resource was sent.",
  ),
  "0406-2.4/4": yes("'Last Change Made By'", "Read-only."),
  "0406-2.4/5": yes("'Owner'", "Whoever creates a channel is its first."),
  "0406-2.4/6": yes("'Administrator'", "The plugin `admin`."),
  "0406-2.4/7": yes("'End of Life'", "The plugin `lifetime`."),
  "0406-2.4/8": yes(
    "'Nodes Present'",
    "A node that is taken away is gone for everybody, and its subscriptions with it.",
  ),
  "0406-2.4/9": yes("'Messages Node Subscription'", "Who is not in the channel gets no copies of messages."),
  "0406-2.4/10": yes("'Presence Node Subscription'", "As above."),
  "0406-2.4/11": yes("'Participants Node Subscription'", "Who may read it may subscribe."),
  "0406-2.4/12": yes("'Information Node Subscription'", "Whoever may join may read it."),
  "0406-2.4/13": yes("'Allowed Node Subscription'", "Read and subscribe."),
  "0406-2.4/14": yes("'Banned Node Subscription'", "Read and subscribe."),
  "0406-2.4/15": yes("'Configuration Node Access'", "Read and subscribe; no JID in it is shown to whom it is hidden."),
  "0406-2.4/16": yes("'Information Node Update Rights'", "The plugin `info`."),
  "0406-2.4/17": yes("'Avatar Nodes Update Rights'", "The plugin `avatar`."),
  "0406-2.4/18": no(
    "'Open Presence'",
    "A presence has a nick and an encoded JID, which only participants have: others' presence would come from nobody.",
  ),
  "0406-2.4/19": yes("'Participants Must Provide Presence'", "The plugin `presence`."),
  "0406-2.4/20": yes("'User Message Retraction'", "The plugin `retraction`."),
  "0406-2.4/21": yes("'Administrator Message Retraction Rights'", "The plugin `retraction`."),
  "0406-2.4/22": yes("'Participation Addition by Invitation from Participant'", "The plugin `invitations`."),
  "0406-2.4/23": yes("'Private Messages'", "The plugin `private-messages`."),
  "0406-2.4/24": yes("'Mandatory Nicks'", "The plugin `participants`."),
  "0406-3.1/1": yes(
    "Authorized users, typically owners and sometimes administrators, MAY modify the channel information.",
    "As `Information Node Update Rights` says.",
  ),
  "0406-3.1/2": yes(
    "The client MAY issue a pubsub get command to obtain a form that will facilitate update of the information node.",
    "A form of type `form`, with labels and choices.",
  ),
  "0406-3.1/3": yes(
    "The MIX channel MUST update the fields with values provided, leaving other fields unchanged.",
    "In the information as in the configuration.",
  ),
  "0406-3.2/1": yes(
    "The client MAY issue a pubsub get command to obtain a form that will facilitate update of the configuration node.",
    "With the fields that Masque acts upon, and no others.",
  ),
  "0406-3.2/2": yes("only owners MAY update the configuration", "Others are told `forbidden`."),
  "0406-3.2/3": yes(
    "When the configuration node is modified, the server MUST set the 'Last Change Made By' attribute to the JID of the user making the change.",
    "To his bare JID.",
  ),
  "0406-3.3/1": yes(
    "Allowed and Banned lists MAY be read by PubSub get of the Banned and Allowed Nodes.",
    "By those who may subscribe to them.",
  ),
  "0406-3.3/2": yes(
    "JIDs are added to and removed from the lists by pubsub publish and retract",
    "And all at once by purge.",
  ),
  "0406-3.3/3": yes("The Allowed node is created and deleted by pubsub", "Deleted, everybody may join again."),
} satisfies Record<string, Row>;
