import {
  type Channel,
  type ChannelIq,
  Channels,
  definePlugin,
  duration,
  type Element,
  generationOf,
  iq,
  type Jid,
  learnFromJoin,
  MIX_NAMESPACES,
  NODE,
  type Participant,
  proxyJid,
  randomId,
  refuse,
  service,
  subscriptions,
  xml,
  z,
} from "masque";
import { addCommands } from "./commands.ts";
import { HeldNicks } from "./held-nicks.ts";
import { announce, item, retract } from "./item.ts";
import { chooseNick, usualNick } from "./nick.ts";
import { type Parting, partingBy } from "./parting.ts";
import { addRelease } from "./release.ts";
import { grant, nodesIn, subscribed, unsubscribed } from "./subscriptions.ts";

/** Somebody is about to join, or to join anew. */
export interface Joining {
  readonly channel: Channel;
  readonly jid: string;
  /** The `<join/>` he sent. */
  readonly request: Element;
  /** What he is now, if he is in the channel already; else what he was when he left, if he ever was in it. */
  readonly before: Participant | undefined;
  /** What he is to be remembered by, besides what is remembered already: handlers add to it. */
  readonly traits: Record<string, unknown>;
  /** Further children of the reply, once he is in: handlers add to them. */
  readonly replies: ((participant: Participant) => Element)[];
  /** What must be true at his place in the channel's order, too: handlers add to it; each throws a refusal, or passes. */
  readonly conditions: (() => void)[];
}

/** What other plugins may do to those in a channel. */
export interface Participants {
  /** Tells the participants node's subscribers what somebody is now. */
  announce(channel: Channel, participant: Participant): void;
  readonly eject: Parting["eject"];
}

export const Participants = service<Participants>("participants");

declare module "masque" {
  interface Hooks {
    /** Asked before anybody joins: throw a refusal, or pass, having added what he is to be remembered by. */
    "participant/join": (joining: Joining) => "welcome";
  }
}

