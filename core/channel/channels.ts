import { service } from "../container.ts";
import type { Context } from "../host/plugin.ts";
import type { Expiry } from "../storage/store.ts";
import type { FieldType } from "../xmpp/form.ts";
import type { Element } from "../xmpp/xml.ts";
import { type ArchiveFound, archivesIn } from "./archives.ts";
import type { View } from "./audience.ts";
import type { NodeDeed, NodeRule, Role } from "./authority.ts";
import { type ChannelFound, censusOf } from "./census.ts";
import type { Channel } from "./channel.ts";
import type { Field, FieldSpec, Sheet, ValueOf, Values } from "./fields.ts";
import type { Generation } from "./generation.ts";
import type { NodeSpec } from "./nodes.ts";
import type { Participant } from "./participant.ts";
import type { NewChannel, Registry } from "./registry.ts";
import { publishSheet, tellSheet, writeSheet } from "./sheets.ts";
import type { Turn } from "./turn.ts";

/** The channels of the service, for plugins. What a plugin registers here goes with it. */
export interface Channels {
  /** The generation for those whose request leaves it open. */
  readonly defaultGeneration: Generation;
  /** By localpart; at once when it is loaded. */
  find(name: string): Channel | undefined | Promise<Channel | undefined>;
  /** By localpart, to be looked at and not to be changed: other processes may serve it. */
  look(name: string): Channel | undefined | Promise<Channel | undefined>;
  /** Whether it is for this process to do what nobody asks for, such as to end the channel when it is due. */
  minds(name: string): boolean;
  /** Those in memory: all that are in use, and of the others some. */
  loaded(): Iterable<Channel>;
  /** All channels by name, loaded or not, listed or not: those after `after`, at most `limit`. */
  all(after: string, limit: number): Promise<ChannelFound[]>;
  /** By localpart, as far as this JID may know of it: what it may not know of is not there, and takes as long. */
  findFor(name: string, jid: string): Promise<Channel | undefined>;
  /** @throws StanzaError `conflict` when one of that name exists */
  create(channel: NewChannel): Promise<Channel>;
  /**
   * Tells every node's subscribers, then forgets the channel and everything in it.
   * @param isDue asked when it is its turn: whether it is still to be
   * @returns whether it was
   */
  destroy(channel: Channel, by: string, isDue?: () => boolean): Promise<boolean>;
  /** Names of listed channels that this JID may join, in ascending order after `after`, at most `limit`. */
  listed(jid: string, after: string, limit: number): Promise<string[]>;

  /** Whether this JID may know that the channel exists; `invited` if somebody in it vouches for him. */
  admits(channel: Channel, jid: string, invited?: boolean): boolean;
  /** @param least who may, unless a plugin answers otherwise: owners, if not said */
  may(actor: string, action: string, channel: Channel | undefined, least?: Role): Promise<boolean>;
  /** @param joining judged as if the actor were in the channel already */
  mayNode(actor: string, channel: Channel, node: string, verb: NodeDeed["verb"], joining?: boolean): Promise<boolean>;
  /** How one who asks is spoken to, and what he may see. */
  viewOf(channel: Channel, jid: string): View;

  /** A field of the config or the info node. */
  field<T extends FieldType>(name: string, spec: FieldSpec<T>): Field<ValueOf<T>>;
  /** A node in every channel. */
  node(spec: NodeSpec): void;
  /** Who may do what with which node, where it is not as the node itself says; of several rules the strictest counts. */
  rule(rule: NodeRule): void;
  /** Names a channel's administrators, by bare JID: asked often. */
  administrators(of: (channel: Channel) => readonly string[]): void;
  /** The nodes there are, or those that a channel has. */
  nodes(channel?: Channel): string[];
  /** Gives a channel a node that it had not, or takes one from it, telling its subscribers. */
  addNode(turn: Turn, channel: Channel, node: string): void;
  removeNode(turn: Turn, channel: Channel, node: string): void;
  /** Messages of which `isKept` says so are archived. */
  keep(isKept: (stanza: Element) => boolean): void;
  isKept(stanza: Element): boolean;
  /** Channels created from now on need this plugin: without it they are suspended, not opened. */
  protect(): void;
  /** Channels created from now on begin with these values in their configuration. */
  begin(config: Values): void;
  /** What the fields of a sheet hold now, by name, but for those that hold JIDs. */
  values(sheet: Sheet, channel: Channel): Values;
  /** A sheet as it is now, as a form that may be archived: it holds no JID. */
  record(sheet: Sheet, channel: Channel): Element;
  /** The archives of all channels, loaded or not, that hold something: those after the key `after`, at most `limit`. */
  archives(after: number, limit: number): Promise<ArchiveFound[]>;
  /** Forgets the oldest messages of an archive, for good: in the order of its channel, where that is in memory. */
  expire(archive: ArchiveFound, bounds: Pick<Expiry, "before" | "keep">): Promise<void>;
  /** Whether one may be in the channel as he is, in the words of every plugin; a crash says no. */
  stays(channel: Channel, participant: Participant): boolean;
  /** Tells a sheet's subscribers what it says now. */
  tellSheet(sheet: Sheet, channel: Channel): void;

