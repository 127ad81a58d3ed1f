import {
  type Channel,
  Channels,
  clone,
  definePlugin,
  duration,
  escapeXml,
  iq,
  type Kept,
  type Mark,
  mention,
  NODE,
  type Participant,
  payloadOf,
  proxyJid,
  ROLE_SPELLINGS,
  type Role,
  refuse,
  type Saying,
  z,
} from "masque";
import type {} from "masque/plugins/messages"; // knows the questions that start with "message/"
import { FASTEN, isForged, isRequest, MODERATE, RETRACT, readModeration, readRetraction } from "./request.ts";
import { isTombstone, type Retractor, retractionIn, retractionOf, tombstoneOf } from "./words.ts";

/** Somebody wants a message retracted. */
interface Wish {
  readonly channel: Channel;
  /** Bare JID. */
  readonly actor: string;
  /** The archive's id of the message. */
  readonly id: string;
  /** What else his message says, as XML text. */
  readonly rest: string;
  /** Given when he acts as an administrator, whoever has said it. */
  readonly reason?: string;
}

/** What was said is taken back, and a tombstone is left in the archive (XEP-0407 §5, XEP-0424, XEP-0425). */
export default definePlugin({
  name: "retraction",
  summary:
    "Participants take back what they said, and administrators what anybody said; the archive forgets the words.",
  dependsOn: ["messages", "archive"],
  options: z.strictObject({
    within: z
      .union([z.literal("unlimited"), duration])
      .prefault("unlimited")
      .describe('How long after it was said its sender may retract a message, such as "15 min"'),
  }),

  setup({ options: { within }, handle, feature, get }) {
    const channels = get(Channels);
    for (const ns of [RETRACT, `${RETRACT}#tombstone`, MODERATE]) feature(ns, "channel");

    // The defaults are those of XEP-0406's table.
    const maySenders = channels.field("User Message Retraction", {
      type: "boolean",
      label: "Participants may retract what they said",
      initial: false,
    });
    const group = channels.field("Administrator Message Retraction Rights", {
      type: "list-single",
      label: "Who may retract what anybody said",
      initial: "owners",
      choices: { nobody: "Nobody", admins: "Administrators and owners", owners: "Owners" },
      aliases: ROLE_SPELLINGS,
    });

    handle("message/draft", async ({ channel, sender, stanza }) => {
      if (stanza.getChildElements().some(isForged))
        throw refuse("bad-request", "Only the channel says that a message was retracted: ask it by <retract/>.");
      const id = readRetraction(stanza);
      if (id === undefined) return undefined;
      if (await isOfAnother(channel, sender, id)) {
        // In the channel's name, as by iq: it would tell by whom, and with it who manages the channel.
        const wish = { channel, actor: sender.jid, id, rest: "", reason: "" };
        return { sender: undefined, payload: (mark) => settle(wish, mark), keep: true, filter: undefined };
      }
      const others = clone(stanza);
      for (const request of others.getChildElements().filter(isRequest)) others.remove(request);
      const wish = {
        channel,
        actor: sender.jid,
        id,
        rest: payloadOf(others, sender.jid, proxyJid(sender.id, channel.jid)),
      };
      // Whoever was sent the message is sent this, and who reads of it later, too: no filter and no hint has a say.
      return { payload: (mark) => settle(wish, mark), keep: true, filter: undefined };
    });

    for (const name of [iq.set("channel", MODERATE, "moderate"), iq.set("channel", FASTEN, "apply-to")]) {
      handle(name, async ({ channel, from, payload }) => {
        const moderation = readModeration(payload);
        if (!moderation) return undefined;
        const wish = { channel, actor: from.bare, rest: "", ...moderation };
        // XEP-0425 §5: only the channel's own word counts for others.
        await channel.post({
          sender: undefined,
          id: undefined,
          keep: true,
          payload: (mark) => settle(wish, mark),
        });
        return true;
      });
    }

    const mayAll = (actor: string, channel: Channel) =>
      channels.may(actor, "message/retract", channel, group.of(channel) as Role);

    /** Whether somebody who may retract what others have said does so. */
    async function isOfAnother(channel: Channel, { id, jid }: Participant, message: string): Promise<boolean> {
      if (!(await mayAll(jid, channel))) return false;
      const target = await lookUp(channel, message);
      return target !== undefined && target.sender !== id;
    }

    /** At its place in the channel's order: what is said of the retraction, and what becomes of the message. */
    async function settle(wish: Wish, mark: Mark): Promise<Saying | undefined> {
      const { channel, actor, id, reason, rest } = wish;
      const isRuler = await mayAll(actor, channel);
      if (reason !== undefined && !isRuler)
        throw refuse("forbidden", "You may not retract what others have said in this channel.");
      if (!isRuler && !maySenders.of(channel))
        throw refuse("not-allowed", "What was said in this channel cannot be retracted.");
      const target = await find(channel, id);
      const participant = channel.participant(actor);
      const isOwn = participant?.id === target.sender;
      if (!isRuler) objectTo(target, isOwn, mark.at);

      const before = retractionIn(target.payload);
      // Of another's retraction an administrator may remove what else was said in it.
      if (before && (isOwn || before === target.payload))
        throw refuse("not-allowed", "A retraction cannot be retracted.");
      const isRetracted = isTombstone(target.payload);
      if (isRetracted && reason !== undefined) return undefined;
      // Where his own message was said without his JID, it is not told of him now either.
      const isShown = participant && (!isOwn || target.shown) && channel.shows(participant, "participant");
      const as = isOwn ? "participant" : "manager";
      const by = participant ? mention(participant.id, isShown ?? false, as) : escapeXml(channel.jid);
      const retractor: Retractor = { by, reason: isOwn ? reason : (reason ?? "") };
      const payload = before ?? tombstoneOf(mark, retractor);
      return {
        payload: retractionOf(id, retractor) + rest,
        writings: isRetracted ? [] : [{ put: "revision", message: { ...target, payload } }],
      };
    }

    function objectTo(target: Kept, isOwn: boolean, now: number): void {
      if (!isOwn) throw refuse("forbidden", "You may retract what you said yourself, but not what others have said.");
      if (within !== "unlimited" && now - target.at > within)
        throw refuse("not-allowed", "It is too long ago that this was said: it cannot be retracted any more.");
    }
  },
});

async function lookUp(channel: Channel, id: string): Promise<Kept | undefined> {
  const page = await channel.history({ node: NODE.MESSAGES, ids: [id], max: 1 });
  return page === "no such message" ? undefined : page.messages[0];
}

async function find(channel: Channel, id: string): Promise<Kept> {
  const message = await lookUp(channel, id);
  if (!message) throw refuse("item-not-found", "The archive holds no message of that id.");
  return message;
}
