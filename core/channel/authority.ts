import type { Eyes } from "./audience.ts";
import type { Channel } from "./channel.ts";
import type { Participant } from "./participant.ts";
import type { ToService } from "./stanzas.ts";
import type { ChannelState, Turn } from "./turn.ts";

/** May this participant's JID be shown to those who look with these eyes? */
export interface Disclosure {
  readonly channel: Channel;
  readonly participant: Participant;
  readonly eyes: Eyes;
}

/** May he be in the channel as he is, by what he has chosen? */
export interface Stay {
  readonly channel: Channel;
  readonly participant: Participant;
}

export interface Admission {
  readonly channel: Channel;
  /** Bare JID of the one who asks. */
  readonly jid: string;
  /** Somebody in the channel vouches for him: he need not be allowed by name, but may still be banned. */
  readonly invited: boolean;
}

/** A stanza of one who may not know of the channel, or of those in it. */
export interface Knock extends ToService {
  /** `undefined` where there is none of that name: that takes as long, and is a no. */
  readonly channel: Channel | undefined;
}

/**
 * Who may do something, each with the rights of those before him (XEP-0406 §2.1); "nobody" not even owners. "anyone" is
 * no more than "allowed": whoever may not join is not even told that there is a channel.
 */
export const ROLES = ["anyone", "allowed", "participants", "admins", "owners", "nobody"] as const;
export type Role = (typeof ROLES)[number];

/** Roles as some clients write them: Martin and Siskin, or in the singular. */
export const ROLE_SPELLINGS: Readonly<Record<string, Role>> = {
  participant: "participants",
  admin: "admins",
  owner: "owners",
  onwers: "owners",
  onbody: "nobody",
};

/** Whether one in this role may do what takes at least that one. */
export function meets(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}

/** What somebody wants to do with a channel, or, where there is none, with the service. */
export interface Deed {
  /** Bare JID. */
  readonly actor: string;
  /** `thing/verb`: "channel/create", "channel/destroy", "config/publish" … */
  readonly action: string;
  readonly channel: Channel | undefined;
  /** Who may, unless a plugin answers otherwise. */
  readonly least: Role;
}

export interface NodeDeed {
  readonly actor: string;
  readonly channel: Channel;
  readonly node: string;
  readonly verb: "read" | "subscribe" | "publish";
  /** To be judged as if the actor were in the channel already. */
  readonly joining: boolean;
}

/** What other plugins, or a channel's configuration, say of nodes: asked often, and so at once. */
export interface NodeRule {
  /** Who may do this, where it is not as the node itself says; of several the strictest counts. */
  least(channel: Channel, node: string, verb: NodeDeed["verb"]): Role | undefined;
}

/** A change of a channel, in force but not durable yet: nobody has been told of it. */
export interface Turned {
  readonly channel: Channel;
  readonly turn: Turn;
  /** Those whom it changes, as they were, by ID. */
  readonly was: ReadonlyMap<string, Participant>;
  /** The channel's state as it was. */
  readonly state: ChannelState;
  /** What follows from the change goes here: it is stored with it, and told after it. */
  readonly sequel: Turn;
}

declare module "../host/plugin.ts" {
  interface Guards {
    /** The strictest word wins; where nobody votes a JID is visible, as MIX-CORE has it. */
    "jid/disclose": (question: Disclosure) => "visible" | "hidden";
    "participant/stays": (question: Stay) => "stays" | "goes";
    /**
     * Who is refused is told that there is no such channel. It is asked, too, about one that there is not, which has no
     * name: that there is none must not take less time. A voter that is not running refuses: let the channel require it.
     */
    "channel/admit": (question: Admission) => "admit" | "refuse";
  }
  interface Hooks {
    /** The one question of authority; the core answers by role, last of all. */
    "actor/may": (deed: Deed) => boolean;
    /**
     * Rights on one node; where nobody answers, what its rules and the node itself say. Who is told of a node needs these
     * on his side in any case: an answer can only forbid him to subscribe.
     */
    "node/may": (deed: NodeDeed) => boolean;
    /** Whether a stanza itself shows that its sender was invited; the guard "channel/admit" has the last word. */
    "channel/invited": (knock: Knock) => boolean;
    /** Gathered for operators: a sentence on what a plugin goes by when it votes on "jid/disclose"; never with the JID. */
    "jid/explain": (question: Disclosure) => string;
  }
  interface Events {
    "channel/created": { readonly channel: Channel; readonly by: string };
    "channel/destroyed": { readonly channel: Channel; readonly by: string };
    /** Read from the store into memory. */
    "channel/loaded": { readonly channel: Channel };
    "channel/turned": Turned;
    "participant/joined": { readonly channel: Channel; readonly participant: Participant };
    "participant/left": { readonly channel: Channel; readonly participant: Participant };
    "participant/changed": {
      readonly channel: Channel;
      readonly participant: Participant;
      readonly before: Participant;
    };
  }
}
