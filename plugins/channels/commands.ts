import {
  About,
  Channels,
  Commands,
  type Context,
  channelName,
  Failure,
  findChannel,
  parseJid,
  REASON,
  textTable,
  unmask,
  z,
} from "masque";

const NAME = z.string().describe("The channel's name, or its JID");

/** What an operator does to channels as such. */
export function addCommands({ get, log }: Pick<Context, "get" | "log">): void {
  const [commands, channels, { domain }] = [get(Commands), get(Channels), get(About)];

  commands.add({
    name: "channels",
    summary: "Lists all channels by name, listed or not",
    takes: z.strictObject({
      after: z.string().default("").describe("The name after which to begin"),
      most: z.int().min(1).max(10_000).default(100).describe("How many at most"),
    }),
    run: ({ after, most }) => channels.all(after, most),
    render: (found) =>
      found.length === 0
        ? "There are no channels."
        : textTable([
            ["CHANNEL", "PEOPLE", "CREATED", "STATE"],
            ...found.map(({ name, size, created, listed, missing }) => [
              name,
              String(size),
              day(created),
              missing.length > 0 ? `suspended without ${missing.join(", ")}` : listed ? "" : "not listed",
            ]),
          ]),
  });

  commands.add({
    name: "channel show",
    summary: "Says what a channel is, and how it is set up",
    takes: z.strictObject({ channel: NAME, reason: REASON }),
    run: async ({ channel: written, reason }, doing) => {
      const channel = await findChannel(channels, written);
      const jidOf = unmask(log, doing, channel, reason);
      const owners = [...channel.owners].map((jid) => {
        const participant = channel.participant(jid);
        return participant ? jidOf(participant) : jid;
      });
      const { name, jid, created, listed, size } = channel;
      const [info, config] = (["info", "config"] as const).map((sheet) => channels.values(sheet, channel));
      return {
        name,
        jid,
        created,
        listed,
        size,
        owners,
        missing: channel.missing(),
        info,
        config,
      };
    },
    render: ({ jid, created, listed, size, owners, missing, info, config }) =>
      textTable([
        ["channel", jid],
        ["created", day(created)],
        ["listed", listed ? "yes" : "no"],
        ["participants", String(size)],
        ["owners", owners.join(", ")],
        ...(missing.length > 0 ? [["suspended", `it needs ${missing.join(", ")}`]] : []),
        ...Object.entries({ ...info, ...config }).map(([field, values]) => [field, values.join(", ")]),
      ]),
  });

  commands.add({
    name: "channel create",
    summary: "Creates a channel that belongs to somebody; no rule of who may counts here",
    takes: z.strictObject({
      channel: z.string().describe("The new channel's name"),
      owner: z.string().describe("The JID of its owner"),
      listed: z.boolean().default(true).describe("Whether the service lists it"),
    }),
    run: async ({ channel: written, owner, listed }) => {
      const [name, by] = [channelName(written), parseJid(owner)];
      if (!name) throw new Failure("usage", `"${written}" cannot be the name of a channel: it goes before an "@".`);
      if (!by?.local) throw new Failure("usage", `"${owner}" is nobody's JID: write one such as hecate@${domain}.`);
      const { jid } = await channels.create({ name, by: by.bare, generation: channels.defaultGeneration, listed });
      return { jid };
    },
    render: ({ jid }) => `${jid} is created.`,
  });

  commands.add({
    name: "channel destroy",
    summary: "Destroys a channel, with everybody and everything in it",
    takes: z.strictObject({ channel: NAME }),
    warns: async ({ channel }) => {
      const { name, size } = await findChannel(channels, channel);
      return `All that was said in ${name} would be lost, and its ${size} participants would be in it no more.`;
    },
    run: async ({ channel: written }, { by }) => {
      const channel = await findChannel(channels, written);
      await channels.destroy(channel, parseJid(by)?.bare ?? domain);
      return { name: channel.name };
    },
    render: ({ name }) => `${name} is destroyed.`,
  });
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
