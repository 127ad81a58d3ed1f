import { type Channel, type Channels, meets, NODE, type NodeDeed, ROLE_SPELLINGS, type Role } from "masque";

interface Right {
  readonly label: string;
  readonly nodes: readonly string[];
  readonly verbs: readonly NodeDeed["verb"][];
  readonly choices: readonly Role[];
  readonly initial: Role;
  /** What is taken for another of the choices. */
  readonly aliases?: Readonly<Record<string, Role>>;
}

const WHO: Readonly<Record<Role, string>> = {
  anyone: "Anyone",
  allowed: "Whoever may join",
  participants: "Participants",
  admins: "Administrators and owners",
  owners: "Owners",
  nobody: "Nobody",
};

const ALL: readonly Role[] = ["participants", "allowed", "nobody", "admins", "owners"];
const CLOSED: readonly Role[] = ["participants", "nobody", "admins", "owners"];
// §2.2 and §2.3: "the only roles that are allowed to subscribe to this node"; what is in it are JIDs.
const RULERS: readonly Role[] = ["admins", "owners", "nobody"];
const WRITERS: readonly Role[] = ["participants", "admins", "owners"];

// Whom the service lets know of a channel may also join it: to him "anyone" is "allowed". And as only participants are
// subscribed here, where there is nothing to read either of them is "participants".
const ANYONE = { anyone: "allowed" } as const;
const JOINED = { anyone: "participants", allowed: "participants" } as const;

const sight = ["read", "subscribe"] as const;

/** Who may see, be told of and write to which nodes (XEP-0406 §2.4). */
const RIGHTS: Readonly<Record<string, Right>> = {
  "Messages Node Subscription": {
    label: "Who may read what has been said",
    ...{ nodes: [NODE.MESSAGES], verbs: sight, choices: ["participants", "allowed"], initial: "participants" },
    aliases: ANYONE,
  },
  "Presence Node Subscription": {
    label: "Who may be told who is online",
    ...{ nodes: [NODE.PRESENCE], verbs: ["subscribe"], choices: CLOSED, initial: "participants", aliases: JOINED },
  },
  "Participants Node Subscription": {
    label: "Who may see who is in the channel",
    ...{ nodes: [NODE.PARTICIPANTS], verbs: sight, choices: ALL, initial: "participants", aliases: ANYONE },
  },
  "Information Node Subscription": {
    label: "Who may be told of changes of the information",
    ...{ nodes: [NODE.INFO], verbs: ["subscribe"], choices: CLOSED, initial: "participants", aliases: JOINED },
  },
  "Allowed Node Subscription": {
    label: "Who may see who is allowed to join",
    ...{ nodes: [NODE.ALLOWED], verbs: sight, choices: RULERS, initial: "admins" },
  },
  "Banned Node Subscription": {
    label: "Who may see who is banned",
    ...{ nodes: [NODE.BANNED], verbs: sight, choices: RULERS, initial: "admins" },
  },
  "Configuration Node Access": {
    label: "Who may see the configuration",
    ...{ nodes: [NODE.CONFIG], verbs: sight, choices: ALL, initial: "owners" },
  },
  "Information Node Update Rights": {
    label: "Who may change the information",
    ...{ nodes: [NODE.INFO], verbs: ["publish"], choices: WRITERS, initial: "admins" },
  },
  "Avatar Nodes Update Rights": {
    label: "Who may change the avatar",
    ...{ nodes: [NODE.AVATAR_DATA, NODE.AVATAR_METADATA], verbs: ["publish"], choices: WRITERS, initial: "admins" },
  },
};

/** What the channel's fields say of rights. */
export interface Rights {
  /** Whether a channel keeps from its participants what they could see if there were no such fields. */
  areNarrowedIn(channel: Channel): boolean;
}

/** The fields on rights, each while there is a node that it is about. */
export function addRights(channels: Channels): Rights {
  const given = new Map<string, (channel: Channel) => Role | undefined>();
  const promises: ((channel: Channel) => boolean)[] = [];
  for (const [name, { label, nodes, verbs, choices, initial, aliases }] of Object.entries(RIGHTS)) {
    const field = channels.field(name, {
      type: "list-single",
      label,
      initial,
      choices: Object.fromEntries(choices.map((role) => [role, WHO[role]])),
      aliases: { ...ROLE_SPELLINGS, ...aliases },
      isOffered: () => nodes.some((node) => channels.nodes().includes(node)),
    });
    // Until its owner has said something, each node is as it says itself.
    const said = (channel: Channel) => (channel.sheet("config")[name] ? (field.of(channel) as Role) : undefined);
    for (const node of nodes) for (const verb of verbs) given.set(`${verb} ${node}`, said);
    if (initial === "participants") promises.push((channel) => !meets("participants", said(channel) ?? initial));
  }
  channels.rule({
    least(channel, node, verb) {
      const role = given.get(`${verb} ${node === NODE.JIDMAP ? NODE.PARTICIPANTS : node}`)?.(channel);
      // The JID map lists the participants, too; but it is administrators' business, whoever sees the other.
      if (node === NODE.JIDMAP) return !role || meets("participants", role) ? undefined : "admins";
      // Whoever is to change what a node holds must be able to see it.
      return role === "nobody" && verb === "read" ? "owners" : role;
    },
  });
  return { areNarrowedIn: (channel) => promises.some((isNarrowed) => isNarrowed(channel)) };
}
