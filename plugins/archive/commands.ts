import {
  Channels,
  Commands,
  type Context,
  Failure,
  findChannel,
  NODE,
  parseStanza,
  textTable,
  type View,
  writeTime,
  z,
} from "masque";
import { messageOf } from "./result.ts";

const OUTSIDE: View = { generation: 1, eyes: "stranger" };

/** What an operator reads of what was said: nicks and IDs, never a JID, for the archive holds none. */
export function addCommand({ get }: Pick<Context, "get">): void {
  const channels = get(Channels);

  get(Commands).add({
    name: "archive",
    summary: "Says what is kept of a channel's messages, and the last of them",
    takes: z.strictObject({
      channel: z.string().describe("The channel's name, or its JID"),
      last: z.int().min(0).max(1000).default(0).describe("How many of the last messages to print"),
    }),
    run: async ({ channel: written, last }) => {
      const channel = await findChannel(channels, written);
      const page = await channel.history({ node: NODE.MESSAGES, before: "", max: Math.max(last, 1) });
      if (page === "no such message") throw new Failure("failed", "The archive changed meanwhile: ask again.");
      const extent = await channel.extent(NODE.MESSAGES);
      const messages = page.messages.slice(page.messages.length - last).map((kept) => {
        const { id, at, nick, sender } = kept;
        return {
          id,
          at,
          nick,
          sender,
          body: parseStanza(messageOf(channel, kept, OUTSIDE)).getChildText("body") ?? "",
        };
      });
      return { count: page.count, first: extent?.first.at, latest: extent?.last.at, messages };
    },
    render: ({ count, first, latest, messages }) =>
      [
        first === undefined || latest === undefined
          ? "Nothing is kept."
          : `${count} messages are kept, from ${writeTime(first)} to ${writeTime(latest)}.`,
        ...(messages.length > 0
          ? [textTable(messages.map(({ at, nick, sender, body }) => [writeTime(at), nick || sender, body]))]
          : []),
      ].join("\n"),
  });
}