  /**
   * Writes values onto a sheet, by field, whoever wants it, and tells the sheet's subscribers.
   * @throws StanzaError `not-acceptable` that names every mistake at once
   */
  write(sheet: Sheet, channel: Channel, values: ReadonlyMap<string, readonly string[]>, by: string): Promise<unknown>;

  /**
   * Writes what a publish request says onto a sheet, and tells the sheet's subscribers; returns the reply.
   * @throws StanzaError `not-acceptable` that names every mistake at once
   */
  publish(sheet: Sheet, channel: Channel, publish: Element, by: string): Promise<Element>;
}

export const Channels = service<Channels>("channels");

/** The registry as one plugin sees it. */
export function channelsFor(registry: Registry, consumer: Context): Channels {
  return {
    defaultGeneration: registry.defaultGeneration,
    find: (name) => registry.find(name),
    look: (name) => registry.look(name),
    minds: (name) => registry.minds(name),
    loaded: () => registry.loaded(),
    all: (...args) => censusOf(registry.store, (plugins) => registry.missing(plugins), ...args),
    findFor: (...args) => registry.findFor(...args),
    create: (channel) => registry.create(channel),
    destroy: (...args) => registry.destroy(...args),
    listed: (...args) => registry.listed(...args),
    admits: (...args) => registry.admits(...args),
    may: (...args) => registry.may(...args),
    mayNode: (...args) => registry.mayNode(...args),
    viewOf: (channel, jid) => registry.viewOf(channel, jid),
    field(name, spec) {
      const field = registry.fields.add(name, spec);
      consumer.cleanup(`field ${name}`, field.remove);
      return field;
    },
    node(spec) {
      consumer.cleanup(`node ${spec.name}`, registry.nodes.add(spec));
    },
    rule(rule) {
      registry.rules.add(rule);
      consumer.cleanup("rule of nodes", () => void registry.rules.delete(rule));
    },
    administrators(of) {
      registry.administrators.add(of);
      consumer.cleanup("administrators", () => void registry.administrators.delete(of));
    },
    nodes: (channel) => registry.nodes.names().filter((node) => !channel || registry.nodes.has(channel, node)),
    addNode: (...args) => registry.nodes.give(...args),
    removeNode: (...args) => registry.nodes.take(...args),
    keep(isKept) {
      registry.keepers.add(isKept);
      consumer.cleanup("archive", () => void registry.keepers.delete(isKept));
    },
    isKept: (stanza) => registry.isKept(stanza),
    protect() {
      registry.protectors.add(consumer.name);
      consumer.cleanup("protection of new channels", () => void registry.protectors.delete(consumer.name));
    },
    begin(config) {
      registry.beginnings.add(config);
      consumer.cleanup("beginnings of new channels", () => void registry.beginnings.delete(config));
    },
    values: (sheet, channel) => registry.fields.values(sheet, channel),
    record: (sheet, channel) => registry.fields.record(sheet, channel),
    archives: (...args) => archivesIn(registry.store, ...args),
    expire: (...args) => registry.expire(...args),
    stays: (channel, participant) => registry.stays(channel, participant),
    tellSheet: (sheet, channel) => tellSheet(registry, sheet, channel),
    write: (...args) => writeSheet(registry, ...args),
    publish: (...args) => publishSheet(registry, ...args),
  };
}
