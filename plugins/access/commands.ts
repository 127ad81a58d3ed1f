import { Channels, Commands, type Context, findChannel, z } from "masque";
import type { Edits } from "./edits.ts";
import { readEntries } from "./entries.ts";
import { type ListName, listsOf } from "./lists.ts";

const CHANNEL = z.string().describe("The channel's name, or its JID");
const WHOM = z.array(z.string()).min(1).describe("Bare JIDs, domains, or participants' IDs");

const DEEDS = {
  banned: { add: "ban", remove: "unban", list: "banned", done: "banned from" },
  allowed: { add: "allow", remove: "disallow", list: "allowed", done: "allowed in" },
} as const satisfies Record<ListName, object>;

/** What an operator does to the lists of who may be in a channel. */
export function addCommands({ get }: Pick<Context, "get">, name: ListName, edits: Edits): void {
  const [commands, channels] = [get(Commands), get(Channels)];
  const { add, remove, list, done } = DEEDS[name];

  for (const [word, verb] of [
    [add, "add"],
    [remove, "remove"],
  ] as const) {
    commands.add({
      name: word,
      summary: SUMMARIES[word],
      takes: z.strictObject({ channel: CHANNEL, whom: WHOM }),
      run: async ({ channel: written, whom }) => {
        const channel = await findChannel(channels, written);
        await edits[verb](channel, await readEntries(channel, whom));
        return { channel: channel.name, whom };
      },
      render: ({ channel, whom }) =>
        `${whom.join(", ")} ${whom.length === 1 ? "is" : "are"} ${verb === "add" ? "" : "no longer "}${done} ${channel}.`,
    });
  }

  commands.add({
    name: list,
    summary: SUMMARIES[list],
    takes: z.strictObject({ channel: CHANNEL }),
    run: async ({ channel }) => listsOf((await findChannel(channels, channel)).state)[name] ?? [],
    render: (entries) => (entries.length === 0 ? "Nobody is." : entries.join("\n")),
  });
}

const SUMMARIES = {
  ban: "Bans people from a channel, and removes them from it",
  unban: "Takes back a ban",
  banned: "Lists who is banned from a channel",
  allow: "Lets people into a channel that is not open to all; from the first one on, it is not",
  disallow: "Takes people off the list of who is allowed in a channel",
  allowed: "Lists who is allowed in a channel, if not everybody is",
};
