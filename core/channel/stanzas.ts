import type { Jid } from "../xmpp/jid.ts";
import type { Later } from "../xmpp/router.ts";
import type { Element } from "../xmpp/xml.ts";
import type { Channel } from "./channel.ts";
import type { Participant } from "./participant.ts";

/** Who a stanza is for: the service's domain, a channel, one of a channel's nodes, or somebody in it by proxy JID. */
export type Addressee = "service" | "channel" | "node" | "participant";

/** Any stanza, with a sender whose address was checked. */
export interface ToService {
  readonly stanza: Element;
  readonly from: Jid;
}

/** Only those whom the channel admits get this far; others were told that there is no such channel. */
export interface ToChannel extends ToService {
  readonly channel: Channel;
  /** The sender, if he is in the channel. */
  readonly participant: Participant | undefined;
}

/** From one participant to another, both in the channel now. */
export interface ToParticipant extends ToService {
  readonly channel: Channel;
  readonly sender: Participant;
  readonly target: Participant;
  /** What stood behind the slash of the proxy JID; "" for none. */
  readonly resource: string;
}

/** An iq's one child. */
export interface Request {
  readonly payload: Element;
}

export type ServiceIq = ToService & Request;
/** `invited`: nothing but somebody's invitation has let its sender get this far. */
export type ChannelIq = ToChannel & Request & { readonly invited: boolean };
/** `payload` is the pubsub verb: `<items/>`, `<publish/>` … Whether the sender may do it was asked already (`node/may`). */
export type NodeIq = ToChannel & Request & { readonly node: string };
export type ParticipantIq = ToParticipant & Request;

/** The reply's payload, or `true` for an empty result; or the promise of one, when somebody else is to be asked. */
type Reply = Element | true | Later;

/** Somebody who may is about to put items into a node. */
export interface Filling {
  readonly channel: Channel;
  readonly node: string;
  /** Bare JID. */
  readonly by: string;
  /** The ids of the items that will be in the node, if nothing else happens to it. */
  readonly ids: ReadonlySet<string>;
}

declare module "../host/plugin.ts" {
  interface Hooks {
    /** Asked before a node is published to: throw a refusal, or pass. */
    "node/fill": (filling: Filling) => "fill";
    [service: `iq-${"get" | "set"}/service/${string}`]: (iq: ServiceIq) => Reply;
    [channel: `iq-${"get" | "set"}/channel/${string}`]: (iq: ChannelIq) => Reply;
    [node: `iq-${"get" | "set"}/node/${string}`]: (iq: NodeIq) => Reply;
    [participant: `iq-${"get" | "set"}/participant/${string}`]: (iq: ParticipantIq) => Reply;
    "message/service": (message: ToService) => true;
    "message/channel": (message: ToChannel) => true;
    "message/participant": (message: ToParticipant) => true;
    "presence/service": (presence: ToService) => true;
    "presence/channel": (presence: ToChannel) => true;
    "presence/participant": (presence: ToParticipant) => true;
  }
}

/**
 * The names of iq questions.
 * @example handle(iq.get("channel", NS.PING, "ping"), () => true)
 */
export const iq = {
  get: <A extends Addressee>(addressee: A, ns: string, name: string) => `iq-get/${addressee}/${ns}:${name}` as const,
  set: <A extends Addressee>(addressee: A, ns: string, name: string) => `iq-set/${addressee}/${ns}:${name}` as const,
};
