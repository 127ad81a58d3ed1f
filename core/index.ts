// The public API: what plugins import as "masque". container.ts comes first, for it loads reflect-metadata.

export { z } from "zod";
export { About } from "./about.ts";
export type { Audience, Eyes, View } from "./channel/audience.ts";
export {
  type Admission,
  type Deed,
  type Disclosure,
  type Knock,
  meets,
  type NodeDeed,
  type NodeRule,
  ROLE_SPELLINGS,
  type Role,
  type Turned,
} from "./channel/authority.ts";
export type { ChannelFound } from "./channel/census.ts";
export type { Channel, Draft, Saying } from "./channel/channel.ts";
export { Channels } from "./channel/channels.ts";
export {
  addressOf,
  type Client,
  type Clients,
  clientAt,
  type Presence,
  withClient,
  withoutClients,
  withPresence,
} from "./channel/clients.ts";
export { type Delivery, learnFromJoin } from "./channel/delivery.ts";
export type { Parcel } from "./channel/fan-out.ts";
export type { Field, FieldSpec, Sheet } from "./channel/fields.ts";
export { CORE, type Generation, generationOf, handleOf, MIX_NAMESPACES, proxyJid } from "./channel/generation.ts";
export { mention } from "./channel/mention.ts";
export { isWorthKeeping, payloadOf, reflection, type Said } from "./channel/message.ts";
export type { NodeSpec } from "./channel/nodes.ts";
export { type Participant, randomId, subscriptions } from "./channel/participant.ts";
export { published, publishedItem } from "./channel/pubsub.ts";
export { recollection } from "./channel/recollection.ts";
export { type Answer, Relay, type RelayLimits } from "./channel/relay.ts";
export {
  type Addressee,
  type ChannelIq,
  type Filling,
  iq,
  type NodeIq,
  type ParticipantIq,
  type ServiceIq,
  type ToChannel,
  type ToParticipant,
  type ToService,
} from "./channel/stanzas.ts";
export { names, withoutTraces } from "./channel/traces.ts";
export type { Turn, Writing } from "./channel/turn.ts";
export { type Command, Commands, type Doing } from "./commands/command.ts";
export { Failure, Unconfirmed } from "./commands/failure.ts";
export { findChannel, findParticipant } from "./commands/find.ts";
export { type Taken, takenBy } from "./commands/taken.ts";
export { textTable } from "./commands/text-table.ts";
export { REASON, unmask } from "./commands/unmask.ts";
export { type Service, service } from "./container.ts";
export { Entrance, type Judge } from "./entrance.ts";
export type { Duration } from "./host/duration.ts";
export { duration, secret, size } from "./host/options.ts";
export {
  type Context,
  definePlugin,
  type Events,
  type Fault,
  type Guards,
  type Hooks,
  type Logger,
  type Plugin,
  type Powers,
} from "./host/plugin.ts";
export { type Carrier, Post } from "./post.ts";
export type {} from "./powers.ts";
export type { HistoryPage, HistoryQuery, Mark, StoredItem, StoredMessage as Kept } from "./storage/store.ts";
export type { Values } from "./storage/values.ts";
export { detached } from "./xmpp/detached.ts";
export { Features } from "./xmpp/features.ts";
export { type FieldType, type FormField, findForm, formOf, readBoolean, readForm } from "./xmpp/form.ts";
export { channelName, type Jid, parseJid } from "./xmpp/jid.ts";
export { NODE, NS } from "./xmpp/ns.ts";
export { parseStanza } from "./xmpp/parse.ts";
export { nickCompared, nickEnforced } from "./xmpp/precis.ts";
export {
  type Condition,
  conditionIn,
  errorElement,
  errorReply,
  isStanzaError,
  refuse,
  type StanzaError,
} from "./xmpp/refuse.ts";
export { type PageAnswer, type PageRequest, readSet, setOf } from "./xmpp/rsm.ts";
export { readTime, writeTime } from "./xmpp/time.ts";
export { type Child, clone, type Element, escapeXml, serialize, xml } from "./xmpp/xml.ts";
