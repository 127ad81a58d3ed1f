import { Channels, Commands, type Context, findChannel, findParticipant, REASON, textTable, unmask, z } from "masque";
import type { Parting } from "./parting.ts";

const CHANNEL = z.string().describe("The channel's name, or its JID");

/** What an operator does to those in a channel. */
export function addCommands({ get, log }: Context, eject: Parting["eject"]): void {
  const [commands, channels] = [get(Commands), get(Channels)];

  commands.add({
    name: "participants",
    summary: "Lists who is in a channel; a hidden JID only for a reason",
    takes: z.strictObject({ channel: CHANNEL, reason: REASON }),
    run: async ({ channel: written, reason }, doing) => {
      const channel = await findChannel(channels, written);
      const jidOf = unmask(log, doing, channel, reason);
      return [...channel.participants].map((each) => ({
        id: each.id,
        nick: each.nick,
        jid: jidOf(each),
        role: channel.roleOf(each.jid),
        speaks: each.generation === 0 ? "0.1.0" : "0.3.1",
      }));
    },
    render: (people) =>
      people.length === 0
        ? "Nobody is in it."
        : textTable([
            ["NICK", "ID", "JID", "ROLE", "SPEAKS"],
            ...people.map(({ nick, id, jid, role, speaks }) => [nick, id, jid, role, speaks]),
          ]),
  });

  commands.add({
    name: "participant eject",
    summary: "Removes somebody from a channel, who may come back; he is told why",
    takes: z.strictObject({
      channel: CHANNEL,
      participant: z.string().describe("An ID, a proxy JID, a real JID, or a nick"),
      because: z.string().default("You have been removed from this channel.").describe("What he is told"),
    }),
    run: async ({ channel: written, participant, because }) => {
      const channel = await findChannel(channels, written);
      return channel.update((turn) => {
        const ejected = findParticipant(channel, participant);
        eject(turn, channel, [ejected], because);
        return { channel: channel.name, id: ejected.id, nick: ejected.nick };
      });
    },
    render: ({ channel, id, nick }) => `${nick || id} is in ${channel} no more.`,
  });
}
