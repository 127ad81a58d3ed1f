import { no, type Row, yes } from "./row.ts";

/** MIX-ADMIN, 0.3.1. */
export const XEP_0406 = {
  "0406-2/1": yes("Allowed: 'urn:xmpp:mix:nodes:allowed'", "A new channel has none, and everybody may join."),
  "0406-2/2": yes("Banned: 'urn:xmpp:mix:nodes:banned'", "A new channel has an empty one."),
  "0406-2/3": yes("Configuration: 'urn:xmpp:mix:nodes:config'", "It holds a single item, at every moment."),

  "0406-2.1/1": yes(
    "Owners: … Only owners are allowed to modify the channel configuration node.",
    "And those whom the configuration of the service names as its operators.",
  ),
  "0406-2.1/2": yes(
    "Administrators have update rights to the Allowed Node and Banned Node, so they can control which users are allowed to participate in a channel.",
    "They read the JID map, too.",
  ),
  "0406-2.1/3": yes("Participants are users listed by JID in the participants node.", "Those who are in the channel."),
  "0406-2.1/4": yes(
    "A JID is allowed if it does not match an entry in the banned node and either it matches an entry in the allowed node or the allowed node is not present.",
    "By JID, or by the domain in it.",
  ),
  "0406-2.1/5": no(
    "Anyone: Any user, including users in the banned node.",
    "To one it bans, a channel is as one that does not exist: `anyone` is taken for `allowed`.",
  ),
  "0406-2.1/6": yes(
    "There MUST always be at least one Owner set for a Channel.",
    "A configuration without one is `not-acceptable`.",
  ),
  "0406-2.1/7": yes(
    "Administrators and Owners MAY be participants but are not required to be.",
    "Their rights do not end with leaving.",
  ),
  "0406-2.1/8": yes(
    "Rights are defined in a strictly hierarchical manner following the order of this table",
    "Owners, administrators, participants, whoever may join.",
  ),
  "0406-2.2/1": yes(
    "If the Allowed node is not present, all JIDs are allowed.",
    "An empty one allows nobody; those in the channel stay.",
  ),
  "0406-2.2/2": yes(
    "The Allowed list is always considered in conjunction with the banned list",
    "Whoever is on both may not join.",
  ),
  "0406-2.2/3": yes(
    "Only Administrators and Owners have write permission to the Allowed node and are also the only roles that are allowed to subscribe to this node.",
    "And the only ones who read it; so it is with the Banned node.",
  ),
  "0406-2.3/1": yes(
    "The values in this list take priority over values in the Allowed node.",
    "Only those who manage the channel are never banned.",
  ),
  "0406-2.3/2": yes(
    "The Banned node can contain bare JIDs and/or domains.",
    "Published may also be a participant's ID: what is kept is his JID.",
  ),

  "0406-2.4/1": yes("Previous configuration history MAY be accessed by MAM.", "By those who may read the node."),
  "0406-2.4/2": yes(
    "Users with read access to the configuration node MAY subscribe to the configuration node to get notification of configuration change.",
    "For as long as they have it.",
  ),
  "0406-2.4/3": yes(
    "A subset of the defined configuration options MAY be used and additional non-standard configuration options MAY be added.",
    "The fields are those of the running plugins; none is there that nothing acts upon.",
  ),
  "0406-2.4/4": yes(
    "JIDs in the configuration MUST be real bare JIDs and not proxy JIDs.",
    "Resources are taken off; whoever may not be shown a JID gets the field without it.",
  ),
  "0406-2.4/5": yes("'Last Change Made By'", "Set by the channel, never by hand."),
  "0406-2.4/6": yes("'Owner'", "At first whoever created the channel."),
  "0406-2.4/7": yes("'Administrator'", "Nobody at first."),
  "0406-2.4/8": yes("'End of Life'", "A time to come; the plugin `lifetime`."),
  "0406-2.4/9": yes(
    "'Nodes Present'",
    "A node that is taken out is deleted for its subscribers. `participants` and `jidmap-visible` cannot be.",
  ),
  "0406-2.4/10": yes(
    "'Messages Node Subscription'",
    "`allowed` and `anyone` let whoever may join read the archive; copies are for those in the channel.",
  ),
  "0406-2.4/11": yes(
    "'Presence Node Subscription'",
    "`allowed` and `anyone` are taken for `participants`: only they have clients to send it to.",
  ),
  "0406-2.4/12": yes(
    "'Participants Node Subscription'",
    "It holds for reading, too; `anyone` is taken for `allowed`. No JID is shown to one outside.",
  ),
  "0406-2.4/13": yes(
    "'Information Node Subscription'",
    "`allowed` and `anyone` are taken for `participants`; whoever may join may read it anyway.",
  ),
  "0406-2.4/14": yes("'Allowed Node Subscription'", "`admins`, `owners` or `nobody`: by §2.2 no others may subscribe."),
  "0406-2.4/15": yes("'Banned Node Subscription'", "`admins`, `owners` or `nobody`: by §2.3 no others may subscribe."),
  "0406-2.4/16": yes("'Configuration Node Access'", "Owners may read it whatever it says."),
  "0406-2.4/17": yes("'Information Node Update Rights'", "`participants`, `admins` or `owners`."),
  "0406-2.4/18": yes("'Avatar Nodes Update Rights'", "`participants`, `admins` or `owners`."),
  "0406-2.4/19": no(
    "'Open Presence'",
    "Presence comes with a nick and from an encoded JID, and only participants have them.",
  ),
  "0406-2.4/20": yes("'Participants Must Provide Presence'", "Whoever will not is removed, and told why."),
  "0406-2.4/21": yes("'User Message Retraction'", "Of what one has said oneself."),
  "0406-2.4/22": yes("'Administrator Message Retraction Rights'", "`nobody`, `admins` or `owners`."),
  "0406-2.4/23": yes(
    "'Participation Addition by Invitation from Participant'",
    "Administrators and owners may invite anyhow.",
  ),
  "0406-2.4/24": yes("'Private Messages'", "`No Private Messages`, as earlier versions had it, is understood."),
  "0406-2.4/25": yes("'Mandatory Nicks'", "True at first."),

  "0406-3.1/1": yes(
    "Authorized users, typically owners and sometimes administrators, MAY modify the channel information.",
    "As `Information Node Update Rights` has it.",
  ),
  "0406-3.1/2": yes(
    "The client MAY issue a pubsub get command to obtain a form that will facilitate update of the information node.",
    "With title, types, labels and choices.",
  ),
  "0406-3.1/3": yes(
    "The MIX channel MUST update the fields with values provided, leaving other fields unchanged.",
    "One mistake, and nothing is changed; all mistakes are named.",
  ),
  "0406-3.2/1": yes(
    "The client MAY issue a pubsub get command to obtain a form that will facilitate update of the configuration node.",
    "Sent back as it is, it changes nothing.",
  ),
  "0406-3.2/2": yes(
    "Other clients MAY be authorized to use this command to see the channel configuration, but only owners MAY update the configuration.",
    "`forbidden` to others.",
  ),
  "0406-3.2/3": yes(
    "When the configuration node is modified, the server MUST set the 'Last Change Made By' attribute to the JID of the user making the change.",
    "A bare JID.",
  ),
  "0406-3.2/4": yes(
    "The MIX channel MUST update the fields with values provided, leaving other fields unchanged.",
    "One mistake, and nothing is changed; all mistakes are named.",
  ),
  "0406-3.3/1": yes(
    "Allowed and Banned lists MAY be read by PubSub get of the Banned and Allowed Nodes.",
    "Of an Allowed node that is not there: `item-not-found`.",
  ),
  "0406-3.3/2": yes(
    "JIDs can be added to the Allowed and Banned nodes by a pubsub set command.",
    "Several at once, too.",
  ),
  "0406-3.3/3": yes(
    "JIDs can be removed from the Allowed and Banned nodes by pubsub retract command.",
    "All of them at once by purge.",
  ),
  "0406-3.3/4": yes(
    "When the MIX channel adds a JID to the banned node, other nodes in the MIX channel will be appropriately updated to reflect this change.",
    "He is removed in the same moment, with his presence, and told why.",
  ),
} satisfies Record<string, Row>;
