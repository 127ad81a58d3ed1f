import { About, Channels, Commands, type Context, Failure, findChannel, parseJid, textTable, z } from "masque";

/** What an operator does to a channel's configuration, by the names of its fields. */
export function addCommand({ get }: Pick<Context, "get">): void {
  const [channels, { domain }] = [get(Channels), get(About)];

  get(Commands).add({
    name: "channel config",
    summary: "Says how a channel is configured, or changes it",
    takes: z.strictObject({
      channel: z.string().describe("The channel's name, or its JID"),
      set: z.array(z.string()).default([]).describe('Such as "JID Visibility=jid-hidden", as often as wanted'),
    }),
    run: async ({ channel: written, set }, { by }) => {
      const channel = await findChannel(channels, written);
      const known = Object.keys(channels.values("config", channel));
      if (set.length > 0)
        await channels.write("config", channel, settings(set, [...known, ...PEOPLE]), parseJid(by)?.bare ?? domain);
      return channels.values("config", channel);
    },
    render: (values) => textTable(Object.entries(values).map(([field, held]) => [field, held.join(", ")])),
  });
}

/** Fields that hold JIDs: they are set like the others, and not printed. */
const PEOPLE = ["Owner", "Administrator"];

/** Throws a Failure for what is no setting, or sets what there is not. */
function settings(written: readonly string[], known: readonly string[]): Map<string, string[]> {
  const settings = new Map<string, string[]>();
  for (const each of written) {
    const [, name = "", value = ""] = /^([^=]+)=(.*)$/s.exec(each) ?? [];
    const field = known.find((one) => one.toLowerCase() === name.trim().toLowerCase());
    if (!field)
      throw new Failure("usage", `"${each}" sets no field of it. Write FIELD=VALUE; there are ${known.join(", ")}.`);
    settings.set(field, [...(settings.get(field) ?? []), ...value.split(",").map((one) => one.trim())]);
  }
  return settings;
}