/** Joining, leaving, nicks and subscriptions (XEP-0369 §7.1), and the participants node. */
export default definePlugin({
  name: "participants",
  summary: "People join channels, leave them, and choose their nicks and what they are told.",
  options: z.strictObject({
    hold_nicks: duration
      .prefault("10 min")
      .describe("How long nobody else may take the nick of one who has left a channel, lest he be taken for him"),
  }),

  async setup(ctx) {
    const { options, handle, get, ask, emit, now, provide, store } = ctx;
    const channels = get(Channels);
    const held = new HeldNicks(await store("held nicks"), options.hold_nicks, now);
    const { part, eject } = partingBy(ctx, held);
    handle("nick/taken", ({ channel, nick, id }) => (held.isHeld(channel, nick, id) ? "taken" : undefined));
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

    provide(Participants, () => ({ announce, eject }));
    addRelease(ctx, eject);
    addCommands(ctx, eject);

    for (const namespace of MIX_NAMESPACES) {
      handle(iq.set("channel", namespace, "join"), join);
      handle(iq.set("channel", namespace, "leave"), leave);
      handle(iq.set("channel", namespace, "setnick"), setNick);
      handle(iq.set("channel", namespace, "update-subscription"), updateSubscription);
    }

    async function join({ channel, from, payload, stanza, invited }: ChannelIq): Promise<Element> {
      await grant(channels, channel, from.bare, payload);
      const former = channel.participant(from.bare) ?? (await channel.former(from.bare));
      const joining: Joining = {
        channel,
        jid: from.bare,
        request: payload,
        before: former,
        traits: {},
        replies: [],
        conditions: [],
      };
      await ask("participant/join", joining, (fault) => {
        if (fault) throw refuse("internal-server-error");
        return "welcome";
      });
      const asked = generationOf(payload.getNS());
      const joined = await channel.update(async (turn) => {
        // What he may subscribe to can have changed while he waited for his turn, and so can whether he may come in.
        const nodes = await grant(channels, channel, from.bare, payload);
        if (!channels.admits(channel, from.bare, invited)) throw refuse("item-not-found");
        for (const condition of joining.conditions) condition();
        const before = channel.participant(from.bare);
        const isMandatory = mandatoryNicks.of(channel);
        // 0.14: "If nick is missing on a channel where nick is mandatory, the join MUST be rejected"; 0.11 assigns one.
        const isAssigned = asked !== 1;
        const who = { channel, jid: from.bare, id: former?.id ?? randomId() };
        const wanted = payload.getChildText("nick");
        const has = before?.nick ?? (wanted?.trim() ? "" : await usualNick(ask, who));
        const participant: Participant = {
          id: who.id,
          jid: who.jid,
          nick: await chooseNick(ask, who, { wanted, has, isMandatory, isAssigned }),
          generation: asked ?? channels.defaultGeneration,
          nodes: subscriptions(nodes),
          delivery: learnFromJoin(before?.delivery, from, stanza.attrs.id ?? "", now()),
          clients: before?.clients ?? {},
          traits: { ...(before ?? former)?.traits, ...joining.traits },
        };
        if (!channels.stays(channel, participant))
          throw refuse("not-acceptable", "What you have chosen cannot be kept in this channel.");
        turn.put(participant);
        turn.after(() => {
          announce(channel, participant);
          if (before) emit("participant/changed", { channel, participant, before });
          else emit("participant/joined", { channel, participant });
        });
        return participant;
      });
      const handles = { id: joined.id, jid: proxyJid(joined.id, channel.jid) };
      const nick = joined.nick ? xml("nick", {}, joined.nick) : null;
      const replies = joining.replies.map((reply) => reply(joined));
      return xml("join", { xmlns: payload.getNS(), ...handles }, subscribed([...joined.nodes]), nick, replies);
    }

    async function leave({ channel, from, payload }: ChannelIq): Promise<Element> {
      await channel.update((turn) => {
        const participant = here(channel, from);
        part(turn, channel, participant);
        turn.after(() => {
          retract(channel, participant);
          emit("participant/left", { channel, participant });
        });
      });
      return xml("leave", { xmlns: payload.getNS() });
    }

    async function setNick({ channel, from, payload }: ChannelIq): Promise<Element> {
      const nick = await channel.update(async (turn) => {
        const { id, jid } = here(channel, from);
        // Left blank, it asks for an assigned one, whatever he is called now.
        const wish = { wanted: payload.getChildText("nick"), has: "", isMandatory: true, isAssigned: true };
        const nick = await chooseNick(ask, { channel, jid, id }, wish);
        const before = here(channel, from);
        if (nick === before.nick) return nick;
        const participant = { ...before, nick };
        turn.put(participant);
        turn.after(() => {
          announce(channel, participant);
          emit("participant/changed", { channel, participant, before });
        });
        return nick;
      });
      return xml("setnick", { xmlns: payload.getNS() }, xml("nick", {}, nick));
    }

    async function updateSubscription({ channel, from, payload }: ChannelIq): Promise<Element> {
      here(channel, from);
      const ended = nodesIn(payload, "unsubscribe");
      const granted = await channel.update(async (turn) => {
        const granted = await grant(channels, channel, from.bare, payload);
        const participant = here(channel, from);
        const nodes = new Set([...participant.nodes, ...granted]);
        for (const node of ended) nodes.delete(node);
        turn.put({ ...participant, nodes });
        return granted;
      });
      const attrs = { xmlns: payload.getNS(), jid: from.bare };
      return xml("update-subscription", attrs, subscribed(granted), unsubscribed(ended));
    }
  },
});

function here(channel: Channel, { bare }: Jid): Participant {
  const participant = channel.participant(bare);
  if (!participant) throw refuse("forbidden", "Only participants may do this: join the channel first.");
  return participant;
}
