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

/** What somebody wants to do with a channel, or, where there is none, with the service. */
export interface Deed {
  /** Bare JID. */
  readonly actor: string;
  /** `thing/verb`: "channel/create", "channel/destroy", "config/publish" … */
  readonly action: string;
  readonly channel: Channel | undefined;
}

export interface NodeDeed {
  readonly actor: string;
  readonly channel: Channel;
  readonly node: string;
  readonly verb: "read" | "subscribe" | "publish";
  /** To be judged as if the actor were in the channel already. */
  readonly joining: boolean;
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
    /** Who is refused is told that there is no such channel. */
    "participant/stays": (question: Stay) => "stays" | "goes";
    "channel/admit": (question: Admission) => "admit" | "refuse";
  }
  interface Hooks {
    /** The one question of authority; the core answers for owners and operators, last of all. */
    "actor/may": (deed: Deed) => boolean;
    /** Rights on one node; where nobody answers, what the node itself says. */
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

/** Who may look at a node, each including those after him. */
export type Access = "anyone" | "participants" | "owners";

export function meets(access: Access, actor: string, channel: Channel): boolean {
  if (access === "anyone" || channel.owners.has(actor)) return true;
  return access === "participants" && channel.participant(actor) !== undefined;
}
