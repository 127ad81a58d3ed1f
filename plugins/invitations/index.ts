import {
  type Channel,
  Channels,
  definePlugin,
  duration,
  iq,
  NS,
  parseJid,
  randomId,
  refuse,
  type ToChannel,
  xml,
  z,
} from "masque";
import "masque/plugins/participants";
import { invitationElement, invitedBy, readInvitation } from "./invitation.ts";
import { freshKey, Seal } from "./token.ts";
import { Vouching } from "./vouching.ts";

const ANSWERS: ReadonlySet<string> = new Set(["Joined", "Declined", "Acknowledged"]);
const DAY = 86_400_000;

/** Participants bring others in who are not allowed by name (XEP-0407 §"Inviting another User to join a Channel …"). */
export default definePlugin({
  name: "invitations",
  summary:
    "Administrators, and in channels that want it all participants, invite people who may not join by themselves.",
  dependsOn: ["participants"],
  options: z.strictObject({
    valid_for: duration.prefault("7 d").describe("How long somebody who was invited may take to join"),
  }),

  async setup({ options, handle, get, store, send, now, every }) {
    const channels = get(Channels);
    const byParticipants = channels.field("Participation Addition by Invitation from Participant", {
      type: "boolean",
      label: "Every participant may invite people who could not join by themselves",
      initial: false,
    });

    const keys = await store<string>("key");
    if (!keys.get("key")) await keys.set("key", freshKey());
    const mayInvite = (jid: string, channel: Channel) =>
      channels.may(jid, "channel/invite", channel, byParticipants.of(channel) ? "participants" : "admins");
    const vouching = new Vouching(new Seal(() => keys.get("key") as string), mayInvite, now);

    const answered = await store<number>("answered");
    every(DAY, async () => {
      for (const each of [...answered.keys()])
        if (Number(answered.get(each)) < now()) await answered.set(each, undefined);
    });

    handle(iq.get("channel", NS.MIX_MISC, "invite"), async ({ channel, from, participant, payload }) => {
      if (!participant) throw refuse("forbidden", "Only participants may invite others: join the channel first.");
      if (!(await mayInvite(from.bare, channel)))
        throw refuse("forbidden", "Only administrators may invite others to this channel.");
      const invitee = parseJid(payload.getChildText("invitee")?.trim());
      if (!invitee?.local) throw refuse("bad-request", "Say who is invited: <invitee/> holds the JID of one person.");
      // Whether he is in the channel already, or banned from it, is not told.
      const invitation = vouching.invitation(channel, participant, invitee.bare, now() + options.valid_for);
      return xml("invite", { xmlns: NS.MIX_MISC }, invitationElement(invitation));
    });

    handle("channel/invited", async ({ channel, stanza, from }) => {
      const { kind, request } = invitedBy(stanza) ?? {};
      const invitation = readInvitation(request);
      const genuine = invitation && vouching.verify(channel, from.bare, invitation);
      if (!channel || !genuine) return undefined;
      return kind === "answer" || vouching.opens(channel, from.bare, genuine);
    });

    // First of all: what others say when they refuse is for those who may know of the channel.
    handle(
      "participant/join",
      async ({ channel, jid, request, before, traits }) => {
        const invitation = readInvitation(request);
        // One who may join in any case uses up no token.
        if (!invitation || channels.admits(channel, jid)) return undefined;
        const genuine = vouching.verify(channel, jid, invitation);
        if (!genuine || !(await vouching.opens(channel, jid, genuine))) throw refuse("item-not-found");
        Object.assign(traits, vouching.used(before, genuine.token));
        return undefined;
      },
      1000,
    );

    handle("message/channel", answer, 100);
    handle("message/participant", answer, 100);

    /** What one says to an invitation reaches who invited him: from the channel, which says nothing of him but his JID. */
    async function answer({ channel, from, stanza }: Pick<ToChannel, "channel" | "from" | "stanza">) {
      const ack = stanza.getChild("invitation-ack", NS.MIX_MISC);
      if (!ack || stanza.attrs.type === "error") return undefined;
      const given = readInvitation(ack);
      const genuine = given && vouching.verify(channel, from.bare, given);
      if (!genuine) throw refuse("item-not-found");
      const value = ack.getChildText("value")?.trim() ?? "";
      if (!ANSWERS.has(value)) throw refuse("bad-request", "The <value/> is Joined, Declined or Acknowledged.");
      const { inviter, token, invitation } = genuine;
      const key = `${channel.key} ${token.id} ${value}`;
      if (answered.get(key)) throw refuse("conflict", "This invitation was answered in this way already.");
      await answered.set(key, token.until);
      const body = stanza.getChildText("body");
      const content = [
        body ? xml("body", {}, body) : null,
        xml("invitation-ack", { xmlns: NS.MIX_MISC }, xml("value", {}, value), invitationElement(invitation)),
      ];
      send(xml("message", { from: channel.jid, to: inviter.jid, id: randomId() }, content));
      return true as const;
    }
  },
});
