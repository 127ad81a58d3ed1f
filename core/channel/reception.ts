import type { Host } from "../host/host.ts";
import type { Fault, Hooks } from "../host/plugin.ts";
import type { Jid } from "../xmpp/jid.ts";
import { NS } from "../xmpp/ns.ts";
import { refuse } from "../xmpp/refuse.ts";
import { type Answered, requestIn } from "../xmpp/router.ts";
import type { Element } from "../xmpp/xml.ts";
import type { Channel } from "./channel.ts";
import { type Delivery, heardFrom, lost } from "./delivery.ts";
import { itemsOf, readVerb } from "./pubsub.ts";
import type { Registry } from "./registry.ts";
import type { ChannelIq } from "./stanzas.ts";

/** Finds out whom a stanza is for, checks what must be true of it, and puts it to the plugins as a question. */
export class Reception {
  readonly #registry: Registry;
  readonly #host: Host;

  constructor(registry: Registry, host: Host) {
    this.#registry = registry;
    this.#host = host;
  }

  answer(stanza: Element, from: Jid, to: Jid): Answered | Promise<Answered> {
    if (to.domain !== this.#registry.domain) throw refuse("item-not-found", "This service answers for another domain.");
    if (to.local === "") return this.#ask(`${kindOf(stanza)}/service`, stanza, { stanza, from });
    const split = to.local.indexOf("#");
    const found = this.#registry.find(split < 0 ? to.local : to.local.slice(split + 1));
    const go = (channel: Channel | undefined) => {
      if (!this.#isOpen(channel, from, split >= 0))
        return this.#closed(channel, stanza, from, !(found instanceof Promise));
      return split < 0
        ? this.#channel(stanza, from, channel)
        : this.#participant(stanza, from, channel, to.local.slice(0, split), to.resource);
    };
    return found instanceof Promise ? found.then(go) : go(found);
  }

  /** Whether one may know of a channel, or of those in it. */
  #isOpen(channel: Channel | undefined, { bare }: Jid, isForParticipants: boolean): channel is Channel {
    if (isForParticipants) return channel?.participant(bare) !== undefined;
    return this.#registry.admits(channel, bare);
  }

  /** An invitation is for the channel to see, whomever in it the stanza is for. */
  async #closed(channel: Channel | undefined, stanza: Element, from: Jid, isLoaded: boolean): Promise<Answered> {
    const isInvited = await this.#host.ask("channel/invited", { channel, stanza, from }, false);
    if (isInvited && channel && this.#registry.admits(channel, from.bare, true))
      return this.#channel(stanza, from, channel, true);
    // Nor may the time it takes tell that there is a channel in memory.
    if (isLoaded) await this.#registry.pretend();
    throw nothingHere();
  }

  #channel(stanza: Element, from: Jid, channel: Channel, invited = false): Answered | Promise<Answered> {
    const participant = channel.participant(from.bare);
    this.#learn(stanza, from, channel);
    if (stanza.name === "message" && stanza.attrs.type === "error") return true;
    const missing = channel.missing();
    if (missing.length > 0 && !isAlwaysAllowed(stanza)) throw suspended(missing);
    const pubsub = stanza.name === "iq" ? pubsubIn(stanza) : undefined;
    if (pubsub) return this.#node(stanza, pubsub, from, channel, invited);
    return this.#ask(`${kindOf(stanza)}/channel`, stanza, { stanza, from, channel, participant, invited });
  }

