import { type Channel, Channels, definePlugin, refuse, z } from "masque";
import type {} from "masque/plugins/messages"; // knows the questions that start with "message/"

const hour = z.int().min(0).max(23);

/** At night, a message wakes only those whom it mentions; the others find it in the archive in the morning. */
export default definePlugin({
  name: "quiet-hours",
  summary: "At night, a message reaches only those whose nick is in it.",
  dependsOn: ["messages"],
  options: z.strictObject({
    from: hour.default(22).describe("The hour, by UTC, at which the night begins."),
    until: hour.default(6).describe("The hour, by UTC, at which it ends."),
    everybody: z.string().min(1).default("@all").describe("What calls everybody: not at night."),
  }),

  setup({ get, handle, now, options: { from, until, everybody } }) {
    const keepsQuiet = get(Channels).field("Quiet Hours", {
      type: "boolean",
      label: `Quiet from ${from} to ${until} o'clock UTC`,
      initial: true,
    });

    const isQuiet = (channel: Channel) => {
      const hour = new Date(now()).getUTCHours();
      const isNight = from < until ? from <= hour && hour < until : from <= hour || hour < until;
      return isNight && keepsQuiet.of(channel);
    };

    // Throw the refusal; to return nothing is to have nothing against it.
    handle("message/accept", ({ channel, body }) => {
      if (!isQuiet(channel) || !body.includes(everybody)) return;
      throw refuse(
        "policy-violation",
        `Not everybody can be called at night: it is quiet here until ${until} o'clock UTC.`,
      );
    });

    // Asked once a message; what it returns is asked once a reader, so that must be quick.
    handle("message/deliver", ({ channel, body, sender }) => {
      if (!isQuiet(channel)) return;
      return (reader) => (reader.id === sender.id || body.includes(reader.nick) ? "deliver" : "drop");
    });
  },
});
