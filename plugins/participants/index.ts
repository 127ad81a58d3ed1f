import {
  type Channel,
  Channels,
  CORE,
  definePlugin,
  detached,
  type Element,
  generationOf,
  handleOf,
  iq,
  type Jid,
  learnFromJoin,
  MIX_NAMESPACES,
  NODE,
  type Participant,
  proxyJid,
  randomId,
  refuse,
  serialize,
  type View,
  xml,
} from "masque";
import { chooseNick } from "./nick.ts";

/** Somebody is about to join, or to join anew. */
export interface Joining {
  readonly channel: Channel;
  readonly jid: string;
  /** The `<join/>` he sent. */
  readonly request: Element;
}

declare module "masque" {
  interface Hooks {
    /** Asked before anybody joins: throw a refusal, or pass. */
    "participant/join": (joining: Joining) => "welcome";
  }
}

/** Joining, leaving, nicks and subscriptions (XEP-0369 §7.1), and the participants node. */
export default definePlugin({
  name: "participants",
  summary: "People join channels, leave them, and choose their nicks and what they are told.",

  setup({ handle, get, ask, emit }) {
    const channels = get(Channels);
    const mandatoryNicks = channels.field("Mandatory Nicks", {
      type: "boolean",
      label: "Every participant needs a nick",
      initial: true,
    });

    channels.node({
      name: NODE.PARTICIPANTS,
      read: "participants",
      subscribe: "participants",
      *items(channel, view) {
        for (const each of channel.participants) yield item(channel, each, view);
      },
    });

    for (const namespace of MIX_NAMESPACES) {
      handle(iq.set("channel", namespace, "join"), ({ channel, from, payload, stanza }) =>
        join(channel, from, payload, stanza.attrs.id ?? ""),
      );
      handle(iq.set("channel", namespace, "leave"), ({ channel, from, payload }) => leave(channel, from, payload));
      handle(iq.set("channel", namespace, "setnick"), ({ channel, from, payload }) => setNick(channel, from, payload));
      handle(iq.set("channel", namespace, "update-subscription"), ({ channel, from, payload }) =>
        subscribe(channel, from, payload),
      );
    }

    async function join(channel: Channel, from: Jid, request: Element, iqId: string): Promise<Element> {
      const granted = await grant(channel, from, request, "subscribe");
      await ask("participant/join", { channel, jid: from.bare, request }, (fault) => {
        if (fault) throw refuse("internal-server-error");
        return "welcome";
      });
      const before = channel.participant(from.bare) ?? (await channel.former(from.bare));
      const asked = generationOf(request.getNS());
      const joined = await channel.update((turn) => {
        const already = channel.participant(from.bare);
        const generation = asked ?? channels.defaultGeneration;
        const isNickAssigned = asked !== 1 || !mandatoryNicks.of(channel);
        const nick = chooseNick(
          channel,
          request.getChildText("nick"),
          already,
          mandatoryNicks.of(channel),
          isNickAssigned,
        );
        const { id = randomId(), traits = {} } = already ?? before ?? {};
        const delivery = learnFromJoin(already?.delivery, from, iqId);
        const participant: Participant = {
          id,
          jid: from.bare,
          nick,
          generation,
          nodes: new Set(granted),
          delivery,
          traits,
        };
        turn.put(participant);
        turn.after(() => announce(channel, participant));
        turn.after(() => {
          if (already) emit("participant/changed", { channel, participant, before: already });
          else emit("participant/joined", { channel, participant });
        });
        return participant;
      });
      const jid = proxyJid(joined.id, channel.jid);
      const nick = joined.nick ? xml("nick", {}, joined.nick) : undefined;
      return xml("join", { xmlns: request.getNS(), id: joined.id, jid }, granted.map(subscription), nick);
    }

    async function leave(channel: Channel, from: Jid, request: Element): Promise<Element> {
      await channel.update((turn) => {
        const participant = here(channel, from);
        turn.remove(participant);
        turn.after(() => {
          channel.tell(NODE.PARTICIPANTS, ({ generation }) => {
            return serialize(xml("retract", { id: handleOf(generation, participant.id, channel.jid) }));
          });
          emit("participant/left", { channel, participant });
        });
      });
      return xml("leave", { xmlns: request.getNS() });
    }

    async function setNick(channel: Channel, from: Jid, request: Element): Promise<Element> {
      const nick = await channel.update((turn) => {
        const before = here(channel, from);
        const wanted = request.getChildText("nick");
        const participant = { ...before, nick: chooseNick(channel, wanted, { ...before, nick: "" }, true, true) };
        if (participant.nick === before.nick) return before.nick;
        turn.put(participant);
        turn.after(() => {
          announce(channel, participant);
          emit("participant/changed", { channel, participant, before });
        });
        return participant.nick;
      });
      return xml("setnick", { xmlns: request.getNS() }, xml("nick", {}, nick));
    }

    async function subscribe(channel: Channel, from: Jid, request: Element): Promise<Element> {
      here(channel, from);
      const ended = nodesIn(request, "unsubscribe");
      const granted = await grant(channel, from, request, "subscribe", ended.length > 0);
      await channel.update((turn) => {
        const participant = here(channel, from);
        const nodes = new Set([...participant.nodes, ...granted]);
        for (const node of ended) nodes.delete(node);
        turn.put({ ...participant, nodes });
      });
      const unsubscribed = ended.map((node) => xml("unsubscribe", { node }));
      return xml(
        "update-subscription",
        { xmlns: request.getNS(), jid: from.bare },
        granted.map(subscription),
        unsubscribed,
      );
    }

    /** Which of the nodes asked for he may subscribe to; none of several is an error that says why (§7.1.2). */
    async function grant(
      channel: Channel,
      from: Jid,
      request: Element,
      verb: "subscribe",
      isNoneFine = false,
    ): Promise<string[]> {
      const asked = nodesIn(request, verb);
      const granted: string[] = [];
      for (const node of asked) {
        if (await channels.mayNode(from.bare, channel, node, "subscribe", true)) granted.push(detached(node));
      }
      if (asked.length === 0 || granted.length > 0 || isNoneFine) return granted;
      const exists = channels.nodes().includes(asked[0] as string);
      // "This error response will also include other nodes requested where subscription failed for the same reason."
      for (const each of request.getChildren(verb)) {
        if (channels.nodes().includes(each.attrs.node ?? "") !== exists) request.remove(each);
      }
      if (exists) throw refuse("forbidden", "You may not subscribe to any of these nodes.");
      throw refuse("item-not-found", `This channel has no such node; it has ${channels.nodes().join(", ")}.`);
    }

    function announce(channel: Channel, participant: Participant): void {
      channel.tell(NODE.PARTICIPANTS, (view) => serialize(item(channel, participant, view)));
    }
  },
});

function item(channel: Channel, participant: Participant, { generation, eyes }: View): Element {
  const { id, nick, jid } = participant;
  const content = [nick ? xml("nick", {}, nick) : null, channel.shows(participant, eyes) ? xml("jid", {}, jid) : null];
  return xml(
    "item",
    { id: handleOf(generation, id, channel.jid) },
    xml("participant", { xmlns: CORE[generation] }, content),
  );
}

function here(channel: Channel, { bare }: Jid): Participant {
  const participant = channel.participant(bare);
  if (!participant) throw refuse("forbidden", "Only participants may do this: join the channel first.");
  return participant;
}

function subscription(node: string): Element {
  return xml("subscribe", { node });
}

/** Every node named below the request, once: slixmpp puts its `<subscribe/>`s inside another one. */
function nodesIn(request: Element, verb: "subscribe" | "unsubscribe"): string[] {
  const nodes = request.getChildren(verb).flatMap((each) => [each.attrs.node, ...nodesIn(each, verb)]);
  return [...new Set(nodes.filter((node) => node !== undefined && node !== ""))] as string[];
}