  #participant(
    stanza: Element,
    from: Jid,
    channel: Channel,
    id: string,
    resource: string,
  ): Answered | Promise<Answered> {
    const sender = channel.participant(from.bare);
    const target = channel.byId(id);
    if (!sender || !target) throw nothingHere();
    this.#learn(stanza, from, channel);
    const missing = channel.missing();
    if (missing.length > 0) throw suspended(missing);
    return this.#ask(`${kindOf(stanza)}/participant`, stanza, { stanza, from, channel, sender, target, resource });
  }

  async #node(stanza: Element, pubsub: Element, from: Jid, channel: Channel, invited: boolean): Promise<Answered> {
    const participant = channel.participant(from.bare);
    const asked = pubsub.getChild("affiliations");
    if (asked) return this.#affiliations({ stanza, from, channel, participant, invited, payload: asked });
    const verb = readVerb(pubsub);
    const { element, node } = verb;
    const reads = element.name === "items";
    const right = reads ? "read" : "publish";
    const may = (right: "read" | "publish") => this.#registry.mayNode(from.bare, channel, node, right);
    if (!this.#registry.nodes.has(channel, node, right))
      throw refuse("item-not-found", "This channel has no node of that name.");
    if (!(await may(right))) throw refuse("forbidden", `You may not ${reads ? "read" : "change"} this node.`);
    if (reads && stanza.attrs.type === "get") {
      const edits = this.#host.has(`iq-set/node/${node}:publish`) && (await may("publish"));
      return itemsOf(this.#registry, channel, verb, { ...this.#registry.viewOf(channel, from.bare), edits });
    }
    const question = `iq-${stanza.attrs.type as "get" | "set"}/node/${node}:${element.name}` as const;
    const nobody = () => {
      throw refuse("not-allowed", `<${element.name}/> is not possible at this node.`);
    };
    if (element.name === "publish") await this.#mustFit(channel, node, element, from);
    return this.#host.ask(question, { stanza, from, channel, participant, payload: element, node }, (fault) => {
      throw fault ? refuse("internal-server-error") : nobody();
    });
  }

  /** Asks whether a node may hold what is published to it; what is in it is read only if somebody cares. */
  async #mustFit(channel: Channel, node: string, publish: Element, { bare }: Jid): Promise<void> {
    if (!this.#host.has("node/fill")) return;
    const spec = this.#registry.nodes.get(node);
    const view = this.#registry.viewOf(channel, bare);
    const there = spec?.items
      ? [...spec.items(channel, view)].map(({ attrs }) => attrs.id ?? "")
      : (await channel.items(node)).map(({ id }) => id);
    const more = [...publish.getChildren("item"), ...(publish.getChild("items")?.getChildren("item") ?? [])];
    const ids = new Set([...there, ...more.map(({ attrs }, at) => attrs.id ?? `a new one, ${at}`)]);
    await this.#host.ask("node/fill", { channel, node, by: bare, ids }, (fault) => {
      if (fault) throw refuse("internal-server-error");
      return "fill";
    });
  }

  /** What the one who asks is to a node, or to all of them (XEP-0060 §5.7). */
  #affiliations(request: ChannelIq): Answered | Promise<Answered> {
    const question = `iq-${request.stanza.attrs.type as "get" | "set"}/channel/${NS.PUBSUB}:affiliations` as const;
    return this.#host.ask(question, request, (fault) => {
      throw fault ? refuse("internal-server-error") : refuse("service-unavailable");
    });
  }

  #ask(kind: string, stanza: Element, payload: object): Answered | Promise<Answered> {
    const child = stanza.name === "iq" ? requestIn(stanza) : undefined;
    const question = (child ? `${kind}/${child.getNS()}:${child.getName()}` : kind) as keyof Hooks;
    const otherwise = (fault?: Fault) => {
      if (fault) throw refuse("internal-server-error");
      return undefined as never;
    };
    return this.#host.ask(question, (child ? { ...payload, payload: child } : payload) as never, otherwise) as
      | Answered
      | Promise<Answered>;
  }

  /** What any stanza of a participant tells of where he can be reached. */
  #learn(stanza: Element, from: Jid, channel: Channel): void {
    const delivery = channel.participant(from.bare)?.delivery;
    if (!delivery) return;
    const now = this.#registry.clock.now();
    const learnt = learn(delivery, stanza, from, now);
    if (learnt === delivery) return;
    void channel
      .update((turn) => {
        const participant = channel.participant(from.bare);
        if (participant) turn.put({ ...participant, delivery: learn(participant.delivery, stanza, from, now) });
      })
      .catch(() => {}); // reported where it broke; the next stanza teaches the same
  }
}

function learn(delivery: Delivery, stanza: Element, from: Jid, now: number): Delivery {
  const { type } = stanza.attrs;
  if (type === "unavailable" && stanza.name === "presence") return from.resource ? lost(delivery, from, now) : delivery;
  // A server speaks for its user from his bare JID in presence subscriptions, PAM or not.
  if (stanza.name === "presence" && !from.resource) return delivery;
  if (type !== "error") return heardFrom(delivery, from);
  return isCopy(stanza) && stanza.getChild("error")?.getChild("service-unavailable", NS.STANZAS)
    ? lost(delivery, from, now)
    : delivery;
}

/**
 * Whether this error answers a copy of what was said: pubsub events come back, too, when nobody is there to take them,
 * but only what was said has an id of the archive's; and what one participant wrote to another went by proxy JID.
 */
function isCopy({ name, attrs: { id = "", to = "" } }: Element): boolean {
  return name === "message" && ARCHIVE_ID.test(id) && !to.includes("#");
}

const ARCHIVE_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A request to a node; those to empty and to delete one are in a namespace of their owners' (XEP-0060 §8.4 and §8.5). */
function pubsubIn(stanza: Element): Element | undefined {
  const owners = stanza.getChild("pubsub", NS.PUBSUB_OWNER);
  const isForNode = owners?.getChild("purge") ?? owners?.getChild("delete");
  return isForNode ? owners : stanza.getChild("pubsub", NS.PUBSUB);
}

function kindOf(stanza: Element): string {
  return stanza.name === "iq" ? `iq-${stanza.attrs.type}` : stanza.name;
}

/** One and the same for what is not there and for what must not be known to be there. */
function nothingHere(): Error {
  return refuse("item-not-found");
}

function suspended(missing: readonly string[]): Error {
  return refuse(
    "service-unavailable",
    `This channel promises its participants what only ${missing.join(" and ")} can keep, and that is switched off: it is suspended until its operator switches it on.`,
  );
}

/** One may leave, and an owner may destroy, whatever is switched off. */
function isAlwaysAllowed(stanza: Element): boolean {
  return stanza.name === "iq" && stanza.getChild("leave") !== undefined;
}
