import { definePlugin, type Participant, z } from "masque";
import type {} from "masque/plugins/messages"; // knows the questions that start with "message/"
import { Preferences } from "masque/plugins/preferences";

/** Adds the preference "Delivery": every message, or only those that mention me. */
export default definePlugin({
  name: "mentions-only",
  summary: "Participants may ask for the messages that mention them, and no others.",
  dependsOn: ["messages", "preferences"],
  options: z.strictObject({
    prefix: z.enum(["@", ""]).default("@").describe("What a mention starts with."),
  }),

  setup({ get, handle, options }) {
    const delivery = get(Preferences).define({
      name: "Delivery",
      label: "Messages I receive",
      values: { all: "Every message", mentions: "Only those that mention me" },
      initial: "all",
    });

    const isMentioned = ({ nick }: Participant, body: string) => nick !== "" && body.includes(options.prefix + nick);

    // Gathered once a message; the predicate is asked once a reader, so it must be quick and synchronous.
    handle("message/deliver", ({ body, sender }) => (reader) => {
      if (delivery.of(reader) === "all" || reader.id === sender.id) return "deliver";
      return isMentioned(reader, body) ? "deliver" : "drop";
    });
  },
});
